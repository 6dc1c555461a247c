"""A plan over many days: the same question as sending asks, day by day, with what goes earlier in mind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from notigate.agenda.fitting import fit_for
from notigate.calendar import ONE_DAY
from notigate.ledger import batches, questions
from notigate.ledger.batch import Stage
from notigate.ledger.plan import Draft
from notigate.model import Delivery, Go, Hold, State
from notigate.planner import Planned, Planner, Stopped
from notigate.planner.kept import Kept
from notigate.planner.sieve import Sieve
from notigate.planner.wish import Earlier, Wish
from notigate.readership import usable

if TYPE_CHECKING:
    from notigate.agenda import Agenda
    from notigate.audience import People
    from notigate.ledger.store import Ledger

#: what a delivery still has of the draft it was made of
SHARED = tuple(name for name in Draft._fields if name in Delivery._fields)
#: people kept in memory for all the days; more are gone through anew each day
KEPT = 10_000


@dataclass(slots=True, kw_only=True)
class Foresight:
    """Plans a span; promises nothing."""

    ledger: Ledger
    agenda: Agenda
    planner: Planner
    #: local time
    now: datetime
    #: reads the roster
    read: Callable[[], People]
    #: of the plan of a day that was just made: whose weather nobody was asked for
    strangers: Callable[[], Iterable[Stopped]] = tuple
    #: this person only
    person: str | None = None
    _roster: People | None = None
    _kept: Kept | None = None

    def over(self, first: date, last: date) -> Iterator[Planned | Stopped]:
        """Day by day: what is promised already and still to go, then what is new."""
        for item in self._over(first, last):
            if self.person is None or isinstance(item, Stopped) or item.draft.person == self.person:
                yield item

    def _over(self, first: date, last: date) -> Iterator[Planned | Stopped]:
        earlier = Earlier(kept=first < last)
        pending = questions.pending_days(self.ledger, first, last)
        released = {batch.id for batch in batches.standing(self.ledger) if batch.state is Stage.APPROVED}
        day = first
        while day <= last:
            if day in pending:
                yield from self._pending(day, first, released)
            due, stopped = self.agenda.on(day)
            yield from stopped
            if due:
                hour = self.now if day == self.now.date() else datetime.combine(day, time.min, self.now.tzinfo)
                yield from self._planned(Wish(day=day, now=hour, due=due, earlier=earlier))
            day += ONE_DAY
            earlier.forget(day)

    def _planned(self, wish: Wish) -> Iterator[Planned | Stopped]:
        if self._roster is None:
            self._roster = self.read()
            self._kept = self._few(self._roster)
        if not self._roster.columns:
            return
        due, stopped = fit_for(wish.due, self._roster.columns)
        yield from stopped
        wish = replace(wish, due=due, columns=self._roster.columns)
        people = self._kept or usable(self._roster, wanted=Sieve(wish).concerns)
        yield from self.planner.plan(wish, people)
        yield from self.strangers()

    def _few(self, roster: People) -> Kept | None:
        """Those that it is about, where there is room for them in memory; None where there is not."""
        if self.person is not None:
            one = list(usable(roster, wanted=lambda facts: facts["id"] == self.person))
            if one:
                return Kept(one)
            # One of our own people stands in no roster, and reads about everyone.
        return Kept(list(usable(roster))) if roster.rows <= KEPT else None

    def _pending(self, day: date, first: date, approved: set[int]) -> Iterator[Planned]:
        """What was promised for that day and is still to go; on the first day, what is left over from earlier."""
        for delivery, batch in questions.pending(self.ledger, day, earlier=day == first == self.now.date()):
            yield self._as_planned(delivery, approved=batch in approved)

    def _as_planned(self, delivery: Delivery, *, approved: bool) -> Planned:
        hour = delivery.next_at.astimezone(self.now.tzinfo) if delivery.next_at else None
        until = hour = hour or self.planner.opening(delivery, self.now)
        if delivery.next_at is None and not approved:
            until = None
        waits = Hold(until, "window" if approved else delivery.reason)
        return Planned(
            draft=Draft(**{name: getattr(delivery, name) for name in SHARED}),
            verdict=waits if delivery.state is State.HELD else Go(), segments=delivery.parts, hour=hour,
        )  # fmt: skip
