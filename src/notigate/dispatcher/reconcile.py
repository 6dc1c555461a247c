"""Unknown outcomes: ask the provider, repeat what it makes safe to repeat, or wait for a person.

Absence is proof only after a wait, and only twice: a provider may show a message late. Real time rules here, whatever the
business clock says.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from notigate.dispatcher.receipts import DUE, TOO_OLD
from notigate.errors import UsageError
from notigate.ledger import changes, questions
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import REPEATED
from notigate.ledger.questions import Tried
from notigate.ledger.store import to_ms
from notigate.model import Delivery, Finding, Presence, State

if TYPE_CHECKING:
    from notigate.dispatcher.line import Line
    from notigate.ledger.store import Ledger

ABSENT = "UPDATE attempt SET absent = ? WHERE delivery = ? AND number = ? AND absent IS NULL"

#: what a person may decide → the state it means
DECISIONS: Mapping[str, State] = {"sent": State.ACCEPTED, "resend": State.QUEUED, "give-up": State.CANCELLED}


class Patience(NamedTuple):
    """How long after an attempt its channel is asked, and how much later "not there" counts as proof."""

    first: timedelta = timedelta(minutes=10)
    confirm: timedelta = timedelta(minutes=30)


def reconcile(
    ledger: Ledger, line: Line, patience: Patience, times: Times, *, seconds: float = math.inf
) -> Counter[str]:
    """Ask a channel about its unknown outcomes, for so many `seconds` at most; what can be settled is.

    Returns how many were found, proven absent, repeated, or still wait.
    """
    unknown = list(_unknown(ledger, line.name))
    if "lookup" in line.channel.powers():
        end = time.monotonic() + seconds
        return Counter(
            _ask(ledger, line, tried, patience, times) if time.monotonic() < end else "waiting" for tried in unknown
        )
    if line.limits.repeat_window:
        return _repeat(ledger, unknown, timedelta(seconds=line.limits.repeat_window), times)
    return Counter(waiting=len(unknown)) if unknown else Counter()


def resolve(  # noqa: PLR0913 - one decision, all that is recorded of it
    ledger: Ledger, delivery: Delivery, decision: str, by: str, times: Times, *, dry_run: bool = False
) -> Delivery:
    """Record a person's word on an unknown outcome. With `dry_run`, only tells what would become of it.

    Raises:
        UsageError: it is not unknown, or somebody else decided meanwhile.
    """
    if delivery.state is not State.UNKNOWN:
        raise UsageError(
            "delivery {id} is {state}, not unknown: there is nothing to resolve", id=delivery.id, state=delivery.state
        )
    detail = "possible duplicate: sent again by decision" if decision == "resend" else ""
    change = Change(
        [delivery], DECISIONS[decision], cause=f"{decision}: decided by {by}", reason="decided", detail=detail
    )
    (decided,) = changes.after([change])
    if dry_run:
        return decided
    with ledger.write() as tx:
        won = changes.apply(tx, [change], times)
    if not won:
        raise UsageError("delivery {id} was settled by somebody else meanwhile", id=delivery.id)
    return decided


def _unknown(ledger: Ledger, channel: str) -> Iterator[Tried]:
    after = 0
    while found := questions.unknown(ledger, channel, after=after):
        yield from questions.tried(ledger, found)
        after = found[-1].id


def _ask(ledger: Ledger, line: Line, tried: Tried, patience: Patience, times: Times) -> str:
    age = times.real - tried.attempt.started_at
    if age < patience.first or age > TOO_OLD:
        return "waiting"
    finding = line.look_up(tried.attempt)
    match finding.presence:
        case Presence.FOUND:
            _settle(ledger, tried.delivery, finding, times)
            return "found"
        case Presence.ABSENT if tried.absent_since and times.real - tried.attempt.started_at >= patience.confirm:
            _again(ledger, [tried], "the provider does not have it, asked twice", "", times)
            return "absent"
        case Presence.ABSENT:
            with ledger.write() as tx:
                tx.many(ABSENT, [(to_ms(times.real), tried.delivery.id, tried.delivery.attempts)])
    return "waiting"


def _settle(ledger: Ledger, delivery: Delivery, finding: Finding, times: Times) -> None:
    state = {None: State.ACCEPTED, True: State.DELIVERED, False: State.UNDELIVERED}[finding.arrived]
    change = Change(
        [delivery],
        state,
        cause="the provider was asked",
        reason=finding.reason.value if finding.reason else "",
        detail=finding.detail,
        provider_id=finding.provider_id,
        next_at=times.now + DUE if state is State.ACCEPTED else None,
    )
    with ledger.write() as tx:
        changes.apply(tx, [change], times)


def _repeat(ledger: Ledger, unknown: Sequence[Tried], window: timedelta, times: Times) -> Counter[str]:
    """Inside its window the provider drops an identical call: whole calls are put back, and will be made again as they were.

    The window counts from the first attempt that may have gone out, not from a repetition of it.
    """
    told: Counter[str] = Counter()
    for _, group in groupby(sorted(unknown, key=_call_of), key=_call_of):
        call = list(group)
        first = min(tried.in_doubt_since for tried in call)
        whole = len(call) == call[0].company and all(tried.delivery.content for tried in call)
        if whole and times.real - first < window:
            _again(ledger, call, "made again inside the provider's duplicate check", REPEATED, times)
            told["repeated"] += len(call)
        else:
            told["waiting"] += len(call)
    return told


def _call_of(tried: Tried) -> int:
    return tried.call


def _again(ledger: Ledger, tried: Sequence[Tried], cause: str, reason: str, times: Times) -> None:
    steps = [
        Change([t.delivery], State.QUEUED, cause=cause, reason=reason, detail=f"call {t.call}", next_at=times.now)
        for t in tried
    ]
    with ledger.write() as tx:
        changes.apply(tx, steps, times)
