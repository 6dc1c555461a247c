"""The rows of a roster, read once and kept aside: a run works on them whatever becomes of the file meanwhile.

So a fault far down stops a run before its first message, a query is asked once, and the rows of one person can be brought
together. They lie in a temporary file that has no name and goes with the process; in memory are nine bytes a row.
"""

from __future__ import annotations

import json
import os
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import cast

from notigate.audience.tables import Row

#: bytes that are read at once
_PIECE = 1 << 18
#: rows of which one place is remembered
_STRIDE = 8
#: bits for each key, at least, to find those that come twice
_BITS = 16


class Spool:
    """Rows of cells, in their order; `key` tells which may belong together."""

    def __init__(self, rows: Iterator[Row], key: Callable[[Sequence[object]], str]) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - it is closed with this object, and leaves nothing behind
        weakref.finalize(self, self._file.close)
        #: where every eighth row begins
        self._places, self._keys = array("Q"), array("q")
        place = 0
        for number, row in enumerate(rows):
            line = _line(row) + b"\n"
            self._file.write(line)
            if number % _STRIDE == 0:
                self._places.append(place)
            place += len(line)
            self._keys.append(hash(found) if (found := key(row[1])) else 0)
        self._places.append(place)
        self._file.flush()

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self) -> Iterator[Row]:
        """The rows in their order."""
        return map(_row, self._lines())

    def groups(self) -> Iterator[list[Row]]:
        """The rows, those with equal keys together where the first of them stands."""
        together = self._together()
        for index, (key, line) in enumerate(zip(self._keys, self._lines(), strict=True)):
            if key not in together:
                yield [_row(line)]
            elif (group := together[key])[0] == index:
                yield [_row(line), *map(self._at, group[1:])]

    def _lines(self) -> Iterator[str]:
        """Piece by piece from places of its own: several may read at the same time."""
        place, rest = 0, b""
        while piece := os.pread(self._file.fileno(), _PIECE, place):
            place += len(piece)
            whole, _, rest = (rest + piece).rpartition(b"\n")
            if whole:
                yield from _text(whole).split("\n")

    def _together(self) -> dict[int, list[int]]:
        repeated = _perhaps_repeated(self._keys)
        found: dict[int, list[int]] = {}
        for index, key in enumerate(self._keys):
            if key in repeated:
                found.setdefault(key, []).append(index)
        return found

    def _at(self, index: int) -> Row:
        stride, number = divmod(index, _STRIDE)
        begin, end = self._places[stride], self._places[stride + 1]
        lines = os.pread(self._file.fileno(), end - begin, begin).split(b"\n", number + 1)
        return _row(_text(lines[number]))


def _perhaps_repeated(keys: Sequence[int]) -> set[int]:
    """All keys that come twice, and some that do not: those that fall on a bit of another's, one in thirty.

    To sort them would take forty bytes of each.
    """
    mask = (1 << (_BITS * len(keys)).bit_length()) - 1
    seen, repeated = bytearray((mask >> 3) + 1), set[int]()
    for key in keys:
        slot = key & mask
        place, bit = slot >> 3, 1 << (slot & 7)
        if seen[place] & bit:
            repeated.add(key)
        seen[place] |= bit
    repeated.discard(0)
    return repeated


#: between texts; where all cells of a row are texts, that takes a quarter of the time that JSON takes
_BETWEEN = "\x1f"


def _line(row: Row) -> bytes:
    number, cells = row
    try:
        texts = _BETWEEN.join(cast("Sequence[str]", cells))
    except TypeError:
        return _write(row).encode()
    if "\n" in texts or texts.count(_BETWEEN) != len(cells) - 1:
        return _write(row).encode()
    return f"{number}{_BETWEEN}{texts}".encode("utf-8", "surrogatepass")


def _encoded(cell: object) -> object:
    """Days as lists of one text, which no source has; everything else as it is written."""
    return [cell.isoformat()] if isinstance(cell, date) else str(cell)


#: made once: `json.dumps` and `json.loads` take twice as long
_write, _read = json.JSONEncoder(default=_encoded).encode, json.JSONDecoder().decode


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogatepass")


def _row(line: str) -> Row:
    if not line.startswith("["):
        number, *texts = line.split(_BETWEEN)
        return int(number), texts
    number, cells = _read(line)
    return number, [_day(cell[0]) if type(cell) is list else cell for cell in cells]


def _day(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
