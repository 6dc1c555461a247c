"""Read the single words and figures that a `moment:` is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from notigate import criteria
from notigate.errors import NotigateError
from notigate.moments.birthdays import Birthday
from notigate.moments.festivals import FESTIVALS
from notigate.moments.offsets import Column, Numbered

if TYPE_CHECKING:
    from notigate.moments.festivals import SharedDay
    from notigate.moments.offsets import Source

#: a rule and its options, as the YAML says them
Entry: TypeAlias = Mapping[str, object]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: nobody counts further; it keeps a slip of the finger from leaving the calendar
_FURTHEST = {"days": 3660, "workdays": 260, "months": 120, "hours": 2400, "minutes": 6000}

Counted: TypeAlias = Literal["days", "workdays", "months", "hours", "minutes"]

_SPANS = {"m": "minutes", "h": "hours", "d": "days"}


class MomentError(NotigateError):
    """A `moment:` cannot be read. The catalogue adds file and line."""


def misfit(rule: str, value: object, wanted: str) -> MomentError:
    """What `rule` was given is not what it wants."""
    return MomentError("{rule}: {value!r} is not {wanted}", rule=rule, value=value, wanted=wanted)


def text(rule: str, entry: Entry, wanted: str) -> str:
    """The value of `rule` as a text that is not empty."""
    value = entry[rule]
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise misfit(rule, value, wanted)


def counted(rule: str, entry: Entry, unit: Counted, least: int) -> tuple[str, int]:
    """Read `NAME N`."""
    match = re.fullmatch(r"(\S+)\s+([0-9]{1,4})", str(entry[rule]).strip())
    most = _FURTHEST[unit]
    if not match or not least <= int(match[2]) <= most:
        raise misfit(rule, entry[rule], f"a name and a number from {least} to {most}, such as 'signed_on {least + 2}'")
    return match[1], int(match[2])


def number(rule: str, entry: Entry, unit: Counted, least: int) -> int:
    """Read `N`."""
    most = _FURTHEST[unit]
    if not re.fullmatch("[0-9]{1,4}", str(entry[rule])) or not least <= int(str(entry[rule])) <= most:
        raise misfit(rule, entry[rule], f"a number from {least} to {most}")
    return int(str(entry[rule]))


def span(rule: str, value: object) -> timedelta:
    """Read `30m`, `1h`, `2d`."""
    match = re.fullmatch(r"([1-9][0-9]{0,3})\s*([mhd])", str(value).strip())
    if not match:
        raise misfit(rule, value, "a span of time such as 30m, 1h or 2d")
    return timedelta(**{_SPANS[match[2]]: int(match[1])})


def name(rule: str, value: object) -> str:
    """Read the kind of a fact: `payment`, `complaint-answered`."""
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", value):
        return value
    raise misfit(rule, value, "a kind of fact such as payment or complaint-answered")


def who(rule: str, value: object) -> str:
    """Check an expression over columns."""
    try:
        criteria.compile(text(rule, {rule: value}, "an expression such as class == 'C'"))
    except criteria.CriterionError as fault:
        raise MomentError("{rule}: {why}", rule=rule, why=fault) from None
    return str(value)


def day(rule: str, value: object, wanted: str) -> date:
    """Read a date; a YAML reader may have made one already."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise misfit(rule, value, wanted) from None


def weekday(rule: str, value: object) -> int:
    """Read a weekday; Monday is 0."""
    if isinstance(value, str) and value in WEEKDAYS:
        return WEEKDAYS.index(value)
    raise misfit(rule, value, f"a weekday: {', '.join(WEEKDAYS)}")


def column(rule: str, name: str) -> str:
    """Check the name of a column."""
    if name.isidentifier():
        return name
    raise misfit(rule, name, f"a column of the roster or a festival ({', '.join(FESTIVALS)})")


def clock(rule: str, name: str) -> str:
    """Check the name of a column that holds a time: of all others, the roster's reader keeps the day alone."""
    if column(rule, name).endswith("_at"):
        return name
    raise misfit(rule, name, "a column with a time, whose name ends in _at, such as visit_at")


def festival(rule: str, name: str) -> SharedDay:
    """The festival of that name."""
    if name in FESTIVALS:
        return FESTIVALS[name]
    raise misfit(rule, name, f"a festival: {', '.join(FESTIVALS)}")


def source(rule: str, name: str) -> Source:
    """What an offset counts from: `birthday`, a festival or a column."""
    if name == "birthday":
        return Birthday()
    if "*" in name:
        column(rule, name.replace("*", "1", 1))
        return Numbered(name)
    return FESTIVALS[name] if name in FESTIVALS else Column(column(rule, name))
