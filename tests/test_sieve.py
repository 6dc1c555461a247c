"""Whom the sieve lets fall, no rule concerns; whom it keeps, the rules themselves decide about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate import criteria
from notigate.calendar import Almanac
from notigate.model import Category, Occasion, Person
from notigate.moments import parse, parts
from notigate.moments.readers import Readers
from notigate.planner import candidates
from notigate.planner.kept import Kept
from notigate.planner.readers import concerned
from notigate.planner.roundups import Roundups
from notigate.planner.sieve import Sieve
from notigate.planner.wish import Due, Wish

DAY, NOW = date(2026, 2, 28), datetime.fromisoformat("2026-02-28T10:00")
#: one of each kind that reads columns, and some that read none
MOMENTS = [
    "birthday",
    {"birthday": "03-01", "leap_month": "plain"},
    {"anniversary": "signed_on"},
    {"lunar_anniversary": "signed_on"},
    {"day_of": "signed_on"},
    {"days_before": "birthday 1"},
    {"workdays_before": "due_*_on 3"},
    {"day_of": "due_*_on"},
    {"workday_after": "signed_on"},
    {"months_after": "signed_on 3"},
    {"within_days": "signed_on 7"},
    {"hours_before": "visit_at 1"},
    {"minutes_after": "visit_at 0"},
    {"every": "1 month", "since": "signed_on"},
    {"every": "3 months", "since": "signed_on"},
    {"every": "1 week", "since": "signed_on"},
    {"every": "3 days", "since": "signed_on", "times": 5, "until": "due_1_on"},
    {"every": "2 days", "since": "signed_on", "until": "due_1_on"},
    {"every": "1 day", "since": "due_1_on", "who": "signed_on < today"},
    {"weekly": "saturday", "who": "signed"},
    "daily",
    [{"day_of": "signed_on", "who": "vip"}, {"days_after": "due_1_on 2"}],
]
days = st.dates(date(2025, 11, 1), date(2026, 5, 1)) | st.dates(date(1980, 2, 20), date(1980, 3, 5))
days |= st.integers(0, 16).map(lambda back: DAY - timedelta(days=back))
columns = {
    "birthday": days,
    "lunar_birthday": st.sampled_from(["1-12", "正月十二", "1-13", "8-15"]),
    "signed_on": days,
    "due_1_on": days,
    "due_2_on": days,
    "visit_at": st.datetimes(NOW - timedelta(days=1), NOW + timedelta(days=2)) | days,
    "vip": st.booleans(),
}
facts = st.fixed_dictionaries({}, optional=columns)


def due_on(moment, day=DAY) -> list[Due]:
    rule = parse(moment)
    occasion = Occasion(id=str(moment), title="", category=Category.CARE, moment=rule)
    choosers = ((part, part.rule.on(day, Almanac())) for part in parts(rule))
    return [
        Due(
            occasion=occasion, chooser=part.marked(chooser), columns=part.rule.columns(), by_moment=True,
            who=criteria.compile(part.who) if part.who else None,
        )
        for part, chooser in choosers
        if chooser is not None
    ]  # fmt: skip


EVERYTHING = [due for moment in MOMENTS for due in due_on(moment)]


@pytest.mark.parametrize("chosen", [EVERYTHING, [due for due in EVERYTHING if due.columns]])
@given(first=facts, records=st.lists(facts, max_size=2))
def test_nobody_falls_through_whom_a_rule_concerns(chosen, first, records):
    wish = Wish(day=DAY, now=NOW, due=tuple(chosen))
    person = Person(id="c1", facts=first, records=(first, *records) if records else ())
    sieve = Sieve(wish)
    of_all = [(due, found) for due in chosen for found, _ in concerned(wish, due, person)]
    of_few = [(due, found) for due in sieve.of(person) for found, _ in concerned(wish, due, person)]
    assert of_few == of_all
    assert any(map(sieve.concerns, person.records or (first,))) >= bool(of_all)
    assert sieve.of(person) == sieve.of(person)


@pytest.mark.parametrize("chosen", [EVERYTHING, [due for due in EVERYTHING if due.columns]])
@given(rows=st.lists(st.tuples(facts, st.lists(facts, max_size=2)), max_size=5))
def test_people_who_are_kept_are_found_by_what_stands_in_their_columns(chosen, rows):
    wish = Wish(day=DAY, now=NOW, due=tuple(chosen))
    people = [
        Person(id=f"c{n}", facts=first, records=(first, *more) if more else ()) for n, (first, more) in enumerate(rows)
    ]
    kept = Kept(people)
    for _day in range(2):
        found = [
            (due, one)
            for person, few in kept.sifted(Sieve(wish))
            for due in few
            for one in concerned(wish, due, person)
        ]
        assert found == [(due, one) for person in people for due in chosen for one in concerned(wish, due, person)]


@given(rows=st.lists(st.tuples(facts, st.lists(facts, max_size=2)), max_size=3))
def test_on_each_day_of_a_plan_those_are_found_whom_something_concerns_then(rows):
    people = [
        Person(id=f"c{n}", facts=first, records=(first, *more) if more else ()) for n, (first, more) in enumerate(rows)
    ]
    kept = Kept(people)
    for day in (DAY + timedelta(days=n) for n in (0, 1, 3, 14, 40)):
        wish = Wish(day=day, now=NOW, due=tuple(due for moment in MOMENTS for due in due_on(moment, day)))
        few = {person.id: due for person, due in kept.sifted(Sieve(wish))}
        for person in people:
            concerns = [due for due in wish.due if list(concerned(wish, due, person))]
            assert [due for due in few.get(person.id, ()) if due in concerns] == concerns


def test_an_expression_is_asked_again_when_a_day_that_it_speaks_of_has_come():
    kept = Kept([Person(id="c1", facts={"signed_on": DAY + timedelta(days=2)}), Person(id="c2", facts={})])
    found = []
    for day in (DAY + timedelta(days=n) for n in range(4)):
        due = due_on({"every": "1 day", "from": DAY, "who": "signed"}, day)
        found.append([person.id for person, _ in kept.sifted(Sieve(Wish(day=day, now=NOW, due=tuple(due))))])
    assert found == [[], [], ["c1"], ["c1"]]


def test_people_are_not_asked_about_an_occasion_that_is_stopped():
    wish = Wish(day=DAY, now=NOW, due=tuple(due_on("daily")))
    sifted = [(Person(id="c1", facts={}), wish.due)]
    assert len(list(candidates.of_people(wish, sifted, Roundups({}), lambda *_: b"key"))) == 1
    assert not list(candidates.of_people(wish, sifted, Roundups({}), lambda *_: b"key", {"daily"}))


def test_who_has_nothing_in_the_columns_of_the_day_is_not_gone_through():
    wish = Wish(day=DAY, now=NOW, due=tuple(due_on({"day_of": "signed_on"})))
    today, other = Person(id="c1", facts={"signed_on": DAY}), Person(id="c2", facts={"signed_on": date(2026, 2, 27)})
    assert [person for person, _ in Kept([other, today]).sifted(Sieve(wish))] == [today]


def test_who_has_another_day_in_every_column_is_not_looked_at():
    sieve = Sieve(Wish(day=DAY, now=NOW, due=tuple(due_on({"day_of": "signed_on", "who": "vip"}))))
    assert not sieve.concerns({"signed_on": date(2026, 2, 27), "vip": True})
    assert not sieve.concerns({"vip": True})
    assert sieve.concerns({"signed_on": DAY, "vip": True})


def test_one_hour_in_two_zones_may_be_due_on_one_day_and_not_on_the_other():
    sieve = Sieve(Wish(day=DAY, now=NOW, due=tuple(due_on({"day_of": "visit_at"}))))
    yesterday, today = map(datetime.fromisoformat, ("2026-02-27T17:00+00:00", "2026-02-28T01:00+08:00"))
    assert yesterday == today
    assert [sieve.concerns({"visit_at": hour}) for hour in (yesterday, today)] == [False, True]


@pytest.mark.parametrize(("who", "about_nobody"), [("", True), ("vip", False)])
def test_what_a_group_reads_of_some_customers_is_about_them_and_else_about_nobody(who, about_nobody):
    [due] = due_on({"weekly": "saturday", **({"who": who} if who else {})})
    assert replace(due, readers=Readers(group="sales")).is_about_nobody is about_nobody
