"""Moments that come round for everybody, or in a fixed distance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from notigate.calendar import Almanac, ends_month
from notigate.model import Chooser, Facts, Occurrence


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
    occurrence = Occurrence(day.isoformat(), day)
    return lambda _facts: occurrence


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A fixed distance, so many days or months."""

    n: int
    unit: Literal["days", "months"]

    def meets(self, first: date, day: date) -> bool:
        """Is `day` a whole number of steps after `first`? The first day itself does not count."""
        days = day.toordinal() - first.toordinal()
        if days <= 0:
            return False
        if self.unit == "days":
            return days % self.n == 0
        months = (day.year - first.year) * 12 + day.month - first.month
        return months % self.n == 0 and (day.day == first.day or (first.day > day.day and ends_month(day)))


@dataclass(frozen=True, slots=True)
class Every:
    """In a rhythm, counted from one day for all, which is the first time."""

    rhythm: Rhythm
    first: date

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose everyone on the days of the rhythm."""
        del almanac
        return _everyone(day) if day == self.first or self.rhythm.meets(self.first, day) else None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class EverySince:
    """In a rhythm, counted from each reader's own day in a column; the first time is one step after it."""

    rhythm: Rhythm
    column: str

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose those for whom a step ends on `day`."""
        del almanac
        column, meets, occurrence = self.column, self.rhythm.meets, Occurrence(day.isoformat(), day)

        def choose(facts: Facts) -> Occurrence | None:
            first = facts.get(column)
            return occurrence if isinstance(first, date) and meets(first, day) else None

        return choose

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
                occurrence = Occurrence(f"{day:%Y-%m}-workday{n:+d}", day)
                return lambda _facts: occurrence
        return None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()
