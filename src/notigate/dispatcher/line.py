"""One channel during one run: what waits for it, how fast it may go, and whether it is set aside."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from notigate.dispatcher.crew import Answered, Crew
from notigate.dispatcher.decisions import REPEATED
from notigate.model import Delivery, Message, Outcome, Reason, Scope, Status

if TYPE_CHECKING:
    from collections.abc import Hashable

    from notigate.plugin import Channel, Limits

#: calls in a row that did not reach the provider, after which the channel is left alone until the next run
UNREACHED = 5


class Pace:
    """At most `rate` calls a second, counted over a rolling window, since that is how providers count."""

    def __init__(self, rate: float | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._window = 1.0 if rate is None or rate >= 1 else 60.0
        self._most = None if rate is None else max(1, int(rate * self._window))
        self._made: deque[float] = deque()
        self._monotonic = monotonic
        self._not_before = 0.0

    def wait(self) -> float:
        """Seconds until the next call may be made."""
        now = self._monotonic()
        while self._made and self._made[0] <= now - self._window:
            self._made.popleft()
        full = self._most is not None and len(self._made) >= self._most
        return max(0.0, self._not_before - now, self._made[0] + self._window - now if full else 0.0)

    def made(self) -> None:
        """A call is made now."""
        if self._most is not None:
            self._made.append(self._monotonic())

    def rest(self, seconds: float) -> None:
        """The provider asks for a pause."""
        self._not_before = max(self._not_before, self._monotonic() + seconds)


@dataclass(slots=True)
class Line:
    """A channel, its crew and its backlog of claimed deliveries, already grouped into calls."""

    name: str
    channel: Channel
    limits: Limits
    answers: SimpleQueue[Answered]
    backlog: deque[tuple[Delivery, ...]] = field(default_factory=deque)
    #: why nothing more is tried in this run
    aside: str = ""
    #: the outcome that set it aside, for the summary
    fault: Outcome | None = None
    pace: Pace = field(init=False)
    crew: Crew = field(init=False)
    _unreached: int = 0

    def __post_init__(self) -> None:
        self.pace = Pace(self.limits.rate)
        self.crew = Crew(self.channel, self.limits.concurrency, self.answers)

    @property
    def waiting(self) -> int:
        """Deliveries that are claimed and not begun."""
        return sum(len(group) for group in self.backlog)

    def load(
        self, deliveries: Sequence[Delivery], message: Callable[[Delivery, str], Message], *, first: bool = False
    ) -> None:
        """Put claimed deliveries into the backlog (`first`: in front), as few calls as the provider allows."""
        calls = self._calls(deliveries, message)
        if first:
            self.backlog.extendleft(reversed(calls))
        else:
            self.backlog.extend(calls)

    def _calls(
        self, deliveries: Sequence[Delivery], message: Callable[[Delivery, str], Message]
    ) -> list[tuple[Delivery, ...]]:
        if self.limits.batch == 1:
            return [(delivery,) for delivery in deliveries]
        full: list[tuple[Delivery, ...]] = []
        filling: dict[Hashable, list[Delivery]] = {}
        for delivery in deliveries:
            again = delivery.detail if delivery.reason == REPEATED else ""
            key = (self.channel.group(message(delivery, "")), again)
            group = filling.setdefault(key, [])
            if len(group) == self.limits.batch or any(delivery.to == other.to for other in group if other.to):
                full.append(tuple(group))
                group = filling[key] = []
            group.append(delivery)
        return full + [tuple(group) for group in filling.values()]

    def halve(self, deliveries: Sequence[Delivery]) -> None:
        """Ask again in smaller calls, to find whom the provider meant."""
        middle = len(deliveries) // 2
        self.backlog.extendleft((tuple(deliveries[middle:]), tuple(deliveries[:middle])))

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Learn from a call: pause when asked to, stop when it is no use."""
        for outcome in outcomes:
            if outcome.scope is Scope.CHANNEL and outcome.status is Status.BUSY:
                self.pace.rest(outcome.retry_after or 1.0)
            elif outcome.scope is Scope.CHANNEL:
                self.set_aside(outcome)
        unreached = any(o.status is Status.BUSY and o.reason is Reason.UNAVAILABLE for o in outcomes)
        self._unreached = self._unreached + 1 if unreached else 0
        if self._unreached >= UNREACHED:
            self.set_aside(outcomes[0])

    def set_aside(self, outcome: Outcome) -> None:
        """Try nothing more in this run."""
        if not self.aside:
            self.aside, self.fault = outcome.detail or "it did not answer", outcome


def narrowed(
    limits: Limits, *, batch: int | None, concurrency: int | None, rate: float | None, total: float | None
) -> Limits:
    """The provider's limits, made smaller (never larger) by the settings."""
    slower = rate if limits.rate is None or (rate is not None and rate < limits.rate) else limits.rate
    return replace(
        limits,
        batch=min(limits.batch, batch or limits.batch),
        concurrency=concurrency or limits.concurrency,
        rate=slower,
        deadline=max(limits.deadline, (total or 0.0) + 5.0),
    )
