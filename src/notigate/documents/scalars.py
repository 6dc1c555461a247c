"""What a word of a document can mean: numbers, hours, spans of time."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from notigate.errors import sentence
from notigate.model import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?[0-9]{1,18}(\.[0-9]{1,18})?")
#: what reads like a number to count with; phones and order numbers are longer, area codes begin with 0
_FREE_INT = re.compile(r"-?[1-9][0-9]{0,8}|0")
_FREE_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,9}")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_WINDOW = re.compile(r"([0-9]{1,2}:[0-9]{2})\s*[-–]\s*([0-9]{1,2}:[0-9]{2})")
_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(ms|s|m|h|d|y)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def whole_number(text: str) -> int:
    """`465`; decimal, whatever it begins with."""
    if not _INT.fullmatch(text):
        raise ValueError
    return int(text)


def number(text: str) -> float:
    """`0.5` or `20`; no infinity, no exponents."""
    if not _FLOAT.fullmatch(text):
        raise ValueError
    return float(text)


def truth(text: str) -> bool:
    """`true` or `false`; `no` is Norway, and `yes` a word."""
    return {"true": True, "false": False}[text]


def clock(text: str) -> time:
    """`10:30`."""
    found = _CLOCK.fullmatch(text)
    if not found:
        raise ValueError
    return time(int(found[1]), int(found[2]))


def window(text: str) -> Window:
    """`10:00-11:30`; the end may be `24:00`, and comes after the start on the same day."""
    found = _WINDOW.fullmatch(text)
    if not found:
        raise ValueError
    start, end = clock(found[1]), time.max if found[2] == "24:00" else clock(found[2])
    if start >= end:
        raise ValueError
    return Window(start, end)


def duration(text: str) -> timedelta:
    """`500ms`, `15s`, `10m`, `4h`, `2d`, `1y` (365 days)."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError
    if found[2] == "y":
        return timedelta(days=365 * float(found[1]))
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


def zone(text: str) -> ZoneInfo:
    """`Asia/Shanghai`."""
    try:
        return ZoneInfo(text)
    except OSError:  # a folder of zones, such as `Asia`
        raise ValueError from None


def free(text: str) -> object:
    """An unquoted word that may be anything: what reads like a number or a truth is one, all else stays a text."""
    if text in ("true", "false"):
        return text == "true"
    if _FREE_INT.fullmatch(text):
        return int(text)
    return float(text) if _FREE_FLOAT.fullmatch(text) else text


#: type → what to expect, and how to read it; each raises ValueError, KeyError or OverflowError for all else
READERS: Mapping[Any, tuple[str, Callable[[str], object]]] = {
    int: (sentence("a whole number"), whole_number),
    float: (sentence("a number"), number),
    bool: (sentence("true or false"), truth),
    date: (sentence("a day such as 2026-10-01"), date.fromisoformat),
    time: (sentence("a time of day such as 10:30"), clock),
    timedelta: (sentence("a duration such as 500ms, 15s, 10m, 4h, 2d or 1y"), duration),
    ZoneInfo: (sentence("a time zone such as Asia/Shanghai"), zone),
    Window: (sentence("hours such as 10:00-11:30, the earlier first"), window),
}
