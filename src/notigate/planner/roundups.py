"""Staff occasions: the customers that one colleague reads about, collected while the roster streams by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from notigate.model import Person
from notigate.occurrence import Occurrence
from notigate.planner.wish import Due


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

    def add(self, due: Due, occurrence: Occurrence, customer: Person) -> None:
        """Note a customer for the colleague whom the occasion's `readers` column names."""
        name = str(customer.facts.get(due.occasion.readers) or "")
        if not name:
            return
        reader = self._staff.get(name, Person(id=name, name=name))
        key = (due.occasion.id, occurrence.key, reader.id)
        self._found.setdefault(key, Roundup(due, occurrence, reader)).customers.append(customer)

    def __iter__(self) -> Iterator[Roundup]:
        return iter(self._found.values())


def by_name(staff: Sequence[Person]) -> dict[str, Person]:
    """Colleagues under the names that the roster calls them by."""
    return {person.name: person for person in staff}
