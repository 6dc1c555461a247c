"""Read the rules that count from a day or an hour of the reader."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from notigate.moments import words
from notigate.moments.hours import Hours
from notigate.moments.offsets import Offset, Within
from notigate.moments.reading.tables import Reader, Rules, table
from notigate.moments.words import Entry

if TYPE_CHECKING:
    from notigate.moments.offsets import Unit
    from notigate.occurrence import Moment


def _on_source(n: int, unit: Unit) -> Reader:
    """Read `DAY`, for an offset that is fixed."""

    def read(rule: str, entry: Entry) -> Moment:
        return Offset(words.source(rule, words.text(rule, entry, "a column")), n, unit)

    return read


def _offset(unit: Unit, sign: Literal[1, -1], *, least: int, first: int = 0) -> Reader:
    """Read `DAY N`; `first` is the number that the day itself bears."""

    def read(rule: str, entry: Entry) -> Moment:
        name, n = words.counted(rule, entry, unit, least)
        return Offset(words.source(rule, name), sign * (n - first), unit)

    return read


def _within(rule: str, entry: Entry) -> Moment:
    name, n = words.counted(rule, entry, "days", 1)
    return Within(words.source(rule, name), n)


def _hours(unit: Literal["hours", "minutes"], sign: Literal[1, -1]) -> Reader:
    """Read `COLUMN N`, for a column that holds a time."""

    def read(rule: str, entry: Entry) -> Moment:
        name, n = words.counted(rule, entry, unit, 0 if sign > 0 else 1)
        return Hours(words.clock(rule, name), sign * timedelta(**{unit: n}))

    return read


RULES: Rules = table(
    ("day_of", _on_source(0, "days")),
    ("workday_after", _on_source(1, "workdays")),
    ("nth_day", _offset("days", 1, least=1, first=1)),
    ("days_after", _offset("days", 1, least=0)),
    ("days_before", _offset("days", -1, least=0)),
    ("workdays_after", _offset("workdays", 1, least=1)),
    ("workdays_before", _offset("workdays", -1, least=1)),
    ("months_after", _offset("months", 1, least=1)),
    ("months_before", _offset("months", -1, least=1)),
    ("within_days", _within),
    ("hours_after", _hours("hours", 1)),
    ("hours_before", _hours("hours", -1)),
    ("minutes_after", _hours("minutes", 1)),
    ("minutes_before", _hours("minutes", -1)),
)
