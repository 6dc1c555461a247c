"""Read the value of `moment:` into a rule."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from notigate.calendar import SOLAR_TERMS, days_in_month
from notigate.moments import words
from notigate.moments.birthdays import LEAP_DAY, Anniversary, Birthday, LunarAnniversary, MonthOfBirthdays
from notigate.moments.facts import OnFact
from notigate.moments.festivals import FESTIVALS, LunarYearlyDay, SingleDay, TermDay, YearlyDay
from notigate.moments.hours import Hours
from notigate.moments.offsets import BeforeHoliday, Offset, Within
from notigate.moments.parts import Part, Several
from notigate.moments.rhythms import Every, EverySince, EveryWorkday, Monthly, Weekly
from notigate.moments.signals import Approval, Manual
from notigate.moments.skies import weather
from notigate.moments.words import Entry, MomentError, misfit

if TYPE_CHECKING:
    from datetime import date

    from notigate.moments.offsets import Unit
    from notigate.moments.rhythms import Rhythm
    from notigate.occurrence import Moment

#: any year that has all days
_LEAP_YEAR = 2000


def parse(value: object) -> Moment | Several:
    """Read a moment from its YAML value: a word, a mapping of one rule with its options, or a list of these.

    Raises:
        MomentError: the rule is unknown, or what it is given does not fit.
    """
    parts = [_part(one) for one in _several(value)]
    if len(parts) == 1:
        part = replace(parts[0], mark="")
        return Several((part,)) if part.who else part.rule
    repeated = [part.mark for part in parts if part.mark]
    if len(set(repeated)) < len(repeated):
        raise MomentError("two of its rules are the same")
    return Several(tuple(parts))


def _part(value: object) -> Part:
    entry: Entry = {value: None} if isinstance(value, str) else value if isinstance(value, Mapping) else {}
    rule = "on_fact" if "on_fact" in entry else next((key for key in entry if key in _RULES), None)
    if rule is None:
        raise _unknown(next(iter(entry), value))
    read, options = _RULES[rule]
    if strange := [key for key in entry if key not in (rule, *options, *_FOR_ALL)]:
        raise MomentError("{option!r} does not go with {rule!r}", option=strange[0], rule=rule)
    return Part(read(rule, entry), _readers(entry), "" if rule in _BY_DAY else _mark(rule, entry))


def _readers(entry: Entry) -> str:
    """What `who` and `until` say together."""
    said = [f"({words.who('who', entry['who'])})"] if "who" in entry else []
    if "until" in entry:
        said.append(f"not {words.column('until', words.text('until', entry, 'a column'))}")
    return " and ".join(said)


def _mark(rule: str, entry: Entry) -> str:
    """What tells a rule from the others of a list: all that says when it is due."""
    said = [rule, *(option for option in entry if option in _FACT_OFFSETS and option != rule)]
    return " ".join(f"{key} {entry[key]}" if entry[key] is not None else key for key in said)


def _unknown(name: object) -> MomentError:
    near = difflib.get_close_matches(str(name), _RULES, n=1)
    known = ", ".join(near or _RULES)
    return MomentError("unknown moment {name!r}; known: {known}", name=name, known=known)


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


def _on_source(n: int, unit: Unit) -> _Reader:
    """Read `DAY`, for an offset that is fixed."""

    def read(rule: str, entry: Entry) -> Moment:
        return Offset(words.source(rule, words.text(rule, entry, "a column")), n, unit)

    return read


def _offset(unit: Unit, sign: Literal[1, -1], *, least: int, first: int = 0) -> _Reader:
    """Read `DAY N`; `first` is the number that the day itself bears."""

    def read(rule: str, entry: Entry) -> Moment:
        name, n = words.counted(rule, entry, unit, least)
        return Offset(words.source(rule, name), sign * (n - first), unit)

    return read


def _within(rule: str, entry: Entry) -> Moment:
    name, n = words.counted(rule, entry, "days", 1)
    return Within(words.source(rule, name), n)


def _hours(unit: Literal["hours", "minutes"], sign: Literal[1, -1]) -> _Reader:
    """Read `COLUMN N`, for a column that holds a time."""

    def read(rule: str, entry: Entry) -> Moment:
        name, n = words.counted(rule, entry, unit, 0 if sign > 0 else 1)
        return Hours(words.column(rule, name), sign * timedelta(**{unit: n}))

    return read


def _on_fact(rule: str, entry: Entry) -> Moment:
    kind = words.name(rule, entry[rule])
    unless = words.name("unless", entry["unless"]) if "unless" in entry else ""
    said = [option for option in _FACT_OFFSETS if option in entry]
    if len(said) > 1:
        raise MomentError("{option!r} does not go with {rule!r}", option=said[1], rule=said[0])
    unit, sign = _FACT_OFFSETS[said[0]] if said else ("minutes", 1)
    n = sign * words.number(said[0], entry, unit, 0) if said else 0
    if unit == "hours" or unit == "minutes":  # noqa: PLR1714 - so that mypy sees what is left
        within = words.span("within", entry["within"]) if "within" in entry else None
        return OnFact(kind=kind, shift=timedelta(**{unit: n}), within=within, unless=unless)
    if "within" in entry:
        raise MomentError("{option!r} does not go with {rule!r}", option="within", rule=said[0])
    return OnFact(kind=kind, n=n, unit=unit, unless=unless)


def _weekly(rule: str, entry: Entry) -> Moment:
    weekdays = frozenset(words.weekday(rule, value) for value in _several(entry[rule]))
    match entry.get("weeks", "all"):
        case "all" | "odd" | "even" as weeks:
            return Weekly(weekdays, weeks)
    raise misfit("weeks", entry["weeks"], "all, odd or even")


def _every(rule: str, entry: Entry) -> Moment:
    rhythm = words.rhythm(rule, entry)
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
    for value in _several(entry[rule]):
        match = re.fullmatch(r"(workday )?(-?[0-9]{1,2})", named.get(str(value), str(value)))
        n = int(match[2]) if match else 0
        if match and match[1] and 1 <= abs(n) <= 23:  # noqa: PLR2004 - as many workdays as a month of 31 days can have
            workdays.add(n)
        elif match and not match[1] and 1 <= n <= 31:  # noqa: PLR2004 - the days of the longest month
            days.add(n)
        else:
            raise misfit(rule, value, "a day of the month, first-workday, last-workday or 'workday 7'")
    return Monthly(frozenset(days), frozenset(workdays))


def _several(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) and value else [value]


def _alone(moment: Moment) -> _Reader:
    """Read a word that takes no value."""

    def read(rule: str, entry: Entry) -> Moment:
        if entry[rule] is not None:
            raise MomentError("{rule!r} stands alone, without {value!r}", rule=rule, value=entry[rule])
        return moment

    return read


_Reader: TypeAlias = Callable[[str, Entry], "Moment"]

#: options that go with every rule
_FOR_ALL = ("who", "until")

#: rules whose key is the day they are sent on: no two of them say something twice on one day
_BY_DAY = frozenset({"daily", "workdays", "weekly", "every", "monthly"})

#: how far from a fact
_FACT_OFFSETS: Mapping[str, tuple[words.Counted, Literal[1, -1]]] = {
    "days_after": ("days", 1),
    "days_before": ("days", -1),
    "workdays_after": ("workdays", 1),
    "workdays_before": ("workdays", -1),
    "months_after": ("months", 1),
    "months_before": ("months", -1),
    "hours_after": ("hours", 1),
    "hours_before": ("hours", -1),
    "minutes_after": ("minutes", 1),
    "minutes_before": ("minutes", -1),
}

#: rule → its reader and the options that go with it
_RULES: Mapping[str, tuple[_Reader, frozenset[str]]] = {
    rule: (read, frozenset(options))
    for rule, read, *options in (
        ("birthday", _birthday, "leap_month"),
        ("anniversary", _anniversary),
        ("lunar_anniversary", _lunar_anniversary),
        ("date", _date),
        ("lunar", _lunar),
        ("term", _term),
        ("holiday", _holiday),
        ("before_holiday", _before_holiday),
        ("day_of", _on_source(0, "days")),
        ("workday_after", _on_source(1, "workdays")),
        ("nth_day", _offset("days", 1, least=1, first=1)),
        ("days_after", _offset("days", 1, least=0)),
        ("days_before", _offset("days", -1, least=0)),
        ("workdays_after", _offset("workdays", 1, least=1)),
        ("workdays_before", _offset("workdays", -1, least=1)),
        ("months_after", _offset("months", 1, least=1)),
        ("months_before", _offset("months", -1, least=1)),
        ("within_days", _within),
        ("hours_after", _hours("hours", 1)),
        ("hours_before", _hours("hours", -1)),
        ("minutes_after", _hours("minutes", 1)),
        ("minutes_before", _hours("minutes", -1)),
        ("daily", _alone(Weekly(frozenset(range(7))))),
        ("workdays", _alone(EveryWorkday())),
        ("weekly", _weekly, "weeks"),
        ("every", _every, "on", "from", "since", "times"),
        ("monthly", _monthly),
        ("birthdays_of_month", _birthdays_of_month),
        ("weather", weather),
        ("approval", _alone(Approval())),
        ("manual", _alone(Manual())),
    )
} | {"on_fact": (_on_fact, frozenset({"within", "unless", *_FACT_OFFSETS}))}
