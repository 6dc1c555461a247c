"""A roster as it comes: headings and rows of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from notigate.errors import AudienceError

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
    #: where the headings stand
    heading_row: int = 1
    #: grows while the rows are read
    notes: list[Note] = field(default_factory=list)


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
    cells = ([row.get(key) for key in keys] for row in chain([first], source))
    return Table(name=name, headings=tuple(str(key).strip() for key in keys), rows=enumerate(cells, 1))
