"""What an answer, or the hour, means for a delivery: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, wait_exponential, wait_random

from notigate.ledger.changes import Change
from notigate.ledger.claim import REPEATED
from notigate.ledger.settle import Settlement
from notigate.model import Delivery, Drop, Go, Hold, Outcome, Scope, State, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from notigate.dispatcher.crew import Answered

#: tries of a message that never expires and that the provider is too busy for, or that does not reach it: a day of them.
#: One that expires is tried until it does: a provider that is away for an hour must not cost anybody their greeting
MOST_ATTEMPTS = 300
#: back-off where the provider names no time: 2 s, 4 s, 8 s … 5 min, with jitter
BACK_OFF = wait_exponential(multiplier=2, max=300) + wait_random(0, 2)


def settlements(answered: Answered, now: datetime, ask: datetime | None = None) -> list[Settlement]:
    """The outcomes of a call, each with the step it means; `ask` is when to ask for the carrier's word, if ever."""
    alone = len(answered.outcomes) == 1
    together = zip(answered.outcomes, answered.call.deliveries, strict=True)
    made: list[Settlement] = []
    # A call usually brings the same for everybody in it.
    for outcome, some in groupby(together, key=itemgetter(0)):
        deliveries = [delivery for _outcome, delivery in some]
        if outcome.status is Status.ACCEPTED:
            step = decide(deliveries[0], outcome, now, _back_off, ask=ask)
            made.append(Settlement(outcome, step._replace(deliveries=deliveries)))
        else:
            steps = (decide(delivery, outcome, now, _back_off, alone=alone) for delivery in deliveries)
            made += [Settlement(outcome, step) for step in steps]
    return made


def decide(  # noqa: PLR0913 - all that a step depends on
    delivery: Delivery,
    outcome: Outcome,
    now: datetime,
    wait: Callable[[int], float],
    *,
    alone: bool = True,
    ask: datetime | None = None,
) -> Change:
    """The step that `outcome` means; `wait(attempts)` is the back-off in seconds where the provider names none."""
    match outcome.status:
        case Status.ACCEPTED:
            return _step(delivery, outcome, State.ACCEPTED, ask)
        case _ if delivery.reason == REPEATED:
            # That this attempt was not taken says nothing of the one before, whose answer was lost.
            return _step(delivery, Outcome.unknown(outcome.detail), State.UNKNOWN)
        case Status.UNKNOWN:
            return _step(delivery, outcome, State.UNKNOWN)
        case Status.REFUSED:
            return _refused(delivery, outcome, now, alone=alone)
        case Status.BUSY:
            return _again(delivery, outcome, now, wait)


def judged(delivery: Delivery, verdict: Verdict) -> Change | None:
    """The step of a claimed delivery that must not be sent now; None when it may."""
    if delivery.content is None:
        return Change([delivery], State.INVALID, cause="its content was erased", reason="erased")
    if delivery.reason == REPEATED:
        # Its hour was right when it was sent first, and a provider's duplicate check does not wait for the next.
        return None
    match verdict:
        case Go():
            return None
        case Hold(until, rule):
            return Change([delivery], State.HELD, cause=rule, reason=rule, detail=delivery.detail, next_at=until)
        case Drop(rule, state):
            return Change([delivery], state, cause=rule, reason=rule)


def _refused(delivery: Delivery, outcome: Outcome, now: datetime, *, alone: bool) -> Change:
    if outcome.scope is Scope.CHANNEL:
        # Not the message's fault: it waits for the operator, and the next run takes it up again.
        return _step(delivery, outcome, State.HELD, now)
    if outcome.scope is Scope.CALL and not alone:
        # Refused in company proves nothing against this one: it is asked again at once, in a smaller call.
        return _step(delivery, outcome, State.RETRY_WAIT, now)
    return _step(delivery, outcome, State.FAILED)


def _again(delivery: Delivery, outcome: Outcome, now: datetime, wait: Callable[[int], float]) -> Change:
    if delivery.expires_at is None and delivery.attempts >= MOST_ATTEMPTS:
        return _step(delivery, outcome, State.FAILED)
    when = now + timedelta(seconds=outcome.retry_after or wait(delivery.attempts))
    if delivery.expires_at is not None and when >= delivery.expires_at:
        return _step(delivery, outcome, State.EXPIRED)
    return _step(delivery, outcome, State.RETRY_WAIT, when)


def _back_off(attempts: int) -> float:
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempts
    return BACK_OFF(state)


def _step(delivery: Delivery, outcome: Outcome, to: State, next_at: datetime | None = None) -> Change:
    return Change(
        [delivery],
        to,
        cause=f"{outcome.status}: {outcome.detail}" if outcome.detail else outcome.status.value,
        reason=outcome.reason.value if outcome.reason else "",
        detail=outcome.detail,
        provider_id=outcome.provider_id,
        next_at=next_at,
    )
