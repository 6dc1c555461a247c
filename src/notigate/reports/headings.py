"""What the columns of a report are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.language import _

if TYPE_CHECKING:
    from notigate.reports.figures import Figures


#: columns that are shown even where nothing is to be counted
ALWAYS = ("occasion", "channel", "project", "building", "planned", "accepted", "last_week")


def columns(figures: Figures) -> list[tuple[str, str]]:
    """Attributes of a row, and their headings in the user's language."""
    building = [("building", _("building"))] if figures.by_building else []
    parts, cost = _("SMS parts"), _("cost")
    return [
        ("occasion", _("occasion")), ("channel", _("channel")), ("project", _("project")), *building,
        ("planned", _("planned")), ("accepted", _("sent")), ("delivered", _("arrived")),
        ("undelivered", _("did not arrive")), ("failed", _("failed")), ("unknown", _("unknown")),
        ("suppressed", _("not sent")), ("opted_out", _("opted out")), ("waiting", _("waiting")),
        ("parts", parts), ("cost", cost), ("last_week", before(figures)),
        ("last_parts", f"{before(figures)}: {parts}"), ("last_cost", f"{before(figures)}: {cost}"),
    ]  # fmt: skip


def filled(figures: Figures) -> list[tuple[str, str]]:
    """The columns for people who read on a screen: what there was nothing of is left out."""
    return [one for one in columns(figures) if one[0] in ALWAYS or getattr(figures.total, one[0])]


def shown(value: object) -> str:
    """A cell as people read it: `1,234`, `13.50 CNY`."""
    if isinstance(value, tuple):
        return " + ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def before(figures: Figures) -> str:
    """What the span before is called."""
    return _("last week") if figures.kind == "week" else _("last month")


def title(figures: Figures) -> str:
    """`Messages of 2026-W47 (2026-11-16 to 2026-11-22)`."""
    span = figures.span
    return _("Messages of {span} ({first} to {last})").format(span=span.name, first=span.first, last=span.last)
