"""Moments that come so many hours or minutes before or after a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from notigate.model import Facts
from notigate.occurrence import Chooser, Occurrence, OnDays

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from notigate.calendar import Almanac

#: days that a part of a day and two zones can make up
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Hours:
    """So long after the time in a column; before it for a negative `shift`, and then worth nothing once it has come.

    Its key is that time. A column that holds a day without an hour is never due.
    """

    column: str
    shift: timedelta

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose those for whom the shifted time lies on `day`."""
        column, shift, zone = self.column, self.shift, almanac.zone
        near = day.toordinal() - shift.days

        def choose(facts: Facts) -> Sequence[Occurrence]:
            told = facts.get(column)
            # Zones are costly: most lie on days far from this one, whatever the zone.
            if not isinstance(told, datetime) or abs(told.toordinal() - near) > _NEAR:
                return ()
            event = aware(told, zone)
            at = shifted(event, shift)
            if at.date() != day:
                return ()
            ahead = shift < timedelta(0)
            return (Occurrence(hour_key(event), day, at, event if ahead else None, event.date() if ahead else None),)

        return OnDays(choose, [date.fromordinal(n) for n in range(max(near - _NEAR, 1), near + _NEAR + 1)])

    def columns(self) -> frozenset[str]:
        """The column of the time."""
        return frozenset({self.column})


def aware(told: datetime, zone: tzinfo) -> datetime:
    """A time in the project's zone, whether it was told with a zone or without."""
    return told.astimezone(zone) if told.tzinfo else told.replace(tzinfo=zone)


def shifted(event: datetime, shift: timedelta) -> datetime:
    """So much time later, as a clock measures it: the hour that summer time leaves out or repeats counts too."""
    return (event.astimezone(UTC) + shift).astimezone(event.tzinfo)


def hour_key(event: datetime) -> str:
    """The key of what happens at a time: `2026-11-21T15:00`."""
    return event.replace(tzinfo=None).isoformat(timespec="minutes")
