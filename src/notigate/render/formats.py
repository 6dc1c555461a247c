"""Dates, numbers and money as the reader writes them: the filters of params and texts.

Each one takes a value as rosters and callers give it (a date or `2026-11-21`, a number or `"12,000.50"`) and raises
TypeError, ValueError or LookupError for what is none. Results are kept per (locale, value): a run formats few different
ones. Babel is imported with the first value that needs it; its locales are parsed once, which is most of its cost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeAlias

from notigate.calendar.lunar import lunar_day
from notigate.errors import DataMissing
from notigate.render.wording import lunar, weather

if TYPE_CHECKING:
    from babel import Locale

Filter: TypeAlias = Callable[..., str]

#: typed: True is no 1, and 1.0 is written as 1 is
_kept = lru_cache(maxsize=8192, typed=True)
_DAY = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*\Z", re.ASCII)
_WIDTHS = ("short", "medium", "long", "full")


@lru_cache(maxsize=64)
def filters(locale: str) -> Mapping[str, Filter]:
    """The filters, bound to one locale (a Babel id)."""
    return {name: partial(function, locale) for name, function in _FILTERS.items()}


def display(value: object, locale: str) -> str:
    """A value that went through no filter, as text: days and times in the reader's way, no control characters."""
    if isinstance(value, str):
        return value if value.isprintable() else _CONTROL.sub("", value)
    if isinstance(value, datetime):
        return _datetime(locale, value)
    if isinstance(value, date):
        return _date(locale, value)
    if isinstance(value, time):
        return _time(locale, value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


#: controls but tab and line feed; marks that turn the direction of writing
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@lru_cache(maxsize=64)
def _parsed(locale: str) -> Locale:
    from babel import Locale  # noqa: PLC0415 - 45 ms that a text without dates and numbers need not pay

    return Locale.parse(locale)


@_kept
def _date(locale: str, value: date | str, format: str = "long") -> str:  # noqa: A002 - named as in Babel
    """`format`: short, medium, long, full, or a CLDR skeleton such as `MMMd` (21 November, without the year)."""
    from babel.dates import format_date, format_skeleton  # noqa: PLC0415 - as in _parsed

    if format in _WIDTHS:
        return format_date(_day(value), format, locale=_parsed(locale))
    return format_skeleton(format, _day(value), locale=_parsed(locale))


@_kept
def _weekday(locale: str, value: date | str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - as in _parsed

    return format_date(_day(value), "EEEE", locale=_parsed(locale))


@_kept
def _lunar(locale: str, value: date | str) -> str:
    """The day in the lunar calendar."""
    try:
        return lunar(locale, lunar_day(_day(value)))
    except DataMissing as fault:
        raise ValueError("outside of the lunar calendar's years") from fault


@_kept
def _time(locale: str, value: time | str, format: str = "short") -> str:  # noqa: A002 - named as in Babel
    from babel.dates import format_time  # noqa: PLC0415 - as in _parsed

    return format_time(_hour(value) if isinstance(value, str) else value, format, locale=_parsed(locale))


@_kept
def _datetime(locale: str, value: datetime | str, format: str = "long") -> str:  # noqa: A002 - named as in Babel
    """The day in `format`, the hour and minute; an aware time stays in its own zone."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{_date(locale, moment, format)} {_time(locale, moment.time())}"


@_kept
def _number(locale: str, value: float | Decimal | str) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415 - as in _parsed

    return str(format_decimal(_decimal(value), locale=_parsed(locale)))  # Babel leaves its type open


@_kept
def _money(locale: str, value: float | Decimal | str, currency: str = "CNY") -> str:
    from babel.numbers import format_currency  # noqa: PLC0415 - as in _parsed

    return format_currency(_decimal(value), currency, locale=_parsed(locale))


@_kept
def _unit(locale: str, value: float | Decimal | str, unit: str) -> str:
    """`unit`: a CLDR name such as `length-kilometer`."""
    from babel.units import format_unit  # noqa: PLC0415 - as in _parsed

    return format_unit(_decimal(value), unit, length="short", locale=_parsed(locale))


def _area(locale: str, value: float | Decimal | str) -> str:
    """In square metres."""
    return _unit(locale, value, "area-square-meter")


def _temperature(locale: str, value: float | Decimal | str) -> str:
    """In degrees Celsius."""
    return _unit(locale, value, "temperature-celsius")


def _list(locale: str, values: Iterable[object]) -> str:
    """Not kept: a list has no hash."""
    from babel.lists import format_list  # noqa: PLC0415 - as in _parsed

    if isinstance(values, str):
        return values
    return format_list([display(value, locale) for value in values], locale=_parsed(locale))


def _day(value: date | str) -> date:
    if isinstance(value, date):
        return value
    if written := _DAY.match(value):
        return date(*map(int, written.groups()))
    return datetime.fromisoformat(value).date()


def _hour(value: str) -> time:
    """Of an hour that stands alone, or of one that is written with its day."""
    try:
        return time.fromisoformat(value)
    except ValueError:
        return datetime.fromisoformat(value).time()


def _decimal(value: float | Decimal | str) -> Decimal:
    if isinstance(value, bool):
        raise TypeError("a yes or no is no number")
    number = Decimal(str(value).replace(",", ""))
    if not number.is_finite():
        raise ValueError("not a number")
    return number


_FILTERS: Mapping[str, Filter] = {
    "date": _date,
    "weekday": _weekday,
    "lunar": _lunar,
    "time": _time,
    "datetime": _datetime,
    "number": _number,
    "money": _money,
    "unit": _unit,
    "area": _area,
    "temperature": _temperature,
    "list": _list,
    "weather": weather,
}
