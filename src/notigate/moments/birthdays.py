"""Birthdays and anniversaries: days that come round every year for one person."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from notigate.calendar import ONE_DAY, Almanac, as_day, days_in_month
from notigate.calendar.lunar import LunarBirthday, LunarDay, birthdays_on, civil_day, lunar_day
from notigate.model import Facts
from notigate.occurrence import Occurrence, OnDays

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from notigate.moments.rhythms import Monthly
    from notigate.occurrence import Chooser, YearDay

#: month and day; in common years, those of 29 February are kept on this day unless the occasion says 1 March
LEAP_DAY = (2, 28)

_FEBRUARY = 2
#: the lunar calendar begins there; nobody looks back further
_FIRST, _LONGEST_LIFE = 1900, 120


@dataclass(frozen=True, slots=True)
class Birthday:
    """The reader's birthday: the lunar one where `lunar_birthday` is filled, otherwise that of `birthday`.

    Its key is the year it falls in, the lunar year for lunar ones. Texts find the day it falls on as `birthday_on`.
    """

    #: the day kept in common years by those born on 29 February
    leap_day: YearDay = LEAP_DAY
    #: are those born in a leap month kept in it, in the years that have it? Otherwise always in the plain month
    leap_month: bool = True

    def chooser(self, days: Sequence[date], due: date, almanac: Almanac) -> OnDays:
        """Choose those whose birthday is one of `days`."""
        del almanac
        solar = {born: _birthday(day.year, day, due) for day in days for born in _kept_on(day, self.leap_day)}
        lunar = {
            born: _birthday(lunar_day(day).year, day, due)
            for day in days
            for born in birthdays_on(day, leap_month=self.leap_month)
        }

        def choose(facts: Facts) -> Sequence[Occurrence]:
            if kept := facts.get("lunar_birthday"):
                born = read_lunar_birthday(kept)
                return lunar.get(born, ()) if born else ()
            birthday = facts.get("birthday")
            return solar.get((birthday.month, birthday.day), ()) if isinstance(birthday, date) else ()

        return OnDays(choose, solar, frozenset({"lunar_birthday"}))

    def columns(self) -> frozenset[str]:
        """Both birthdays; one of them is enough."""
        return frozenset({"birthday", "lunar_birthday"})


def _birthday(year: int, day: date, due: date) -> Sequence[Occurrence]:
    return (Occurrence(str(year), due, given={"birthday_on": day}),)


@dataclass(frozen=True, slots=True)
class MonthOfBirthdays:
    """Once a month, for those whose birthday falls in that month; its key is that of the rhythm."""

    when: Monthly
    birthday: Birthday

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose those with a birthday in the month of `day`, when the month's turn is on `day`."""
        everyone = self.when.on(day, almanac)
        if everyone is None:
            return None
        first = day.replace(day=1)
        month = [first + n * ONE_DAY for n in range(days_in_month(day.year, day.month))]
        fall, key = self.birthday.chooser(month, day, almanac), everyone({})[0].key

        def choose(facts: Facts) -> Sequence[Occurrence]:
            return [replace(found, key=key) for found in fall(facts)]

        return replace(fall, choose=choose)

    def columns(self) -> frozenset[str]:
        """Both birthdays; one of them is enough."""
        return self.birthday.columns()


@dataclass(frozen=True, slots=True)
class Anniversary:
    """The day of `column` in every later year; its key is the year."""

    column: str

    def chooser(self, days: Sequence[date], due: date, almanac: Almanac) -> Chooser | None:
        """Choose those with an anniversary on one of `days`."""
        del almanac
        column = self.column
        found = {
            kept: (day.year, (Occurrence(str(day.year), due),)) for day in days for kept in _kept_on(day, LEAP_DAY)
        }

        def choose(facts: Facts) -> Sequence[Occurrence]:
            first = facts.get(column)
            if not isinstance(first, date):
                return ()
            year, occurrences = found.get((first.month, first.day), (0, ()))
            return occurrences if year > first.year else ()

        return OnDays(choose, found)

    def columns(self) -> frozenset[str]:
        """The column of the first day."""
        return frozenset({self.column})


