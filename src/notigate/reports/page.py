"""A report as one page that fetches nothing and runs nothing."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from notigate.language import _, spoken
from notigate.reports.chart import svg
from notigate.reports.headings import PLACES, columns, title
from notigate.words import state, why

if TYPE_CHECKING:
    from notigate.reports.figures import Figures


def as_html(figures: Figures, changed: str = "") -> str:
    """The page; `changed` tells what has changed since the report was first printed."""
    source = files("notigate.reports").joinpath("page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    shown = columns(figures)
    return environment.from_string(source).render(
        language=spoken(),
        title=title(figures),
        tiles=[(heading, getattr(figures.total, name)) for name, heading in shown if name not in PLACES],
        changed=changed,
        chart=Markup(svg(figures)),  # noqa: S704 - the chart escapes what it is given
        columns=shown,
        places=PLACES,
        rows=[asdict(row) | {"occasion": figures.title(row)} for row in figures.rows],
        total=asdict(figures.total),
        total_heading=_("total"),
        reasons_heading=_("Why some did not go, or did not arrive"),
        reasons=[(state(told.state), why(told.reason), told.n) for told in figures.reasons],
    )
