"""Of all that is due on a day, what may concern a person: told by what stands in their columns, without asking each rule."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate.model import Facts, Person
    from notigate.planner.wish import Due

#: values of one column whose rules are remembered
_KEPT = 1 << 15


class Sieve:
    """What is due, by the columns that its moments read.

    A moment is due by one of its columns alone, or it may concern anybody. So of thousands of people who have the same few
    days in a column, each day is judged once.
    """

    def __init__(self, due: Sequence[Due]) -> None:
        self._due = due
        self._anybody = [number for number, one in enumerate(due) if not one.columns]
        columns = sorted({column for one in due for column in one.columns})
        self._columns = [_Column(column, due) for column in columns]

    def concerns(self, facts: Facts) -> bool:
        """May anything concern somebody of whom these facts are known?"""
        return bool(self._anybody) or any(column.numbers(facts) for column in self._columns if column.name in facts)

    def of(self, person: Person) -> Sequence[Due]:
        """What may concern a person, in its order."""
        found = set(self._anybody)
        for facts in person.records or (person.facts,):
            for column in self._columns:
                if column.name in facts:
                    found.update(column.numbers(facts))
        return [self._due[number] for number in sorted(found)]


class _Column:
    __slots__ = ("_due", "_known", "name")

    def __init__(self, name: str, due: Sequence[Due]) -> None:
        self.name = name
        self._due = [(number, one.chooser) for number, one in enumerate(due) if name in one.columns]
        self._known: dict[object, Sequence[int]] = {}

    def numbers(self, facts: Facts) -> Sequence[int]:
        """What may be due by this column, by its number."""
        value = facts[self.name]
        if (numbers := self._known.get(value)) is not None:
            return numbers
        numbers = [number for number, choose in self._due if choose({self.name: value})]
        # Hours of different zones may be equal, and on other days.
        if not isinstance(value, datetime) and len(self._known) < _KEPT:
            self._known[value] = numbers
        return numbers
