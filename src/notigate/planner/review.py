"""Does what was planned or announced earlier still hold, as the roster, the facts and the rules are now?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from notigate.ledger import review
from notigate.ledger.changes import Change, Times, after
from notigate.ledger.review import Announced
from notigate.model import Delivery, Person, State
from notigate.planner.lists import Lists
from notigate.planner.renewal import Renewal

if TYPE_CHECKING:
    from datetime import date

    from notigate.ledger.store import Ledger
    from notigate.planner.renewal import Plan
    from notigate.planner.willing import Unwanted, Willing
    from notigate.planner.wish import Due

#: people looked at together
CHUNK = 500

#: what waits for a person's word because it is late
LATE = "late"
#: the rules under which what waits is called off
MOVED, NOT_CONCERNED, READDRESSED = "moved", "condition", "new-address"


class Standing(Protocol):
    """What the agenda tells of earlier plans."""

    def standing(self, occasion: str, day: date) -> Sequence[Due] | None:
        """What of an occasion is due on a day by its moment; None where that cannot be told."""
        ...

    def announces(self, told: Announced, person: Person, columns: Collection[str]) -> date | None:
        """The day that a message should announce to its reader now; None where there is none any more."""
        ...


class Review:
    """One look at all that waits, while the roster streams by."""

    def __init__(  # noqa: PLR0913, PLR0917 - the rooms it works with
        self, ledger: Ledger, agenda: Standing, willing: Willing, staff: Mapping[str, Person], plan: Plan, times: Times
    ) -> None:
        self._ledger = ledger
        self._agenda = agenda
        self._willing = willing
        self._staff = staff
        self._times = times
        self._renewal = Renewal(ledger, agenda, plan, times)
        self._columns = frozenset[str]()
        self._waiting = review.waiting(ledger)
        self._lists = review.lists(ledger)
        self._announced: dict[str, list[Announced]] = {}
        for told in review.announced(ledger, times.now.date()):
            self._announced.setdefault(told.person, []).append(told)
        #: what was called off
        self.called_off: list[Delivery] = []
        #: what went out, and the day it should have announced; '' where there is none
        self.to_correct: dict[int, tuple[Announced, str]] = {}

    @property
    def is_needed(self) -> bool:
        """Is there anything to look at?"""
        return bool(self._waiting or self._announced)

    def given_back(self) -> Iterator[date]:
        """Days of what was called off and may go another way: they are to be looked at again."""
        gone = (MOVED, NOT_CONCERNED)
        return (one.day for one in self.called_off if one.state is State.CANCELLED and one.reason not in gone)

    def looks_at(self, person: str) -> bool:
        """Does anything wait for them, or for colleagues who may read about them; was a day to come announced to them?"""
        return bool(self._lists) or person in self._waiting or person in self._announced

    def over(self, people: Iterable[Person], columns: Collection[str], *, dry_run: bool = False) -> Iterator[Person]:
        """Hand the people on; what does not hold for them is called off before they are planned anew.

        Nothing is concluded from columns that the roster does not have: it may be another export.
        """
        if not self.is_needed:
            yield from people
            return
        self._columns = frozenset(columns)
        source = iter(people)
        lists = Lists(self._lists, self._agenda, self._staff, columns, self._times.now)
        while chunk := list(islice(source, CHUNK)):
            self._call_off(chunk, dry_run=dry_run)
            self._correct(chunk, dry_run=dry_run)
            lists.note(chunk)
            yield from chunk
        self._take(
            [(_off(one, NOT_CONCERNED), review.given_back(self._ledger, one)) for one in lists.empty()], dry_run=dry_run
        )

    def _call_off(self, people: Sequence[Person], *, dry_run: bool) -> None:
        by_id = {person.id: person for person in people if person.id in self._waiting}
        ids = [id_ for person in by_id for id_ in self._waiting[person]]
        if not ids:
            return
        steps, standing, planned = list[tuple[Change, bytes | None]](), list[Delivery](), set[int]()
        for one, batch in review.these(self._ledger, ids):
            asked_again = one.by_moment and (batch is None or one.reason == LATE)
            person = by_id[one.person]
            if asked_again and (rule := self._objection(one, person) or self._elsewhere(one, person)):
                steps.append((_off(one, rule), review.given_back(self._ledger, one)))
            else:
                standing.append(one)
                planned |= {one.id} if one.by_moment and batch is None else set()
        found = self._willing.unwanted(standing, by_id, self._columns, self._times.now)
        steps += [self._unwanted(one) for one in found]
        self._take(steps, dry_run=dry_run)
        if not dry_run:
            off = {one.id for change, _ in steps for one in change.deliveries}
            self._renewal.of([one for one in standing if one.id in planned - off], by_id, self._columns)

    def _take(self, steps: Sequence[tuple[Change, bytes | None]], *, dry_run: bool) -> None:
        if steps:
            won = [step for step, _ in steps] if dry_run else review.call_off(self._ledger, steps, self._times)
            self.called_off += after(won)

    def _unwanted(self, found: Unwanted) -> tuple[Change, bytes | None]:
        """Suppressed, as if it had been planned now; what may go by another channel is planned anew."""
        one, rule = found.delivery, found.rule
        if found.elsewhere:
            return _off(one, rule), review.given_back(self._ledger, one)
        return Change([one], State.SUPPRESSED, cause=rule, reason=rule), found.key

    def _objection(self, delivery: Delivery, person: Person) -> str:
        """The rule by which it does not hold any more; empty when it does, or when nobody can tell."""
        due = self._agenda.standing(delivery.occasion, delivery.day)
        if due is None or any(one.lacks(self._columns) for one in due):
            return ""
        found = [
            (one, facts, occurrence)
            for one in due
            for facts in person.each_record
            for occurrence in one.chooser(facts)
            if occurrence.key == delivery.occurrence
        ]
        # What was told anew since it was planned says something else, under the same key.
        if not any(when.told_at is None or when.told_at <= delivery.planned_at for _, _, when in found):
            return MOVED
        today = self._times.now.date()
        holds = any(one.concerns(facts, occurrence, {}, today) for one, facts, occurrence in found)
        return "" if holds else NOT_CONCERNED

    def _elsewhere(self, delivery: Delivery, person: Person) -> str:
        """Has its reader another address now? What is due today is planned anew, for that one; a group has none."""
        moved = delivery.to and delivery.to not in person.addresses.values() and delivery.day == self._times.now.date()
        return READDRESSED if moved else ""

    def _correct(self, people: Sequence[Person], *, dry_run: bool) -> None:
        moved: dict[int, str | None] = {}
        for person in people:
            for told in self._announced.get(person.id, ()):
                day = self._agenda.announces(told, person, self._columns)
                if day == told.about:
                    moved |= {told.delivery: None} if told.noted is not None else {}
                elif (now_on := day.isoformat() if day else "") != told.noted:
                    moved[told.delivery] = now_on
                    self.to_correct[told.delivery] = (told, now_on)
        if moved and not dry_run:
            review.note(self._ledger, moved, self._times.now)


def _off(delivery: Delivery, rule: str) -> Change:
    return Change([delivery], State.CANCELLED, cause=_CAUSES.get(rule, rule), reason=rule)


_CAUSES: Mapping[str, str] = {
    MOVED: "its date has moved, or is no more",
    NOT_CONCERNED: "its condition no longer holds",
    READDRESSED: "its reader has another address now",
}
