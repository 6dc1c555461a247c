"""One channel during one run: what waits for it, how fast it may go, and whether it is set aside."""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from queue import SimpleQueue
from typing import TYPE_CHECKING

from notigate.dispatcher.crew import Answered, Crew, discreet
from notigate.ledger.claim import REPEATED, Call, new_reference
from notigate.ledger.store import storable
from notigate.model import Attempt, Delivery, Finding, Message, Outcome, Reason, Scope, Status

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from notigate.plugin import Channel, Limits

log = logging.getLogger("notigate.dispatcher")
kept = logging.getLogger("notigate.channels")
kept.addHandler(logging.NullHandler())  # for those who keep a log; others read it in the summary

#: calls in a row that brought no usable answer, after which the channel is left alone until the next run
UNANSWERED = 5
#: seconds, or our patience where that is longer, for which it may turn every call away as busy: the rest is for the next run,
#: which plans what has become due meanwhile
TURNED_AWAY = 60.0


class Pace:
    """At most `rate` calls a second, counted over a rolling window, since that is how providers count."""

    def __init__(self, rate: float | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._window = 1.0 if rate is None or rate >= 1 else max(60.0, 1 / rate)
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
    #: out of the backlog again, because they were judged too long ago
    stale: list[Delivery] = field(default_factory=list)
    #: why nothing more is tried in this run
    aside: str = ""
    #: the outcome that set it aside, for the summary
    fault: Outcome | None = None
    pace: Pace = field(init=False)
    crew: Crew = field(init=False)
    #: can it tell whether a message arrived?
    hears: bool = field(init=False)
    _unanswered: int = 0
    #: when (monotonic) it began to turn every call away
    _busy_since: float | None = None
    #: delivery → the part of a refused call in which it is asked again
    _parts: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pace = Pace(self.limits.rate)
        self.crew = Crew(self.channel, self.limits.concurrency, self.answers)
        self.hears = not {"lookup", "receipts"}.isdisjoint(self.channel.powers())

    @property
    def waiting(self) -> int:
        """Deliveries that are claimed and not begun."""
        return sum(map(len, self.backlog))

    def load(
        self, deliveries: Sequence[Delivery], message: Callable[[Delivery], Message], *, first: bool = False
    ) -> None:
        """Put claimed deliveries into the backlog (`first`: in front), as few calls as the provider allows."""
        try:
            calls = self._calls(deliveries, message)
        except Exception as fault:
            log.exception("channel failed", extra={"channel": self.name})
            self.set_aside(Outcome.unknown(f"the channel failed: {type(fault).__name__}"))
            calls = [tuple(deliveries)]
        if first:
            self.backlog.extendleft(reversed(calls))
        else:
            self.backlog.extend(calls)

    def _calls(
        self, deliveries: Sequence[Delivery], message: Callable[[Delivery], Message]
    ) -> list[tuple[Delivery, ...]]:
        if self.limits.batch == 1 and not any(delivery.reason == REPEATED for delivery in deliveries):
            return [(delivery,) for delivery in deliveries]
        full: list[tuple[Delivery, ...]] = []
        filling: defaultdict[Hashable, dict[object, Delivery]] = defaultdict(dict)
        for delivery in deliveries:
            again = delivery.detail if delivery.reason == REPEATED else ""
            key = (self.channel.group(message(delivery)), again, self._parts.get(delivery.id))
            group = filling[key]
            reader = delivery.to or delivery.id
            if (len(group) == self.limits.batch and not again) or reader in group:
                full.append(_call(group.values()))
                group = filling[key] = {}
            group[reader] = delivery
        return full + [_call(group.values()) for group in filling.values()]

    def wait(self) -> float | None:
        """Seconds until the next call may be begun; None when there is none, or no place for it."""
        return self.pace.wait() if self.backlog and not self.aside and self.crew.free > 0 else None

    def next_calls(self, fresh: datetime) -> list[Call]:
        """The calls that may be begun now; their deliveries leave the backlog. What was not picked since `fresh` is `stale`."""
        calls: list[Call] = []
        free = self.crew.free
        while len(calls) < free and self.wait() == 0:
            group = self.backlog.popleft()
            if group[0].changed_at < fresh and group[0].reason != REPEATED:
                self.stale += group
                continue
            calls.append(Call(new_reference(), self.name, group))
            self.pace.made()
        return calls

    def put_back(self, *, all_of_it: bool) -> list[Delivery]:
        """What is claimed and is to be picked anew: what is stale, or all that waits."""
        back, self.stale = self.stale, []
        if all_of_it:
            back += [delivery for group in self.backlog for delivery in group]
            self.backlog.clear()
        return back

    def look_up(self, attempt: Attempt) -> Finding:
        """What the channel finds of an attempt; one that fails proves nothing, and takes nobody down."""
        try:
            finding = self.channel.lookup(attempt)
            return replace(
                finding,
                detail=discreet(finding.detail),
                provider_id=finding.provider_id and storable(finding.provider_id),
            )
        except Exception as fault:
            log.exception("channel failed", extra={"channel": self.name})
            return Finding.inconclusive(f"the channel failed: {type(fault).__name__}")

    def halve(self, deliveries: Sequence[Delivery]) -> None:
        """Their call was refused for somebody in it: they are asked again in two, to find whom the provider meant."""
        middle = len(deliveries) // 2
        for half in (deliveries[:middle], deliveries[middle:]):
            self._parts |= {delivery.id: half[0].id for delivery in half}

    def learn(self, answered: Answered, patience: float) -> None:
        """Learn from a call: pause when asked to (for `patience` seconds at most), stop when it is no use."""
        for outcome in answered.different:
            if outcome.scope is Scope.CHANNEL and outcome.status is Status.BUSY:
                self._rest(outcome, patience)
            elif outcome.scope is Scope.CHANNEL:
                self.set_aside(outcome)
        useless = all(_is_no_answer(outcome) for outcome in answered.outcomes)
        self._unanswered = self._unanswered + 1 if useless else 0
        if answered.fault or self.crew.lost or self._unanswered >= UNANSWERED:
            self.set_aside(answered.outcomes[0])
        self._note_busy(answered, max(patience, TURNED_AWAY))

    def _note_busy(self, answered: Answered, most: float) -> None:
        now = time.monotonic()
        if any(outcome.status is not Status.BUSY for outcome in answered.outcomes):
            self._busy_since = None
        elif self._busy_since is None:
            self._busy_since = now
        elif now - self._busy_since >= most:
            self.set_aside(answered.outcomes[0])

    def _rest(self, outcome: Outcome, patience: float) -> None:
        seconds = outcome.retry_after or 1.0
        self.pace.rest(seconds)
        if seconds > patience:
            self.set_aside(outcome)

    def set_aside(self, outcome: Outcome) -> None:
        """Try nothing more in this run."""
        if not self.aside:
            self.aside, self.fault = outcome.detail or "it did not answer", outcome
            kept.warning("channel left alone", extra={"channel": self.name, "reason": self.aside})


def _call(group: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """In an order that a repetition finds again: a provider's duplicate check knows only identical calls."""
    return tuple(sorted(group, key=attrgetter("id")))


def _is_no_answer(outcome: Outcome) -> bool:
    return outcome.status is Status.UNKNOWN or (outcome.status is Status.BUSY and outcome.reason is Reason.UNAVAILABLE)


def narrowed(
    limits: Limits, *, batch: int | None, concurrency: int | None, rate: float | None, longest: float
) -> Limits:
    """The provider's limits, made smaller (never larger) by the settings; how many calls are in flight is theirs to say.

    `longest` is what one request may take; a call may need two, for a token or a picture, and is waited for as long.
    """
    slower = rate if limits.rate is None or (rate is not None and rate < limits.rate) else limits.rate
    return replace(
        limits,
        batch=min(limits.batch, batch or limits.batch),
        concurrency=concurrency or limits.concurrency,
        rate=slower,
        deadline=max(limits.deadline, 2 * longest + 5.0),
    )
