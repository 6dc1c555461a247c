"""Of all that is due on a day, what may concern a person: told by what stands in their columns, without asking each rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from notigate.calendar import as_day
from notigate.criteria import EVERYONE, Criterion
from notigate.occurrence import Alike, OnDays

if TYPE_CHECKING:
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
        for column in self.columns:
            if column[facts.get(column.name)]:
                return True
        return bool(self.anybody)

    def of(self, person: Person) -> Sequence[Due]:
        """What may concern a person, in its order."""
        numbers = self.anybody.copy()
        for facts in person.records or (person.facts,):
            for column in self.columns:
                numbers += column[facts.get(column.name)]
        return self.numbered(numbers)

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


class Column(dict[object, Sequence[int]]):
    """What may be due by one column, by the numbers of its sieve, where a value stands in it; it is told when it is asked for."""

    __slots__ = ("asked", "by_day", "by_year_day", "name")

    def __init__(self, name: str, due: Sequence[Due]) -> None:
        super().__init__({None: ()})
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

    def _add(self, number: int, choose: Chooser) -> None:
        if not isinstance(choose, OnDays) or self.name in choose.asked:
            self.asked.append((number, choose))
            return
        for day in choose.days:
            if isinstance(day, date):
                self.by_day.setdefault(day, []).append(number)
            else:
                self.by_year_day.setdefault(day, []).append(number)

    def __missing__(self, value: object) -> Sequence[int]:
        """What may be due where this stands in it."""
        numbers = [number for number, choose in self.asked if choose({self.name: value})]
        if day := as_day(value):
            numbers += self.by_day.get(day, ())
            numbers += self.by_year_day.get((day.month, day.day), ())
        # Hours of different zones may be equal, and on other days.
        if not isinstance(value, datetime) and len(self) < _KEPT:
            self[value] = numbers
        return numbers