@dataclass(frozen=True, slots=True)
class LunarAnniversary:
    """The lunar day of `column` in every later lunar year, which is its key.

    The column holds a civil day, or a lunar one as people write it (`read_lunar_birthday`).
    """

    column: str

    def chooser(self, days: Sequence[date], due: date, almanac: Almanac) -> Chooser | None:
        """Choose those with an anniversary on one of `days`."""
        del almanac
        column = self.column
        lunar: dict[LunarBirthday, Sequence[Occurrence]] = {}
        civil: dict[date, Sequence[Occurrence]] = {}
        for day in days:
            year = lunar_day(day).year
            for kept in birthdays_on(day):
                lunar[kept] = (Occurrence(str(year), due),)
                civil |= dict.fromkeys(_earlier(kept, year), lunar[kept])

        def choose(facts: Facts) -> Sequence[Occurrence]:
            first = facts.get(column)
            if isinstance(first, date):
                return civil.get(as_day(first) or first, ())
            kept = read_lunar_birthday(first) if first else None
            return lunar.get(kept, ()) if kept else ()

        return choose

    def columns(self) -> frozenset[str]:
        """The column of the first day."""
        return frozenset({self.column})


def _earlier(kept: LunarBirthday, year: int) -> Iterable[date]:
    """The civil dates of a lunar day in the years before."""
    for earlier in range(max(_FIRST, year - _LONGEST_LIFE), year):
        with suppress(ValueError):
            yield civil_day(LunarDay(earlier, *kept))


def _kept_on(day: date, leap_day: YearDay) -> Iterable[YearDay]:
    """The month and day of everything kept on `day`: usually its own."""
    yield day.month, day.day
    if (day.month, day.day) == leap_day and days_in_month(day.year, _FEBRUARY) < 29:  # noqa: PLR2004 - a common year
        yield 2, 29


_MONTHS = {name: number for number, name in enumerate("正二三四五六七八九十冬腊", 1)}
_MONTHS |= {"一": 1, "十一": 11, "十二": 12}
_DAYS = {"初十": 10, "二十": 20, "三十": 30, "卅": 30} | {
    f"{tens}{unit}": number + more
    for tens, more in (("初", 0), ("十", 10), ("廿", 20), ("二十", 20))
    for number, unit in enumerate("一二三四五六七八九", 1)
}
_FIGURES = re.compile(r"(?:\d{4}[-/.年])?(闰|L)?(\d{1,2})[-/.月](\d{1,2})日?")
_WORDS = re.compile(r"(?:.{4}年)?(闰)?(.{1,2})月(.{1,3})")


@lru_cache(maxsize=8192)
def read_lunar_birthday(value: object) -> LunarBirthday | None:
    """Read a lunar birthday as people write it: `8-15`, `1975-8-15`, `闰6-15`, `L6-15`, `八月十五`, `1987年闰六月初一`.

    The year is not used. A spreadsheet's date stands for its month and day. None when it cannot be read, or when no
    lunar month has such a day.
    """
    if isinstance(value, date):
        return LunarBirthday(value.month, value.day) if value.day <= 30 else None  # noqa: PLR2004 - as said above
    text = str(value).strip().removeprefix("农历").removeprefix("阴历")
    if match := _FIGURES.fullmatch(text):
        month, day = int(match[2]), int(match[3])
    elif match := _WORDS.fullmatch(text):
        month, day = _MONTHS.get(match[2], 0), _DAYS.get(match[3], 0)
    else:
        return None
    possible = 1 <= month <= 12 and 1 <= day <= 30  # noqa: PLR2004 - a lunar month has at most 30 days
    return LunarBirthday(month, day, bool(match[1])) if possible else None
