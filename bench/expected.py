"""What must come of the year of `town.py`: told from tables of dates and the rows of its people, without notigate.

Each rule below tells of one care occasion, for one customer and day, whether it falls on that day, or from when to when.
`messages` finds the first run of the crontab in that time. Nothing here knows how notigate counts, plans, holds or catches up.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import town
from town import ZONE, Row

DAY = timedelta(days=1)
#: the State Council's rest days: from, and how many
_REST = (
    ("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3),
    ("2026-10-01", 7), ("2027-01-01", 3),
)  # fmt: skip
RESTING = {date.fromisoformat(first) + n * DAY for first, days in _REST for n in range(days)}
MADE_UP = {date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
#: when the greetings of the year go out; that of the Spring Festival on the day before the holiday
GREETINGS = {
    "new-year": "2026-01-01", "spring-festival": "2026-02-14", "lantern-festival": "2026-03-03", "labour-day": "2026-05-01",
    "dragon-boat": "2026-06-19", "mid-autumn": "2026-09-25", "national-day": "2026-10-01", "double-ninth": "2026-10-18",
    "christmas": "2026-12-25",
}  # fmt: skip
#: and the next year's first, which is drafted in this one
NEXT_YEAR = date(2027, 1, 1)
#: lunar birthdays in 2026, which has no leap month, and before whose first day there is no 30th
LUNAR = {
    "八月十五": "2026-09-25", "正月初一": "2026-02-17", "五月初五": "2026-06-19", "闰六月初十": "2026-07-23",
    "九月初九": "2026-10-18", "腊月三十": "2026-02-16",
}  # fmt: skip
#: S05 by the kind of the complaint: how long it may stay unanswered until whom is told
HEAD = "head"
LEVELS: Mapping[str, tuple[tuple[timedelta, str], ...]] = {
    "soft": ((timedelta(minutes=15), ""), (timedelta(minutes=30), HEAD)),
    "hard": ((timedelta(hours=1), ""), (timedelta(hours=3), HEAD)),
    "major": ((timedelta(minutes=10), HEAD), (timedelta(hours=12), HEAD)),
    "1": ((timedelta(hours=24), HEAD),),
}
WORKDAY_LEVELS = {"2": 3, "3": 1}

Hours: TypeAlias = tuple[tuple[time, time], ...]


def _hours(text: str) -> Hours:
    spans = (span.split("-") for span in text.split())
    return tuple((time.fromisoformat(first), time.fromisoformat(last)) for first, last in spans)


#: F03
WINDOWS = _hours("10:00-11:30 15:00-17:00")
MORNING, STAFF, ANY = _hours("10:00-11:30"), _hours("09:00-10:00"), _hours("00:00-23:59:59")


class Span(NamedTuple):
    """An hour of its own."""

    opens: datetime
    closes: datetime | None = None


class Message(NamedTuple):
    """One message that must go out."""

    at: datetime
    occasion: str
    reader: str


#: for a customer and a day: it falls on that day, or at an hour of it
Falls: TypeAlias = "Callable[[Row, date], bool | Span | None]"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One way in which an occasion comes round."""

    row: str
    occasion: str
    falls: Falls
    hours: Hours
    #: not to those who want no greetings
    greets: bool
    #: worth nothing after its hours
    drop: bool
    #: our own people read it
    staff: bool
    #: each customer is a message of their own
    singly: bool


RULES: list[Rule] = []


def rule(  # noqa: PLR0913 - what tells the occasions from each other
    row: str, occasion: str, hours: Hours = MORNING, *, greets: bool = False, drop: bool = False, staff: bool = False,
    singly: bool = False,
) -> Callable[[Falls], Falls]:  # fmt: skip
    """Note what a function tells."""

    def note(falls: Falls) -> Falls:
        RULES.append(
            Rule(row=row, occasion=occasion, falls=falls, hours=hours, greets=greets, drop=drop, staff=staff, singly=singly)
        )  # fmt: skip
        return falls

    return note


# Dates


def works(day: date) -> bool:
    """Is it a workday of the State Council's?"""
    return day in MADE_UP or (day.isoweekday() <= 5 and day not in RESTING)


