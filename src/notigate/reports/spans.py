"""Weeks and months as managers count them: Monday to Sunday, whatever the locale says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from notigate.errors import UsageError


@dataclass(frozen=True, slots=True)
class Span:
    """A week or month of business days, both ends included."""

    #: `2026-W47` or `2026-11`
    name: str
    first: date
    last: date

    @property
    def before(self) -> Span:
        """The week or month before this one."""
        earlier = self.first - timedelta(days=1)
        return week(earlier) if "W" in self.name else month(earlier)


def week(day: date) -> Span:
    """The ISO week of `day`."""
    year, number, _ = day.isocalendar()
    monday = date.fromisocalendar(year, number, 1)
    return Span(f"{year}-W{number:02}", monday, monday + timedelta(days=6))


def month(day: date) -> Span:
    """The calendar month of `day`."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Span(f"{first:%Y-%m}", first, last)


def named(kind: str, name: str | None, today: date) -> Span:
    """The span that `--of` names; without a name, the one that `today` is in.

    Raises:
        UsageError: there is no such week or month.
    """
    if name is None:
        return week(today) if kind == "week" else month(today)
    try:
        return _week(name) if kind == "week" else _month(name)
    except ValueError:
        if kind == "week":
            example = week(today).name
            raise UsageError("there is no week {name!r}; write it like {example}", name=name, example=example) from None
        example = month(today).name
        raise UsageError("there is no month {name!r}; write it like {example}", name=name, example=example) from None


def _week(name: str) -> Span:
    year, number = _numbers("(20[0-9]{2})-W([0-9]{2})", name)
    return week(date.fromisocalendar(year, number, 1))


def _month(name: str) -> Span:
    year, number = _numbers("(20[0-9]{2})-([0-9]{2})", name)
    return month(date(year, number, 1))


def _numbers(pattern: str, name: str) -> tuple[int, int]:
    found = re.fullmatch(pattern, name)
    if found is None:
        raise ValueError(name)
    return int(found[1]), int(found[2])
