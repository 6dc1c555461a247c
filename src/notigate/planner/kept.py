"""People kept in memory for a plan of many days, found by what stands in their columns."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from notigate.calendar import as_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from notigate.model import Person
    from notigate.occurrence import YearDay
    from notigate.planner.sieve import Column, Sieve
    from notigate.planner.wish import Due


class Kept:
    """Some people, whom each day of a plan asks for anew.

    Each column is looked through once, however many days are planned.
    """

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = people
        self._columns: dict[str, _Values] = {}

    def sifted(self, sieve: Sieve) -> Iterator[tuple[Person, Sequence[Due]]]:
        """Whom something may concern, in their order, each with what that is."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for column in sieve.columns:
            for person, numbers in self._values(column.name).due(column):
                found[person] += numbers
        for person in range(len(self._people)) if sieve.anybody else sorted(found):
            yield self._people[person], sieve.numbered(found.get(person, ()))

    def _values(self, column: str) -> _Values:
        if column not in self._columns:
            self._columns[column] = _Values(self._people, column)
        return self._columns[column]


class _Values:
    """What people have in one column: their places by the day, by the day of any year, and of all who have something."""

    def __init__(self, people: Sequence[Person], column: str) -> None:
        self._by_day: defaultdict[date, list[int]] = defaultdict(list)
        self._by_year_day: defaultdict[YearDay, list[int]] = defaultdict(list)
        self._all: list[int] = []
        for place, person in enumerate(people):
            for facts in person.records or (person.facts,):
                if (value := facts.get(column)) is not None:
                    self._add(place, value)

    def _add(self, place: int, value: object) -> None:
        self._all.append(place)
        if day := as_day(value):
            self._by_day[day].append(place)
            self._by_year_day[day.month, day.day].append(place)

    def due(self, column: Column) -> Iterator[tuple[int, Sequence[int]]]:
        """Places of people, and the numbers of what may concern them by this column."""
        for day in self._by_day.keys() & column.by_day.keys():
            yield from ((place, column.by_day[day]) for place in self._by_day[day])
        for year_day in self._by_year_day.keys() & column.by_year_day.keys():
            yield from ((place, column.by_year_day[year_day]) for place in self._by_year_day[year_day])
        # What has to be asked is asked once, when it is planned.
        if numbers := [number for number, _ in column.asked]:
            yield from ((place, numbers) for place in self._all)
