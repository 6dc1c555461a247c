"""The project's calendar as people look at it, and notices of the State Council as they are taken over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from notigate.calendar import ONE_DAY, Almanac, Told, Workdays
from notigate.calendar.lunar import LunarDay, lunar_day, solar_term
from notigate.errors import ConfigError, DataMissing
from notigate.moments import FESTIVALS
from notigate.settings.workdays import checked, days_in, written

if TYPE_CHECKING:
    from pathlib import Path

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day, and what the calendar knows of it."""

    day: date
    #: None where nobody knows
    workday: bool | None
    #: who says so
    source: Told
    #: its weekday would say otherwise
    moved: bool
    #: None outside of the lunar calendar's years
    lunar: LunarDay | None
    #: solar term that begins, by pinyin
    term: str
    festivals: tuple[str, ...]

    @property
    def week(self) -> str:
        """The ISO week: `2026-W41`."""
        year, number, _ = self.day.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def is_odd_week(self) -> bool:
        """Is it a week of `weeks: odd`?"""
        return self.day.isocalendar().week % 2 == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A notice that was taken over."""

    file: Path
    years: tuple[int, ...]
    rest: int
    work: int
    #: days on which it differs from what was known before
    differing: tuple[date, ...]


def days(almanac: Almanac, first: date, last: date) -> Iterator[Day]:
    """Every day of a span, both ends included."""
    for number in range((last - first).days + 1):
        yield _day(almanac, first + timedelta(days=number))


def _day(almanac: Almanac, day: date) -> Day:
    workday, source = almanac.told(day)
    try:
        lunar, term = lunar_day(day), solar_term(day) or ""
        festivals = tuple(name for name, festival in FESTIVALS.items() if festival.key(day))
    except DataMissing:
        lunar, term, festivals = None, "", ()
    moved = workday is not None and source != "every-day" and workday != (day.weekday() < _SATURDAY)
    return Day(day=day, workday=workday, source=source, moved=moved, lunar=lunar, term=term, festivals=festivals)


def take_over(file: Path, into: Path, almanac: Almanac, *, dry_run: bool = False) -> Taken:
    """Check a notice and keep its years in `into`; what that file says of other years stays.

    Raises:
        ConfigError: with every fault of the notice; nothing was taken over. Or `into` cannot be written.
    """
    new = checked(file)
    old = days_in(into) if into.is_file() else Workdays()
    kept = {day: works for day, works in old.days.items() if not _covers(new, day)}
    both = Workdays(days={**kept, **new.days}, years=old.years | new.years)
    taken = Taken(
        file=into, years=tuple(sorted(new.years)), rest=sum(not works for works in new.days.values()),
        work=sum(new.days.values()), differing=_differing(almanac, new),
    )  # fmt: skip
    if not dry_run:
        _write(into, written(both))
    return taken


def _covers(notice: Workdays, day: date) -> bool:
    """Does a notice speak of that day: is it in its years, or a day of the December before that it names?"""
    return day.year in notice.years or day in notice.days


def _differing(almanac: Almanac, new: Workdays) -> tuple[date, ...]:
    """Days of which something else was known before, the weekday alone not counted as knowledge."""
    before: Sequence[date] = [date(year, 1, 1) + n * ONE_DAY for year in sorted(new.years) for n in range(366)]
    known = ((day, almanac.told(day)[0]) for day in before if day.year in new.years)
    return tuple(
        day for day, works in known if works is not None and works != new.days.get(day, day.weekday() < _SATURDAY)
    )


def _write(file: Path, text: str) -> None:
    """All or nothing."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as fault:
        raise ConfigError("{file}: cannot be written: {why}", file=file, why=fault.strerror or fault) from fault
