"""Read the rules that name days of the year: birthdays, anniversaries, dates, festivals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from notigate.calendar import days_in_month
from notigate.calendar.lunar import SOLAR_TERMS
from notigate.moments import words
from notigate.moments.birthdays import LEAP_DAY, Anniversary, Birthday, LunarAnniversary
from notigate.moments.festivals import FESTIVALS, LunarYearlyDay, SingleDay, TermDay, YearlyDay
from notigate.moments.offsets import BeforeHoliday, Offset
from notigate.moments.reading.tables import Rules, table
from notigate.moments.words import Entry, misfit

if TYPE_CHECKING:
    from notigate.occurrence import Moment

#: any year that has all days
_LEAP_YEAR = 2000


def _birthday(rule: str, entry: Entry) -> Moment:
    days = {None: LEAP_DAY, "02-28": LEAP_DAY, "03-01": (3, 1)}
    kept = next((day for said, day in days.items() if said == entry[rule]), None)
    if kept is None:
        raise misfit(rule, entry[rule], "02-28 or 03-01, the day kept in common years by those born on 29 February")
    match entry.get("leap_month", "leap"):
        case "leap" | "plain" as month:
            return Offset(Birthday(kept, month == "leap"))
    raise misfit("leap_month", entry["leap_month"], "leap or plain, the month kept by those born in a leap month")


def _anniversary(rule: str, entry: Entry) -> Moment:
    return Offset(Anniversary(words.column(rule, words.text(rule, entry, "a column"))))


def _lunar_anniversary(rule: str, entry: Entry) -> Moment:
    return Offset(LunarAnniversary(words.column(rule, words.text(rule, entry, "a column"))))


def _date(rule: str, entry: Entry) -> Moment:
    wanted = "a date such as 12-25 or 2026-12-25"
    if not re.fullmatch(r"\d\d-\d\d", str(entry[rule])):
        return Offset(SingleDay(words.day(rule, entry[rule], wanted)))
    month, day = map(int, str(entry[rule]).split("-"))
    if not (1 <= month <= 12 and 1 <= day <= days_in_month(_LEAP_YEAR, month)):  # noqa: PLR2004 - months of a year
        raise misfit(rule, entry[rule], wanted)
    return Offset(YearlyDay(month, day))


def _lunar(rule: str, entry: Entry) -> Moment:
    wanted = "a lunar month and day such as 8-15, or new-year-eve"
    text = words.text(rule, entry, wanted)
    if text == "new-year-eve":
        return Offset(FESTIVALS[text])
    match = re.fullmatch(r"0?([1-9]|1[0-2])-(0?[1-9]|[12][0-9]|30)", text)
    if not match:
        raise misfit(rule, text, wanted)
    return Offset(LunarYearlyDay(int(match[1]), int(match[2])))


def _term(rule: str, entry: Entry) -> Moment:
    wanted = f"a solar term: {', '.join(SOLAR_TERMS)}"
    text = words.text(rule, entry, wanted)
    for term, chinese in SOLAR_TERMS.items():
        if text in (term, chinese):
            return Offset(TermDay(term))
    raise misfit(rule, text, wanted)


def _holiday(rule: str, entry: Entry) -> Moment:
    return Offset(words.festival(rule, words.text(rule, entry, "the name of a festival")))


def _before_holiday(rule: str, entry: Entry) -> Moment:
    name, n = words.counted(rule, entry, "days", 0)
    return BeforeHoliday(words.festival(rule, name), n)


RULES: Rules = table(
    ("birthday", _birthday, {"leap_month"}),
    ("anniversary", _anniversary),
    ("lunar_anniversary", _lunar_anniversary),
    ("date", _date),
    ("lunar", _lunar),
    ("term", _term),
    ("holiday", _holiday),
    ("before_holiday", _before_holiday),
)
