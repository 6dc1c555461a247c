"""Workdays with their moved rest days, and the months of the civil year; `lunar` is the other calendar.

Everything is arithmetic on `datetime.date`: no clock, no file. What is not known is said, never guessed: the State
Council names next year's rest days only in late autumn, and a wrong guess would greet people on the wrong day.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from notigate.errors import DataMissing

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

#: whose workdays: the State Council's, all seven days, or only what a file names
WorkdayRule: TypeAlias = Literal["china", "every-day", "file"]

#: who says whether a day is a workday: the project's file, the rule that all days are, a notice taken over, or that we know
Told: TypeAlias = Literal["own", "every-day", "notice", "built-in", "nobody"]

ONE_DAY = timedelta(days=1)
#: days between a workday and the next, at most: around Spring Festival fit-out companies close for weeks
LONGEST_REST = 31

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Workdays:
    """Whose workdays, and the days that a project or an occasion tells itself."""

    rule: WorkdayRule = "china"
    #: True for a workday
    days: Mapping[date, bool] = field(default_factory=dict)
    #: of which `days` names every day that differs from Monday to Friday
    years: frozenset[int] = frozenset()
    #: in a year that nobody knows, Monday to Friday may be taken for workdays
    may_assume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Almanac:
    """What one project, or one occasion of it, knows about days. Made once and asked often."""

    workdays: WorkdayRule = "china"
    #: days told by the user and by plugins, True for a workday; they go before everything else
    days: Mapping[date, bool] = field(default_factory=dict, repr=False)
    #: the years of which `days` names every day that differs from Monday to Friday
    years: frozenset[int] = frozenset()
    #: the State Council's notices that the project has taken over; they go before those that we know
    notices: Workdays = field(default_factory=Workdays, repr=False)
    #: in a year that nobody knows, this may be asked again with `assume_weekdays`
    may_assume: bool = False
    #: in a year nobody knows, take Monday to Friday for workdays instead of raising `DataMissing`
    assume_weekdays: bool = False
    #: of the hours that rosters and facts tell without a zone
    zone: tzinfo = UTC

    def is_workday(self, day: date) -> bool:
        """Is `day` a workday?

        Raises:
            DataMissing: the rest days of that year are not known.
        """
        works, _ = self.told(day)
        if works is not None:
            return works
        if self.assume_weekdays:
            return day.weekday() < _SATURDAY
        raise DataMissing(
            "the rest days of {year} are not known (wanted for {day}). Take over the State Council's notice: notigate "
            "calendar import FILE; or allow a guess: `workdays: {{assume: weekdays}}`",
            year=day.year,
            day=day,
        )

    def told(self, day: date) -> tuple[bool | None, Told]:
        """Is `day` a workday, and who says so? None where nobody knows."""
        if (works := self.days.get(day)) is not None:
            return works, "own"
        if self.workdays == "every-day":
            return True, "every-day"
        if self.workdays == "china":
            if (works := self.notices.days.get(day)) is not None:
                return works, "notice"
            if day.year in self.notices.years:
                return day.weekday() < _SATURDAY, "notice"
            if day.year in (official := _official()).years:
                return day in official.work or (day.weekday() < _SATURDAY and day not in official.rest), "built-in"
        return (day.weekday() < _SATURDAY, "own") if day.year in self.years else (None, "nobody")

    def following(self, own: Workdays) -> Almanac:
        """The same days by the rule of one occasion; what it tells itself goes before all else."""
        return replace(
            self, workdays=own.rule, days=own.days, years=own.years, may_assume=own.may_assume or self.may_assume
        )

    def guessing(self) -> Almanac:
        """The same, with Monday to Friday for workdays where nobody knows."""
        return replace(self, assume_weekdays=True)

    def knows(self, year: int) -> bool:
        """Are all workdays of `year` known without guessing?"""
        if self.workdays == "every-day" or year in self.years:
            return True
        return self.workdays == "china" and (year in self.notices.years or year in _official().years)

    def workday_before(self, day: date, n: int = 1) -> date:
        """The `n`th workday before `day`, which itself does not count; `day` itself for 0."""
        return self._walk(day, n, -ONE_DAY)

    def workday_after(self, day: date, n: int = 1) -> date:
        """The `n`th workday after `day`, which itself does not count; `day` itself for 0."""
        return self._walk(day, n, ONE_DAY)

    def nth_workday(self, year: int, month: int, n: int) -> date | None:
        """The `n`th workday of a month, from its end for negative `n`; None when the month has fewer."""
        first = date(year, month, 1)
        days = [first + timedelta(days=i) for i in range(days_in_month(year, month))]
        workdays = [day for day in days if self.is_workday(day)]
        return workdays[n - 1 if n > 0 else n] if 0 < abs(n) <= len(workdays) else None

    def _walk(self, day: date, n: int, step: timedelta) -> date:
        while n > 0:
            day += step
            n -= self.is_workday(day)
        return day


def as_day(value: object) -> date | None:
    """The day of a date, or of a time; None of anything else."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def days_in_month(year: int, month: int) -> int:
    """How many days a civil month has."""
    return (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days


def ends_month(day: date) -> bool:
    """Is `day` the last of its civil month?"""
    return (day + ONE_DAY).day == 1


class _Official(NamedTuple):
    rest: Container[date]
    work: Container[date]
    years: frozenset[int]


@cache
def _official() -> _Official:
    """The State Council's notices as far as the installed `chinesecalendar` has them."""
    import chinese_calendar  # noqa: PLC0415 - 10 ms that a project without such occasions need not pay

    years = frozenset(day.year for day in chinese_calendar.holidays)
    return _Official(chinese_calendar.holidays, chinese_calendar.workdays, years)
