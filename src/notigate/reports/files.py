"""The files a report can be written to, by the ending of their name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notigate.reports.figures import Figures


def _csv(figures: Figures, _changed: str) -> bytes:
    from notigate.reports.tables import as_csv  # noqa: PLC0415 - one kind of file needs not the others

    return as_csv(figures).encode()


def _xlsx(figures: Figures, _changed: str) -> bytes:
    from notigate.reports.workbook import as_xlsx  # noqa: PLC0415 - as above

    return as_xlsx(figures)


def _html(figures: Figures, changed: str) -> bytes:
    from notigate.reports.page import as_html  # noqa: PLC0415 - as above

    return as_html(figures, changed).encode()


def _svg(figures: Figures, _changed: str) -> bytes:
    from notigate.reports.chart import svg  # noqa: PLC0415 - as above

    return svg(figures).encode()


def _png(figures: Figures, _changed: str) -> bytes:
    from notigate.reports.chart import svg  # noqa: PLC0415 - as above
    from notigate.reports.picture import png  # noqa: PLC0415 - as above

    return png(svg(figures))


#: ending → what makes such a file of the figures, and of what has changed since they were first printed
MAKERS: Mapping[str, Callable[[Figures, str], bytes]] = {
    ".csv": _csv, ".xlsx": _xlsx, ".html": _html, ".svg": _svg, ".png": _png,
}  # fmt: skip