def workday(day: date, n: int) -> date:
    """The nth workday after it, before it for negative n."""
    step = DAY if n > 0 else -DAY
    for _ in range(abs(n)):
        day += step
        while not works(day):
            day += step
    return day


def months(day: date, n: int) -> date:
    """N months on; in a short month its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def of(who: Row, column: str) -> date | None:
    """The day in a column."""
    value = who.get(column)
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10]) if value else None


def after(who: Row, column: str, n: int) -> date | None:
    """N days after the day in a column."""
    day = of(who, column)
    return day + n * DAY if day else None


def has(who: Row, column: str, today: date) -> bool:
    """Has that day come?"""
    day = of(who, column)
    return day is not None and day <= today


def bought(who: Row, today: date) -> bool:
    """Subscribed or signed."""
    return has(who, "subscribed_on", today) or has(who, "signed_on", today)


def favoured(who: Row) -> bool:
    """C21: a VIP or a referral."""
    return bool(who.get("vip") or who.get("referral"))


def birthday(who: Row) -> date | None:
    """The birthday in 2026."""
    if lunar := who.get("lunar_birthday"):
        return date.fromisoformat(LUNAR[str(lunar)])
    if (born := of(who, "birthday")) is None:
        return None
    return date(2026, 2, 28) if (born.month, born.day) == (2, 29) else born.replace(year=2026)


def told(kind: str, who: Row) -> Iterator[tuple[datetime, Mapping[str, object]]]:
    """The facts of a kind that concern somebody."""
    for when, what, said in town.TOLD:
        concerned = said.get("everyone") or said.get("person") == who["id"] or said.get("building") == who["building"]
        if what == kind and concerned:
            yield town.at(when), said


def told_on(kind: str, who: Row, day: date) -> bool:
    """Was such a fact told on that day?"""
    return any(at.date() == day for at, _ in told(kind, who))


def told_then(kind: str, who: Row, day: date) -> Span | None:
    """From when such a fact is told on that day."""
    return next((Span(at) for at, _ in told(kind, who) if at.date() == day), None)


# Customers


@rule("C01", "service/birthday", _hours("10:00-10:30"), greets=True, drop=True)
def _birthday(who: Row, day: date) -> bool:
    return bought(who, day) and birthday(who) == day


@rule("C02", "purchase/subscription-thanks", _hours("10:00-10:30"), greets=True)
def _subscribed(who: Row, day: date) -> bool:
    return (on := of(who, "subscribed_on")) is not None and workday(on, 1) == day


@rule("C03", "progress/fortnightly", greets=True, drop=True)
def _progress(who: Row, day: date) -> bool:
    odd = (day - date(2026, 1, 1)).days % 14 == 0
    return odd and has(who, "subscribed_on", day) and not has(who, "moved_in_on", day)


def _layout(kind: str) -> Falls:
    def falls(who: Row, day: date) -> Span | None:
        prospect = who.get("stage") == "prospect" and who.get("class") != "D"
        wanted = has(who, "subscribed_on", day) or prospect or favoured(who)
        return told_then(kind, who, day) if wanted and "A2" in str(who.get("interests", "")).split(";") else None

    return falls


rule("C04", "purchase/showflat-opens", ANY, greets=True)(_layout("showflat-opens"))
rule("C05", "purchase/showflat-closes", ANY, greets=True)(_layout("showflat-closes"))


@rule("C06", "progress/major-change", ANY)
def _change(who: Row, day: date) -> Span | None:
    concerned = has(who, "subscribed_on", day) and not has(who, "handed_over_on", day)
    return told_then("major-change", who, day) if concerned else None


@rule("C07", "purchase/signing-reminder", _hours("16:00-17:00"))
def _unsigned(who: Row, day: date) -> bool:
    return after(who, "subscribed_on", 4) == day and not has(who, "signed_on", day)


@rule("C08", "service/event-invitation", _hours("10:00-10:30"), greets=True)
def _event(who: Row, day: date) -> bool:
    invited = bought(who, day) or favoured(who)
    return invited and any(_begins(said) - 3 * DAY == day for _, said in told("event", who))


def _begins(event: Mapping[str, object]) -> date:
    hour = event["at"]
    assert isinstance(hour, datetime), "an event has its hour"
    return hour.date()


def _greeting(on: date) -> Falls:
    return lambda who, day: day == on and bool(bought(who, day) or who.get("class") == "D" or favoured(who))


for _name, _on in GREETINGS.items():
    rule("C09", f"holiday/{_name}", greets=True, drop=True)(_greeting(date.fromisoformat(_on)))
rule("C09", "holiday/new-year", greets=True, drop=True)(_greeting(NEXT_YEAR))


@rule("C10", "weather/severe-weather", _hours("15:00-17:00"), drop=True)
def _storm(who: Row, day: date) -> bool:
    return day == town.STORM[2] - DAY and who.get("city", town.CITY) == town.CITY


@rule("C11", "purchase/payment-arrived")
def _paid(who: Row, day: date) -> bool:
    return after(who, "paid_on", 1) == day or told_on("paid-in-full", who, day - DAY)


@rule("C12", "purchase/contract-filed")
def _filed(who: Row, day: date) -> bool:
    return after(who, "filed_on", 1) == day or told_on("contract-filed", who, day - DAY)


@rule("C13", "handover/moved-in", greets=True)
def _moved_in(who: Row, day: date) -> bool:
    if of(who, "collective_handover_ended_on"):
        return after(who, "collective_handover_ended_on", 3) == day
    return after(who, "moved_in_on", 6) == day


@rule("C14", "service/complaint-answer", WINDOWS)
def _answered(who: Row, day: date) -> bool:
    return after(who, "complaint_answered_on", 1) == day or told_on("complaint-answered", who, day - DAY)


@rule("C15", "service/visit-thanks", WINDOWS, greets=True)
def _company(who: Row, day: date) -> bool:
    return after(who, "company_visited_on", 1) == day or told_on("company-visited", who, day - DAY)


@rule("C16", "progress/milestone", greets=True)
def _milestone(who: Row, day: date) -> bool:
    buyer = bought(who, day)
    heard = told_on("milestone", who, day - DAY) if buyer else who.get("class") == "D" and _somewhere(day - DAY)
    return heard and not has(who, "handed_over_on", day)


def _somewhere(day: date) -> bool:
    return any(what == "milestone" and town.at(when).date() == day for when, what, _ in town.TOLD)


def _handover(before: Callable[[date], date]) -> Falls:
    def falls(who: Row, day: date) -> bool:
        on = of(who, "handover_on")
        return (
            on is not None and before(on) == day and has(who, "signed_on", day) and not has(who, "handed_over_on", day)
        )

    return falls


rule("C17", "handover/preinspection")(_handover(lambda on: months(on, -3)))
rule("C17", "handover/invitation")(_handover(lambda on: on - 14 * DAY))
rule("C17", "handover/reminder")(_handover(lambda on: on - DAY))


def _instalment(number: int, *, ahead: int) -> Falls:
    def falls(who: Row, day: date) -> bool:
        due = of(who, f"due_{number}_on")
        open_ = not has(who, f"instalment_paid_{number}_on", day)
        return due is not None and (workday(due, -ahead) if ahead else due) == day and open_

    return falls


for _number in (1, 2, 3):
    for _ahead in (3, 0):
        rule("C18", "purchase/payment-due")(_instalment(_number, ahead=_ahead))


def _hour(who: Row) -> datetime | None:
    value = who.get("appointment_at")
    return town.at(str(value)) if value else None


@rule("C19", "service/appointment", WINDOWS)
def _appointment(who: Row, day: date) -> bool:
    return (hour := _hour(who)) is not None and workday(hour.date(), -5) == day


@rule("C19", "service/appointment", ANY)
def _an_hour_before(who: Row, day: date) -> Span | None:
    hour = _hour(who)
    return Span(hour - timedelta(hours=1), hour) if hour and hour.date() == day else None


@rule("C19", "service/appointment", ANY)
def _changed(who: Row, day: date) -> Span | None:
    return told_then("appointment-changed", who, day)


@rule("C19", "service/appointment", ANY)
def _delayed(who: Row, day: date) -> Span | None:
    return told_then("appointment-delayed", who, day)


@rule("C20", "purchase/thank-you-letter", greets=True)
def _letter(who: Row, day: date) -> bool:
    return day in (after(who, "subscribed_on", 1), after(who, "subscribed_on", 14))


@rule("C21", "service/keeping-in-touch", greets=True, drop=True)
def _in_touch(who: Row, day: date) -> bool:
    weekly = who.get("class") == "C" and day.isoweekday() == 3
    twice_a_month = has(who, "moved_in_on", day) and day.day in (1, 16)
    return not favoured(who) and (weekly or twice_a_month)


@rule("C21", "purchase/offer", _hours("08:00-22:00"), greets=True)
def _opening(who: Row, day: date) -> Span | None:
    return told_then("opening", who, day) if favoured(who) else None


@rule("C21", "purchase/offer", _hours("08:00-22:00"), greets=True)
def _discount(who: Row, day: date) -> Span | None:
    return told_then("discount", who, day) if favoured(who) else None


@rule("C22", "service/news", _hours("08:00-22:00"), greets=True)
def _news(who: Row, day: date) -> Span | None:
    found = told_then("news", who, day)
    follows = "学区" in str(who.get("interests", "")).split(";")
    return Span(found.opens, found.opens + timedelta(hours=1)) if found and follows else None


@rule("C23", "progress/monthly-report", greets=True)
def _report(who: Row, day: date) -> bool:
    return day.day == 25 and bought(who, day) and not has(who, "moved_in_on", day)


# Colleagues


@rule("S01", "staff/birthday-gifts", STAFF, staff=True)
def _birthdays_of_month(who: Row, day: date) -> bool:
    kept = birthday(who)
    first = workday(day.replace(day=1) - DAY, 1)
    return kept is not None and day == first and (kept.year, kept.month) == (day.year, day.month)


@rule("S01", "staff/birthday-gifts", STAFF, staff=True)
def _birthday_call(who: Row, day: date) -> bool:
    return (kept := birthday(who)) is not None and workday(kept, -1) == day


@rule("S02", "staff/signing-call", STAFF, staff=True)
def _signing_call(who: Row, day: date) -> bool:
    signed = of(who, "signed_on")
    return signed is not None and signed < day and not who.get("signing_called_on")


@rule("S03", "staff/follow-up", STAFF, staff=True)
def _installed(who: Row, day: date) -> bool:
    return (on := of(who, "installed_on")) is not None and months(on, 1) == day


@rule("S03", "staff/follow-up", STAFF, staff=True)
def _half_yearly(who: Row, day: date) -> bool:
    on, step = of(who, "installed_on"), 12 if who.get("key_account") == "是" else 6
    return on is not None and day in (months(on, step), months(on, 2 * step))


@rule("S03", "staff/follow-up", STAFF, staff=True)
def _delivered(who: Row, day: date) -> bool:
    return day in (after(who, "sold_on", 1), after(who, "delivered_on", 1))


@rule("S03", "staff/follow-up", STAFF, staff=True)
def _lives_there(who: Row, day: date) -> bool:
    return (on := of(who, "moved_in_on")) is not None and months(on, 3) == day


CALLERS = _hours("16:00-17:00")


@rule("S04", "staff/callers", CALLERS, staff=True)
def _called_today(who: Row, day: date) -> bool:
    return of(who, "called_on") == day


@rule("S04", "staff/callers", CALLERS, staff=True)
def _called_three_days_ago(who: Row, day: date) -> bool:
    return after(who, "called_on", 3) == day and not who.get("visited_on") and not who.get("key_account")


@rule("S04", "staff/callers", CALLERS, staff=True)
def _called_weeks_ago(who: Row, day: date) -> bool:
    on = of(who, "called_on")
    if on is None or day <= on or who.get("visited_on"):
        return False
    return (day - on).days % (3 if who.get("key_account") else 7) == 0


@rule("S05", "staff/complaint-deadline", ANY, staff=True, singly=True)
def _complaint(who: Row, day: date) -> Span | None:
    at = who.get("complained_at")
    return Span(town.at(str(at))) if at and of(who, "complained_at") == day else None


def _unanswered(level: str, wait: timedelta) -> Falls:
    def falls(who: Row, day: date) -> Span | None:
        if not (at := who.get("complained_at")) or who.get("complaint_level") != level:
            return None
        deadline = town.at(str(at)) + wait
        return Span(deadline) if deadline.date() == day else None

    return falls


for _level, _steps in LEVELS.items():
    for _wait, _to in _steps:
        rule("S05", "staff/complaint-deadline" + (f"|{_to}" if _to else ""), ANY, staff=True, singly=True)(
            _unanswered(_level, _wait)
        )


@rule("S05", "staff/complaint-deadline|head", WINDOWS, staff=True, singly=True)
def _unanswered_for_workdays(who: Row, day: date) -> bool:
    on, wait = of(who, "complained_at"), WORKDAY_LEVELS.get(str(who.get("complaint_level")))
    return on is not None and wait is not None and workday(on, wait) == day


@rule("S05", "staff/complaint-deadline|head", WINDOWS, staff=True, singly=True)
def _unanswered_for_ten_days(who: Row, day: date) -> bool:
    return after(who, "complained_at", 10) == day


@rule("S05", "staff/complaint-callback", STAFF, staff=True)
def _call_back(who: Row, day: date) -> bool:
    return after(who, "complaint_solved_on", 1) == day and not who.get("complaint_called_back_on")


@rule("S05", "staff/complaint-callback", STAFF, staff=True)
def _second_talk(who: Row, day: date) -> bool:
    content = int(str(who.get("complaint_satisfaction") or 100)) >= 80
    return after(who, "complaint_called_back_on", 1) == day and not content and not who.get("second_talk_on")


@rule("S07", "staff/records-due", STAFF, staff=True)
def _report_due(who: Row, day: date) -> bool:
    return after(who, "visited_on", 1) == day and not who.get("recorded_on")


@rule("S07", "staff/records-due", STAFF, staff=True)
def _papers_due(who: Row, day: date) -> bool:
    return after(who, "visited_on", 3) == day and not who.get("papers_on")


# The year


def messages(runs: Collection[datetime]) -> list[Message]:
    """All that must go out when the crontab runs at these hours, in the order of going out."""
    year, found = _Runs(sorted(runs)), list[Message]()
    day = town.FIRST
    while day <= town.LAST:
        rows = _rows(day)
        for one in RULES:
            found += _of_staff(one, rows, day, year) if one.staff else _of_customers(one, rows, day, year)
        found += _of_colleagues(day, year)
        found += _approvals(day, year)
        day += DAY
    return sorted(found)


def readers(occasion: str, day: date) -> set[str]:
    """The customers on whom an occasion falls on a day, whether it goes out or not."""
    return {str(who["id"]) for one in RULES if one.occasion == occasion for who in _concerned(one, _rows(day), day)}


def _rows(day: date) -> list[Row]:
    """Everybody, as they are in the morning of a day."""
    return _as_written(max((when for when in town.WRITTEN if when < f"{day}T01:00"), default=""))


@cache
def _as_written(when: str) -> list[Row]:
    rows = town.people(town.at(when) if when else None)
    return [
        {"id": name} | {column: _value(column, value) for column, value in row.items()} for name, row in rows.items()
    ]


def _value(column: str, value: object) -> object:
    return date.fromisoformat(str(value)) if value and (column.endswith("_on") or column == "birthday") else value


class _Runs:
    """The hours of the crontab."""

    def __init__(self, runs: list[datetime]) -> None:
        self._runs = runs

    def first(self, day: date, hours: Hours, zone: ZoneInfo = ZONE, *, drop: bool = False) -> datetime | None:
        """The first run of that day in these hours of the reader's clock; then, in the usual ones of a later day."""
        for run in self._from(datetime.combine(day, time(0), zone)):
            local = run.astimezone(zone)
            if local.date() > day and drop:
                return None
            if _within(local.time(), hours if local.date() == day else WINDOWS):
                return run
        return None

    def span(self, span: Span, hours: Hours, zone: ZoneInfo = ZONE) -> datetime | None:
        """The first run in a span, at an hour of the reader's clock at which it may go."""
        for run in self._from(span.opens):
            if span.closes is not None and run >= span.closes:
                return None
            if _within(run.astimezone(zone).time(), hours):
                return run
        return None

    def _from(self, hour: datetime) -> Iterator[datetime]:
        yield from self._runs[bisect_left(self._runs, hour) :]


