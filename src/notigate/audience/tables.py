"""A roster as it comes: headings and rows of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import TypeAlias

from notigate.errors import AudienceError

#: bits of a number; what has more is none that a sheet could hold
_WIDEST = 256
#: where a row stands (line of a text file, row of a sheet, from 1), and its cells
Row: TypeAlias = tuple[int, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a roster as a whole that its clerk should know, and that stops nothing. Told like an error."""

    template: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Read once, from its first row to its last."""

    #: as messages show it
    name: str
    headings: tuple[str, ...]
    rows: Iterator[Row]
    #: grows while the rows are read
    notes: list[Note] = field(default_factory=list)


def simple(cell: object) -> object:
    """A cell of a database or plugin as a sheet would hold it: text, a number, a day, or nothing."""
    if cell is None or isinstance(cell, float | date):
        return cell
    if isinstance(cell, int):
        return cell if cell.bit_length() < _WIDEST else "#NUM!"
    return str(cell).encode("utf-8", "replace").decode()


def of_mappings(name: str, rows: Iterable[Mapping[str, object]]) -> Table:
    """What a plugin or a query yields; the keys of the first row are the headings.

    Raises:
        AudienceError: it yields nothing.
    """
    source = iter(rows)
    first = next(source, None)
    if first is None:
        raise AudienceError("{name}: holds no people", name=name)
    keys = tuple(first)
    cells = ([simple(row.get(key)) for key in keys] for row in chain([first], source))
    return Table(name=name, headings=tuple(str(key).strip() for key in keys), rows=enumerate(cells, 1))
