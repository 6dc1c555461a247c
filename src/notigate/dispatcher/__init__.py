"""Carry due deliveries to their channels and record what came of them.

The order that keeps the promise: claim → commit the intent → call → commit the answer. One thread (this one) writes the
ledger; each channel's crew makes its calls. Answers that have arrived and intents for the places they freed are committed
together, so the slower the disk, the larger the groups.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_result,
    stop_before_delay,
    stop_when_event_set,
    wait_exponential_jitter,
)
from tenacity.nap import sleep_using_event

from notigate.dispatcher.crew import Answered
from notigate.dispatcher.decisions import decide
from notigate.dispatcher.line import Line, narrowed
from notigate.ledger import changes, claim, settle
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call, new_reference
from notigate.ledger.settle import Settlement
from notigate.ledger.store import Ledger, from_ms
from notigate.model import Delivery, Drop, Go, Hold, Message, Outcome, Scope, State, Status, Verdict

if TYPE_CHECKING:
    from notigate.edges import Clock

__all__ = ["Dispatched", "Dispatcher", "Line", "narrowed"]

#: seconds that calls in flight get to finish after Ctrl-C or SIGTERM
GRACE = 20.0
#: the longest that an idle look for answers lasts; also how soon a stop is noticed
BLINK = 0.2
#: seconds between looks for what others have promised meanwhile
LOOK = 0.25
#: deliveries claimed in one transaction
CLAIM = 1000
#: back-off where the provider names no time: 2 s, 4 s, 8 s … 5 min, with jitter
BACK_OFF = wait_exponential_jitter(initial=2, max=300, jitter=2)


@dataclass(slots=True)
class Dispatched:
    """What one dispatch came to."""

    #: deliveries by the state this run left them in
    counts: Counter[State] = field(default_factory=Counter)
    #: those that did not go as they should
    problems: dict[int, Delivery] = field(default_factory=dict)
    #: channels that were left alone, and why
    aside: dict[str, Outcome] = field(default_factory=dict)
    interrupted: bool = False

    def note(self, change: Change) -> None:
        """Count a step."""
        delivery = changes.after(change)
        before = self.problems.pop(delivery.id, None)
        if before is not None:
            self.counts[before.state] -= 1
        self.counts[delivery.state] += 1
        if delivery.state is not State.ACCEPTED:
            self.problems[delivery.id] = delivery


class Dispatcher:
    """One dispatch of one run; made with the dispatcher's lock held."""

    def __init__(  # noqa: PLR0913 - the edges, handed in
        self,
        ledger: Ledger,
        run: int,
        lines: Mapping[str, Line],
        answers: SimpleQueue[Answered],
        clock: Clock,
        *,
        judge: Callable[[Delivery], Verdict],
        settled: Callable[[Delivery], None],
        stop: Event,
        patience: float,
        asked_only: bool = False,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._lines = lines
        self._answers = answers
        self._clock = clock
        self._judge = judge
        self._settled = settled
        self._stop = stop
        self._patience = patience
        self._asked_only = asked_only
        self._looked: dict[tuple[str, str], float] = {}
        self._result = Dispatched()

    def dispatch(self) -> Dispatched:
        """Send all that is due, and wait for what is due again soon.

        Raises:
            LedgerError: an intent or an answer could not be committed; nothing was sent without a committed intent.
        """
        rounds = Retrying(
            retry=retry_if_result(lambda seconds: seconds is not None),
            wait=_as_told,
            stop=stop_before_delay(self._patience) | stop_when_event_set(self._stop),
            sleep=sleep_using_event(self._stop),
            retry_error_callback=lambda _: None,
        )
        try:
            rounds(self._round)
        finally:
            self._end()
        self._result.interrupted = self._stop.is_set()
        self._result.aside = {line.name: line.fault for line in self._lines.values() if line.fault}
        return self._result

    def _round(self) -> float | None:
        """Send all that is due now; returns the seconds until more will be, or None."""
        for line in self._lines.values():
            if not line.aside:
                claim.wake(self._ledger, line.name, self._times())
        self._looked.clear()
        while not self._stop.is_set():
            for line in self._lines.values():
                self._fill(line)
            answered = self._hear()
            self._commit(answered)
            if not answered and not any(line.backlog or line.crew.in_flight for line in self._open()):
                break
        return None if self._stop.is_set() else self._next()

    def _open(self) -> list[Line]:
        return [line for line in self._lines.values() if not line.aside or line.crew.in_flight]

    def _times(self) -> Times:
        return Times(self._clock.now(), self._clock.real())

    def _fill(self, line: Line) -> None:
        """Claim what is asked for by name now and then, and the rest when the backlog runs low."""
        if line.aside:
            return
        if self._time_to_look(line, "asked"):
            self._claim(line, CLAIM, asked=True)
        enough = line.limits.batch * line.limits.concurrency
        if not self._asked_only and line.waiting < enough and self._time_to_look(line, "others"):
            most = min(CLAIM, max(200, 2 * enough))
            if self._claim(line, most, asked=False) == most:
                del self._looked[line.name, "others"]

    def _time_to_look(self, line: Line, kind: str) -> bool:
        """An empty ledger is asked only now and then."""
        now = time.monotonic()
        if now - self._looked.get((line.name, kind), -LOOK) < LOOK:
            return False
        self._looked[line.name, kind] = now
        return True

    def _claim(self, line: Line, most: int, *, asked: bool) -> int:
        claimed = claim.claim(self._ledger, line.name, self._times(), most, asked=asked)
        line.load(self._still_due(claimed), self._message, first=asked)
        return len(claimed)

    def _still_due(self, claimed: Sequence[Delivery]) -> list[Delivery]:
        """What was promised hours ago must still be right to send at this hour."""
        go, steps = [], []
        for delivery in claimed:
            match self._judge(delivery):
                case Go():
                    go.append(delivery)
                case Hold(until, rule):
                    steps.append(Change(delivery=delivery, to=State.HELD, cause=rule, reason=rule, next_at=until))
                case Drop(rule):
                    steps.append(Change(delivery=delivery, to=State.EXPIRED, cause=rule, reason=rule))
        if steps:
            with self._ledger.write() as tx:
                changes.apply(tx, steps, self._times())
            for step in steps:
                self._result.note(step)
        return go

    def _hear(self) -> list[Answered]:
        """The answers that are here; waits a blink for the first when there is nothing else to do."""
        heard: list[Answered] = []
        idle = not any(self._may_begin(line) for line in self._lines.values())
        try:
            if idle and any(line.crew.in_flight or line.backlog for line in self._open()):
                heard.append(self._answers.get(timeout=BLINK))
            while True:
                heard.append(self._answers.get_nowait())
        except Empty:
            pass
        heard = [answer for answer in heard if self._lines[answer.call.channel].crew.done(answer.call)]
        return heard + [
            Answered(call, [Outcome.unknown("no answer in time")] * len(call.deliveries))
            for line in self._lines.values()
            for call in line.crew.overdue()
        ]

    def _may_begin(self, line: Line) -> bool:
        return bool(line.backlog and not line.aside and line.crew.free > 0 and line.pace.wait() == 0)

    def _commit(self, answered: Sequence[Answered]) -> None:
        """One durable transaction: what came of calls, and the intent for the next ones. Then, and only then, make them."""
        for answer in answered:
            line = self._lines[answer.call.channel]
            line.note(answer.outcomes)
            if answer.fault:
                line.set_aside(answer.outcomes[0])
        calls = (
            [] if self._stop.is_set() else [call for line in self._lines.values() for call in self._next_calls(line)]
        )
        if not answered and not calls:
            return
        times = self._times()
        with self._ledger.write() as tx:
            won = settle.settle(tx, [s for a in answered for s in self._settlements(a, times)], times)
            narrowed_down = self._narrow(won, answered)
            again = changes.apply(tx, [c for cs in narrowed_down.values() for c in cs], times)
            begun = claim.begin(tx, self._run, calls, times)
        self._learn(won, again, narrowed_down)
        for call in begun:
            line = self._lines[call.channel]
            line.crew.take(call, [self._message(d, call.reference) for d in call.deliveries], line.limits.deadline)

    def _next_calls(self, line: Line) -> list[Call]:
        calls: list[Call] = []
        while self._may_begin(line) and len(calls) < line.crew.free:
            calls.append(Call(new_reference(), line.name, line.backlog.popleft()))
            line.pace.made()
        return calls

    def _settlements(self, answer: Answered, times: Times) -> list[Settlement]:
        found = []
        for delivery, outcome in zip(answer.call.deliveries, answer.outcomes, strict=True):
            change = decide(delivery, _in_company(outcome, answer), times.now, _back_off)
            found.append(Settlement(outcome, change))
        return found

    def _narrow(self, won: Sequence[Change], answered: Sequence[Answered]) -> dict[str, list[Change]]:
        """Calls refused for somebody in them: their deliveries are claimed again at once, to be asked in halves."""
        meant = {d.id: a.call.reference for a in answered if _somebody(a) for d in a.call.deliveries}
        steps: dict[str, list[Change]] = {}
        for change in won:
            if change.to is State.RETRY_WAIT and change.delivery.id in meant:
                step = Change(delivery=changes.after(change), to=State.CLAIMED, cause="asked again in a smaller call")
                steps.setdefault(meant[change.delivery.id], []).append(step)
        return steps

    def _learn(
        self, won: Sequence[Change], again: Sequence[Change], narrowed_down: Mapping[str, Sequence[Change]]
    ) -> None:
        claimed = {change.delivery.id: changes.after(change) for change in again}
        for steps in narrowed_down.values():
            group = [claimed[step.delivery.id] for step in steps if step.delivery.id in claimed]
            self._lines[group[0].channel].halve(group)
        for change in won:
            if change.delivery.id not in claimed:
                self._result.note(change)
                self._settled(changes.after(change))

    def _next(self) -> float | None:
        """Seconds until the next delivery that waits for another try; None when nobody does within our patience."""
        now = self._clock.now()
        soonest = [
            from_ms(claim.next_time(self._ledger, line.name, State.RETRY_WAIT))
            for line in self._lines.values()
            if not line.aside
        ]
        waits = [max(0.05, (moment - now).total_seconds()) for moment in soonest if moment is not None]
        return min((w for w in waits if w <= self._patience), default=None)

    def _end(self) -> None:
        """Let calls in flight finish, give up what does not, put back what was not begun."""
        end = time.monotonic() + GRACE
        while any(line.crew.in_flight for line in self._lines.values()) and time.monotonic() < end:
            self._stop_claims()
            self._commit(self._hear())
        given_up = [
            Answered(call, [Outcome.unknown("given up: the run had to end")] * len(call.deliveries))
            for line in self._lines.values()
            for call in line.crew.in_flight.values()
        ]
        self._stop_claims()
        self._commit(given_up)
        for line in self._lines.values():
            line.crew.dismiss()

    def _stop_claims(self) -> None:
        back = [delivery for line in self._lines.values() for group in line.backlog for delivery in group]
        if back:
            for line in self._lines.values():
                line.backlog.clear()
            with self._ledger.write() as tx:
                claim.release(tx, back, self._times())

    def _message(self, delivery: Delivery, reference: str) -> Message:
        content = delivery.content
        if content is None:
            raise ValueError(f"delivery {delivery.id} has no content to send")
        return Message(
            id=self._ledger.token(delivery.id), reference=reference, occasion=delivery.occasion, category=delivery.category,
            medium=delivery.medium, to=delivery.to, locale=delivery.locale, text=content.text, subject=content.subject,
            html=content.html, params=content.params, attachments=content.attachments,
        )  # fmt: skip


def _somebody(answer: Answered) -> bool:
    """Was the whole call refused because of somebody in it, not told whom?"""
    return len(answer.outcomes) > 1 and any(
        o.status is Status.REFUSED and o.scope is Scope.CALL for o in answer.outcomes
    )


def _in_company(outcome: Outcome, answer: Answered) -> Outcome:
    """Refused in company proves nothing against this one: not sent, to be asked again."""
    if outcome.status is Status.REFUSED and outcome.scope is Scope.CALL and len(answer.outcomes) > 1 and outcome.reason:
        return Outcome.busy(outcome.reason, outcome.detail)
    return outcome


def _back_off(attempts: int) -> float:
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempts
    return BACK_OFF(state)


def _as_told(state: RetryCallState) -> float:
    seconds: float = state.outcome.result() if state.outcome else 0.0
    return seconds