def _within(clock: time, hours: Hours) -> bool:
    return any(first <= clock < last for first, last in hours)


def _concerned(one: Rule, rows: list[Row], day: date) -> list[Row]:
    """Tenants are no owners; who opted out hears nothing, and who mourns no greeting."""
    found = [who for who in rows if not who.get("relation") and one.falls(who, day)]
    if one.staff:
        return found
    return [who for who in found if not who.get("opted_out") and not (one.greets and who.get("do_not_greet"))]


def _of_customers(one: Rule, rows: list[Row], day: date, year: _Runs) -> Iterator[Message]:
    if one.occasion == town.FORGOTTEN:
        return
    for who in _concerned(one, rows, day):
        zone = ZoneInfo(str(who.get("timezone") or ZONE))
        falls = one.falls(who, day)
        run = (
            year.span(falls, one.hours, zone)
            if isinstance(falls, Span)
            else year.first(day, one.hours, zone, drop=one.drop)
        )
        if run is not None:
            yield Message(run, one.occasion, str(who["id"]))


def _of_staff(one: Rule, rows: list[Row], day: date, year: _Runs) -> Iterator[Message]:
    """One list for each consultant, or a message for each customer."""
    occasion, _, to = one.occasion.partition("|")
    lists = set[tuple[datetime, str, str]]()
    for who in _concerned(one, rows, day):
        falls = one.falls(who, day)
        run = year.span(falls, one.hours) if isinstance(falls, Span) else year.first(day, one.hours)
        if run is None or (
            one.occasion.startswith("staff/complaint-deadline")
            and has(town.people(run)[str(who["id"])], "complaint_answered_on", run.date())
        ):
            continue
        reader = town.MANAGER if to == HEAD else str(who["consultant"])
        lists.add((run, reader, str(who["id"]) if one.singly else ""))
    return (Message(run, occasion, reader) for run, reader, _ in lists)


