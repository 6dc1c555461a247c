"""Of all that is due on a day, what may concern a person: told by what stands in their columns, without asking each rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from notigate.calendar import as_day
from notigate.criteria import EVERYONE, Criterion
from notigate.occurrence import Alike, OnDays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate.model import Facts, Person
    from notigate.occurrence import Chooser, YearDay
    from notigate.planner.wish import Due, Wish


#: values of one column whose rules are remembered
_KEPT = 1 << 15


class Sieve:
    """What is due and about somebody, by the columns that its moments read.

    A moment is due by one of its columns alone, or it may concern anybody. Most name the days that have to stand there: to
    find them takes one look, however much is due.
    """

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self.day = wish.day
        about = [one for one in wish.due if not one.is_about_nobody]
        self._due = about
        self.anybody = [number for number, one in enumerate(about) if not one.columns]
        columns = {column for one in about for column in one.columns}
        known = wish.columns or columns
        self.columns = [Column(column, about) for column in sorted(columns.intersection(known))]

    def concerns(self, facts: Facts) -> bool:
        """May anything concern somebody of whom these facts are known?"""
        return bool(self.anybody or self._numbers(facts))

    def of(self, person: Person) -> Sequence[Due]:
        """What may concern a person, in its order."""
        if not person.records:
            return self.numbered([*self.anybody, *self._numbers(person.facts)])
        of_records = (number for facts in person.records for number in self._numbers(facts))
        return self.numbered([*self.anybody, *of_records])

    def numbered(self, numbers: Sequence[int]) -> Sequence[Due]:
        """What has these numbers, in its order."""
        if len(numbers) == 1:
            return (self._due[numbers[0]],)
        return [self._due[number] for number in sorted(set(numbers))]

    def who(self, number: int) -> Criterion:
        """Whom alone what has this number may concern, as far as columns tell it."""
        due = self._due[number]
        told = isinstance(due.chooser, Alike) and not due.given and not self._wish.given
        return due.who if told and due.who else EVERYONE

    def _numbers(self, facts: Facts) -> list[int]:
        found: list[int] = []
        for column in self.columns:
            value = facts.get(column.name)
            if value is None:
                continue
            if day := value if type(value) is date else as_day(value):
                found += column.by_day.get(day, ())
                if column.by_year_day:
                    found += column.by_year_day.get((day.month, day.day), ())
            if column.asked:
                found += column.of_value(value)
        return found


class Column:
    """What is due by one column, by the numbers of its sieve."""

    __slots__ = ("_known", "asked", "by_day", "by_year_day", "name")

    def __init__(self, name: str, due: Sequence[Due]) -> None:
        self.name = name
        #: what is due where this day stands in it
        self.by_day: dict[date, list[int]] = {}
        #: what is due where this day of any year stands in it
        self.by_year_day: dict[YearDay, list[int]] = {}
        #: what has to be asked
        self.asked: list[tuple[int, Chooser]] = []
        for number, one in enumerate(due):
            if name in one.columns:
                self._add(number, one.chooser)
        self._known: dict[object, Sequence[int]] = {}

    def _add(self, number: int, choose: Chooser) -> None:
        if not isinstance(choose, OnDays) or self.name in choose.asked:
            self.asked.append((number, choose))
            return
        for day in choose.days:
            if isinstance(day, date):
                self.by_day.setdefault(day, []).append(number)
            else:
                self.by_year_day.setdefault(day, []).append(number)

    def of_value(self, value: object) -> Sequence[int]:
        """What may be due where this stands in it, of that which has to be asked."""
        numbers = self._known.get(value)
        if numbers is None:
            numbers = tuple(number for number, choose in self.asked if choose({self.name: value}))
            # Hours of different zones may be equal, and on other days.
            if not isinstance(value, datetime) and len(self._known) < _KEPT:
                self._known[value] = numbers
        return numbers
