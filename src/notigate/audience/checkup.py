"""Everything that a clerk should know of a roster before anybody is written to."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from notigate.audience.faults import BadRow
from notigate.audience.people import ANOTHER, is_another
from notigate.audience.rows import Reader
from notigate.audience.spool import Spool
from notigate.audience.tables import Note, Table
from notigate.errors import sentence
from notigate.model import Person

_REPEATED = sentence("the same person as in row {row}; they are one reader with several records")
_OTHER_PHONE = sentence("the same person as in row {row}, with another phone number; that of row {row} is used")
_UNREACHABLE = sentence("cannot be reached: no address for any of the channels")
_SHARED = sentence("{n} phone numbers belong to several people, that of row {row} to begin with")
_SEVERAL_IDS = sentence(
    "{n} people have several ids, that of row {row} to begin with: the same phone and name. Each id gets every message; "
    "give the rows of one person one id"
)
_UNNAMED = sentence("column {column} has no heading, and is not read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a roster."""

    #: as spreadsheets name it: `C`
    letter: str
    heading: str
    #: our name; the heading itself where it is a fact; empty where it is not read
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one row. A fault keeps the row out, a note does not. Told like an error."""

    kind: Literal["fault", "note"]
    row: int
    #: None where it is the row as a whole
    column: Column | None
    template: str
    fields: dict[str, object] = field(default_factory=dict)
    #: masked
    value: str = ""

    @property
    def cell(self) -> str:
        """`C12`; empty where it is the row as a whole."""
        return f"{self.column.letter}{self.row}" if self.column else ""


class Checkup:
    """A roster under examination: iterate over it, then its figures are known."""

    def __init__(
        self, table: Table, names: Sequence[str], spool: Spool, reader: Reader, kinds: Collection[str]
    ) -> None:
        self.name = table.name
        self.table = table
        self.spool = spool
        self.reader = reader
        self.columns = [
            Column(letter=letter(index), heading=heading, name=names[index])
            for index, heading in enumerate(table.headings)
        ]
        self._by_name = {column.name: column for column in reversed(self.columns)}
        self._kinds = kinds
        self._phones, self._named, self._rows = array("q"), array("q"), array("Q")
        self.rows = len(spool)
        self.people = self.faulty = self.unreachable = self.repeated = 0

    def __iter__(self) -> Iterator[Finding]:
        return self.examine(lambda _done, _known: None)

    def examine(self, progress: Callable[[int, int], None]) -> Iterator[Finding]:
        """Every finding, row by row; `progress` hears how many rows are done, and how many there are."""
        done = 0
        for group in self.spool.groups():
            seen: dict[str, Person] = {}
            for row, cells in group:
                yield from self._row(row, cells, seen)
            for person in seen.values():
                yield from self._reach(person)
            done += len(group)
            progress(done, self.rows)

    def notes(self) -> list[Note]:
        """What there is to know of the file as a whole; complete when every row was examined."""
        unnamed = [Note(_UNNAMED, {"column": column.letter}) for column in self.columns if not column.heading]
        return [*self.table.notes, *unnamed, *self._shared()]

    def _row(self, row: int, cells: Sequence[object], seen: dict[str, Person]) -> Iterator[Finding]:
        facts, faults = self.reader.facts(row, cells)
        if not facts and not faults:
            return
        if faults:
            self.faulty += 1
            yield from map(self._fault, faults)
            return
        person = self.reader.person(row, facts)
        first = seen.setdefault(person.id, person)
        if first is person:
            self.people += 1
        elif is_another(first, person):
            self.faulty += 1
            yield self._fault(BadRow(row=row, column="id", template=ANOTHER, fields={"row": first.row}))
        else:
            self.repeated += 1
            other = {first.addresses.get("phone"), person.addresses.get("phone")} - {None}
            yield self._note(row, _OTHER_PHONE if len(other) > 1 else _REPEATED, row_=first.row)
            if first.addresses.keys() < person.addresses.keys():
                seen[person.id] = person

    def _reach(self, person: Person) -> Iterator[Finding]:
        row = person.row or 0
        if phone := person.addresses.get("phone"):
            self._phones.append(hash(phone))
            self._named.append(hash((phone, person.name or person.id)))
            self._rows.append(row)
        if not any(kind in person.addresses for kind in self._kinds):
            self.unreachable += 1
            yield Finding(kind="note", row=row, column=None, template=_UNREACHABLE)

    def _shared(self) -> Iterator[Note]:
        """Phones that several have; who has several ids is one of them."""
        several, shared = _repeated(self._named), _repeated(self._phones)
        of_several, of_others = dict[int, int](), defaultdict[int, dict[int, int]](dict)
        for phone, named, row in zip(self._phones, self._named, self._rows, strict=True):
            if named in several:
                of_several.setdefault(named, row)
            if phone in shared:
                of_others[phone].setdefault(named, row)
        rows = [min(people.values()) for people in of_others.values() if len(people) > 1]
        if rows:
            yield Note(_SHARED, {"n": len(rows), "row": min(rows)})
        if several:
            yield Note(_SEVERAL_IDS, {"n": len(several), "row": min(of_several.values())})

    def _fault(self, bad: BadRow) -> Finding:
        column = self._by_name.get(bad.column) if bad.column else None
        return Finding(
            kind="fault", row=bad.row, column=column, template=bad.template, fields=dict(bad.fields), value=bad.value
        )

    @staticmethod
    def _note(row: int, template: str, row_: int | None) -> Finding:
        return Finding(kind="note", row=row, column=None, template=template, fields={"row": row_})


def _repeated(told: Sequence[int]) -> set[int]:
    return {one for one, following in pairwise(sorted(told)) if one == following}


def letter(index: int) -> str:
    """The name that spreadsheets give to a column, from 0."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