def _of_colleagues(day: date, year: _Runs) -> Iterator[Message]:
    """S06, R01 and R02 are about no customer."""
    if works(day) and (run := year.first(day, _hours("09:00-09:30"), drop=True)):
        yield from (Message(run, "staff/daily-round", reader) for reader in town.ROUNDS)
    evening = _hours("18:00-20:00")
    if day.isoweekday() == 7 and (run := year.first(day, evening)):
        yield Message(run, "staff/weekly-report", town.MANAGER)
    if works(day) and workday(day, 1).month != day.month and (run := year.first(day, evening)):
        yield Message(run, "staff/monthly-report", town.MANAGER)


APPROVED = {
    "progress/fortnightly",
    "progress/milestone",
    "progress/monthly-report",
    *(f"holiday/{name}" for name in GREETINGS),
}


def _first_told(occasion: str, day: date, year: _Runs) -> datetime | None:
    """The first run of a day that can know of what is told on it."""
    hours = [town.at(when) for when, kind, _ in town.TOLD if occasion == f"progress/{kind}"]
    return next((year.span(Span(hour), ANY) for hour in hours if hour.date() == day), None)


def _approvals(day: date, year: _Runs) -> Iterator[Message]:
    """S08: what falls on a later day is drafted on the workday before it; a batch that is not approved is told on its day."""
    if works(day):
        ahead = [day + n * DAY for n in range(1, (workday(day, 1) - day).days + 1)]
        drafted = [one for coming in ahead for one in sorted(APPROVED) if readers(one, coming)]
        runs = (_first_told(one, day, year) or year.first(day, ANY) for one in drafted)
        yield from (Message(run, "staff/approval-waiting", town.MANAGER) for run in runs if run is not None)
    if readers(town.FORGOTTEN, day) and (run := year.first(day, MORNING)):
        yield from (Message(run, "staff/approval-waiting", reader) for reader in (town.MANAGER, town.AUTHOR))
