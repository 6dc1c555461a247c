"""What providers hand out unasked: carriers' words on messages, and readers' answers to them.

An answer that says no (`R`, `TD`, `退订` …) is recorded as an opt-out before anything more is planned or sent.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from notigate.address import Fault, recognise
from notigate.dispatcher.receipts import TOO_OLD, settled, word
from notigate.ledger import preferences, questions, receipts, transitions
from notigate.model import Delivery, Receipt, Reply, State
from notigate.preferences import Preference, Reach, Statement, Who, Word, is_stop

if TYPE_CHECKING:
    from datetime import datetime

    from notigate.dispatcher.line import Line
    from notigate.ledger.changes import Change, Times
    from notigate.ledger.store import Ledger

log = logging.getLogger("notigate.dispatcher")

#: words settled in one go
TOGETHER = 200
#: how far a list is read again: what was said of a call before its own answer was written down
OVERLAP = timedelta(hours=1)
#: who recorded it, in the register
RECORDER = "notigate"


def hear(ledger: Ledger, line: Line, stops: Reach, times: Times, *, seconds: float = math.inf) -> Counter[str]:
    """Read a channel's list, for so many `seconds` at most: `delivered`, `undelivered`, and who opted out (`opted_out`).

    It is read from where it ended the last time.
    """
    told: Counter[str] = Counter()
    if "receipts" not in line.channel.powers():
        return told
    end = time.monotonic() + seconds
    since = receipts.pulled(ledger, line.name) or times.real - TOO_OLD
    words = _words(line, since - OVERLAP)
    while some := list(islice(words, TOGETHER)):
        told += take(ledger, line.name, [word for word in some if word is not None], stops, times)
        if some[-1] is None or time.monotonic() >= end:
            return told  # from the same time on the next time: repetitions do no harm
    receipts.note_pulled(ledger, line.name, times.real)
    return told


def _words(line: Line, since: datetime) -> Iterator[Receipt | Reply | None]:
    """What a channel hands out; None, and nothing more, when it breaks off."""
    try:
        for word in line.channel.receipts(since):
            if not isinstance(word, Receipt | Reply):
                raise TypeError("a channel hands out receipts and replies")  # noqa: TRY301 - told as any other fault of its
            yield word
    except Exception:
        log.exception("channel failed", extra={"channel": line.name})
        yield None


def take(ledger: Ledger, channel: str, words: Iterable[Receipt | Reply], stops: Reach, times: Times) -> Counter[str]:
    """Record what a provider handed out, by its list or by a call to us; repetitions do no harm."""
    heard = list(words)
    told = Counter(opted_out=_opt_outs(ledger, channel, [w for w in heard if isinstance(w, Reply)], stops))
    return +(told + _receipts(ledger, [w for w in heard if isinstance(w, Receipt)], times))


def _opt_outs(ledger: Ledger, channel: str, replies: Sequence[Reply], stops: Reach) -> int:
    found = [(reply, recognise(reply.sender)) for reply in replies if is_stop(reply.text)]
    statements = [
        Statement(
            who=Who(*who), preference=Preference(word=Word.OPT_OUT, reach=stops), source=f"reply: {channel}",
            proof=reply.text.strip(), said=reply.at,
        )
        for reply, who in found
        if not isinstance(who, Fault)
    ]  # fmt: skip
    return preferences.record(ledger, statements, RECORDER) if statements else 0


def _receipts(ledger: Ledger, words: Sequence[Receipt], times: Times) -> Counter[str]:
    """A receipt proves something only for the delivery whose unguessable reference and address it names."""
    return settled(ledger, list(_steps(ledger, words)), times) if words else Counter()


def _steps(ledger: Ledger, words: Sequence[Receipt]) -> Iterator[Change]:
    """What receipts mean for deliveries; of several on one, that it arrived counts."""
    last = {(receipt.reference, receipt.to): receipt for receipt in sorted(words, key=lambda receipt: receipt.arrived)}
    attempts = receipts.attempts(ledger, sorted({reference for reference, _to in last}))
    ids = sorted({id_ for made in attempts.values() for id_, _number in made})
    standing = {delivery.id: delivery for delivery in questions.deliveries(ledger, ids)}
    steps: dict[int, Change] = {}
    for (reference, to), receipt in sorted(last.items(), key=lambda item: item[1].arrived):
        for id_, number in attempts.get(reference, ()):
            delivery = standing[id_]
            if delivery.to == to and _says_something(receipt, delivery, number):
                steps[id_] = word(delivery, receipt.arrived, receipt.reason, receipt.detail)
    yield from steps.values()


def _says_something(receipt: Receipt, delivery: Delivery, number: int) -> bool:
    """Nothing is taken back; that an earlier attempt did not arrive says nothing of the latest."""
    to = State.DELIVERED if receipt.arrived else State.UNDELIVERED
    return to in transitions.LEGAL[delivery.state] and (receipt.arrived or number == delivery.attempts)
