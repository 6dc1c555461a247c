"""A report as one page that fetches nothing and runs nothing."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from notigate.language import _, spoken
from notigate.reports.chart import svg
from notigate.reports.figures import PLACES
from notigate.reports.headings import columns, filled, shown, title
from notigate.words import state, why

if TYPE_CHECKING:
    from notigate.reports.figures import Figures

#: figures that are shown large
TILES = (
    "planned", "accepted", "delivered", "undelivered", "failed", "unknown", "suppressed", "opted_out", "waiting", "parts", "cost",
    "last_week",
)  # fmt: skip


def as_html(figures: Figures, changed: str = "") -> str:
    """The page; `changed` tells what has changed since the report was first printed."""
    source = files("notigate.reports").joinpath("page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    names = [name for name, _heading in filled(figures)]
    return environment.from_string(source).render(
        language=spoken(),
        title=title(figures),
        tiles=[(heading, shown(getattr(figures.total, name))) for name, heading in columns(figures) if name in TILES],
        changed=changed,
        chart=Markup(svg(figures)),  # noqa: S704 - the chart escapes what it is given
        columns=[(name not in PLACES, heading) for name, heading in filled(figures)],
        rows=[[shown(getattr(row, name)) for name in names] for row in map(figures.named, figures.rows)],
        total=[shown(getattr(figures.total, name)) for name in names],
        total_heading=_("total"),
        reasons_heading=_("Why some did not go, or did not arrive"),
        reasons=[(state(told.state), why(told.reason), told.n) for told in figures.reasons],
    )
