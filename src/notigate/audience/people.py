"""Rows → readers: several rows that tell of one person are one reader with several records, one a home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from notigate.audience.faults import BadRow
from notigate.audience.rows import Reader
from notigate.audience.spool import Spool
from notigate.audience.tables import Row
from notigate.errors import EmptyRoster, sentence
from notigate.model import Facts, Person

#: is somebody asked for of whom these facts are known? A reader costs more to make than to read
Wanted: TypeAlias = Callable[[Facts], bool]

#: columns that tell of the person; the others tell of a home, and stay with their row
PERSONAL = (
    "id", "name", "family_name", "title", "phone", "email", "wecom", "language", "birthday", "lunar_birthday", "class", "vip",
    "opted_out", "do_not_greet", "less_often", "marketing_consent_on", "timezone",
)  # fmt: skip
#: of these, one row that says so is enough
_WISHES = ("opted_out", "do_not_greet", "less_often", "vip")


def people(name: str, spool: Spool, reader: Reader, wanted: Wanted) -> Iterator[Person | BadRow]:
    """The readers of a roster who are wanted, where their first rows stand, and the rows that cannot be used.

    Raises:
        EmptyRoster: there is nobody at all in what is called by this name.
    """
    is_empty = True
    for group in spool.groups():
        if len(group) > 1:
            for found in _brought_together(group, reader):
                is_empty = False
                if isinstance(found, BadRow) or any(map(wanted, found.each_record)):
                    yield found
            continue
        row, cells = group[0]
        facts, faults = reader.facts(row, cells)
        if facts or faults:
            is_empty = False
            if faults:
                yield faults[0]
            elif wanted(facts):
                yield reader.person(row, facts)
    if is_empty:
        raise EmptyRoster("{file}: holds headings and no people", file=name)


def _brought_together(group: Sequence[Row], reader: Reader) -> Iterator[Person | BadRow]:
    found: dict[str, list[Person]] = {}
    wishes: set[str] = set()
    for row, cells in group:
        facts, faults = reader.facts(row, cells)
        if not facts and not faults:
            continue
        # Who wants to be left in peace is, also where another cell of that row is wrong.
        wishes |= {wish for wish in _WISHES if facts.get(wish) is True}
        if faults:
            yield faults[0]
            continue
        person = reader.person(row, facts)
        alike = found.setdefault(person.id, [])
        if alike and is_another(alike[0], person):
            yield BadRow(row=row, column="id", template=ANOTHER, fields={"row": alike[0].row})
        else:
            alike.append(person)
    for alike in found.values():
        yield _one(alike, wishes, reader)


#: two rows share an id and not a name, so that the id is hardly that of a person
ANOTHER = sentence("the id of row {row}, and another name; is it the number of a home or a contract?")


def is_another(first: Person, other: Person) -> bool:
    """Do two rows with one id tell of two people?"""
    return bool(first.name and other.name and first.name != other.name)


def _one(alike: Sequence[Person], wishes: set[str], reader: Reader) -> Person:
    """One reader of what several rows say; the first to say a thing is believed."""
    shared: dict[str, object] = {}
    for person in alike:
        for column in PERSONAL:
            if column in person.facts:
                shared.setdefault(column, person.facts[column])
    shared |= dict.fromkeys(wishes, True)
    records: tuple[Facts, ...] = tuple({**person.facts, **shared} for person in alike)
    first = reader.person(alike[0].row, dict(records[0]))
    return first._replace(id=alike[0].id, records=records if len(records) > 1 else ())
