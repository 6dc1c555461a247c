"""A copy of a roster with every cell as it was read, and beside each row what is still to be mended."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, TypeAlias, cast

from notigate.audience import columns as reading
from notigate.audience.cells import plain
from notigate.edges.files import new_file
from notigate.edges.workbooks import new_workbook
from notigate.errors import UsageError
from notigate.language import _, translate

if TYPE_CHECKING:
    from pathlib import Path

    from notigate.audience.checkup import Checkup

FORMATS = (".xlsx", ".csv")
#: how a spreadsheet knows a formula, also behind blanks and in full width
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: how a cell must not begin whatever follows
_CONTROL = ("\t", "\r", "\n", "\0")

#: writes one row: its number from 0, its cells, and the columns of those that are wrong
_Writer: TypeAlias = Callable[[int, Sequence[object], frozenset[int]], None]


def write(checkup: Checkup, path: Path, progress: Callable[[int, int], None] = lambda _done, _known: None) -> None:
    """Write the copy, for its owner alone to read.

    Args:
        checkup: of the roster.
        path: ends in .xlsx or .csv, and is not there yet.
        progress: hears how many rows are done, and how many there are.

    Raises:
        UsageError: it cannot be written, or something stands there.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError("{file}: write a name that ends in .xlsx or .csv", file=path)
    with new_file(path) as file, _writer(path.suffix.lower(), file) as put:
        put(0, [*(column.heading for column in checkup.columns), _("to be mended")], frozenset())
        for number, (row, cells) in enumerate(checkup.spool.rows(), 1):
            values, told, wrong = _cleaned(checkup, row, cells)
            put(number, [*values, "; ".join(told)], frozenset(wrong))
            progress(number, checkup.rows)


def _cleaned(checkup: Checkup, row: int, cells: Sequence[object]) -> tuple[list[object], list[str], list[int]]:
    """The cells as they were read; what is wrong with them, and in which."""
    _facts, faults = checkup.reader.facts(row, cells)
    index = {column.name: number for number, column in reversed(list(enumerate(checkup.columns)))}
    wrong = {index[fault.column]: fault for fault in faults if fault.column in index}
    told = [f"{checkup.columns[n].heading}: {translate(fault)}" for n, fault in wrong.items()]
    told += [translate(fault) for fault in faults if fault.column not in index]
    padded = [*cells[: len(checkup.columns)], *[""] * (len(checkup.columns) - len(cells))]
    values = [
        cell
        if number in wrong or not checkup.columns[number].name
        else reading.cleaned(checkup.columns[number].name, cell, checkup.reader.zone)
        for number, cell in enumerate(padded)
    ]
    return values, told, list(wrong)


def safe(cell: object) -> object:
    """The cell, so that no spreadsheet takes it for a formula. Source: OWASP ASVS 5, 1.2.10."""
    text = str(cell)
    unsafe = text.startswith(_CONTROL) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if isinstance(cell, str) and unsafe else cell


@contextmanager
def _writer(suffix: str, file: IO[bytes]) -> Iterator[_Writer]:
    if suffix == ".csv":
        yield _csv(file)
        return
    with new_workbook(file) as book:
        page = book.add_worksheet()
        wrong_cell, day = book.add_format({"bg_color": "#FFC7CE"}), book.add_format({"num_format": "yyyy-mm-dd"})

        def put(number: int, cells: Sequence[object], wrong: frozenset[int]) -> None:
            for column, cell in enumerate(cells):
                if isinstance(cell, date) and column not in wrong:
                    page.write_datetime(number, column, cell, day)
                elif cell not in ("", None):
                    page.write_string(number, column, str(safe(_text(cell))), wrong_cell if column in wrong else None)

        page.freeze_panes(1, 0)
        yield put


def _csv(file: IO[bytes]) -> _Writer:
    class Encoded:
        """Excel knows UTF-8 by its mark alone."""

        def write(self, text: str) -> int:
            return file.write(text.encode("utf-8", "replace"))

    file.write(b"\xef\xbb\xbf")
    writer = csv.writer(cast("Any", Encoded()))
    return lambda _number, cells, _wrong: cast("None", writer.writerow([safe(_text(cell)) for cell in cells]))


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return cell.isoformat() if isinstance(cell, date) else str(plain(cell))
