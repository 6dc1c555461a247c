"""Moments that are counted from a day: the reader's own, or a festival."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from notigate.calendar import LONGEST_REST, ONE_DAY, Almanac, as_day, days_in_month, ends_month
from notigate.model import Facts
from notigate.occurrence import Chooser, Occurrence, OnDays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from notigate.moments.festivals import SharedDay

#: columns of one kind in one row: instalments of a price
_MOST_NUMBERS = 12

Unit: TypeAlias = Literal["days", "workdays", "months"]


class Source(Protocol):
    """A day to count from: a column, a birthday, a festival."""

    def chooser(self, days: Sequence[date], due: date, almanac: Almanac) -> Chooser | None:
        """Choose those whose day is one of `days`: they are due on `due`."""
        ...

    def columns(self) -> frozenset[str]:
        """The roster columns it reads."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """The day in a column of the roster; its key is that day."""

    column: str

    def chooser(self, days: Sequence[date], due: date, almanac: Almanac) -> Chooser | None:
        """Choose those with one of `days` in the column."""
        del almanac
        column, found = self.column, _announced(days, due)

        def choose(facts: Facts) -> Sequence[Occurrence]:
            day = facts.get(column)
            return found.get(day if type(day) is date else as_day(day), ()) if day is not None else ()

        return OnDays(choose, days)

    def columns(self) -> frozenset[str]:
        """The column."""
        return frozenset({self.column})


@dataclass(frozen=True, slots=True)
class Numbered:
    """The days in several columns, such as `due_1_on`, `due_2_on` for `due_*_on`; the key of each is that day.

    Of those on one day, the later ones have their number in the key: each is a message of its own.
    To the texts, the columns of the number that is due bear their plain names: `amount_2` is `amount`.
    """

    column: str

    def chooser(self, days: Sequence[date], due: date, almanac: Almanac) -> Chooser | None:
        """Choose those with one of `days` in one of the columns."""
        del almanac
        columns, found = _numbered(self.column), _announced(days, due)

        def choose(facts: Facts) -> Sequence[Occurrence]:
            chosen: dict[str, Occurrence] = {}
            for number, column in columns:
                day = facts.get(column)
                if day is not None and (occurrences := found.get(as_day(day))):
                    (one,) = occurrences
                    key = f"{one.key}#{number}" if one.key in chosen else one.key
                    chosen[key] = replace(one, key=key, given=_plain(facts, number))
            return tuple(chosen.values())

        return OnDays(choose, days)

    def columns(self) -> frozenset[str]:
        """All that there may be."""
        return frozenset(column for _, column in _numbered(self.column))


def _announced(days: Sequence[date], due: date) -> Mapping[date | None, Sequence[Occurrence]]:
    """By the day in the column: the occurrence, which announces that day when it is still to come."""
    return {day: (Occurrence(day.isoformat(), due, about=day if day >= due else None),) for day in days}


def _numbered(pattern: str) -> Sequence[tuple[str, str]]:
    return [(str(number), pattern.replace("*", str(number))) for number in range(1, _MOST_NUMBERS + 1)]


def _plain(facts: Facts, number: str) -> Facts:
    """The columns of one number under their plain names, and the number itself."""
    plain: dict[str, object] = {"number": int(number)}
    for name, value in facts.items():
        if number in (parts := name.split("_")):
            plain["_".join(part for part in parts if part != number)] = value
    return plain


@dataclass(frozen=True, slots=True)
class Offset:
    """So many days, workdays or months after its source; before it for a negative `n`; on the day itself for 0."""

    source: Source
    n: int = 0
    unit: Unit = "days"

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose those whose source day leads to `day`."""
        days = sources(day, self.n, self.unit, almanac)
        return self.source.chooser(days, day, almanac) if days else None

    def columns(self) -> frozenset[str]:
        """What the source reads."""
        return self.source.columns()


def sources(day: date, n: int, unit: Unit, almanac: Almanac) -> Sequence[date]:
    """All days from which so many `unit` lead to `day`."""
    if unit == "workdays" and n:
        return _by_workdays(day, n, almanac)
    return _by_months(day, n) if unit == "months" else (day - n * ONE_DAY,)


def target(day: date, n: int, unit: Unit, almanac: Almanac) -> date:
    """The day to which so many `unit` lead from `day`."""
    if unit == "workdays":
        return almanac.workday_after(day, n) if n >= 0 else almanac.workday_before(day, -n)
    if unit == "days":
        return day + n * ONE_DAY
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


@dataclass(frozen=True, slots=True)
class Within:
    """On one of the `n` days after its source, the first on which it is asked; so what is written late is not lost."""

    source: Source
    n: int

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose those whose source day is at most `n` days ago."""
        return self.source.chooser(_span(day - self.n * ONE_DAY, day), day, almanac)

    def columns(self) -> frozenset[str]:
        """What the source reads."""
        return self.source.columns()


def _by_workdays(day: date, n: int, almanac: Almanac) -> Sequence[date]:
    """The days whose `n`th workday after (before for negative `n`) is `day`; rest days are such days too."""
    if not almanac.is_workday(day):
        return ()
    if n > 0:
        first = almanac.workday_before(day, n)
        return _span(first, almanac.workday_before(day, n - 1))
    last = almanac.workday_after(day, -n)
    return _span(almanac.workday_after(day, -n - 1) + ONE_DAY, last + ONE_DAY)


def _span(first: date, end: date) -> Sequence[date]:
    return [first + timedelta(days=i) for i in range((end - first).days)]


def _by_months(day: date, n: int) -> Sequence[date]:
    """The days whose day `n` months later is `day`; what a short month does not have falls on its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 - n, 12)
    last = days_in_month(year, month + 1)
    wanted = range(day.day, last + 1) if ends_month(day) else range(day.day, min(day.day, last) + 1)
    return [date(year, month + 1, number) for number in wanted]


@dataclass(frozen=True, slots=True)
class BeforeHoliday:
    """So many days before the company's own holiday around a festival begins.

    The holiday is the run of rest days that holds the festival; the festival itself when it is a workday.
    """

    festival: SharedDay
    n: int

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose everyone when the holiday begins in `n` days."""
        begin = day + self.n * ONE_DAY
        coming = (day for day in _span(begin, begin + LONGEST_REST * ONE_DAY) if self.festival.key(day))
        festival = next(coming, None)
        if festival is None or not _begins(begin, festival, almanac):
            return None
        return self.festival.chooser([festival], day, almanac)

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()


def _begins(begin: date, festival: date, almanac: Almanac) -> bool:
    """Does the holiday that holds `festival` begin on `begin`?"""
    if begin == festival:
        return almanac.is_workday(begin - ONE_DAY) or almanac.is_workday(begin)
    if any(almanac.is_workday(day) for day in _span(begin, festival + ONE_DAY)):
        return False
    return almanac.is_workday(begin - ONE_DAY)
