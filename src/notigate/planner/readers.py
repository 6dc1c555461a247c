"""Whom an occasion reaches, and how often: one message a person, a home or a phone, whatever rows the roster has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from notigate.audience.columns import OWNERS
from notigate.model import Facts, Occasion, Person
from notigate.preferences import Who

if TYPE_CHECKING:
    from notigate.occurrence import Occurrence
    from notigate.planner.wish import Due, Wish

#: what tells one home from another
_HOME = ("project", "building", "unit", "home")


def concerned(wish: Wish, due: Due, person: Person) -> Iterable[tuple[Occurrence, Person]]:
    """The times an occasion comes round for a person, each with those of their records that it is about."""
    return _of_records(wish, due, person) if person.records else _of_record(wish, due, person.facts, person)


def _of_records(wish: Wish, due: Due, person: Person) -> Iterator[tuple[Occurrence, Person]]:
    found: dict[str, tuple[Occurrence, list[Facts]]] = {}
    for record in person.records:
        for occurrence, _ in _of_record(wish, due, record, person):
            found.setdefault(occurrence.key, (occurrence, []))[1].append(record)
    for occurrence, records in found.values():
        for some in _together(due.occasion, records):
            yield occurrence, person._replace(facts=some[0], records=some if len(some) > 1 else ())


def _of_record(wish: Wish, due: Due, facts: Facts, person: Person) -> list[tuple[Occurrence, Person]]:
    """The times that it comes round by one record of a person."""
    found: list[tuple[Occurrence, Person]] = []
    if "relation" not in facts or wish.asked or _is_addressed(due, facts):
        for occurrence in due.chooser(facts):
            if due.concerns(facts, occurrence, wish.given, wish.day):
                found.append((occurrence, person))  # noqa: PERF401 - a comprehension is made anew for each person
    return found


def _is_addressed(due: Due, facts: Facts) -> bool:
    """Children, tenants and others are no owners: they read what asks for their relation, and nothing else."""
    return facts["relation"] in OWNERS or (due.who is not None and "relation" in due.who.names())


def _together(occasion: Occasion, records: list[Facts]) -> Iterator[tuple[Facts, ...]]:
    """One message about all homes, but where each home has its own, and in the lists of colleagues."""
    if occasion.once_per == "home" or occasion.readers:
        yield from ((record,) for record in records)
    else:
        yield tuple(records)


def known_as(person: Person) -> Iterator[Who]:
    """All by which a reader can have been named."""
    yield Who("person", person.id)
    for kind, address in person.addresses.items():
        yield Who(kind, address)


def in_home(home: str, person: str) -> str:
    """Under which it stands that this person is not the reader of a home (or phone)."""
    return f"{home}\x1f{person}"


def subject(occasion: Occasion, person: Person) -> str:
    """What is written to once, where it is not the person: their home or phone, if the roster tells it."""
    if occasion.once_per == "phone" and (phone := person.addresses.get("phone")):
        return f"phone\x1f{phone}"
    if occasion.once_per == "home" and person.facts.get("home"):
        return "\x1f".join(("home", *(str(person.facts.get(column) or "") for column in _HOME)))
    return ""
