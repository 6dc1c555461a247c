"""What sources said, kept for a short time in a file of the project: a crontab asks far more often than the weather changes.

Losing the file costs nothing but another question.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notigate.forecasts.sources import Kind, Value
from notigate.weather import Alert, Day, Forecast, Level, Warnings

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one source told of one city, and when; all times are real ones."""

    source: str
    kind: Kind
    city: str
    #: the last answer; None when there is none
    value: Value | None = None
    #: how fresh it is
    at: datetime | None = None
    #: when it was asked for last, and is asked for again at the earliest
    asked: datetime
    again: datetime
    #: why the last question got no answer; empty when it did
    fault: str = ""

    def fresh(self, now: datetime, stale: timedelta) -> bool:
        """Does it still tell something?"""
        return self.value is not None and self.at is not None and now - self.at <= stale


class Kept:
    """The file. What cannot be read or written there is not kept, and that is all."""

    def __init__(self, file: Path, longest: timedelta) -> None:
        self._file = file
        self._longest = longest
        self._told: dict[str, Told] | None = None

    def get(self, key: str) -> Told | None:
        """What stands under a key."""
        if self._told is None:
            self._told = self._read()
        return self._told.get(key)

    def put(self, key: str, told: Told) -> None:
        """Keep it under a key, for others too; what is old goes."""
        found = {**self._read(), **(self._told or {}), key: told}
        self._told = {
            name: one for name, one in found.items() if told.asked - one.asked <= self._longest or name == key
        }
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            beside.touch(mode=0o600)
            beside.write_text(json.dumps({name: _written(asdict(one)) for name, one in self._told.items()}), "utf-8")
            beside.replace(self._file)

    def _read(self) -> dict[str, Told]:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            return {name: _told(one) for name, one in json.loads(self._file.read_bytes()).items()}
        return {}


def _written(value: Any) -> Any:  # noqa: ANN401 - whatever a dataclass holds
    if isinstance(value, Level):
        return value.name
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _written(one) for name, one in value.items()}
    return [_written(one) for one in value] if isinstance(value, list | tuple) else value


def _told(kept: Mapping[str, Any]) -> Told:
    value = None if kept["value"] is None else _READERS[kept["kind"]](kept["value"])
    return Told(**{**kept, "value": value, **_times(kept, "at", "asked", "again")})


def _warnings(kept: Mapping[str, Any]) -> Warnings:
    return Warnings(alerts=tuple(map(_alert, kept["alerts"])), **_origin(kept))


def _alert(kept: Mapping[str, Any]) -> Alert:
    level = None if kept["level"] is None else Level[kept["level"]]
    times = _times(kept, "issued", "starts", "ends")
    return Alert(**{**kept, "level": level, "supersedes": tuple(kept["supersedes"]), **times})


def _forecast(kept: Mapping[str, Any]) -> Forecast:
    days = (Day(**{**day, "day": date.fromisoformat(day["day"])}) for day in kept["days"])
    return Forecast(days=tuple(days), **_origin(kept))


def _origin(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {"attributions": tuple(kept["attributions"]), **_times(kept, "as_of")}


def _times(kept: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in names}


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Value]] = {"warnings": _warnings, "forecast": _forecast}
