"""A report as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields

from notigate.reports.figures import Figures, Row

#: how a cell must not begin: a spreadsheet would take it for a formula (CWE-1236), also after spaces and in full width
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: how it must not begin whatever follows
CONTROL = ("\t", "\r", "\n", "\0")


def as_csv(figures: Figures) -> str:
    """The rows and the total."""
    names = [field.name for field in fields(Row) if field.name != "building" or figures.by_building]
    return csv_of(names, ([getattr(row, name) for name in names] for row in (*figures.rows, figures.total)))


def csv_of(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table, with a BOM so that Excel reads Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([safe(value) if isinstance(value, str) else value for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def safe(cell: str) -> str:
    """A text cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(CONTROL) or cell.lstrip().startswith(FORMULA) else cell
