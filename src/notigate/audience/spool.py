"""The rows of a roster, read once and kept aside: a run works on them whatever becomes of the file meanwhile.

So a fault far down stops a run before its first message, a query is asked once, and the rows of one person can be brought
together. They lie in a temporary file that has no name and goes with the process; in memory are nine bytes a row.
"""

from __future__ import annotations

import json
import marshal
import os
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from tempfile import TemporaryFile

from notigate.audience.tables import Row

#: rows that are written and read together; one place is remembered of them
_TOGETHER = 8
#: bits for each key, at least, to find those that come twice
_BITS = 16


class Spool:
    """Rows of cells, in their order; `key` tells which may belong together."""

    def __init__(self, rows: Iterator[Row], key: Callable[[Sequence[object]], str]) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - it is closed with this object, and leaves nothing behind
        weakref.finalize(self, self._file.close)
        #: where every eighth row begins, and where the last ends
        self._places, self._keys = array("Q", [0]), array("q")
        while some := list(islice(rows, _TOGETHER)):
            self._keys.extend([hash(found) if (found := key(cells)) else 0 for _number, cells in some])
            self._places.append(self._places[-1] + self._file.write(_written(some)))
        self._file.flush()

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self) -> Iterator[Row]:
        """The rows in their order; several may read at the same time."""
        return chain.from_iterable(map(self._some, range(len(self._places) - 1)))

    def groups(self) -> Iterator[list[Row]]:
        """The rows, those with equal keys together where the first of them stands."""
        together = self._together()
        for index, (key, row) in enumerate(zip(self._keys, self.rows(), strict=True)):
            if key not in together:
                yield [row]
            elif (group := together[key])[0] == index:
                yield [row, *map(self._at, group[1:])]

    def _some(self, number: int) -> list[Row]:
        """Rows that were written together."""
        begin, end = self._places[number : number + 2]
        return _read(os.pread(self._file.fileno(), end - begin, begin))

    def _together(self) -> dict[int, list[int]]:
        repeated = _perhaps_repeated(self._keys)
        found: dict[int, list[int]] = {}
        for index, key in enumerate(self._keys):
            if key in repeated:
                found.setdefault(key, []).append(index)
        return found

    def _at(self, index: int) -> Row:
        some, number = divmod(index, _TOGETHER)
        return self._some(some)[number]


def _perhaps_repeated(keys: Sequence[int]) -> set[int]:
    """All keys that come twice, and some that do not: those that fall on a bit of another's, one in thirty.

    To sort them would take forty bytes of each.
    """
    mask = (1 << (_BITS * len(keys)).bit_length()) - 1
    seen, repeated = bytearray((mask >> 3) + 1), set[int]()
    for key in keys:
        place, bit = (key & mask) >> 3, 1 << (key & 7)
        if (held := seen[place]) & bit:
            repeated.add(key)
        else:
            seen[place] = held | bit
    repeated.discard(0)
    return repeated


def _written(rows: list[Row]) -> bytes:
    """Rows as only this process reads them; where cells are no texts and numbers but days, that takes three times as long."""
    try:
        return marshal.dumps(rows)
    except ValueError:
        return marshal.dumps(_to_json(rows))


def _read(written: bytes) -> list[Row]:
    found: list[Row] | str = marshal.loads(written)  # noqa: S302 - nobody else can write into a file without a name
    if not isinstance(found, str):
        return found
    return [
        (number, [_day(cell[0]) if type(cell) is list else cell for cell in cells]) for number, cells in _of_json(found)
    ]


def _encoded(cell: object) -> object:
    """Days as lists of one text, which no source has; everything else as it is written."""
    return [cell.isoformat()] if isinstance(cell, date) else str(cell)


#: made once: `json.dumps` and `json.loads` take twice as long
_to_json, _of_json = json.JSONEncoder(default=_encoded).encode, json.JSONDecoder().decode


def _day(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
