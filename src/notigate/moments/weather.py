"""The weather that brings an occasion about: pure judgement of what sources say."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from notigate.calendar import ONE_DAY, Almanac
from notigate.errors import DataMissing
from notigate.occurrence import Chooser
from notigate.weather import Alert, Day, Forecast, Level, Warnings, family, standing

#: figure → what weather it makes, in the words of the Chinese authority; the sign that it is reached
FIGURES: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "rain": ("强降雨", operator.ge),
    "high": ("高温", operator.ge),
    "low": ("低温", operator.le),
    "drop": ("降温", operator.ge),
    "wind": ("大风", operator.ge),
    "gust": ("大风", operator.ge),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One kind of weather that an occasion is about, on one day in one place."""

    #: names it for ever, whoever warns of it and however it is called
    kind: str
    #: as it was called
    event: str
    #: None for a forecast, which is no warning
    level: Level | None = None
    #: the authority's own words
    text: str = ""
    #: who warns; empty for a forecast
    sender: str = ""
    #: the figures of the forecast that reached a limit
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What sources say of one day in one place, as an occasion sees it."""

    #: the gravest first
    brought: tuple[Brought, ...]
    #: what could not be told, and why; neither fine nor bad
    missing: tuple[DataMissing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """When a warning stands, or a forecast reaches a limit, for tomorrow or today.

    Whom it concerns and what is known is asked where sources are at hand; by the calendar alone nobody is due.
    """

    #: are warnings asked for?
    warnings: bool = True
    #: kinds of weather or names of warnings; none means all
    events: frozenset[str] = frozenset()
    #: the least that is told; None is any, also one that nobody knows
    level: Level | None = None
    #: of `FIGURES` → the limit: mm, °C, m/s
    limits: Mapping[str, float] = field(default_factory=dict)
    #: the weather of which day
    day: Literal["tomorrow", "today"] = "tomorrow"
    #: told again when its level rises
    again: Literal["never", "raised"] = "never"
    #: days of weather in which the same kind is not told again
    quiet: int = 3

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Nobody: the calendar knows no weather."""
        del day, almanac
        return None

    def columns(self) -> frozenset[str]:
        """It needs no column; `city` is read where there is one."""
        return frozenset()

    def target(self, day: date) -> date:
        """The day whose weather counts on `day`."""
        return day + ONE_DAY if self.day == "tomorrow" else day

    def judge(self, told: Warnings | Forecast, day: date, now: datetime) -> Judged:
        """What a source says of `day`, at `now`, as far as it is asked for."""
        return self._warned(told, day, now) if isinstance(told, Warnings) else self._expected(told, day)

    def _warned(self, told: Warnings, day: date, now: datetime) -> Judged:
        """A warning whose level nobody knows is not judged by its level."""
        brought: dict[str, Brought] = {}
        missing = []
        for alert in standing(told.alerts):
            if not alert.concerns(day, now) or not self._is_meant(alert):
                continue
            if alert.level is None and self.level is not None:
                missing.append(_unknown_level(alert))
            elif self.level is None or (alert.level is not None and alert.level >= self.level):
                brought.setdefault(family(alert.event), _of_alert(alert))
        return Judged(brought=tuple(brought.values()), missing=tuple(missing))

    def _expected(self, told: Forecast, day: date) -> Judged:
        if told.on(day) is None:
            return Judged(brought=(), missing=(DataMissing("the forecast does not reach {day}", day=day),))
        figures = _figures(told, day)
        reached = {
            name: value
            for name, limit in self.limits.items()
            if (value := figures.get(name)) is not None and FIGURES[name][1](value, limit)
        }
        missing = tuple(
            DataMissing("the forecast of {day} tells no figure for {figure!r}", day=day, figure=name)
            for name in self.limits
            if figures.get(name) is None
        )
        return Judged(brought=tuple(_of_figures(reached)), missing=missing)

    def keys(self, brought: Brought, day: date, city: str) -> tuple[str, tuple[str, ...]]:
        """The key of this weather, and those under which it may have been told before."""
        key, levels = _key(day, brought.kind, city), [""]
        if self.again == "raised":
            least = Level.WHITE if brought.level is None else brought.level
            levels = [f"/{level.name.lower()}" for level in Level if level >= least]
            key, levels = (key, ["", *levels]) if brought.level is None else (key + levels[0], levels)
        days = [day - n * ONE_DAY for n in range(self.quiet + 1)]
        told = (f"{_key(one, brought.kind, city)}{level}" for one in days for level in levels)
        return key, tuple(one for one in told if one != key)

    @staticmethod
    def made(key: str) -> bool:
        """Is this a key of the weather's own? Others name what a person sent."""
        return _KEY.fullmatch(key) is not None

    def _is_meant(self, alert: Alert) -> bool:
        return not self.events or family(alert.event) in self.events or alert.event in self.events


_KEY = re.compile(r"\d{4}-\d\d-\d\d/[^/]+/[^/+]*(/[a-z]+)?(\+.*)?")


def _key(day: date, kind: str, city: str) -> str:
    return f"{day.isoformat()}/{kind}/{city}"


def _of_alert(alert: Alert) -> Brought:
    return Brought(
        kind=family(alert.event), event=alert.event, level=alert.level, text=alert.text or alert.headline,
        sender=alert.sender,
    )  # fmt: skip


def _of_figures(reached: Mapping[str, float]) -> Iterator[Brought]:
    """A drop to a low is one cold day, and gusts are wind."""
    kinds: dict[str, dict[str, float]] = {}
    for name, value in reached.items():
        kinds.setdefault(family(FIGURES[name][0]), {})[name] = value
    for kind, figures in kinds.items():
        yield Brought(kind=kind, event=FIGURES[next(iter(figures))][0], figures=figures)


def _figures(told: Forecast, day: date) -> Mapping[str, float | None]:
    found, before = told.on(day) or Day(day=day), told.on(day - ONE_DAY) or Day(day=day)
    drop = None if found.low is None or before.low is None else before.low - found.low
    return {
        "rain": found.rain, "high": found.high, "low": found.low, "drop": drop, "wind": found.wind, "gust": found.gust,
    }  # fmt: skip


def _unknown_level(alert: Alert) -> DataMissing:
    return DataMissing(
        "nobody can tell how grave this warning is: {event} ({sender}). Read it, and send the occasion by name if need be",
        event=alert.event, sender=alert.sender or alert.id,
    )  # fmt: skip
