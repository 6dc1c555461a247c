"""What each source says of a city, and what that brings about, line by line: for `notigate weather` and `doctor`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from notigate.forecasts import moments
from notigate.forecasts.sources import KINDS
from notigate.language import translate
from notigate.moments.weather import FIGURES
from notigate.weather import Warnings, standing

if TYPE_CHECKING:
    from notigate.forecasts import Forecasts, Kind, Source, Told
    from notigate.model import Occasion
    from notigate.moments.weather import Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a source says, or that follows."""

    city: str
    #: the name of the source, or of the occasion
    source: str
    #: `fine`: no warnings stand; `silent`: no answer; `due`, `missing`: what an occasion makes of it all
    kind: Literal["warning", "forecast", "fine", "silent", "due", "missing"]
    event: str = ""
    level: str = ""
    #: the day of the forecast, or the one on which the warning begins
    day: date | None = None
    until: datetime | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    text: str = ""
    #: how fresh it is
    as_of: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """The line for a program, times in ISO form."""
        times = {name: str(value) if (value := getattr(self, name)) else None for name in ("day",)}
        times |= {name: value.isoformat() if (value := getattr(self, name)) else None for name in ("until", "as_of")}
        return {**asdict(self), **times}


def outlook(forecasts: Forecasts, occasions: Iterable[Occasion], city: str, day: date) -> Iterator[Line]:
    """Ask every source anew about a city; then each occasion whose moment is the weather."""
    for source in forecasts.sources:
        yield from (
            line for line in heard(forecasts, source, city) if line.kind != "forecast" or (line.day and line.day >= day)
        )
    for occasion in occasions:
        for moment in moments(occasion):
            yield from _meant(forecasts, occasion, moment, city, day)


def heard(forecasts: Forecasts, source: Source, city: str) -> Iterator[Line]:
    """What one source says when it is asked now."""
    for kind in KINDS:
        if source.tells(kind):
            yield from _heard(forecasts, source, kind, city)


def _heard(forecasts: Forecasts, source: Source, kind: Kind, city: str) -> Iterator[Line]:
    """After a silence, what it said last."""
    told = forecasts.told(source, kind, city, anew=True)
    if told.fault:
        yield Line(city=city, source=source.name, kind="silent", text=told.fault, as_of=told.at)
    if not forecasts.fresh(source, told):
        return
    if isinstance(told.value, Warnings):
        yield from _warnings(told, told.value, source.name, city)
    elif told.value is not None:
        for one in told.value.days:
            figures = {name: value for name in FIGURES if (value := getattr(one, name, None)) is not None}
            yield Line(city=city, source=source.name, kind="forecast", day=one.day, figures=figures, as_of=told.at)


def _warnings(told: Told, value: Warnings, source: str, city: str) -> Iterator[Line]:
    alerts = standing(value.alerts)
    for alert in alerts:
        yield Line(
            city=city, source=source, kind="warning", event=alert.event,
            level="?" if alert.level is None else alert.level.name.lower(), day=alert.starts.date(), until=alert.ends,
            text=alert.headline or alert.text, as_of=told.at,
        )  # fmt: skip
    if not alerts:
        yield Line(city=city, source=source, kind="fine", as_of=told.at)


def _meant(forecasts: Forecasts, occasion: Occasion, moment: Weather, city: str, day: date) -> Iterator[Line]:
    seen = forecasts.seen(moment, city, day)
    for one in seen.judged.brought:
        yield Line(
            city=city, source=occasion.id, kind="due", event=one.event,
            level="" if one.level is None else one.level.name.lower(), day=moment.target(day), figures=one.figures,
            text=one.text,
        )  # fmt: skip
    for fault in seen.judged.missing:
        yield Line(city=city, source=occasion.id, kind="missing", day=moment.target(day), text=translate(fault))
