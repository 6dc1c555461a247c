"""Workdays with their moved rest days, and the lunar calendar.

Everything is arithmetic on `datetime.date`: no clock, no file. What is not known is said, never guessed: the State
Council names next year's rest days only in late autumn, and a wrong guess would greet people on the wrong day.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from notigate.errors import DataMissing

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

#: whose workdays: the State Council's, all seven days, or only what a file names
WorkdayRule: TypeAlias = Literal["china", "every-day", "file"]

#: who says whether a day is a workday: the project's file, the rule that all days are, a notice taken over, or that we know
Told: TypeAlias = Literal["own", "every-day", "notice", "built-in", "nobody"]

ONE_DAY = timedelta(days=1)

_SATURDAY = 5

#: the 24 solar terms, by the pinyin that occasions use, from the first of the civil year on
SOLAR_TERMS: Mapping[str, str] = {
    "xiaohan": "小寒",
    "dahan": "大寒",
    "lichun": "立春",
    "yushui": "雨水",
    "jingzhe": "惊蛰",
    "chunfen": "春分",
    "qingming": "清明",
    "guyu": "谷雨",
    "lixia": "立夏",
    "xiaoman": "小满",
    "mangzhong": "芒种",
    "xiazhi": "夏至",
    "xiaoshu": "小暑",
    "dashu": "大暑",
    "liqiu": "立秋",
    "chushu": "处暑",
    "bailu": "白露",
    "qiufen": "秋分",
    "hanlu": "寒露",
    "shuangjiang": "霜降",
    "lidong": "立冬",
    "xiaoxue": "小雪",
    "daxue": "大雪",
    "dongzhi": "冬至",
}
_TERM_IDS = {chinese: term for term, chinese in SOLAR_TERMS.items()}


@dataclass(frozen=True, slots=True, order=True)
class LunarDay:
    """A day of the lunar calendar. Its year is not the civil year: the twelfth month mostly lies in the next one."""

    year: int
    month: int
    day: int
    #: in the leap month that follows the month of the same number
    leap: bool = False

    @property
    def name(self) -> str:
        """As the Chinese call it, without its year: `八月十五`, `闰六月初三`."""
        tens, unit = divmod(self.day - 1, 10)
        day = _WHOLE.get(self.day) or f"{_TENS[tens]}{_UNITS[unit]}"
        return f"{'闰' if self.leap else ''}{_MONTHS[self.month - 1]}{day}"


#: names of lunar days
_MONTHS = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
_TENS, _UNITS = ("初", "十", "廿"), "一二三四五六七八九十"
_WHOLE = {10: "初十", 20: "二十", 30: "三十"}


class LunarBirthday(NamedTuple):
    """A day that comes every lunar year."""

    month: int
    day: int
    leap: bool = False


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

    def lunar(self, day: date) -> LunarDay:
        """The lunar date of `day`.

        Raises:
            DataMissing: before 1900-01-31 or after 2101-01-28.
        """
        return lunar_day(day)

    def solar(self, day: LunarDay) -> date:
        """The civil date of a lunar day.

        Raises:
            ValueError: there is no such day: no such leap month, or the 30th of a short month.
        """
        from borax.calendars.lunardate import LunarDate  # noqa: PLC0415 - as in _lunar

        solar: date = LunarDate(day.year, day.month, day.day, int(day.leap)).to_solar_date()
        return solar

    def solar_term(self, day: date) -> str | None:
        """The solar term that begins on `day`, as in `SOLAR_TERMS`; None on the other days."""
        return _lunar(day)[1]

    def is_new_year_eve(self, day: date) -> bool:
        """Is tomorrow the first day of the lunar year? The last month has 29 days or 30, so no fixed date tells."""
        tomorrow = self.lunar(day + ONE_DAY)
        return (tomorrow.month, tomorrow.day, tomorrow.leap) == (1, 1, False)

    def lunar_birthdays(self, day: date, *, leap_month: bool = True) -> tuple[LunarBirthday, ...]:
        """Who has a lunar birthday on `day`: each birthday comes exactly once in every lunar year.

        Born on the 30th: kept on the 29th of a short month. Born in a leap month: kept in it when the year has it,
        otherwise in the plain month of that number; always in the plain month without `leap_month`.
        """
        today = self.lunar(day)
        short = today.day == 29 and self.lunar(day + ONE_DAY).day == 1  # noqa: PLR2004 - a lunar month has 29 days or 30
        born = [LunarBirthday(today.month, number, today.leap) for number in ((29, 30) if short else (today.day,))]
        if today.leap and not leap_month:
            return ()
        if today.leap or (leap_month and _leap_month(today.year) == today.month):
            return tuple(born)
        return (*born, *(birthday._replace(leap=True) for birthday in born))

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


def lunar_day(day: date) -> LunarDay:
    """As `Almanac.lunar`: this calendar is everybody's."""
    return _lunar(day)[0]


@lru_cache(maxsize=1024)
def _lunar(day: date) -> tuple[LunarDay, str | None]:
    from borax.calendars.lunardate import LunarDate  # noqa: PLC0415 - 20 ms that a single send need not pay

    try:
        found = LunarDate.from_solar(day)
    except ValueError as fault:
        raise DataMissing("the lunar calendar is known from 1900-01-31 to 2101-01-28, not {day}", day=day) from fault
    return LunarDay(found.year, found.month, found.day, bool(found.leap)), _TERM_IDS.get(found.term)


@lru_cache(maxsize=256)
def _leap_month(year: int) -> int:
    """The month that a leap month follows in a lunar year; 0 when there is none."""
    from borax.calendars.lunardate import LCalendars  # noqa: PLC0415 - as in _lunar

    month: int = LCalendars.leap_month(year)
    return month
