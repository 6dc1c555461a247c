"""Did it arrive? Ask for the carrier's word on what was accepted, one by one, less and less often."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from notigate.dispatcher.crew import discreet
from notigate.ledger import changes, questions, receipts
from notigate.ledger.changes import Change
from notigate.model import Delivery, Presence, Reason, State

if TYPE_CHECKING:
    from datetime import datetime

    from notigate.dispatcher.line import Line
    from notigate.ledger.changes import Times
    from notigate.ledger.questions import Tried
    from notigate.ledger.store import Ledger

#: accepted messages are asked for after this time: by then the carrier has usually spoken
DUE = timedelta(minutes=30)
#: Aliyun answers for 30 days; beyond this age nobody is asked any more
TOO_OLD = timedelta(days=25)
#: questions put to a provider in one go
TOGETHER = 200
#: answers in a row that prove nothing, after which a provider is left alone
UNANSWERED = 3


def due(line: Line, now: datetime) -> datetime | None:
    """When to ask for what this channel accepts now; None where it cannot be asked."""
    return now + DUE if line.hears else None


def pull(ledger: Ledger, line: Line, times: Times, *, seconds: float = math.inf) -> Counter[str]:
    """Ask for some of what a channel accepted, one by one, for so many `seconds` at most.

    A channel that hands out its receipts is not asked (see `hearing`). Returns how many arrived, how many did not, and
    how many were asked for.
    """
    powers = line.channel.powers()
    if "lookup" not in powers or "receipts" in powers:
        return Counter()
    return _asked_for(ledger, line, times, time.monotonic() + seconds)


def pull_all(ledger: Ledger, line: Line, times: Times) -> Counter[str]:
    """As `pull`, until nobody is left to ask for now, or the channel does not answer."""
    told: Counter[str] = Counter()
    while (one := pull(ledger, line, times))["asked"] == TOGETHER:
        told += one
    return told + one


def _asked_for(ledger: Ledger, line: Line, times: Times, end: float) -> Counter[str]:
    told: Counter[str] = Counter()
    quiet: list[tuple[Delivery, datetime | None]] = []
    unanswered = 0
    for tried in _awaited(ledger, line, times):
        if time.monotonic() >= end or unanswered == UNANSWERED:
            break
        told["asked"] += 1
        finding = line.look_up(tried.attempt)
        unanswered = unanswered + 1 if finding.presence is Presence.INCONCLUSIVE else 0
        if finding.presence is Presence.FOUND and finding.arrived is not None:
            step = word(tried.delivery, finding.arrived, finding.reason, finding.detail)
            told += settled(ledger, [step], times)
        else:
            quiet.append((tried.delivery, _next(tried.delivery, times.now)))
    receipts.put_off(ledger, quiet)
    return told


def _awaited(ledger: Ledger, line: Line, times: Times) -> list[Tried]:
    found = receipts.awaited(ledger, line.name, now=times.now, limit=TOGETHER)
    old = [delivery for delivery in found if times.now - delivery.changed_at > TOO_OLD]
    if old:
        receipts.put_off(ledger, [(delivery, None) for delivery in old])
    return questions.tried(ledger, [delivery for delivery in found if delivery not in old])


def _next(delivery: Delivery, now: datetime) -> datetime | None:
    """Less and less often, and in the end not at all."""
    age = now - delivery.changed_at
    return now + max(DUE, age / 2) if age < TOO_OLD else None


def word(delivery: Delivery, arrived: bool, reason: Reason | None, detail: str) -> Change:  # noqa: FBT001 - a word
    """The step that a carrier's word means."""
    return Change(
        [delivery],
        State.DELIVERED if arrived else State.UNDELIVERED,
        cause="the carrier's word",
        reason=reason.value if reason and not arrived else "",
        detail=discreet(detail),
    )


def settled(ledger: Ledger, steps: Sequence[Change], times: Times) -> Counter[str]:
    """Take the steps that still hold; returns how many arrived, and how many did not."""
    if not steps:
        return Counter()
    with ledger.write() as tx:
        return Counter(delivery.state.value for delivery in changes.after(changes.apply(tx, steps, times)))
