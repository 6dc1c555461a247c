"""A report as a workbook for Excel and its kin: figures, reasons, a chart; nothing in it is ever run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from notigate.language import _
from notigate.reports.figures import PLACES
from notigate.reports.headings import columns, shown, title
from notigate.words import state, why

if TYPE_CHECKING:
    from notigate.reports.figures import Figures

#: rows above the headings, and how high those are: some take two lines
_TOP, _HEADING = 2, 32
#: by its number in Excel
_A4 = 9
#: what XlsxWriter would otherwise read into a text
_AS_WRITTEN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
#: columns of figures that the chart stacks, with their colours
_CHARTED = {"accepted": "#2F6F9F", "unknown": "#D9A441", "failed": "#C8553D", "suppressed": "#B8B0A5"}


def as_xlsx(figures: Figures) -> bytes:
    """The workbook; two reports with the same figures are the same."""
    import xlsxwriter  # noqa: PLC0415 - 40 ms that only workbooks need

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _AS_WRITTEN) as book:
        book.set_properties({"title": title(figures), "created": _midnight(figures)})
        look = _Looks(book)
        _figures_sheet(book, look, figures)
        _reasons_sheet(book, look, figures)
    return out.getvalue()


_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "heading": {
        "bold": True,
        "bg_color": "#2F6F9F",
        "font_color": "#FFFFFF",
        "border": 1,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "place": {"border": 1},
    "figure": {"border": 1, "num_format": "#,##0"},
    "total": {"border": 1, "bold": True, "num_format": "#,##0", "bg_color": "#F4F1EC"},
}


class _Looks:
    """The book's formats: the same sum of money looks the same all over it."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        self._book = book
        self._made: dict[tuple[str, str], Any] = {}

    def __call__(self, name: str, value: object = None) -> Any:  # noqa: ANN401 - as above
        """How a cell of this kind looks; a sum with its currency."""
        currency = value[0].currency if isinstance(value, tuple) and value else ""
        if (name, currency) not in self._made:
            money = {"num_format": f'#,##0.00## "{currency}"'} if currency else {}
            self._made[name, currency] = self._book.add_format({**_LOOKS[name], **money})
        return self._made[name, currency]


def _figures_sheet(book: Any, look: _Looks, figures: Figures) -> None:  # noqa: ANN401 - as above
    sheet = book.add_worksheet(_("Figures"))
    every = columns(figures)
    sheet.write_string(0, 0, title(figures), look("title"))
    _row(sheet, _TOP, [heading for _name, heading in every], ["heading"] * len(every), look)
    forms = ["place" if name in PLACES else "figure" for name, _heading in every]
    for number, row in enumerate(map(figures.named, figures.rows), _TOP + 1):
        _row(sheet, number, [getattr(row, name) for name, _heading in every], forms, look)
    last = _TOP + 1 + len(figures.rows)
    totals = [getattr(figures.total, name) for name, _heading in every]
    _row(sheet, last, [_("total"), *totals[1:]], ["total"] * len(every), look)
    sheet.freeze_panes(_TOP + 1, 1)
    sheet.autofilter(_TOP, 0, max(last - 1, _TOP), len(every) - 1)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(every) - 1, 12)
    sheet.set_row(_TOP, _HEADING)
    _on_paper(sheet)
    sheet.repeat_rows(_TOP)
    if figures.rows:
        sheet.insert_chart(last + 2, 0, _chart(book, figures, [name for name, _heading in every]))


def _chart(book: Any, figures: Figures, names: Sequence[str]) -> Any:  # noqa: ANN401 - as above
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    sheet, first, last = _("Figures"), _TOP + 1, _TOP + len(figures.rows)
    for name, colour in _CHARTED.items():
        column = names.index(name)
        chart.add_series({
            "name": [sheet, _TOP, column],
            "categories": [sheet, first, 0, last, 1],
            "values": [sheet, first, column, last, column],
            "fill": {"color": colour},
        })  # fmt: skip
    chart.set_title({"name": title(figures), "overlay": False, "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 960, "height": max(240, 28 * len(figures.rows) + 120)})
    return chart


def _reasons_sheet(book: Any, look: _Looks, figures: Figures) -> None:  # noqa: ANN401 - as above
    sheet = book.add_worksheet(_("Reasons"))
    _row(sheet, 0, [_("state"), _("reason"), _("number")], ["heading"] * 3, look)
    for number, told in enumerate(figures.reasons, 1):
        _row(sheet, number, [state(told.state), why(told.reason), told.n], ["place", "place", "figure"], look)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 48)
    _on_paper(sheet)


def _on_paper(sheet: Any) -> None:  # noqa: ANN401 - as above
    """One page wide."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _row(sheet: Any, number: int, cells: Sequence[object], forms: Sequence[str], look: _Looks) -> None:  # noqa: ANN401 - as above
    for column, (cell, form) in enumerate(zip(cells, forms, strict=True)):
        if isinstance(cell, int):
            sheet.write_number(number, column, cell, look(form))
        elif isinstance(cell, tuple) and len(cell) == 1:
            sheet.write_number(number, column, cell[0].amount, look(form, cell))
        else:
            sheet.write_string(number, column, shown(cell), look(form))


def _midnight(figures: Figures) -> datetime:
    """The same report is the same file, whenever it is made."""
    return datetime.combine(figures.span.last, time())
