"""One run: promise what is planned, recover what an earlier run left, dispatch, and sum up."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING

from notigate.approvals import RULES
from notigate.audience import BadRow
from notigate.dispatcher import Dispatched, Dispatcher
from notigate.dispatcher.reconcile import Patience, pull_receipts, reconcile
from notigate.dispatcher.replay import replay, reserve
from notigate.errors import ExitCode, LedgerBusy, UsageError
from notigate.language import _, translate
from notigate.ledger import claim, plan, questions, runs, transitions
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft, Promised
from notigate.model import Delivery, Listed, Problem, Run, State, Status, Verdict
from notigate.planner import Planned, Stopped

if TYPE_CHECKING:
    from notigate.dispatcher.crew import Answered
    from notigate.dispatcher.line import Line
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger
    from notigate.lineup import Lineup

#: deliveries promised in one transaction
TOGETHER = 1000
#: seconds between looks at a delivery that another process carries
LOOK = 0.05
#: the state under which a run tells what it cannot vouch for
SUSPECTED = "duplicate suspected"
#: seconds in which a run asks one channel about unknown outcomes before it sends what is new; the rest is asked next time
ASKING = 30.0
#: the rule of the allow-list
TRIAL = "only"
#: messages that a run lists one by one
SHOWN = 20
#: the provider has it
OUT = frozenset({State.ACCEPTED, State.DELIVERED, State.UNDELIVERED})


@dataclass(slots=True)
class Sums:
    """What a run came to, while it runs."""

    #: told after each step: how many went out, of how many that are known to go
    progress: Callable[[int, int], None] = lambda _done, _known: None
    counts: Counter[State] = field(default_factory=Counter)
    #: the same, by (occasion, channel)
    lines: defaultdict[tuple[str, str], Counter[State]] = field(default_factory=lambda: defaultdict(Counter))
    #: the first that went out
    sent: list[Listed] = field(default_factory=list)
    #: what had been asked for before
    repeated: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: occasions or channels that could not be used at all
    broken: int = 0
    #: facts that a calendar or weather source could not give
    data_missing: bool = False
    #: rows of the roster that cannot be used
    bad_rows: int = 0
    unapproved: bool = False
    #: deliveries that their readers may have got twice
    suspected: int = 0
    _done: int = 0

    def stopped(self, stopped: Stopped) -> None:
        """An occasion could not be planned."""
        self.broken += 1
        self.data_missing |= stopped.data_missing
        self.problems.append(Problem(occasion=stopped.occasion, state="stopped", reason="setup", detail=stopped.fault))

    def rows(self, bad: Sequence[BadRow]) -> None:
        """These rows of the roster cannot be used."""
        self.bad_rows += len(bad)
        self.problems += [
            Problem(
                person=_("row {row}").format(row=row.row), state=State.INVALID.value, reason="row", detail=_wrong(row)
            )
            for row in bad
        ]

    def planned(self, ids: Sequence[int | None], together: Sequence[Planned]) -> None:
        """These were promised; those that will not go yet, or never, are told with their rule."""
        for id_, planned in zip(ids, together, strict=True):
            draft = planned.draft
            self.counts[draft.state] += 1
            if draft.state is not State.QUEUED:
                self.unapproved |= draft.reason in RULES
                self.line(draft, draft.state)
                self.problems.append(_problem(draft, id_))

        self.progress(self._done, self.counts[State.QUEUED])

    def rehearsed(self, planned: Planned) -> None:
        """This would be promised; what would go at once is listed as if it had gone."""
        self.planned([None], [planned])
        if planned.draft.state is State.QUEUED:
            self.line(planned.draft, State.QUEUED)
            self.list(planned.draft)

    def line(self, listed: Listed, state: State) -> None:
        """Count one message of an occasion on a channel."""
        self.lines[listed.occasion, listed.channel][state] += 1
        if state in OUT:
            self.list(listed)

    def list(self, listed: Listed) -> None:
        """Name it, if it is among the first."""
        if len(self.sent) < SHOWN:
            self.sent.append(listed)

    def begin_again(self) -> None:
        """Forget the deliveries: they will be counted as the ledger has them now."""
        self.counts.clear()
        self.lines.clear()
        self.sent.clear()
        self.problems = [p for p in self.problems if p.delivery is None or p.state == SUSPECTED]

    def settled(self, delivery: Delivery) -> None:
        """This one came to its end."""
        self._done += 1
        if delivery.state is State.ACCEPTED:
            self.line(delivery, delivery.state)
        self.progress(self._done, self.counts[State.QUEUED])

    def dispatched(self, dispatched: Dispatched) -> None:
        """These were carried."""
        handled = dispatched.counts.total()
        self.counts[State.QUEUED] = max(0, self.counts[State.QUEUED] - handled)
        self.counts += +dispatched.counts
        for delivery in dispatched.problems.values():
            self.line(delivery, delivery.state)
            self.problems.append(_problem(delivery, delivery.id))
        for name, outcome in dispatched.aside.items():
            # Refused as a whole, it wants its operator; not reached, it wants time.
            self.broken += outcome.status is Status.REFUSED
            reason = outcome.reason.value if outcome.reason else ""
            self.problems.append(Problem(state="set aside", reason=reason, detail=f"{name}: {outcome.detail}"))
        for delivery in dispatched.suspected:
            self.suspected += 1
            detail = "accepted after another run had taken it over"
            self.problems.append(
                replace(_problem(delivery, delivery.id), state=SUSPECTED, reason="late", detail=detail)
            )


def exit_code(sums: Sums, *, unknown: int) -> ExitCode:
    """What the process tells cron; the order is that of the manual: 4 outranks 3, 7, 2 and 1."""
    if unknown or sums.suspected:
        return ExitCode.SOME_UNKNOWN
    if sums.unapproved:
        return ExitCode.NOT_APPROVED
    if sums.data_missing:
        return ExitCode.DATA_MISSING
    if sums.broken and not sums.counts[State.ACCEPTED]:
        return ExitCode.CONFIGURATION
    failed = any(sums.counts[s] for s in (State.FAILED, State.INVALID, State.RETRY_WAIT, State.EXPIRED))
    return ExitCode.SOME_FAILED if sums.broken or sums.bad_rows or failed else ExitCode.DONE


class Sender:
    """Makes the runs of one project."""

    def __init__(  # noqa: PLR0913 - the rooms it works with
        self,
        ledger: Ledger,
        lineup: Lineup,
        channels: Mapping[str, Patience],
        clock: Clock,
        *,
        judge: Callable[[Delivery], Verdict],
        settled: Callable[[Delivery], None],
        stop: threading.Event,
        patience: float,
    ) -> None:
        self._ledger = ledger
        self._lineup = lineup
        self._channels = channels
        self._clock = clock
        self._judge = judge
        self._settled = settled
        self._stop = stop
        self._patience = patience

    def campaign(self, planned: Iterable[Planned | Stopped], sums: Sums) -> Run:
        """Be the one dispatcher: settle what an earlier run left, promise what is planned, send all that is due.

        Raises:
            LedgerBusy: another run is dispatching; nothing was promised.
            LedgerError: the ledger failed; nothing was sent without a committed intent.
        """
        with self._ledger.dispatching():
            answers: SimpleQueue[Answered] = SimpleQueue()
            lines = self._lines(answers)
            started = self._times()
            run = runs.start(self._ledger, "send", started)
            self._recover(started)
            self._ask(lines, ASKING)
            for _promised in self._promise(run, planned, sums):
                pass
            sums.dispatched(self._dispatch(run, lines, answers, sums))
            return self._finish(run, started, sums)

    def single(self, planned: Iterable[Planned | Stopped], sums: Sums, timeout: float) -> Run:
        """Promise at once; carry it, or wait for the run that does, up to `timeout` seconds."""
        started = self._times()
        run = runs.start(self._ledger, "send", started)
        promised = list(self._promise(run, planned, sums))
        ids = [id_ for some in promised for id_ in some.all]
        _refuse_conflicts(promised)
        sums.repeated += [id_ for some in promised for id_ in some.all if id_ not in some.new]
        end = time.monotonic() + timeout
        while not self._settle_asked(run, ids, sums) and time.monotonic() < end and not self._stop.is_set():
            self._stop.wait(LOOK)
        sums.begin_again()
        for delivery in questions.deliveries(self._ledger, ids):
            sums.counts[delivery.state] += 1
            sums.line(delivery, delivery.state)
            if delivery.state not in (State.ACCEPTED, State.DELIVERED):
                sums.problems.append(_problem(delivery, delivery.id))
        return self._finish(run, started, sums)

    def _settle_asked(self, run: int, ids: Sequence[int], sums: Sums) -> bool:
        """Carry what was asked for, unless another run does; are all of `ids` at rest?"""
        try:
            with self._ledger.dispatching():
                answers: SimpleQueue[Answered] = SimpleQueue()
                lines = self._lines(answers)
                self._recover(self._times())
                self._dispatch(run, lines, answers, sums, asked_only=True)
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

    def pull_receipts(self) -> Counter[str]:
        """Ask for the carrier's word on what was accepted."""
        told: Counter[str] = Counter()
        for line in self._lines(SimpleQueue()).values():
            told += pull_receipts(self._ledger, line, self._times())
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
            told += pull_receipts(self._ledger, line, self._times())
        return told

    def _promise(self, run: int, planned: Iterable[Planned | Stopped], sums: Sums) -> Iterator[Promised]:
        source = iter(planned)
        while not self._stop.is_set() and (some := list(islice(source, TOGETHER))):
            for stopped in (item for item in some if isinstance(item, Stopped)):
                sums.stopped(stopped)
            # A trial must not cost those it leaves out what they are due when it is over.
            left_out = [item for item in some if isinstance(item, Planned) and item.draft.reason == TRIAL]
            sums.planned([None] * len(left_out), left_out)
            together = [item for item in some if isinstance(item, Planned) and item.draft.reason != TRIAL]
            promised = plan.promise(self._ledger, run, [item.draft for item in together], self._times())
            new = set(promised.new)
            told = [(id_, item) for id_, item in zip(promised.all, together, strict=True) if id_ in new]
            sums.planned([id_ for id_, _ in told], [item for _, item in told])
            yield promised

    def _dispatch(
        self,
        run: int,
        lines: Mapping[str, Line],
        answers: SimpleQueue[Answered],
        sums: Sums,
        *,
        asked_only: bool = False,
    ) -> Dispatched:
        def settled(delivery: Delivery) -> None:
            sums.settled(delivery)
            self._settled(delivery)

        dispatcher = Dispatcher(
            self._ledger, run, lines, answers, self._clock, judge=self._judge, settled=settled, stop=self._stop,
            patience=self._patience, asked_only=asked_only,
        )  # fmt: skip
        return dispatcher.dispatch()

    def _finish(self, run: int, started: Times, sums: Sums) -> Run:
        code = exit_code(sums, unknown=questions.unknowns(self._ledger))
        runs.end(self._ledger, run, code, self._times())
        return summary(run, started.now, sums, code)

    def _times(self) -> Times:
        return Times(self._clock.now(), self._clock.real())


def _refuse_conflicts(promised: Iterable[Promised]) -> None:
    conflicting = [id_ for some in promised for id_ in some.conflicting]
    if conflicting:
        raise UsageError(
            "the key was used before for another message (delivery {id}); nothing was sent. Use another --key, or none",
            id=conflicting[0],
        )


def summary(run: int | None, now: datetime, sums: Sums, code: ExitCode) -> Run:
    """The run as a value."""
    counts = {state: n for state in State if (n := sums.counts[state]) > 0}
    return Run(
        id=run, now=now, counts=counts, lines=sums.lines, sent=tuple(sums.sent), repeated=tuple(sums.repeated),
        problems=tuple(sums.problems), exit_code=code,
    )  # fmt: skip


def _wrong(row: BadRow) -> str:
    told = f"{row.column}: {translate(row)}" if row.column else translate(row)
    return f"{told} ({row.value})" if row.value else told


def _problem(told: Delivery | Draft, id_: int | None) -> Problem:
    return Problem(
        delivery=id_, occasion=told.occasion, person=told.person, state=told.state.value, reason=told.reason,
        detail=told.detail,
    )  # fmt: skip
