"""A report as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from notigate.cost import Cost
from notigate.reports.figures import COSTS, Figures, Row

#: how a cell must not begin: a spreadsheet would take it for a formula (CWE-1236), also after spaces and in full width
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: how it must not begin whatever follows
CONTROL = ("\t", "\r", "\n", "\0")


def as_csv(figures: Figures) -> str:
    """The rows and the total."""
    names = [field.name for field in fields(Row) if field.name != "building" or figures.by_building]
    return csv_of([*names, "currency"], ([*_cells(row, names)] for row in (*figures.rows, figures.total)))


def _cells(row: Row, names: Sequence[str]) -> Iterator[object]:
    """The values of a row, and its currency; of several, sums and currencies stand in the same order."""
    currencies = sorted({one.currency for one in (*row.cost, *row.last_cost)})
    for name in names:
        value = getattr(row, name)
        yield _sums(value, currencies) if name in COSTS else value
    yield "; ".join(currencies)


def _sums(costs: Iterable[Cost], currencies: Sequence[str]) -> str:
    figures = {one.currency: one.figure for one in costs}
    return "; ".join(figures.get(currency, "0.00") for currency in currencies)


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
