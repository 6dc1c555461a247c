"""Moments that come round for everybody, or in a fixed distance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import gcd
from typing import TYPE_CHECKING, Literal

from notigate.calendar import ONE_DAY, Almanac, as_day, ends_month
from notigate.model import Facts
from notigate.occurrence import Alike, Chooser, Occurrence, OnDays

if TYPE_CHECKING:
    from collections.abc import Collection

    from notigate.occurrence import YearDay


@dataclass(frozen=True, slots=True)
class Weekly:
    """On weekdays (Monday is 0), in all ISO weeks, the odd or the even ones.

    A year of 53 weeks has two odd weeks in a row at its end; `Every` keeps the distance instead.
    """

    weekdays: frozenset[int]
    weeks: Literal["all", "odd", "even"] = "all"

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose everyone on these days."""
        del almanac
        parity = "odd" if day.isocalendar().week % 2 else "even"
        return _everyone(day) if day.weekday() in self.weekdays and self.weeks in ("all", parity) else None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class EveryWorkday:
    """On every workday."""

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose everyone on workdays."""
        return _everyone(day) if almanac.is_workday(day) else None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()


def _everyone(day: date) -> Chooser:
    return Alike((Occurrence(day.isoformat(), day),))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A fixed distance, so many days or months."""

    n: int
    unit: Literal["days", "months"]

    def steps(self, first: date, day: date) -> int:
        """How many whole steps after `first` is `day`? 0 when it lies between two, or before the first."""
        days = day.toordinal() - first.toordinal()
        if days <= 0:
            return 0
        if self.unit == "days":
            return 0 if days % self.n else days // self.n
        months = (day.year - first.year) * 12 + day.month - first.month
        meets = day.day == first.day or (first.day > day.day and ends_month(day))
        return months // self.n if meets and months % self.n == 0 else 0

    def begins(self, day: date, times: int) -> Collection[date | YearDay] | None:
        """The only days from which some step of the first `times` (0: of all) may end on `day`; None: they have no end."""
        if self.unit == "months":
            months = (month for month in range(1, 13) if (day.month - month) % gcd(self.n, 12) == 0)
            days = range(day.day, 32) if ends_month(day) else (day.day,)
            return {(month, number) for month in months for number in days}
        most = min(times, (day.toordinal() - 1) // self.n)
        return [day - n * self.n * ONE_DAY for n in range(1, most + 1)] if times else None


@dataclass(frozen=True, slots=True)
class Every:
    """In a rhythm, counted from one day for all, which is the first time."""

    rhythm: Rhythm
    first: date

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose everyone on the days of the rhythm."""
        del almanac
        return _everyone(day) if day == self.first or self.rhythm.steps(self.first, day) else None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class EverySince:
    """In a rhythm, counted from each reader's own day in a column; the first time is one step after it."""

    rhythm: Rhythm
    column: str
    #: at most so many times; 0 is without end
    times: int = 0

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose those for whom a step ends on `day`."""
        del almanac
        column, steps, most = self.column, self.rhythm.steps, self.times or day.toordinal()

        def chooses(facts: Facts) -> bool:
            first = as_day(facts.get(column))
            return first is not None and 0 < steps(first, day) <= most

        choose, days = Alike((Occurrence(day.isoformat(), day),), chooses), self.rhythm.begins(day, self.times)
        return choose if days is None else OnDays(choose, days)

    def columns(self) -> frozenset[str]:
        """The column."""
        return frozenset({self.column})


@dataclass(frozen=True, slots=True)
class Monthly:
    """On days of the month, and on its `n`th workdays (from the end for negative `n`).

    A day that a short month does not have falls on its last day. The key of a workday is its number in that month, so
    that a rest day announced late moves it without sending twice.
    """

    days: frozenset[int] = frozenset()
    workdays: frozenset[int] = frozenset()

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose everyone on these days."""
        if day.day in self.days or (ends_month(day) and max(self.days, default=0) > day.day):
            return _everyone(day)
        for n in sorted(self.workdays):
            if almanac.nth_workday(day.year, day.month, n) == day:
                return Alike((Occurrence(f"{day:%Y-%m}-workday{n:+d}", day),))
        return None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()
