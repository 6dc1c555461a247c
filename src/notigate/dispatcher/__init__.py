"""Carry due deliveries to their channels and record what came of them.

The order that keeps the promise: claim → commit the intent → call → commit the answer. One thread (this one) writes the
ledger; each channel's crew makes its calls. Answers that have arrived and intents for the places they freed are committed
together, so the slower the disk, the larger the groups.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_before_delay,
    stop_when_event_set,
    wait_fixed,
)
from tenacity.nap import sleep_using_event

from notigate.dispatcher import late, receipts
from notigate.dispatcher.crew import Answered
from notigate.dispatcher.decisions import settlements
from notigate.dispatcher.dispatched import Dispatched, Step, tell
from notigate.dispatcher.intake import Intake
from notigate.dispatcher.line import Line, narrowed
from notigate.dispatcher.messages import as_message
from notigate.dispatcher.replay import keep
from notigate.errors import LedgerError
from notigate.ledger import claim, settle, transitions
from notigate.ledger.changes import Times
from notigate.ledger.claim import Call
from notigate.ledger.store import Ledger, from_ms
from notigate.model import Delivery, Outcome, Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from notigate.edges import Clock

__all__ = ["Dispatched", "Dispatcher", "Line", "Step", "narrowed"]

#: seconds that calls in flight get to finish after Ctrl-C or SIGTERM
GRACE = 20.0
#: the longest that an idle look for answers lasts; also how soon a stop is noticed
BLINK = 0.2
#: the longest nap between two rounds: what others promise meanwhile is not to wait for our patience
NAP = 1.0
#: how long a verdict holds: who is picked and not sent by then, because the provider is slow or the machine was asleep, is
#: judged again at the hour that it is by now
FRESH = timedelta(minutes=5)
#: tries to commit what is known when the run ends, and the seconds between them
LAST_TRIES, LAST_WAIT = 3, 1.0


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
        judge: Callable[[Sequence[Delivery]], Sequence[Verdict]],
        settled: Callable[[Step], None],
        stop: Event,
        patience: float,
        asked_only: bool = False,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._lines = lines
        self._answers = answers
        self._clock = clock
        self._settled = settled
        self._stop = stop
        self._patience = patience
        self._asked_only = asked_only
        #: answers that are not committed yet; they survive a commit that fails
        self._unsettled: list[Answered] = []
        #: answers to calls that were given up
        self._late: list[Answered] = []
        self._intake = Intake(ledger, self._times, judge, self._note, asked_only=asked_only)
        self._ending = False
        self._end_of_patience = 0.0
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
        self._end_of_patience = time.monotonic() + self._patience
        try:
            rounds(self._round)
        finally:
            self._end()
        self._result.aside = {line.name: line.fault for line in self._lines.values() if line.fault}
        return self._result

    def _round(self) -> float | None:
        """Send all that is due now; returns the seconds until another round, or None."""
        self._intake.open(self._lines.values())
        while not self._stop.is_set():
            for line in self._lines.values():
                self._intake.fill(line)
            moved = self._commit(self._hear())
            if not moved and not any(line.backlog or line.crew.in_flight for line in self._lines.values()):
                break
        return None if self._stop.is_set() else self._next()

    def _times(self) -> Times:
        return Times(self._clock.now(), self._clock.real())

    def _hear(self) -> list[Answered]:
        """The answers that are here; waits a blink for the first when there is nothing else to do."""
        heard: list[Answered] = []
        with suppress(Empty):
            if blink := self._idle():
                heard.append(self._answers.get(timeout=blink))
            while True:
                heard.append(self._answers.get_nowait())
        heard = [answer for answer in heard if self._is_in_time(answer)]
        heard += [_unknown(call, "no answer in time") for line in self._lines.values() for call in line.crew.overdue()]
        for answer in heard:
            self._lines[answer.call.channel].learn(answer, self._patience)
        return heard

    def _is_in_time(self, answer: Answered) -> bool:
        """Was it still waited for? What comes later is looked at when it is committed."""
        in_time = self._lines[answer.call.channel].crew.done(answer.call)
        self._late += () if in_time else (answer,)
        return in_time

    def _idle(self) -> float:
        """Seconds in which nothing can be begun, at most a blink; 0 when something can, or nothing is expected."""
        waits = [wait for line in self._lines.values() if (wait := line.wait()) is not None]
        expected = waits or any(line.crew.in_flight for line in self._lines.values())
        return min([BLINK, *waits]) if expected else 0.0

    def _commit(self, answered: Sequence[Answered]) -> bool:
        """One durable transaction: what came of calls, and the intent for the next ones. Then, and only then, make them.

        Returns whether anything was to be committed.
        """
        self._unsettled += answered
        self._unsettled += [late.taken_over(self._ledger, answer) for answer in self._late]
        self._late = []
        calls, back = self._next_calls(), self._put_back()
        if not (self._unsettled or calls or back):
            return False
        times = self._times()
        with self._ledger.write() as tx:
            made = [s for a in self._unsettled for s in settlements(a, times.now, self._ask_at(a, times.now))]
            won = settle.settle(tx, made, times)
            suspected = settle.suspected(tx, made, won)
            claim.release(tx, back, times)
            begun = claim.begin(tx, self._run, calls, times)
        settled, self._unsettled = self._unsettled, []
        self._result.suspected += suspected
        for call in begun:
            line = self._lines[call.channel]
            messages = [as_message(self._ledger, delivery, call.reference) for delivery in call.deliveries]
            line.crew.take(call, messages, line.limits.deadline)
        for answer in settled:
            if answer.refused_in_company:
                self._lines[answer.call.channel].halve(answer.call.deliveries)
                self._intake.look_at_once(answer.call.channel)
        self._note(map(Step.made, won))
        return True

    def _ask_at(self, answered: Answered, now: datetime) -> datetime | None:
        return receipts.due(self._lines[answered.call.channel], now)

    def _next_calls(self) -> list[Call]:
        if self._ending or self._stop.is_set():
            return []
        fresh = self._clock.now() - FRESH
        return [call for line in self._lines.values() for call in line.next_calls(fresh)]

    def _put_back(self) -> list[Delivery]:
        """What is claimed and will not be sent in this run, or must be judged again first."""
        every, back = self._ending or self._stop.is_set(), []
        for line in self._lines.values():
            if line.stale:
                self._intake.look_at_once(line.name)
            back += line.put_back(all_of_it=bool(line.aside) or every)
        return back

    def _note(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self._result.note(step)
            tell(self._run, step)
            if step.state in transitions.SETTLED:
                self._settled(step)

    def _next(self) -> float | None:
        """Seconds until another round; None when nobody waits for another try within our patience."""
        now, left = self._clock.now(), self._end_of_patience - time.monotonic()
        soonest = [
            from_ms(claim.next_try(self._ledger, line.name, asked_only=self._asked_only))
            for line in self._lines.values()
            if not line.aside
        ]
        waits = [max(0.05, (moment - now).total_seconds()) for moment in soonest if moment is not None]
        return min((min(wait, NAP) for wait in waits if wait <= left), default=None)

    def _end(self) -> None:
        """Let calls in flight finish, give up what does not, put back what was not begun."""
        self._ending = True
        end = time.monotonic() + GRACE
        while any(line.crew.in_flight for line in self._lines.values()) and time.monotonic() < end:
            with suppress(LedgerError):  # what was heard is kept, and committed below
                self._commit(self._hear())
        for line in self._lines.values():
            self._unsettled += [_unknown(call, "given up: the run had to end") for call in line.crew.in_flight.values()]
            line.crew.dismiss()
        tries = Retrying(
            retry=retry_if_exception_type(LedgerError),
            wait=wait_fixed(LAST_WAIT),
            stop=stop_after_attempt(LAST_TRIES),
            reraise=True,
        )
        try:
            tries(self._commit, ())
        except LedgerError:
            keep(self._ledger.aside, self._unsettled)
            raise


def _unknown(call: Call, detail: str) -> Answered:
    return Answered(call, [Outcome.unknown(detail)] * len(call.deliveries))


def _as_told(state: RetryCallState) -> float:
    seconds: float = state.outcome.result() if state.outcome else 0.0
    return seconds
