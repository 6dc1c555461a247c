"""What calamine does not tell of an .xlsx: which formulas failed or were never computed, and which rows are hidden."""

from __future__ import annotations

import re
from typing import TypeAlias

_CELL = rb'<c r="([A-Z]{1,3})(\d{1,7})"'
_FAILED = re.compile(_CELL + rb'[^>]*\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>')
_UNCOMPUTED = re.compile(_CELL + rb'(?![^>]*\bt="str")[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v></v>|<v ?/>)?</c>')
_HIDDEN = re.compile(rb'<row [^>]*\bhidden="(?:1|true)"')

#: by their row, columns (both from 0) and what is to be read in them
Marks: TypeAlias = dict[int, list[tuple[int, str]]]


def marks(rows: bytes) -> Marks:
    """The faulty formulas of some rows, given as XML."""
    found: Marks = {}
    if b't="e"' in rows:
        for cell in _FAILED.finditer(rows):
            found.setdefault(int(cell[2]) - 1, []).append((_column(cell[1]), cell[3].decode("ascii", "replace")))
    if b"<f" in rows:
        for cell in _UNCOMPUTED.finditer(rows):
            found.setdefault(int(cell[2]) - 1, []).append((_column(cell[1]), "="))
    return found


def hidden(rows: bytes) -> int:
    """How many of them are hidden."""
    return len(_HIDDEN.findall(rows))


def _column(name: bytes) -> int:
    """The place of a column such as `AB`, from 0."""
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number - 1
