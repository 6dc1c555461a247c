"""What an outcome means for its delivery: pure, one table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from notigate.ledger.changes import Change
from notigate.model import Delivery, Outcome, Scope, State, Status

if TYPE_CHECKING:
    from collections.abc import Callable

#: the reason of a delivery that is to be sent again in the very call it was in
REPEATED = "repeated"
#: tries of one message that the provider was too busy for, or that did not reach it
MOST_ATTEMPTS = 12


def decide(delivery: Delivery, outcome: Outcome, now: datetime, wait: Callable[[int], float]) -> Change:
    """The step that `outcome` means; `wait(attempts)` is the back-off in seconds where the provider names none."""
    match outcome.status:
        case Status.ACCEPTED:
            return _step(delivery, outcome, State.ACCEPTED)
        case _ if delivery.reason == REPEATED:
            # That this attempt was not taken says nothing of the one before, whose answer was lost.
            return _step(delivery, Outcome.unknown(outcome.detail), State.UNKNOWN)
        case Status.UNKNOWN:
            return _step(delivery, outcome, State.UNKNOWN)
        case Status.REFUSED if outcome.scope is Scope.CHANNEL:
            # Not the message's fault: it waits for the operator, and the next run takes it up again.
            return _step(delivery, outcome, State.HELD, now)
        case Status.REFUSED:
            return _step(delivery, outcome, State.FAILED)
        case Status.BUSY:
            return _again(delivery, outcome, now, wait)


def _again(delivery: Delivery, outcome: Outcome, now: datetime, wait: Callable[[int], float]) -> Change:
    if delivery.attempts >= MOST_ATTEMPTS:
        return _step(delivery, outcome, State.FAILED)
    seconds = max(outcome.retry_after or 0.0, 0.0 if outcome.retry_after else wait(delivery.attempts))
    when = now + timedelta(seconds=seconds)
    if delivery.expires_at is not None and when >= delivery.expires_at:
        return _step(delivery, outcome, State.EXPIRED)
    return _step(delivery, outcome, State.RETRY_WAIT, when)


def _step(delivery: Delivery, outcome: Outcome, to: State, next_at: datetime | None = None) -> Change:
    return Change(
        delivery=delivery,
        to=to,
        cause=f"{outcome.status}: {outcome.detail}" if outcome.detail else outcome.status.value,
        reason=outcome.reason.value if outcome.reason else "",
        detail=outcome.detail,
        provider_id=outcome.provider_id,
        next_at=next_at,
    )
