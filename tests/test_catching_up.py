"""A plan never depends on how often it is asked, and catching up equals having run daily, but for what `late:` says.

Small worlds of any shape: people with days near the world's own, an occasion of every kind of moment and of every `late`,
facts that are told, and days on which nothing runs. NOTIGATE_LONG=1 tries many more of them.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Collection, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from notigate import settings as files
from notigate.calendar import Almanac
from notigate.edges import Clock
from notigate.gateway import Gateway
from notigate.model import State
from notigate.planner import Planned

ZONE = ZoneInfo("Asia/Shanghai")
#: days of a world before the days of rest at its end, on which what is late can still go
DAYS, REST = 7, 2
LONG = bool(os.environ.get("NOTIGATE_LONG"))
EXAMPLES = 300 if LONG else 5
#: three hundred worlds take longer than anything that hangs should
pytestmark = pytest.mark.timeout(0) if LONG else []
LUNAR = ("", "正月初一", "腊月三十", "闰六月初一")
LATE = ("drop", "next-window", "ask")
#: around the Spring Festival, a leap day's, a month's end, the year's last weeks, a week of the year's middle
STARTS = (date(2026, 2, 11), date(2026, 2, 24), date(2026, 9, 25), date(2026, 12, 21), date(2026, 6, 15))
COLUMNS = (
    "birthday",
    "lunar_birthday",
    "day_on",
    "due_1_on",
    "due_2_on",
    "since_on",
    "visit_at",
    "subscribed_on",
    "done_on",
)
PROJECT = """\
project: {{name: 青年城, hotline: 400-600-0000, city: 成都}}
ledger: sqlite:///notigate.db
roster: {{file: customers.csv}}
channels: {{trial: {{plugin: outbox}}}}
policy: {{per_person: {{}}, guard: 0}}
workdays: {{rule: china, assume: weekdays}}
staff: [{{name: 李娜, wecom: lina, groups: [all]}}]
occasions: {{{occasions}}}
"""


def moments(start: date) -> Mapping[str, str]:
    """One of every kind that a clock can bring about."""
    third = start + timedelta(days=3)
    return {
        "birthday": "birthday", "anniversary": "{anniversary: since_on}", "lunar-anniversary": "{lunar_anniversary: since_on}",
        "date": f'{{date: "{third:%m-%d}"}}', "once": f'{{date: "{third}"}}', "lunar": '{lunar: "1-1"}',
        "term": "{term: yushui}", "holiday": "{holiday: mid-autumn}", "before-holiday": '{before_holiday: "spring-festival 1"}',
        "day-of": "{day_of: day_on}", "days-after": '{days_after: "day_on 2"}', "days-before": '{days_before: "day_on 2"}',
        "nth-day": '{nth_day: "day_on 3"}', "workday-after": "{workday_after: day_on}",
        "workdays-after": '{workdays_after: "day_on 2"}', "workdays-before": '{workdays_before: "day_on 2"}',
        "months-after": '{months_after: "since_on 1"}', "months-before": '{months_before: "day_on 1"}',
        "within": '{within_days: "day_on 3"}', "hours-before": '{hours_before: "visit_at 2"}',
        "minutes-after": '{minutes_after: "visit_at 30"}', "daily": "daily", "workdays": "workdays",
        "weekly": "{weekly: [monday, thursday], weeks: odd}", "every": f'{{every: "2 days", from: {start}}}',
        "every-since": '{every: "3 days", since: since_on, times: 40, until: done_on}',
        "monthly": "{monthly: [1, 16, last-workday]}", "instalments": '{day_of: "due_*_on"}',
        "several": '[{days_after: "day_on 1"}, {days_after: "day_on 3", who: subscribed}]',
        "fact": "{on_fact: news}", "fact-later": "{on_fact: news, days_after: 2}",
        "fact-before": "{on_fact: news, days_before: 1}", "fact-soon": "{on_fact: news, within: 2h}",
    }  # fmt: skip


#: what may have become of a message whose day was missed: what it announces may be over
AFTER = {
    "drop": {State.EXPIRED},
    "next-window": {State.ACCEPTED, State.EXPIRED},
    "ask": {State.HELD, State.EXPIRED},
}
#: what has an hour of its own, or some days, goes as soon as it can, unless it is worth nothing then
OWN_HOURS = {"fact", "fact-soon", "hours-before", "minutes-after", "within"}
OWN_HOUR = {State.ACCEPTED, State.EXPIRED, State.HELD}


class World(NamedTuple):
    start: date
    people: list[dict[str, str]]
    #: (day of the world, person): told at eight in the morning
    facts: list[tuple[int, int]]
    #: days of the world on which nothing runs
    outage: set[int]
    #: which `late` the first occasion has, and so on in turn
    turn: int


@st.composite
def worlds(draw) -> World:
    start = draw(st.sampled_from(STARTS))
    near = st.integers(-12, 12).map(lambda n: start + timedelta(days=n))
    ago = st.integers(-430, 5).map(lambda n: start + timedelta(days=n))
    cells = {
        "birthday": near.map(lambda day: f"1988-{day:%m-%d}"), "lunar_birthday": st.sampled_from(LUNAR),
        "day_on": near.map(str), "due_1_on": near.map(str), "due_2_on": near.map(str), "since_on": ago.map(str),
        "visit_at": near.map(lambda day: f"{day} 15:00"), "subscribed_on": near.map(str),
        "done_on": st.sampled_from(["", "2026-01-01"]),
    }  # fmt: skip
    row = st.fixed_dictionaries({name: st.one_of(st.just(""), cell) for name, cell in cells.items()})
    return World(
        start,
        draw(st.lists(row, min_size=1, max_size=5)),
        draw(st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(0, 4)), max_size=3, unique=True)),
        draw(st.sets(st.integers(1, DAYS - 1), min_size=1)),
        draw(st.integers(0, 2)),
    )


class Lived(NamedTuple):
    """(person, occasion, key) → what became of it, and its day."""

    promised: dict[tuple[str, str, str], tuple[State, date]]
    #: of each run, what a plan told beforehand that would go out now, and what did
    foretold: list[tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]]


@contextmanager
def opened(world: World, who: str):
    """The project of a world; its clock is set by assigning to the list."""
    now = [datetime.combine(world.start, time(0), ZONE)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (kind, moment) in enumerate(moments(world.start).items()):
            home = folder / "templates" / "care" / kind
            home.mkdir(parents=True)
            late = LATE[(number + world.turn) % len(LATE)]
            said = f"title: {kind}\nclass: service\nchannels: [sms]\nmoment: {moment}\nlate: {late}\n"
            (home / "occasion.yaml").write_text(said + (f"who: {who}\n" if who else ""), encoding="utf-8")
            (home / "zh_Hans.sms.txt").write_text("您好。", encoding="utf-8")
        occasions = ", ".join(f"care/{kind}: {{}}" for kind in moments(world.start))
        (folder / "notigate.yaml").write_text(PROJECT.format(occasions=occasions), encoding="utf-8")
        with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["id", "name", "phone", *COLUMNS])
            writer.writeheader()
            for number, row in enumerate(world.people):
                writer.writerow({"id": f"c{number}", "name": "王芳", "phone": 13800138000 + number, **row})
        with Gateway(files.load(folder / "notigate.yaml"), Clock(ZONE, real=lambda: now[0])) as gateway:
            yield gateway, now


def lived(world: World, without: Collection[int], hours: str = "10:05", who: str = "", *, plans: int = 0) -> Lived:
    foretold = []
    with opened(world, who) as (gateway, now):
        for number in range(DAYS + REST):
            day = world.start + timedelta(days=number)
            for told in [person for on, person in world.facts if on == number]:
                now[0] = datetime.combine(day, time(8), ZONE)
                gateway.fact(
                    "news", person=f"c{told % len(world.people)}", on=day + timedelta(days=1), key=f"n{number}-{told}"
                )
            for hour in () if number in without else map(time.fromisoformat, hours.split()):
                now[0] = datetime.combine(day, hour, ZONE)
                plan = [_going(gateway) for _ in range(plans)]
                before = _accepted(gateway)
                gateway.send_due()
                foretold += [(one, _accepted(gateway) - before) for one in plan]
        promised = {(one.person, one.occasion, one.occurrence): (one.state, one.day) for one in gateway.log()}
        assert len(promised) == sum(1 for _ in gateway.log()), "something was planned twice"
    return Lived(promised, foretold)


def _going(gateway: Gateway) -> set[tuple[str, str, str]]:
    items = [item for item in gateway.plan() if isinstance(item, Planned) and not item.draft.reason]
    return {(item.draft.person, item.draft.occasion, item.draft.occurrence) for item in items}


def _accepted(gateway: Gateway) -> set[tuple[str, str, str]]:
    return {(one.person, one.occasion, one.occurrence) for one in gateway.log(state=State.ACCEPTED)}


#: a world is small enough to be read as it is found; making it smaller still would take minutes
PATIENT = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@PATIENT
@given(worlds())
def test_catching_up_equals_having_run_daily_but_for_what_is_late(world: World):
    daily, caught = lived(world, ()).promised, lived(world, world.outage).promised
    assert caught.keys() == daily.keys()
    kinds = list(moments(world.start))
    for key, (state, day) in daily.items():
        _, occasion, _ = key
        after = caught[key][0]
        if (day - world.start).days not in world.outage or state is not State.ACCEPTED:
            assert after is state, key
            continue
        late = LATE[(kinds.index(occasion.removeprefix("care/")) + world.turn) % len(LATE)]
        own_hour = occasion.removeprefix("care/") in OWN_HOURS
        assert after in (OWN_HOUR if own_hour else AFTER[late]), (key, late)


@PATIENT
@given(worlds())
def test_what_is_promised_never_depends_on_how_often_it_is_asked(world: World):
    seldom, often = "08:05 10:05 16:05", "08:05 09:00 10:05 10:10 10:30 16:05 22:30"
    assert lived(world, (), seldom).promised == lived(world, (), often, plans=1).promised


@PATIENT
@given(worlds())
def test_a_plan_is_the_same_each_time_it_is_asked_and_is_what_the_run_sends(world: World):
    for plan, went in lived(world, (), plans=2).foretold:
        assert plan <= went


@PATIENT
@given(worlds())
def test_a_condition_that_came_true_later_brings_nobody_into_days_gone_by(world: World):
    daily, caught = lived(world, (), who="subscribed").promised, lived(world, world.outage, who="subscribed").promised
    assert caught.keys() == daily.keys()


def test_every_kind_of_moment_that_a_clock_brings_about_is_in_the_worlds():
    from notigate.moments.reading import RULES  # noqa: PLC0415 - only here

    said = " ".join(moments(STARTS[0]).values())
    absent = {rule for rule in RULES if rule not in said}
    assert absent == {"birthdays_of_month", "hours_after", "minutes_before", "weather", "approval", "manual"}
    assert Almanac().knows(2026)
