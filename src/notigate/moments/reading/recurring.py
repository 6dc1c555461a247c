"""Read the rules that come round by themselves: every day, week, month, so many weeks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from notigate.moments import words
from notigate.moments.birthdays import Birthday, MonthOfBirthdays
from notigate.moments.reading.tables import Rules, alone, several, table
from notigate.moments.rhythms import Every, EverySince, EveryWorkday, Monthly, Rhythm, Weekly
from notigate.moments.words import Entry, MomentError, misfit

if TYPE_CHECKING:
    from datetime import date

    from notigate.occurrence import Moment

_STEPS: Mapping[str, tuple[int, Literal["days", "months"]]] = {
    "day": (1, "days"),
    "week": (7, "days"),
    "month": (1, "months"),
    "year": (12, "months"),
}


def _weekly(rule: str, entry: Entry) -> Moment:
    weekdays = frozenset(words.weekday(rule, value) for value in several(entry[rule]))
    match entry.get("weeks", "all"):
        case "all" | "odd" | "even" as weeks:
            return Weekly(weekdays, weeks)
    raise misfit("weeks", entry["weeks"], "all, odd or even")


def _every(rule: str, entry: Entry) -> Moment:
    rhythm = _rhythm(rule, entry)
    if ("from" in entry) == ("since" in entry):
        raise MomentError("{rule} wants either `from`, a date, or `since`, a column", rule=rule)
    if "from" in entry and "times" in entry:
        raise MomentError("{option!r} does not go with {rule!r}", option="times", rule="from")
    if "from" in entry:
        first = words.day("from", entry["from"], "a date such as 2026-01-08")
        if "on" in entry:
            _check_weekday(rhythm, first, entry["on"])
        return Every(rhythm, first)
    if "on" in entry:
        raise MomentError("{option!r} does not go with {rule!r}", option="on", rule="since")
    times = words.number("times", entry, "days", 1) if "times" in entry else 0
    return EverySince(rhythm, words.column("since", words.text("since", entry, "a column")), times)


def _rhythm(rule: str, entry: Entry) -> Rhythm:
    """Read `2 weeks`."""
    match = re.fullmatch(r"([1-9][0-9]{0,2})\s+(day|week|month|year)s?", str(entry[rule]).strip())
    if not match:
        raise misfit(rule, entry[rule], "a distance such as '2 weeks' or '6 months'")
    step, unit = _STEPS[match[2]]
    return Rhythm(int(match[1]) * step, unit)


def _check_weekday(rhythm: Rhythm, first: date, weekday: object) -> None:
    """The weekday is said for the reader's sake: the first date must fall on it, and all that follow."""
    if words.weekday("on", weekday) != first.weekday():
        raise misfit("from", first.isoformat(), f"a {weekday}")
    if rhythm.unit == "months" or rhythm.n % len(words.WEEKDAYS):
        raise MomentError("{option!r} goes with whole weeks only", option="on")


def _birthdays_of_month(rule: str, entry: Entry) -> Moment:
    return MonthOfBirthdays(_monthly(rule, entry), Birthday())


def _monthly(rule: str, entry: Entry) -> Monthly:
    days, workdays = set(), set()
    named = {"first-workday": "workday 1", "last-workday": "workday -1"}
    for value in several(entry[rule]):
        match = re.fullmatch(r"(workday )?(-?[0-9]{1,2})", named.get(str(value), str(value)))
        n = int(match[2]) if match else 0
        if match and match[1] and 1 <= abs(n) <= 23:  # noqa: PLR2004 - as many workdays as a month of 31 days can have
            workdays.add(n)
        elif match and not match[1] and 1 <= n <= 31:  # noqa: PLR2004 - the days of the longest month
            days.add(n)
        else:
            raise misfit(rule, value, "a day of the month, first-workday, last-workday or 'workday 7'")
    return Monthly(frozenset(days), frozenset(workdays))


RULES: Rules = table(
    ("daily", alone(Weekly(frozenset(range(7))))),
    ("workdays", alone(EveryWorkday())),
    ("weekly", _weekly, {"weeks"}),
    ("every", _every, {"on", "from", "since", "times"}),
    ("monthly", _monthly),
    ("birthdays_of_month", _birthdays_of_month),
)
