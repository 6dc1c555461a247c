"""One run: promise what is planned, recover what an earlier run left, dispatch, and sum up."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from queue import SimpleQueue
from typing import TYPE_CHECKING

from notigate.dispatcher import Dispatched, Dispatcher, Step, receipts
from notigate.dispatcher.hearing import hear
from notigate.dispatcher.reconcile import Patience, reconcile
from notigate.dispatcher.replay import replay, reserve
from notigate.errors import LedgerBusy, UsageError
from notigate.ledger import claim, outlook, plan, questions, transitions
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft, Promised
from notigate.ledger.receipts import awaiting
from notigate.ledger.strays import strays
from notigate.model import Category, Delivery, Run, State, Verdict
from notigate.planner import Planned, Stopped
from notigate.policy import ONLY
from notigate.policy.hours import HOURS
from notigate.preferences import Reach
from notigate.sums import Sums, exit_code, problem, summary

if TYPE_CHECKING:
    from notigate.dispatcher.crew import Answered
    from notigate.dispatcher.line import Line
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger
    from notigate.lineup import Lineup
    from notigate.record import Record

#: deliveries promised in one transaction
TOGETHER = 1000
#: seconds between looks at a delivery that another process carries
LOOK = 0.05
#: seconds in which a run asks one channel about unknown outcomes before it sends what is new; the rest is asked next time
ASKING = 30.0
#: seconds in which it hears what carriers said of one channel's messages
HEARING = 15.0


class Sender:
    """Makes the runs of one project."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        ledger: Ledger,
        lineup: Lineup,
        channels: Mapping[str, Patience],
        clock: Clock,
        *,
        judge: Callable[[Sequence[Delivery]], Sequence[Verdict]],
        settled: Callable[[Iterable[Delivery]], None],
        stop: threading.Event,
        patience: float,
        between: Callable[[Sums], Iterable[Planned | Stopped]] = lambda _sums: (),
        replies_stop: Reach = Reach.ALL,
    ) -> None:
        self._ledger = ledger
        self._lineup = lineup
        self._channels = channels
        self._clock = clock
        self._judge = judge
        self._settled = settled
        self._stop = stop
        self._patience = patience
        #: what is to be done once all is promised and before anything is sent; what it yields is promised, too
        self._between = between
        self._stops = replies_stop
        #: does a later run look for the same again?
        self._comes_round = False

    def campaign(
        self,
        planned: Iterable[Planned | Stopped],
        sums: Sums,
        record: Record,
        promised: Callable[[int], None] = lambda _run: None,
        *,
        comes_round: bool = False,
    ) -> Run:
        """Be the one dispatcher: settle what an earlier run left, promise what is planned, send all that is due.

        When `planned` is promised to its end, and nothing was missing to plan it, `promised` is told the number of the run.
        With `comes_round`, a later run looks for the same again: what colleagues are to read is not promised before its hour.

        Raises:
            LedgerBusy: another run is dispatching; nothing was promised.
            LedgerError: the ledger failed; nothing was sent without a committed intent.
        """
        self._comes_round = comes_round
        with self._ledger.dispatching():
            answers: SimpleQueue[Answered] = SimpleQueue()
            lines = self._lines(answers)
            started = self._times()
            run = record.begin()
            self._recover(started)
            self._ask(lines, ASKING)
            self._hear(lines)
            for _promised in chain(self._promise(run, planned, sums), self._promise_more(run, sums)):
                pass
            if not (self._stop.is_set() or sums.data_missing):
                promised(run)
            self._tell_of_strays(sums)
            sums.begins(outlook.to_go(self._ledger, self._clock.now()))
            sums.dispatched(self._dispatch(run, lines, answers, sums))
            sums.in_other_hands(outlook.in_hand(self._ledger))
            return self._finish(record, started, sums)

    def single(self, planned: Iterable[Planned | Stopped], sums: Sums, record: Record, timeout: float) -> Run:
        """Promise at once; carry it, or wait for the run that does, up to `timeout` seconds."""
        started = self._times()
        run = record.begin()
        promised = list(self._promise(run, planned, sums))
        for _promised in self._promise_more(run, sums):
            pass
        ids = [id_ for some in promised for id_ in some.all]
        _refuse_conflicts(promised)
        sums.repeated += [id_ for some in promised for id_ in some.all if id_ not in some.new]
        end = time.monotonic() + timeout
        while not self._settle_asked(run, ids, sums, end) and time.monotonic() < end and not self._stop.is_set():
            self._stop.wait(LOOK)
        sums.begin_again()
        for delivery in questions.deliveries(self._ledger, ids):
            sums.counts[delivery.state] += 1
            sums.line(delivery, delivery.state)
            if delivery.state not in (State.ACCEPTED, State.DELIVERED):
                sums.problems.append(problem(delivery, delivery.id))
        return self._finish(record, started, sums)

    def _settle_asked(self, run: int, ids: Sequence[int], sums: Sums, end: float) -> bool:
        """Carry what was asked for, unless another run does; are all of `ids` at rest? After `end` nothing is tried again."""
        try:
            with self._ledger.dispatching():
                answers: SimpleQueue[Answered] = SimpleQueue()
                lines = self._lines(answers)
                self._recover(self._times())
                sums.left_alone(self._dispatch(run, lines, answers, sums, asked_until=end).aside)
            moving = transitions.IN_HAND  # another dispatcher's, where there may be several
        except LedgerBusy:
            moving = transitions.OPEN - {State.HELD}
        return all(d.state not in moving for d in questions.deliveries(self._ledger, ids))

    def resolve(self) -> Counter[str]:
        """Ask every provider about unknown outcomes now.

        Raises:
            LedgerBusy: a run is sending, and asks by itself.
        """
        with self._ledger.dispatching():
            self._recover(self._times())
            return self._ask(self._lines(SimpleQueue()))

    def pull_receipts(self, *, dry_run: bool = False) -> Counter[str]:
        """Ask for the carrier's word on what was accepted; with `dry_run`, tell how many wait for one now."""
        told: Counter[str] = Counter()
        for line in self._lines(SimpleQueue()).values():
            if dry_run:
                told["waiting"] += awaiting(self._ledger, line.name, now=self._clock.now())
            else:
                told += receipts.pull_all(self._ledger, line, self._times())
                told += hear(self._ledger, line, self._stops, self._times())
        return told

    def _recover(self, times: Times) -> None:
        """Take over what the last dispatcher left: answers not committed, calls it did not live to see answered."""
        replay(self._ledger, times)
        reserve(self._ledger)
        claim.recover(self._ledger, times)

    def _lines(self, answers: SimpleQueue[Answered]) -> dict[str, Line]:
        return {name: self._lineup.line(name, answers) for name in self._channels if name not in self._lineup.broken()}

    def _ask(self, lines: Mapping[str, Line], seconds: float = math.inf) -> Counter[str]:
        told: Counter[str] = Counter()
        for name, line in lines.items():
            told += reconcile(self._ledger, line, self._channels[name], self._times(), seconds=seconds)
        return told

    def _hear(self, lines: Mapping[str, Line]) -> None:
        """What carriers said of messages, and readers answered to them: who wants no more gets nothing of this run."""
        for line in lines.values():
            hear(self._ledger, line, self._stops, self._times(), seconds=HEARING)
            receipts.pull(self._ledger, line, self._times(), seconds=HEARING)

    def _tell_of_strays(self, sums: Sums) -> None:
        """What waits for a channel that the settings do not name is carried by nobody: it is told, until it expires."""
        for channel, waiting, expired in strays(self._ledger, self._channels, self._times()):
            sums.called_off(expired)
            self._settled(expired)
            if waiting:
                sums.stray(channel, waiting)

    def _promise(self, run: int, planned: Iterable[Planned | Stopped], sums: Sums) -> Iterator[Promised]:
        source = iter(planned)
        while not self._stop.is_set() and (some := list(islice(source, TOGETHER))):
            together = list[Planned]()
            for item in some:
                if not isinstance(item, Planned):
                    sums.stopped(item)
                elif (reason := item.draft.reason) == ONLY:
                    # A trial must not cost those it leaves out what they are due when it is over.
                    sums.planned([(None, item)])
                elif not (reason and is_early(item.draft, comes_round=self._comes_round)):
                    together.append(item)
            promised = plan.promise(self._ledger, run, [item.draft for item in together], self._times())
            told = list(zip(promised.all, together, strict=True))
            if len(promised.new) < len(told):
                new = set(promised.new)
                told = [one for one in told if one[0] in new]
            sums.planned(told)
            yield promised

    def _promise_more(self, run: int, sums: Sums) -> Iterator[Promised]:
        yield from self._promise(run, self._between(sums), sums)

    def _dispatch(
        self,
        run: int,
        lines: Mapping[str, Line],
        answers: SimpleQueue[Answered],
        sums: Sums,
        *,
        asked_until: float | None = None,
    ) -> Dispatched:
        """Send what is due; where somebody waits `asked_until` then (monotonic), only what was asked for."""

        def settled(step: Step) -> None:
            sums.settled(step)
            self._settled(step)

        left = self._patience if asked_until is None else asked_until - time.monotonic()
        dispatcher = Dispatcher(
            self._ledger, run, lines, answers, self._clock, judge=self._judge, settled=settled, stop=self._stop,
            patience=max(0.0, min(self._patience, left)), asked_only=asked_until is not None,
        )  # fmt: skip
        return dispatcher.dispatch()

    def _finish(self, record: Record, started: Times, sums: Sums) -> Run:
        code = exit_code(sums, unknown=questions.unknowns(self._ledger))
        record.end(code, sums.troubles, {state.value: n for state, n in sums.counts.items() if n > 0})
        return summary(record.number, started.now, sums, code)

    def _times(self) -> Times:
        return Times(self._clock.now(), self._clock.real())


def is_early(draft: Draft, *, comes_round: bool = True) -> bool:
    """Its hour is to come, and until then a colleague may have done what it asks for; or its figures are those of then."""
    if draft.reason not in HOURS or draft.state is not State.HELD:
        return False
    return draft.content is None or (comes_round and draft.category is Category.STAFF)


def _refuse_conflicts(promised: Iterable[Promised]) -> None:
    conflicting = [id_ for some in promised for id_ in some.conflicting]
    if conflicting:
        raise UsageError(
            "the key was used before for another message (delivery {id}); nothing was sent. Use another --key, or none",
            id=conflicting[0],
        )
