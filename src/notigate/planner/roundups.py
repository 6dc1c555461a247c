"""Staff occasions: the customers that our own people read about, collected while the roster streams by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from notigate.errors import AudienceError, sentence
from notigate.language import translate
from notigate.model import Person
from notigate.occurrence import Occurrence
from notigate.planner.wish import Due

if TYPE_CHECKING:
    from notigate.moments.readers import Readers

NO_HEAD = sentence("{name} has no `head` under `staff`, so nobody is told of {number} customers")
CIRCLE = sentence("the heads of {name} under `staff` go round in a circle, so nobody is told of {number} customers")
NO_NAME = sentence("the column {name} is empty, so nobody is told of {number} customers")


@dataclass(slots=True)
class Roundup:
    """What one colleague is to read, once."""

    due: Due
    occurrence: Occurrence
    reader: Person
    customers: list[Person] = field(default_factory=list)


class Roundups:
    """All of one plan, by occasion, occurrence and colleague."""

    def __init__(self, staff: Mapping[str, Person]) -> None:
        self._staff = staff
        self._found: dict[tuple[str, str, str], Roundup] = {}
        #: (occasion, why, of whom or what) → customers of whom nobody is told
        self._lost: dict[tuple[str, str, str], set[str]] = {}

    def add(self, due: Due, occurrence: Occurrence, customer: Person) -> None:
        """Note a customer for the colleagues who read about them."""
        if due.readers is None:
            raise ValueError("nobody of ours reads it")
        occurrence = replace(occurrence, key=_key(due, occurrence, customer))
        if occurrence.given:
            customer = customer._replace(facts={**customer.facts, **occurrence.given})
        for reader in self._readers(due, due.readers, customer):
            self._note(due, occurrence, reader).customers.append(customer)

    def add_nobody(self, due: Due) -> None:
        """An occasion that is about no customer: each of its readers is told."""
        for occurrence in due.chooser({}):
            for reader in self._group(due.readers.group if due.readers else ""):
                self._note(due, occurrence, reader)

    def lost(self) -> Iterator[tuple[str, str]]:
        """The occasions that reach nobody for some, and why."""
        for (occasion, why, name), customers in self._lost.items():
            yield occasion, translate(AudienceError(why, name=name, number=len(customers)))

    def __iter__(self) -> Iterator[Roundup]:
        return iter(self._found.values())

    def _note(self, due: Due, occurrence: Occurrence, reader: Person) -> Roundup:
        key = (due.occasion.id, occurrence.key, reader.id)
        return self._found.setdefault(key, Roundup(due, occurrence, reader))

    def _readers(self, due: Due, readers: Readers, customer: Person) -> Sequence[Person]:
        if readers.group:
            return self._group(readers.group)
        if not (name := str(customer.facts.get(readers.column) or "")):
            if due.singly:
                self._lose(due, NO_NAME, readers.column, customer)
            return ()
        way = [name]
        for _step in range(readers.head):
            if not (above := str(self._person(way[-1]).facts.get("head") or "")):
                self._lose(due, NO_HEAD, way[-1], customer)
                return ()
            if above in way:
                self._lose(due, CIRCLE, name, customer)
                return ()
            way.append(above)
        return (self._person(way[-1]),)

    def _lose(self, due: Due, why: str, name: str, customer: Person) -> None:
        self._lost.setdefault((due.occasion.id, why, name), set()).add(customer.id)

    def _person(self, name: str) -> Person:
        return self._staff.get(name) or Person(id=name, name=name)

    def _group(self, group: str) -> Sequence[Person]:
        return [person for person in self._staff.values() if group in _groups(person)]


def _key(due: Due, occurrence: Occurrence, customer: Person) -> str:
    """What names the list: what comes round once a year for each customer is one list a day, not one a year."""
    if due.singly:
        return f"{occurrence.key}+{customer.id}"
    year, plus, mark = occurrence.key.partition("+")
    yearly = not due.brings and year.isdecimal() and len(year) == len("2026")
    return f"{occurrence.day.isoformat()}{plus}{mark}" if yearly else occurrence.key


def _groups(person: Person) -> Sequence[str]:
    groups = person.facts.get("groups")
    return groups if isinstance(groups, tuple) else ()


def by_name(staff: Sequence[Person]) -> dict[str, Person]:
    """Colleagues under the names that the roster calls them by."""
    return {person.name: person for person in staff}
