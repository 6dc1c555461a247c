"""Days that are the same for everybody: festivals, dates, lunar days and solar terms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from notigate.calendar import Almanac
from notigate.calendar.lunar import LunarBirthday, birthdays_on, is_new_year_eve, lunar_day, solar_term
from notigate.moments.birthdays import LEAP_DAY
from notigate.occurrence import Alike, Chooser, Occurrence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class SharedDay(ABC):
    """A day of the calendar, the same for all readers."""

    __slots__ = ()

    @abstractmethod
    def key(self, day: date) -> str | None:
        """The key of the occurrence that falls on `day`; None on all other days."""

    def chooser(self, days: Sequence[date], due: date, almanac: Almanac) -> Chooser | None:
        """Choose everyone when one of `days` is it."""
        del almanac
        for day in days:
            if key := self.key(day):
                return Alike((Occurrence(key, due),))
        return None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class SingleDay(SharedDay):
    """One day, once."""

    day: date

    def key(self, day: date) -> str | None:
        """The day itself."""
        return day.isoformat() if day == self.day else None


@dataclass(frozen=True, slots=True)
class YearlyDay(SharedDay):
    """A month and day of the civil year; 29 February is kept on the 28th in common years."""

    month: int
    day: int

    def key(self, day: date) -> str | None:
        """The year."""
        return str(day.year) if day == self._in(day.year) else None

    def _in(self, year: int) -> date:
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return date(year, *LEAP_DAY)


@dataclass(frozen=True, slots=True)
class LunarYearlyDay(SharedDay):
    """A month and day of the lunar year, never in a leap month; the 30th is kept on the 29th of a short month."""

    month: int
    day: int

    def key(self, day: date) -> str | None:
        """The lunar year."""
        wanted = LunarBirthday(self.month, self.day)
        return str(lunar_day(day).year) if wanted in birthdays_on(day) else None


@dataclass(frozen=True, slots=True)
class NewYearEve(SharedDay):
    """The last day of the lunar year."""

    def key(self, day: date) -> str | None:
        """The lunar year that ends."""
        return str(lunar_day(day).year) if is_new_year_eve(day) else None


@dataclass(frozen=True, slots=True)
class TermDay(SharedDay):
    """The first day of a solar term, by its id in `calendar.lunar.SOLAR_TERMS`."""

    term: str

    def key(self, day: date) -> str | None:
        """The year."""
        return str(day.year) if solar_term(day) == self.term else None


#: festivals by the names of their occasions
FESTIVALS: Mapping[str, SharedDay] = {
    "new-year": YearlyDay(1, 1),
    "new-year-eve": NewYearEve(),
    "spring-festival": LunarYearlyDay(1, 1),
    "lantern-festival": LunarYearlyDay(1, 15),
    "qingming": TermDay("qingming"),
    "labour-day": YearlyDay(5, 1),
    "dragon-boat": LunarYearlyDay(5, 5),
    "qixi": LunarYearlyDay(7, 7),
    "mid-autumn": LunarYearlyDay(8, 15),
    "double-ninth": LunarYearlyDay(9, 9),
    "national-day": YearlyDay(10, 1),
    "laba": LunarYearlyDay(12, 8),
    "christmas": YearlyDay(12, 25),
}
