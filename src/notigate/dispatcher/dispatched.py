"""What one dispatch came to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from notigate.ledger.claim import Call
from notigate.model import Delivery, Outcome, State

log = logging.getLogger("notigate.deliveries")
log.addHandler(logging.NullHandler())  # for those who keep a log; the others have the ledger


@dataclass(slots=True)
class Dispatched:
    """What one dispatch came to."""

    #: deliveries by the state this run left them in
    counts: Counter[State] = field(default_factory=Counter)
    #: those that did not go as they should
    problems: dict[int, Delivery] = field(default_factory=dict)
    #: channels that were left alone, and why
    aside: dict[str, Outcome] = field(default_factory=dict)
    #: accepted after another worker had taken them over: their readers may get them twice
    suspected: list[Delivery] = field(default_factory=list)

    def note(self, state: State, deliveries: Sequence[Delivery]) -> None:
        """Count deliveries that took a step to `state`; of each, the last one counts."""
        if self.problems:
            before = [self.problems.pop(delivery.id, None) for delivery in deliveries]
            self.counts.subtract(delivery.state for delivery in before if delivery is not None)
        self.counts[state] += len(deliveries)
        if state is not State.ACCEPTED:
            self.problems |= {delivery.id: delivery for delivery in deliveries}


def tell(run: int, state: State, deliveries: Sequence[Delivery]) -> None:
    """Tell the log of deliveries that took a step to `state`: at DEBUG where all is well."""
    level = logging.DEBUG if state is State.ACCEPTED else logging.INFO
    if not log.isEnabledFor(level):
        return
    for delivery in deliveries:
        told = {
            "run": run, "delivery": delivery.id, "occasion": delivery.occasion, "channel": delivery.channel,
            "state": state.value, "reason": delivery.reason, "attempts": delivery.attempts,
        }  # fmt: skip
        log.log(level, "delivery", extra=told)


def tell_call(call: Call, seconds: float) -> None:
    """Tell the log how long a provider took to answer."""
    if log.isEnabledFor(logging.DEBUG):
        first = call.deliveries[0].id
        told = {
            "delivery": first,
            "channel": call.channel,
            "messages": len(call.deliveries),
            "seconds": round(seconds, 3),
        }
        log.debug("call", extra=told)
