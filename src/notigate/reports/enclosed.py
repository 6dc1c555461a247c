"""A report as it goes with a message to managers: its figures for the text, its workbook and chart as files."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from notigate.model import Attachment
from notigate.reports.files import MAKERS

if TYPE_CHECKING:
    from notigate.reports.figures import Figures

#: ending → as in a Content-Type header
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
}


def facts(figures: Figures, changed: str) -> dict[str, Any]:
    """What texts find under `report`: `name`, `first`, `last`, `changed`, the totals by their names, and `rows`.

    Each row has `occasion` (its title), `channel`, `project` and the same figures.
    """
    total = {name: value for name, value in asdict(figures.total).items() if isinstance(value, int)}
    rows = tuple(asdict(row) | {"occasion": figures.title(row)} for row in figures.rows)
    span = figures.span
    return {**total, "name": span.name, "first": span.first, "last": span.last, "changed": changed, "rows": rows}


def attachments(figures: Figures, changed: str) -> tuple[Attachment, ...]:
    """`2026-W47.xlsx` and `2026-W47.png`."""
    return tuple(
        Attachment(name=f"{figures.span.name}{ending}", media_type=kind, data=MAKERS[ending](figures, changed))
        for ending, kind in _TYPES.items()
    )
