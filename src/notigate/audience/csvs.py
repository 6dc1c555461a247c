"""CSV files as people and programs write them: any usual encoding and delimiter, decided once for the whole file."""

from __future__ import annotations

import csv
import re
from itertools import islice
from typing import TYPE_CHECKING

from notigate.audience import encodings
from notigate.errors import AudienceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notigate.audience.tables import Row

_DELIMITERS = ",;\t|"
#: as people type it
_TYPED = "，"
#: lines that tell the delimiter
_LINES = 50
#: as Excel lets a file say it
_TOLD = re.compile(r"sep=([,;\t|，])\s*", re.IGNORECASE)
#: systems that export pages and call them workbooks
_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|meta|head)", re.IGNORECASE)


def rows_of(path: Path, encoding: str | None = None) -> Iterator[Row]:
    """The rows of a CSV file that are not empty, with the line they begin at.

    The whole file is looked through first: its encoding, and whether it is text at all.

    Args:
        path: the file.
        encoding: None means that its bytes tell; see `encodings`.

    Raises:
        AudienceError: it is no CSV; says where, and what to do.
    """
    with path.open("rb") as file:
        if _PAGE.match(file.read(256)):
            raise AudienceError(
                "{file}: is a web page or XML, whatever its name says; open it in Excel and save it as .xlsx",
                file=path.name,
            )
    chosen = encodings.decide(path, encoding)
    return _rows(path, chosen, *_delimiter(path, chosen))


def _delimiter(path: Path, encoding: str) -> tuple[str, int]:
    """The delimiter that most lines have most of, outside quotes; and how many lines are no rows but say it."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line in islice(file, _LINES) if line.strip()]
    if lines and (told := _TOLD.fullmatch(lines[0])):
        return told[1], 1
    bare = [re.sub('"[^"]*"', "", line) for line in lines]
    counts = {one: _median([line.count(one) for line in bare] or [0]) for one in _DELIMITERS + _TYPED}
    best = max(_DELIMITERS, key=lambda one: (counts[one], bool(bare) and bare[0].count(one)))
    return (_TYPED if counts[_TYPED] > counts[best] == 0 else best), 0


def _median(counts: list[int]) -> float:
    """As `statistics` tells it, which takes longer to import than this file to read."""
    ordered, middle = sorted(counts), len(counts) // 2
    return (ordered[middle] + ordered[~middle]) / 2


def _rows(path: Path, encoding: str, delimiter: str, skipped: int) -> Iterator[Row]:
    line = 1
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
        try:
            for cells in reader:
                if skipped:
                    skipped -= 1
                elif any(cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as fault:
            raise AudienceError(
                "{file}:{line}: this is no CSV: {why}; is a quote never closed?", file=path.name, line=line, why=fault
            ) from None
