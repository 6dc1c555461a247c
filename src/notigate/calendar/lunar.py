"""The lunar calendar, which is everybody's: its days, its birthdays and its solar terms, from 1900-01-31 to 2101-01-28."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from notigate.calendar import ONE_DAY
from notigate.errors import DataMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

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


#: names of lunar days
_MONTHS = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
_TENS, _UNITS = ("初", "十", "廿"), "一二三四五六七八九十"
_WHOLE = {10: "初十", 20: "二十", 30: "三十"}


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


class LunarBirthday(NamedTuple):
    """A day that comes every lunar year."""

    month: int
    day: int
    leap: bool = False


def lunar_day(day: date) -> LunarDay:
    """The lunar date of `day`.

    Raises:
        DataMissing: before 1900-01-31 or after 2101-01-28.
    """
    return _known(day)[0]


def civil_day(day: LunarDay) -> date:
    """The civil date of a lunar day.

    Raises:
        ValueError: there is no such day: no such leap month, or the 30th of a short month.
    """
    from borax.calendars.lunardate import LunarDate  # noqa: PLC0415 - as in _known

    civil: date = LunarDate(day.year, day.month, day.day, int(day.leap)).to_solar_date()
    return civil


def solar_term(day: date) -> str | None:
    """The solar term that begins on `day`, as in `SOLAR_TERMS`; None on the other days.

    Raises:
        DataMissing: as `lunar_day`.
    """
    return _known(day)[1]


def is_new_year_eve(day: date) -> bool:
    """Is tomorrow the first day of the lunar year? The last month has 29 days or 30, so no fixed date tells."""
    tomorrow = lunar_day(day + ONE_DAY)
    return (tomorrow.month, tomorrow.day, tomorrow.leap) == (1, 1, False)


@lru_cache(maxsize=256)
def birthdays_on(day: date, *, leap_month: bool = True) -> tuple[LunarBirthday, ...]:
    """Who has a lunar birthday on `day`: each birthday comes exactly once in every lunar year.

    Born on the 30th: kept on the 29th of a short month. Born in a leap month: kept in it when the year has it,
    otherwise in the plain month of that number; always in the plain month without `leap_month`.
    """
    today = lunar_day(day)
    short = today.day == 29 and lunar_day(day + ONE_DAY).day == 1  # noqa: PLR2004 - a lunar month has 29 days or 30
    born = [LunarBirthday(today.month, number, today.leap) for number in ((29, 30) if short else (today.day,))]
    if today.leap and not leap_month:
        return ()
    if today.leap or (leap_month and _leap_month(today.year) == today.month):
        return tuple(born)
    return (*born, *(birthday._replace(leap=True) for birthday in born))


@lru_cache(maxsize=1024)
def _known(day: date) -> tuple[LunarDay, str | None]:
    from borax.calendars.lunardate import LunarDate  # noqa: PLC0415 - 20 ms that a single send need not pay

    try:
        found = LunarDate.from_solar(day)
    except ValueError as fault:
        raise DataMissing("the lunar calendar is known from 1900-01-31 to 2101-01-28, not {day}", day=day) from fault
    return LunarDay(found.year, found.month, found.day, bool(found.leap)), _TERM_IDS.get(found.term)


@lru_cache(maxsize=256)
def _leap_month(year: int) -> int:
    """The month that a leap month follows in a lunar year; 0 when there is none."""
    from borax.calendars.lunardate import LCalendars  # noqa: PLC0415 - as in _known

    month: int = LCalendars.leap_month(year)
    return month
