"""What weather services say: warnings of an authority, and forecasts of a day. Pure values.

Nobody but an authority warns: what is made of figures is a forecast, and never called a warning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Literal

from notigate.weather.events import family

__all__ = ["Alert", "Day", "Forecast", "Level", "Place", "Warnings", "family", "standing"]

#: how long a warning stands that names no end
UNENDING = timedelta(hours=24)


class Level(IntEnum):
    """The colours of Chinese warnings, the gravest last. White is the lowest of some signals in Guangdong."""

    WHITE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @classmethod
    def named(cls, text: str) -> Level | None:
        """A colour or a severity of CAP by its name, in English or Chinese; None for one that we do not know."""
        return _LEVELS.get(text.strip().lower().removesuffix("预警").removesuffix("色"))


_LEVELS = {
    **{level.name.lower(): level for level in Level},
    **dict(zip("白蓝黄橙红", Level, strict=True)),
    "minor": Level.BLUE, "moderate": Level.YELLOW, "severe": Level.ORANGE, "extreme": Level.RED,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A city, as sources are asked for it."""

    city: str
    #: degrees north, and degrees east
    latitude: float | None = None
    longitude: float | None = None
    #: other names of it, and codes of its area
    areas: tuple[str, ...] = ()
    #: in which its days begin and end
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One warning, as its authority issued it."""

    id: str
    #: as the authority calls it: `暴雨`
    event: str
    #: None: it names none that we know, and a person must look
    level: Level | None
    #: `update` and `cancel` put an end to those that they supersede
    kind: Literal["alert", "update", "cancel"] = "alert"
    supersedes: tuple[str, ...] = ()
    issued: datetime
    starts: datetime
    #: None: it does not say
    ends: datetime | None = None
    #: who warns
    sender: str = ""
    headline: str = ""
    text: str = ""

    def concerns(self, day: date, now: datetime) -> bool:
        """Is it in force at `now`, and for some hours of `day`? Days are those of `now`'s zone."""
        start = datetime.combine(day, datetime.min.time(), now.tzinfo)
        ends = self.ends or self.starts + UNENDING
        return now < ends and self.starts < start + timedelta(days=1) and start < ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The forecast of one day; None where the source tells nothing."""

    day: date
    #: °C
    high: float | None = None
    low: float | None = None
    #: mm, of rain and melted snow
    rain: float | None = None
    #: m/s, the highest mean
    wind: float | None = None
    #: m/s
    gust: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """All warnings that a source has for a place."""

    alerts: tuple[Alert, ...] = ()
    #: must be shown where its data are
    attributions: tuple[str, ...] = ()
    #: how fresh it is, where the source tells; otherwise as fresh as the answer
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The days to come at a place."""

    days: tuple[Day, ...] = ()
    #: must be shown where its data are
    attributions: tuple[str, ...] = ()
    #: how fresh it is, where the source tells; otherwise as fresh as the answer
    as_of: datetime | None = None

    def on(self, day: date) -> Day | None:
        """The forecast of `day`, if it reaches so far."""
        return next((one for one in self.days if one.day == day), None)


def standing(alerts: Iterable[Alert]) -> list[Alert]:
    """Those that are neither replaced nor lifted, the gravest first; one of an unknown level before all."""
    found = {alert.id: alert for alert in alerts}
    over = {id_ for alert in found.values() for id_ in alert.supersedes}
    left = [alert for alert in found.values() if alert.kind != "cancel" and alert.id not in over]
    return sorted(left, key=lambda alert: -len(Level) if alert.level is None else -alert.level)
