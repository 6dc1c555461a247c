"""Warnings in files of the Common Alerting Protocol, that something else puts into a folder. Source: OASIS CAP 1.2.

Only public messages about real events count; updates and cancellations put an end to those they refer to, by sender,
identifier and time. What fills the folder touches it each time it has looked: a folder that nobody touches is stale,
and then nothing is known.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Literal, cast
from xml.etree.ElementTree import Element

from notigate.plugin import (
    Alert,
    ConfigError,
    Level,
    Outcome,
    Place,
    Reason,
    Scope,
    Tools,
    Warnings,
    WeatherSource,
    WeatherSpec,
    hookimpl,
)
from notigate_weather.xml import Unreadable, read

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
#: files of one folder; more is a sign that nobody clears it
MOST_FILES = 2000
#: km
EARTH = 6371.0
KINDS = {"Alert": "alert", "Update": "update", "Cancel": "cancel"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One file, or a folder of them."""

    #: a file, or a folder whose `*.xml` are read
    path: Path


class Cap(WeatherSource):
    """The warnings of a folder."""

    def __init__(self, settings: Settings, tools: Tools) -> None:
        del tools
        self._path = settings.path

    def warnings(self, place: Place) -> Warnings | Outcome:
        """Those whose area holds the place, and all that put an end to others. One unreadable file makes all unknown."""
        try:
            files = list(_files(self._path))
            found = [alert for file in files for alert in _alerts(read(file), place)]
            fresh = max(file.stat().st_mtime for file in (self._path, *files))
        except OSError as fault:
            return Outcome.refused(Reason.BAD_CONTENT, f"{self._path}: {fault.strerror}", scope=Scope.CHANNEL)
        except (Unreadable, ConfigError) as fault:
            return Outcome.unknown(str(fault))
        return Warnings(alerts=tuple(found), attributions=("CAP",), as_of=datetime.fromtimestamp(fresh, UTC))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for file in path.glob("*.xml") if stat.S_ISREG(file.stat().st_mode))
    if len(found) > MOST_FILES:
        raise ConfigError("{path} holds more than {most} files; take the old ones away", path=path, most=MOST_FILES)
    yield from found


def _alerts(root: Element, place: Place) -> Iterator[Alert]:
    """What a message says of a place; an alert of several blocks (languages, areas) counts once."""
    if root.tag != f"{CAP}alert":
        raise Unreadable(f"<{root.tag.rpartition('}')[2]}> is no CAP 1.2 alert")
    kind = KINDS.get(_text(root, "msgType"))
    if kind is None or _text(root, "status") != "Actual" or _text(root, "scope") != "Public":
        return
    infos = [info for info in root.findall(f"{CAP}info") if kind == "cancel" or _covers(info, place)]
    infos.sort(key=lambda info: not _text(info, "language").lower().startswith("zh"))
    references = tuple(_text(root, "references").split())
    if infos or references:
        # One that does not concern this place any more lifts what it replaces.
        yield _alert(root, infos[0] if infos else Element("info"), kind if infos else "cancel", references)


def _alert(root: Element, info: Element, kind: str, references: tuple[str, ...]) -> Alert:
    issued = _time(_text(root, "sent"))
    starts, ends = (_text(info, "onset") or _text(info, "effective")), _text(info, "expires")
    return Alert(
        id=",".join(_text(root, name) for name in ("sender", "identifier", "sent")),
        event=_text(info, "event"),
        level=_level(info),
        kind=cast("Literal['alert', 'update', 'cancel']", kind),
        supersedes=references,
        issued=issued,
        starts=_time(starts) if starts else issued,
        ends=_time(ends) if ends else None,
        sender=_text(info, "senderName") or _text(root, "sender"),
        headline=_text(info, "headline"),
        text=_text(info, "description"),
    )


def _level(info: Element) -> Level | None:
    """A colour that a parameter names, in whatever way; otherwise the severity."""
    values = [_text(parameter, "value") for parameter in info.findall(f"{CAP}parameter")]
    names = [_text(parameter, "valueName").lower() for parameter in info.findall(f"{CAP}parameter")]
    colours = [value for name, value in zip(names, values, strict=True) if "color" in name or "colour" in name]
    return Level.named(colours[0] if colours else _text(info, "severity"))


def _covers(info: Element, place: Place) -> bool:
    return any(_holds(area, place) for area in info.findall(f"{CAP}area"))


def _holds(area: Element, place: Place) -> bool:
    names = (place.city, *place.areas)
    codes = [_text(code, "value") for code in area.findall(f"{CAP}geocode")]
    if any(name in _text(area, "areaDesc") for name in names if not name.isdigit()):
        return True
    if any(code.startswith(name) for code in codes for name in place.areas):
        return True
    if place.latitude is None or place.longitude is None:
        return False
    here = (place.latitude, place.longitude)
    return any(_inside(here, _points(one.text)) for one in area.findall(f"{CAP}polygon")) or any(
        _within(here, one.text or "") for one in area.findall(f"{CAP}circle")
    )


def _points(text: str | None) -> list[tuple[float, float]]:
    return [_point(pair) for pair in (text or "").split()]


def _point(pair: str) -> tuple[float, float]:
    try:
        latitude, longitude = map(float, pair.split(","))
    except ValueError:
        raise Unreadable(f"{pair[:40]!r} is no point") from None
    return latitude, longitude


def _inside(here: tuple[float, float], points: Sequence[tuple[float, float]]) -> bool:
    """Does a ray to the east leave the polygon an odd number of times?"""
    y, x = here
    inside = False
    for (y1, x1), (y2, x2) in pairwise(points):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _within(here: tuple[float, float], circle: str) -> bool:
    centre, _, radius = circle.strip().partition(" ")
    try:
        return _distance(here, _point(centre)) <= float(radius)
    except ValueError:
        raise Unreadable(f"{circle[:40]!r} is no circle") from None


def _distance(here: tuple[float, float], there: tuple[float, float]) -> float:
    """In km, on a sphere."""
    (a, b), (c, d) = (map(radians, point) for point in (here, there))
    return 2 * EARTH * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


def _text(element: Element, name: str) -> str:
    return (element.findtext(f"{CAP}{name}") or "").strip()


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{text[:40]!r} is no time") from None
    if time.tzinfo is None:
        raise Unreadable(f"{text[:40]!r} names no zone")
    return time


@hookimpl
def notigate_weather_sources() -> Sequence[WeatherSpec]:
    """Offer `cap`."""
    return [
        WeatherSpec(
            name="cap", summary="Warnings in CAP 1.2 files, from a folder", settings=Settings, source=Cap, made=Cap
        )
    ]
