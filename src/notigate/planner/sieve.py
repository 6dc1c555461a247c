"""Of all that is due on a day, what may concern a person: told by what stands in their columns, without asking each rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from notigate.calendar import as_day
from notigate.occurrence import OnDays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate.model import Facts, Person
    from notigate.occurrence import Chooser
    from notigate.planner.wish import Due, Wish

#: values of one column whose rules are remembered
_KEPT = 1 << 15


class Sieve:
    """What is due and about somebody, by the columns that its moments read.

    A moment is due by one of its columns alone, or it may concern anybody. So of thousands of people who have the same few
    days in a column, each day is judged once.
    """

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        about = [one for one in wish.due if not one.is_about_nobody]
        self._due = about
        self._anybody = [number for number, one in enumerate(about) if not one.columns]
        columns = sorted({column for one in about for column in one.columns})
        self._columns = [_Column(column, about) for column in columns]

    def concerns(self, facts: Facts) -> bool:
        """May anything concern somebody of whom these facts are known?"""
        return bool(self._anybody) or any(self._holds(self._due[number], facts) for number in self._numbers(facts))

    def of(self, person: Person) -> Sequence[Due]:
        """What may concern a person, in its order."""
        found = set(self._anybody)
        for facts in person.records or (person.facts,):
            found.update(self._numbers(facts))
        return [self._due[number] for number in sorted(found)]

    def _numbers(self, facts: Facts) -> list[int]:
        found: list[int] = []
        for column in self._columns:
            value = facts.get(column.name)
            if value is None:
                continue
            if on_day := column.by_day.get(value if type(value) is date else as_day(value)):
                found += on_day
            if column.asked and (numbers := column.numbers(value)):
                found += numbers
        return found

    def _holds(self, due: Due, facts: Facts) -> bool:
        wish = self._wish
        return any(due.concerns(facts, found, wish.given, wish.day) for found in due.chooser(facts))


class _Column:
    __slots__ = ("_known", "asked", "by_day", "name")

    def __init__(self, name: str, due: Sequence[Due]) -> None:
        self.name = name
        #: what is due where this day stands in it, by its number
        self.by_day: dict[date | None, list[int]] = {}
        #: what has to be asked
        self.asked: list[tuple[int, Chooser]] = []
        for number, one in enumerate(due):
            if name in one.columns:
                self._add(number, one.chooser)
        self._known: dict[object, Sequence[int]] = {}

    def _add(self, number: int, choose: Chooser) -> None:
        if not isinstance(choose, OnDays):
            self.asked.append((number, choose))
            return
        for day in choose.days:
            self.by_day.setdefault(day, []).append(number)

    def numbers(self, value: object) -> Sequence[int]:
        """What may be due, of that which has to be asked."""
        numbers = self._known.get(value)
        if numbers is None:
            numbers = tuple(number for number, choose in self.asked if choose({self.name: value}))
            # Hours of different zones may be equal, and on other days.
            if not isinstance(value, datetime) and len(self._known) < _KEPT:
                self._known[value] = numbers
        return numbers
