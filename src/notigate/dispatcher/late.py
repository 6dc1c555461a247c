"""A call that was given up may be answered after all, while the run still lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.dispatcher.crew import Answered
from notigate.ledger import questions
from notigate.model import State, Status

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger


def taken_over(ledger: Ledger, answered: Answered) -> Answered:
    """What the provider has taken over all the same, as it stands now: where it is still unknown, that settles it.

    What somebody has acted upon meanwhile is left as the call had it: nothing is changed of it, and its reader may get it
    twice. That a message was refused is no step from unknown: it waits for whoever decides.
    """
    told = {
        delivery.id: (delivery, outcome)
        for delivery, outcome in zip(answered.call.deliveries, answered.outcomes, strict=True)
        if outcome.status is Status.ACCEPTED
    }
    now = {
        delivery.id: (delivery, told[delivery.id][1])
        for delivery in questions.deliveries(ledger, list(told))
        if delivery.state is State.UNKNOWN and delivery.attempts == told[delivery.id][0].attempts
    }
    both = [now.get(id_, then) for id_, then in told.items()]
    call = answered.call._replace(deliveries=tuple(delivery for delivery, _ in both))
    return Answered(call, [outcome for _, outcome in both])
