"""People kept in memory for a plan of many days, found by what stands in their columns."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from notigate.calendar import ONE_DAY, as_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from notigate.criteria import Criterion
    from notigate.model import Person
    from notigate.occurrence import YearDay
    from notigate.planner.sieve import Column, Sieve
    from notigate.planner.wish import Due


class Kept:
    """Some people, whom each day of a plan asks for anew.

    Each column is looked through once, and each `who` asked once until it may say something else, however many days are
    planned.
    """

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = people
        self._columns: dict[str, _Values] = {}
        self._chosen: dict[Criterion, _Chosen] = {}

    def sifted(self, sieve: Sieve) -> Iterator[tuple[Person, Sequence[Due]]]:
        """Whom something may concern, in their order, each with what that is."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for column in sieve.columns:
            values = self._values(column.name)
            for place, numbers in values.due(column):
                found[place] += numbers
            # What has to be asked is asked once, when it is planned.
            for number, _ in column.asked:
                for place in values.all & self._chosen_by(sieve.who(number), sieve.day):
                    found[place].append(number)
        for number in sieve.anybody:
            for place in self._chosen_by(sieve.who(number), sieve.day):
                found[place].append(number)
        for place in sorted(found):
            yield self._people[place], sieve.numbered(found[place])

    def _chosen_by(self, who: Criterion, day: date) -> AbstractSet[int]:
        if who not in self._chosen:
            self._chosen[who] = _Chosen(self._people, who)
        return self._chosen[who].on(day)

    def _values(self, column: str) -> _Values:
        if column not in self._columns:
            self._columns[column] = _Values(self._people, column)
        return self._columns[column]


class _Chosen:
    """Places of those whom an expression chooses."""

    def __init__(self, people: Sequence[Person], who: Criterion) -> None:
        self._people = people
        self._who = who
        turns = [who.turns(facts) for person in people for facts in person.each_record]
        #: None: any day may be one
        self._turns = None if None in turns else {day for days in turns for day in days or ()}
        self._known: tuple[date, date, AbstractSet[int]] = (date.max, date.min, frozenset())

    def on(self, day: date) -> AbstractSet[int]:
        """As of a day; asked anew when one has come that may turn it."""
        first, last, places = self._known
        if first <= day < last:
            return places
        places = {place for place, person in enumerate(self._people) if self._chooses(person, day)}
        turns = {day + ONE_DAY} if self._turns is None else self._turns
        self._known = day, min((turn for turn in turns if turn > day), default=date.max), places
        return places

    def _chooses(self, person: Person, day: date) -> bool:
        return any(self._who(facts, day) for facts in person.each_record)


class _Values:
    """What people have in one column: their places by the day, by the day of any year, and of all who have something."""

    def __init__(self, people: Sequence[Person], column: str) -> None:
        self._by_day: defaultdict[date, list[int]] = defaultdict(list)
        self._by_year_day: defaultdict[YearDay, list[int]] = defaultdict(list)
        self.all: set[int] = set()
        for place, person in enumerate(people):
            for facts in person.each_record:
                if (value := facts.get(column)) is not None:
                    self._add(place, value)

    def _add(self, place: int, value: object) -> None:
        self.all.add(place)
        if day := as_day(value):
            self._by_day[day].append(place)
            self._by_year_day[day.month, day.day].append(place)

    def due(self, column: Column) -> Iterator[tuple[int, Sequence[int]]]:
        """Places of people, and the numbers of what may concern them by this column."""
        for day in self._by_day.keys() & column.by_day.keys():
            yield from ((place, column.by_day[day]) for place in self._by_day[day])
        for year_day in self._by_year_day.keys() & column.by_year_day.keys():
            yield from ((place, column.by_year_day[year_day]) for place in self._by_year_day[year_day])
