"""A report as it goes with a message to managers: its figures for the text, its workbook and chart as files."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from notigate.model import Attachment
from notigate.reports.figures import COSTS, PLACES
from notigate.reports.files import MAKERS
from notigate.reports.headings import shown

if TYPE_CHECKING:
    from notigate.reports.figures import Figures, Row

#: ending → as in a Content-Type header
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
}
#: medium → what its messages can bring along
_ENCLOSED = {"email": (".xlsx", ".png"), "wecom": (".png",)}


def facts(figures: Figures, changed: str, link: str = "") -> dict[str, Any]:
    """What texts find under `report`: `name`, `first`, `last`, `changed`, `link`, the totals by their names, and `rows`.

    Each row has `occasion` (its title), `channel`, `project` and the same figures; money is text: `13.50 CNY`, or empty.
    """
    span = figures.span
    whole = {name: value for name, value in _told(figures.total).items() if name not in PLACES}
    rows = tuple(_told(figures.named(row)) for row in figures.rows)
    return {
        **whole,
        "name": span.name,
        "first": span.first,
        "last": span.last,
        "changed": changed,
        "link": link,
        "rows": rows,
    }


def _told(row: Row) -> dict[str, Any]:
    values = {column.name: getattr(row, column.name) for column in fields(row)}
    return values | {name: shown(values[name]) for name in COSTS}


def attachments(figures: Figures, changed: str, medium: str) -> tuple[Attachment, ...]:
    """`2026-W47.xlsx` and `2026-W47.png` with a mail, the picture alone where there are no files."""
    return tuple(
        Attachment(
            name=f"{figures.span.name}{ending}", media_type=_TYPES[ending], data=MAKERS[ending](figures, changed)
        )
        for ending in _ENCLOSED.get(medium, ())
    )
