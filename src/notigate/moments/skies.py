"""Read the value of `moment: {weather: …}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, cast

from notigate.moments.weather import FIGURES, Weather
from notigate.moments.words import Entry, MomentError, misfit
from notigate.weather import Level, family

#: days; a longer quiet is a slip of the pen
LONGEST_QUIET = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of `moment: {weather: …}`; any of the warnings and limits that are named is enough."""

    #: kinds of weather (`typhoon`), or names of warnings (`台风`), of which warnings are told; None means all
    events: tuple[str, ...] | None = None
    #: the least level of a warning that is told; None means any
    level: Literal["white", "blue", "yellow", "orange", "red"] | None = None
    #: so much rain, mm in the day, or more
    rain: float | None = None
    #: a high of so many °C or more
    high: float | None = None
    #: a low of so many °C or less
    low: float | None = None
    #: a low that is so many °C below that of the day before, or more
    drop: float | None = None
    #: wind of so many m/s or more, the highest mean of the day
    wind: float | None = None
    #: gusts of so many m/s or more
    gust: float | None = None
    #: the weather of which day
    day: Literal["tomorrow", "today"] = "tomorrow"
    #: `raised`: told again when the level rises; `never`: once
    again: Literal["never", "raised"] = "never"
    #: the same kind of weather is not told again for so many days
    quiet: int = 3


_KEYS = {key.name: key.default for key in fields(Keys)}


def weather(rule: str, entry: Entry) -> Weather:
    """Read it; the word alone stands for all warnings.

    Raises:
        MomentError: a key is unknown, or what it is given does not fit.
    """
    if entry[rule] is None:
        return Weather()
    if not isinstance(entry[rule], Mapping):
        raise misfit(rule, entry[rule], "`key: value` lines, or nothing")
    said: Mapping[str, object] = {**_KEYS, **cast("Mapping[str, object]", entry[rule])}
    if strange := [key for key in said if key not in _KEYS]:
        raise MomentError(
            "{option!r} does not go with {rule!r}; known: {known}", option=strange[0], rule=rule, known=", ".join(_KEYS)
        )
    limits = {name: _number(name, said[name]) for name in FIGURES if said[name] is not None}
    return Weather(
        warnings=said["events"] is not None or said["level"] is not None or not limits,
        events=frozenset(family(name) for name in _events(said["events"])),
        level=_level(said["level"]),
        limits=limits,
        day=cast("Literal['tomorrow', 'today']", _one_of("day", said, "tomorrow", "today")),
        again=cast("Literal['never', 'raised']", _one_of("again", said, "never", "raised")),
        quiet=_quiet(said["quiet"]),
    )


def _events(value: object) -> list[str]:
    named = [] if value in (None, "any") else value if isinstance(value, list | tuple) else [value]
    if all(isinstance(name, str) and name.strip() for name in named):
        return [str(name) for name in named]
    raise misfit("events", value, "a list such as [rain, typhoon, 寒潮]")


def _level(value: object) -> Level | None:
    if value is None:
        return None
    level = Level.named(str(value))
    if level is None:
        raise misfit("level", value, "white, blue, yellow, orange or red")
    return level


def _number(name: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise misfit(name, value, "a number")


def _quiet(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST_QUIET:
        return value
    raise misfit("quiet", value, f"a number of days from 0 to {LONGEST_QUIET}")


def _one_of(name: str, said: Mapping[str, object], *choices: str) -> str:
    if said[name] in choices:
        return str(said[name])
    raise misfit(name, said[name], " or ".join(choices))
