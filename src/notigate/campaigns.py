"""One run for many: what is due, or what is named, to everyone it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Self

from notigate.audience import BadRows
from notigate.errors import UsageError
from notigate.guard import at_most, usual
from notigate.language import translate
from notigate.ledger import reviewed
from notigate.ledger.runs import DUE
from notigate.model import State
from notigate.planner import Planned, Stopped
from notigate.rehearsal import refuse_moved_clock, rehearse
from notigate.sending import is_early
from notigate.sums import STOPPED, Sums

if TYPE_CHECKING:
    from datetime import date

    from notigate.daily import Daily
    from notigate.drafting import Drafting
    from notigate.model import Problem, Run
    from notigate.named import Named
    from notigate.planner.wish import Wish
    from notigate.planning import Planning
    from notigate.record import Record
    from notigate.remembering import Remembering
    from notigate.rooms import Rooms


def send_due(rooms: Rooms, *, dry_run: bool, limit: int | None) -> Run:
    """All that is due now; see `Gateway.send_due`. However it ends, it leaves a record, and alarms are told."""
    record = rooms.record(DUE)
    if dry_run:
        return Campaign.of_due(rooms, rooms.daily(dry_run=True), remembers=False).run(record, dry_run=True, limit=limit)
    with rooms.alarms.after(), record:
        return Campaign.of_due(rooms, rooms.daily(), remembers=True).run(record, dry_run=False, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What one run plans and sends."""

    rooms: Rooms
    wish: Wish
    #: what cannot be told
    stopped: Sequence[Stopped]
    planning: Planning
    drafting: Drafting
    sums: Sums
    #: a file instead of the project's
    roster: Path | None = None
    #: the run that cron calls; None where occasions are named
    daily: Daily | None = None
    #: looks again at what waits while its readers stream by; None where they are not those of the project's roster
    again: Daily | None = None
    #: what the runs of one day know of each other
    remembering: Remembering | None = None
    #: what the last run told, where nothing can be new; None: it must be planned
    known: Sequence[Problem] | None = None

    @classmethod
    def of_due(cls, rooms: Rooms, daily: Daily, *, remembers: bool) -> Self:
        """All that is due now; a run that `remembers` plans nothing when nothing can be new."""
        remembering = rooms.remembering() if remembers else None
        known = remembering.recall() if remembering else None
        wish, stopped = daily.wish() if known is None else (daily.nothing(), ())
        planning, sums = rooms.planning.for_one_run(), Sums(rooms.progress, today=wish.day)
        return cls(
            rooms=rooms, wish=wish, stopped=stopped, planning=planning, drafting=rooms.drafting(planning=planning),
            sums=sums, daily=daily, again=daily, remembering=remembering, known=known,
        )  # fmt: skip

    @classmethod
    def of_named(cls, rooms: Rooms, named: Named, *, dry_run: bool) -> Self:
        """Occasions by name; what waits already goes with them.

        Raises:
            UsageError: there is no such occasion.
        """
        wish, stopped = named.wish(rooms.agenda)
        planning, sums = rooms.planning.for_one_run(), Sums(rooms.progress)
        drafting = rooms.drafting(named.recipe, planning)
        again = None if named.roster else rooms.daily(dry_run=dry_run)
        return cls(
            rooms=rooms,
            wish=wish,
            stopped=stopped,
            planning=planning,
            drafting=drafting,
            sums=sums,
            roster=named.roster,
            again=again,
        )

    def run(self, record: Record, *, dry_run: bool, limit: int | None) -> Run:
        """Send it, and leave the `record`; with `dry_run`, only sum up what would go out.

        Raises:
            UsageError: more than `limit` new messages would go out.
            LedgerBusy: another run is sending.
        """
        rooms, wish = self.rooms, self.wish
        rooms.gate.open_for(keep=not dry_run)
        planned = chain.from_iterable(self._planned(limit))
        if dry_run:
            return rehearse(rooms.lineup, planned, self.sums, wish.now)
        refuse_moved_clock(rooms.clock, rooms.lineup, wish.channel)
        rooms.gate.look_at(reviewed.waiting(rooms.ledger, wish.now))
        rooms.forget_reports()
        sender = rooms.sender(self.drafting.settle)
        enclosed: set[tuple[str, date]] = set()
        with record:
            run = sender.campaign(
                self._enclosing(planned, enclosed),
                self.sums,
                record,
                self._promised,
                comes_round=self.daily is not None,
            )
        for kind, day in enclosed:
            rooms.reports.sent(kind, day)
        return run

    def _enclosing(
        self, planned: Iterable[Planned | Stopped], enclosed: set[tuple[str, date]]
    ) -> Iterator[Planned | Stopped]:
        """What is promised, with a note of the reports in it, and of what is left for a later hour."""
        for item in planned:
            if not isinstance(item, Planned):
                yield item
            elif item.report and (stopped := self._unpublished(item, enclosed)):
                if not self.sums.has_stopped(stopped.occasion):
                    yield stopped
            else:
                yield item
                if item.draft.reason and self.daily is not None and is_early(item.draft):
                    self.daily.leave(item.draft.day)

    def _unpublished(self, item: Planned, enclosed: set[tuple[str, date]]) -> Stopped | None:
        """Why the page that this message links to cannot be laid down: it is not promised then, and a later run tries again."""
        report = (item.report, item.draft.day)
        if report not in enclosed:
            try:
                self.rooms.reports.publish(*report)
            except UsageError as fault:
                if self.remembering:
                    self.remembering.doubt()
                return Stopped(item.draft.occasion, translate(fault))
            enclosed.add(report)
        return None

    def _promised(self, run: int) -> None:
        """All that is due was promised."""
        if self.daily is not None:
            self.daily.planned(run)
            if self.remembering is not None and self.known is None and not self.daily.called_off:
                self.remembering.keep(run, self.wish.waits, looked_back=self.daily.looked_back)

    def _planned(self, limit: int | None) -> Iterator[Iterable[Planned | Stopped]]:
        """All that is to be promised; what is more than `limit`, or without one far more than usual, is refused."""
        if self.known is not None:
            yield (Stopped(one.occasion, one.detail, lasting=True) for one in self.known if one.state == STOPPED)
            self.sums.faulty_again([one for one in self.known if one.state != STOPPED])
            return
        yield self._noted(chain.from_iterable(self._planned_anew(limit)))
        if self.remembering:
            self.remembering.note_rows(self.sums.faulty())

    def _noted(self, planned: Iterable[Planned | Stopped]) -> Iterator[Planned | Stopped]:
        """Hand a plan on; whatever does not simply go is looked at, for its batch and for the next run."""
        goes = State.QUEUED
        for item in planned:
            yield item if isinstance(item, Planned) and item.draft.state is goes else self._note(item)

    def _note(self, item: Planned | Stopped) -> Planned | Stopped:
        seen = self.drafting.seen(item) if isinstance(item, Planned) else item
        if self.remembering:
            self.remembering.note(seen)
        return seen

    def _planned_anew(self, limit: int | None) -> Iterator[Iterable[Planned | Stopped]]:
        rooms, wish, bad = self.rooms, self.wish, BadRows()
        yield self.stopped
        found = self.planning.of(wish, bad, self.roster, self.again)
        factor = rooms.settings.policy.guard
        guarded = usual(rooms.ledger, factor, wish, found) if limit is None else at_most(limit, found)
        yield guarded
        if self.sums.today:
            yield self.drafting.ahead()
        self.sums.rows(bad)
        if self.daily is not None:
            self.daily.tell(self.sums)
        elif self.again is not None:
            self.again.tell_called_off(self.sums)
