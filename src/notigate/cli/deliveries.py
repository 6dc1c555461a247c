"""Deliveries as listings show them: addresses masked, times in the project's zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.address import mask
from notigate.cli import tables
from notigate.language import _
from notigate.words import state, why

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from notigate.model import Delivery

#: the keys of `log --json`
COLUMNS = (
    "delivery", "run", "occasion", "person", "channel", "to", "state", "reason", "attempts", "provider_id",
    "planned_at", "changed_at",
)  # fmt: skip


def as_json(delivery: Delivery, zone: ZoneInfo) -> dict[str, object]:
    """The object of `log --json`."""
    d = delivery
    values = (
        d.id, d.run, d.occasion, d.person, d.channel, mask(d.to), d.state.value, d.reason, d.attempts, d.provider_id,
        _iso(d.planned_at, zone), _iso(d.changed_at, zone),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def show_lines(found: Iterable[Delivery], zone: ZoneInfo, *, json: bool) -> None:
    """Print them for another program to read: a line each, streamed, in words that never change."""
    told = (as_json(delivery, zone) for delivery in found)
    if json:
        tables.show_json(told)
    else:
        tables.show(COLUMNS, (list(item.values()) for item in told))


def show_table(found: Sequence[Delivery], zone: ZoneInfo, shown: Callable[[str], str] = mask) -> None:
    """Print them for a person; `shown` makes an address fit to be seen."""
    headings = [_("no."), _("changed"), _("occasion"), _("person"), _("address"), _("channel"), _("state")]
    rows = [
        (d.id, f"{d.changed_at.astimezone(zone):%m-%d %H:%M}", d.occasion, d.person, shown(d.to), d.channel, _told(d))
        for d in found
    ]
    tables.show(headings, rows, numbers=(0,), wraps=(6,))


def _told(delivery: Delivery) -> str:
    reason = why(delivery.reason, delivery.detail)
    return f"{state(delivery.state)} ({reason})" if reason else state(delivery.state)


def _iso(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")
