"""What providers hand out unasked: carriers' words on messages, and readers' answers to them.

An answer that says no (`R`, `TD`, `退订` …) is recorded as an opt-out before anything more is planned or sent.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from notigate.address import Fault, recognise
from notigate.dispatcher.reconcile import settle_finding
from notigate.ledger import preferences, questions, transitions
from notigate.model import Finding, Receipt, Reply, State
from notigate.preferences import Preference, Reach, Statement, Who, Word, is_stop

if TYPE_CHECKING:
    from notigate.dispatcher.line import Line
    from notigate.ledger.changes import Times
    from notigate.ledger.store import Ledger

log = logging.getLogger("notigate.dispatcher")

#: how far back a provider's list is read each time; what comes again does no harm
SINCE = timedelta(days=3)
#: who recorded it, in the register
RECORDER = "notigate"


def hear(ledger: Ledger, line: Line, stops: Reach, times: Times) -> Counter[str]:
    """Read a channel's list: `delivered`, `undelivered`, and how many opted out (`opted_out`)."""
    if "receipts" not in line.channel.powers():
        return Counter()
    try:
        words = list(line.channel.receipts(times.real - SINCE))
    except Exception:
        log.exception("channel failed", extra={"channel": line.name})
        return Counter()
    return take(ledger, line.name, words, stops, times)


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


def _receipts(ledger: Ledger, receipts: Sequence[Receipt], times: Times) -> Counter[str]:
    """A receipt proves something only for the delivery whose unguessable reference and address it names."""
    told: Counter[str] = Counter()
    meant = questions.referenced(ledger, list({receipt.reference for receipt in receipts})) if receipts else {}
    for receipt in receipts:
        state = State.DELIVERED if receipt.arrived else State.UNDELIVERED
        for delivery in meant.pop((receipt.reference, receipt.to), ()):
            if state in transitions.LEGAL[delivery.state]:
                finding = Finding.found(arrived=receipt.arrived, reason=receipt.reason, detail=receipt.detail)
                settle_finding(ledger, delivery, finding, times, cause="the carrier's word")
                told[state.value] += 1
    return told
