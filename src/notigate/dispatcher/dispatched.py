"""What one dispatch came to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Self

from notigate.ledger import changes
from notigate.ledger.changes import Change
from notigate.ledger.claim import Call
from notigate.model import Delivery, Outcome, State

log = logging.getLogger("notigate.deliveries")
log.addHandler(logging.NullHandler())  # for those who keep a log; the others have the ledger


@dataclass(frozen=True, slots=True)
class Step:
    """Deliveries that came to the same state together, as they stand now: made for who looks at them, which is hardly anybody."""

    state: State
    #: the same, as they were read: who and where they are has not changed
    whom: Sequence[Delivery]
    _change: Change | None = None

    @classmethod
    def made(cls, change: Change) -> Self:
        """What comes of a change that held."""
        return cls(change.to, change.deliveries, change)

    def __len__(self) -> int:
        return len(self.whom)

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self.whom if self._change is None else changes.after([self._change]))


def steps_to(deliveries: Iterable[Delivery]) -> Iterator[Step]:
    """The steps by which deliveries came to stand as they do."""
    return (Step(state, list(some)) for state, some in groupby(deliveries, key=attrgetter("state")))


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

    def note(self, step: Step) -> None:
        """Count deliveries that took a step; of each, the last one counts."""
        if self.problems:
            before = [self.problems.pop(delivery.id, None) for delivery in step.whom]
            self.counts.subtract(delivery.state for delivery in before if delivery is not None)
        self.counts[step.state] += len(step)
        if step.state is not State.ACCEPTED:
            self.problems |= {delivery.id: delivery for delivery in step}


def tell(run: int, step: Step) -> None:
    """Tell the log of deliveries that took a step: at DEBUG where all is well."""
    level = logging.DEBUG if step.state is State.ACCEPTED else logging.INFO
    if not log.isEnabledFor(level):
        return
    for delivery in step:
        told = {
            "run": run, "delivery": delivery.id, "occasion": delivery.occasion, "channel": delivery.channel,
            "state": step.state.value, "reason": delivery.reason, "attempts": delivery.attempts,
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
