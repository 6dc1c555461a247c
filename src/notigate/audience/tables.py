"""A roster as it comes: headings and rows of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from notigate.errors import AudienceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Read once, from its first row to its last."""

    #: as messages show it
    name: str
    headings: tuple[str, ...]
    #: where the row stands (line of the file, from 1), and its cells
    rows: Iterator[tuple[int, Sequence[object]]]


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
