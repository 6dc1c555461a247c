"""The run that cron calls: what is due since the last one, and whether what waits from then still holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from notigate.agenda.meant import Sought
from notigate.ledger import review
from notigate.planner.review import Review
from notigate.planner.wish import Wish

if TYPE_CHECKING:
    from notigate.agenda import Agenda
    from notigate.ledger.changes import Times
    from notigate.ledger.store import Ledger
    from notigate.model import Person
    from notigate.planner import Stopped
    from notigate.planner.renewal import Plan
    from notigate.planner.willing import Willing
    from notigate.sums import Sums

#: what nobody looked at for longer is over
LOOK_BACK = timedelta(days=14)


class Daily:
    """One run of `send --due`.

    The day of the last complete run is looked at again by the first one of a later day: what was written down after it
    would be lost otherwise. Nothing is planned twice, for each occurrence has its key.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the rooms it works with
        self,
        ledger: Ledger,
        agenda: Agenda,
        willing: Willing,
        staff: Mapping[str, Person],
        plan: Plan,
        times: Times,
        *,
        dry_run: bool = False,
    ) -> None:
        self._ledger = ledger
        self._agenda = agenda
        self._willing = willing
        self._staff = staff
        self._plan = plan
        self._times = times
        self._dry_run = dry_run
        self._sought = Sought()
        #: the earliest day of what is due and not promised yet
        self._left = date.max
        self._last = review.last_planned(ledger, times.now.date())

    def nothing(self) -> Wish:
        """A wish for today that brings nothing: an earlier run of it has planned all that is due."""
        self._left = self._last or date.max
        return Wish(day=self._times.now.date(), now=self._times.now, due=())

    def wish(self) -> tuple[Wish, Sequence[Stopped]]:
        """All that is due now, and what cannot be told."""
        today = self._times.now.date()
        due, stopped = self._agenda.since(max(self._last or today, today - LOOK_BACK), today)
        self._sought = self._agenda.sought()
        return Wish(day=today, now=self._times.now, due=due), stopped

    @property
    def waits(self) -> bool:
        """Does anything wait, or announce a day to come, that must be looked at again; was a fact told of somebody?"""
        return self._review.is_needed or any(self._sought)

    def looks_at(self, person: str) -> bool:
        """Must it see this person, whatever is due?"""
        return self._sought.looks_for(person) or self._review.looks_at(person)

    def over(self, people: Iterable[Person], columns: Collection[str]) -> Iterator[Person]:
        """Hand the people on, one by one; what does not hold any more for them is called off before they are planned."""
        for person in self._review.over(people, columns, dry_run=self._dry_run):
            self._sought.found(person)
            yield person
        for day in self._review.given_back():
            self.leave(day)

    @property
    def looked_back(self) -> bool:
        """Did it plan for days before today, too?"""
        return self._last is not None and self._last < self._times.now.date()

    @property
    def called_off(self) -> bool:
        """Was anything called off? Then somebody may get in its place what they were not planned for."""
        return bool(self._review.called_off)

    def corrections(self) -> list[review.Correction]:
        """What went out and is no longer true."""
        return review.corrections(self._ledger, self._times.now.date())

    def corrected(self, deliveries: Iterable[int], login: str) -> list[int]:
        """Record that these readers know; returns the deliveries that were open."""
        return review.corrected(self._ledger, deliveries, login, self._times.now)

    def leave(self, day: date) -> None:
        """Something of that day is left for a later hour, or was given back: then the day is looked at again."""
        self._left = min(self._left, day)

    def planned(self, run: int) -> None:
        """Record that a run has promised all that is due up to today, or to the day of what it left or gave back."""
        review.planned(self._ledger, run, min(self._left, self._times.now.date()))

    def tell_called_off(self, sums: Sums) -> None:
        """Sum up what waited, and does not hold any more."""
        sums.called_off(self._review.called_off)

    def tell(self, sums: Sums) -> None:
        """Sum up what was called off, is to be corrected, and was caught up."""
        self.tell_called_off(sums)
        for target in self._sought:
            sums.nobody(target)
        for told, now_on in self._review.to_correct.values():
            sums.to_correct(told, now_on)
        missed = (self._times.now.date() - self._last).days - 1 if self._last else 0
        if self._last and missed > 0:
            sums.caught_up(min(missed, LOOK_BACK.days), self._last)

    @cached_property
    def _review(self) -> Review:
        """Made when the run has settled what the last one left."""
        return Review(self._ledger, self._agenda.promised(), self._willing, self._staff, self._plan, self._times)
