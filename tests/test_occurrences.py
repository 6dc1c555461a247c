"""When occasions come round for a reader: at hours of their own, by lists of rules, by facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest

from notigate.calendar import Almanac
from notigate.moments import Fact, MomentError, parse, parts
from notigate.moments.reading import RULES

DAY = timedelta(days=1)


def d(text: str) -> date:
    return date.fromisoformat(text)


# Hours, lists, and readers of one rule


ZONE = ZoneInfo("Asia/Shanghai")
HERE = Almanac(zone=ZONE)


def found(moment, day, facts=None, almanac=HERE):
    """All occurrences of a day."""
    return [o for part in parts(parse(moment)) for o in asked(part, d(day), facts or {}, almanac)]


def asked(part, day, facts, almanac):
    choose = part.rule.on(day, almanac)
    return part.marked(choose)(facts) if choose else ()


def all_due(moment, first, last, facts):
    """Every day and key from `first` to `last`."""
    days = [str(d(first) + n * DAY) for n in range((d(last) - d(first)).days + 1)]
    return {day: occurrence.key for day in days for occurrence in found(moment, day, facts)}


def hour(text, zone=ZONE):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "day", "at", "until"),
    [
        ({"hours_before": "visit_at 1"}, "2026-11-20", "2026-11-20T14:30", "2026-11-20T15:30"),
        ({"minutes_before": "visit_at 45"}, "2026-11-20", "2026-11-20T14:45", "2026-11-20T15:30"),
        ({"hours_before": "visit_at 16"}, "2026-11-19", "2026-11-19T23:30", "2026-11-20T15:30"),
        ({"hours_after": "visit_at 24"}, "2026-11-21", "2026-11-21T15:30", None),
        ({"minutes_after": "visit_at 0"}, "2026-11-20", "2026-11-20T15:30", None),
    ],
)
def test_hours_and_minutes_count_from_the_time_in_a_column(moment, day, at, until):
    facts = {"visit_at": datetime(2026, 11, 20, 15, 30)}  # noqa: DTZ001 - as rosters tell it
    (occurrence,) = found(moment, day, facts)
    assert (occurrence.key, occurrence.at, occurrence.until) == ("2026-11-20T15:30", hour(at), until and hour(until))
    others = [day for day in ("2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21") if found(moment, day, facts)]
    assert others == [day]


def test_a_day_without_an_hour_has_no_hour_before():
    assert found({"hours_before": "visit_at 1"}, "2026-11-20", {"visit_at": d("2026-11-20")}) == []
    assert [
        o.key for o in found({"days_before": "visit_at 1"}, "2026-11-19", {"visit_at": hour("2026-11-20T15:30")})
    ] == ["2026-11-20"]


@pytest.mark.parametrize(
    ("event", "n", "at"),
    [
        ("2026-03-29T03:30", 1, "2026-03-29T01:30"),  # 02:00 to 03:00 does not exist
        ("2026-10-25T03:30", 1, "2026-10-25T02:30"),  # 02:00 to 03:00 comes twice
        ("2026-10-25T04:00", 3, "2026-10-25T02:00"),
        ("2026-03-29T12:00", 24, "2026-03-28T11:00"),
    ],
)
def test_an_hour_is_an_hour_when_summer_time_begins_or_ends(event, n, at):
    berlin = ZoneInfo("Europe/Berlin")
    facts = {"visit_at": datetime.fromisoformat(event)}
    (occurrence,) = found({"hours_before": f"visit_at {n}"}, at[:10], facts, Almanac(zone=berlin))
    assert f"{occurrence.at:%Y-%m-%dT%H:%M}" == at
    assert occurrence.until.astimezone(UTC) - occurrence.at.astimezone(UTC) == timedelta(hours=n)


def test_a_time_with_a_zone_of_its_own_is_kept_in_the_project_s():
    told = datetime.fromisoformat("2026-11-20T20:00-05:00")
    (occurrence,) = found({"hours_before": "call_at 1"}, "2026-11-21", {"call_at": told})
    assert (occurrence.key, f"{occurrence.at:%H:%M}") == ("2026-11-21T09:00", "08:00")


def test_each_rule_of_a_list_is_a_message_of_its_own():
    moment = [{"workdays_before": "due_on 3"}, {"day_of": "due_on"}]
    facts = {"due_on": d("2026-11-20")}
    keys = {day: [o.key for o in found(moment, day, facts)] for day in ("2026-11-17", "2026-11-18", "2026-11-20")}
    assert keys == {
        "2026-11-17": ["2026-11-20+workdays_before due_on 3"],
        "2026-11-18": [],
        "2026-11-20": ["2026-11-20+day_of due_on"],
    }


def test_what_recurs_by_two_rules_is_one_message_on_the_day_they_meet():
    keys = [o.key for o in found([{"weekly": "monday"}, {"monthly": 16}], "2026-11-16")]
    assert keys == ["2026-11-16", "2026-11-16"]


def test_instalments_stand_in_numbered_columns_and_each_tells_its_own():
    facts = {
        "name": "王芳",
        "due_1_on": d("2026-05-01"),
        "amount_1": "60",
        "due_2_on": d("2026-11-20"),
        "amount_2": "35",
    }
    (occurrence,) = found({"day_of": "due_*_on"}, "2026-11-20", facts)
    assert occurrence.key == "2026-11-20"
    assert occurrence.given == {"number": 2, "due_on": d("2026-11-20"), "amount": "35"}


def test_within_so_many_days_is_due_on_each_of_them_under_one_key():
    facts = {"ordered_on": d("2026-11-10")}
    days = all_due({"within_days": "ordered_on 7"}, "2026-11-01", "2026-11-30", facts)
    assert list(days) == [f"2026-11-{n}" for n in range(11, 18)]
    assert set(days.values()) == {"2026-11-10"}


def test_a_repetition_ends_after_so_many_times():
    facts = {"called_on": d("2026-11-01")}
    days = all_due({"every": "3 days", "since": "called_on", "times": 3}, "2026-11-01", "2026-11-30", facts)
    assert list(days) == ["2026-11-04", "2026-11-07", "2026-11-10"]


def test_readers_of_one_rule_are_said_beside_it():
    moment = parse(
        [{"weekly": "thursday", "who": "class == 'C'"}, {"every": "3 days", "since": "x_on", "until": "visited_on"}]
    )
    assert [part.who for part in parts(moment)] == ["(class == 'C')", "not visited_on"]
    assert moment.columns() == {"x_on"}


def test_a_leap_month_birthday_is_kept_in_the_plain_month_where_the_occasion_says_so():
    born = {"lunar_birthday": "1987-闰6-1"}
    assert list(all_due({"birthday": "02-28", "leap_month": "plain"}, "2024-01-01", "2026-12-31", born)) == [
        "2024-07-06", "2025-06-25", "2026-07-14",
    ]  # fmt: skip


@pytest.mark.parametrize("day", [d("2015-09-27"), "8-15", "八月十五"])
def test_a_lunar_anniversary_is_kept_by_its_lunar_day(day):
    days = all_due({"lunar_anniversary": "wedding"}, "2024-01-01", "2026-12-31", {"wedding": day})
    assert days == {"2024-09-17": "2024", "2025-10-06": "2025", "2026-09-25": "2026"}


def test_what_announces_a_day_names_it():
    facts = {"handover_on": d("2026-12-05")}
    assert [o.about for o in found({"days_before": "handover_on 14"}, "2026-11-21", facts)] == [d("2026-12-05")]
    assert [o.about for o in found({"days_after": "handover_on 1"}, "2026-12-06", facts)] == [None]


# Facts


TOLD = hour("2026-11-20T09:30")


def fact(**changed):
    given = {"kind": "payment", "key": "p1", "target": {"id": "c1"}, "day": d("2026-11-20"), "told_at": TOLD}
    return Fact(**given | changed)


def due_by(moment, day, *facts, person=None, home=""):
    choose = parse({"on_fact": "payment", **moment}).chooser(facts, d(day), HERE, home)
    return list(choose(person or {"id": "c1"})) if choose else []


@pytest.mark.parametrize(
    ("moment", "changed", "days"),
    [
        ({"days_after": 1}, {}, ["2026-11-21"]),
        ({"days_after": 0}, {}, ["2026-11-20"]),
        ({"workdays_after": 1}, {}, ["2026-11-23"]),
        ({"months_after": 1}, {"day": d("2026-10-31")}, ["2026-11-30"]),
        ({"days_before": 3}, {"day": d("2026-11-28")}, ["2026-11-25"]),
        ({"days_before": 3}, {"day": d("2026-11-22")}, ["2026-11-20"]),
        ({"days_before": 3}, {"day": d("2026-11-19")}, []),
        ({"days_after": 1}, {"day": d("2026-11-02")}, ["2026-11-20"]),
        ({}, {"day": d("2026-11-02")}, ["2026-11-20"]),
        ({"hours_after": 24}, {}, ["2026-11-21"]),
    ],
)
def test_a_fact_makes_an_occasion_due_on_its_day_or_when_it_is_told(moment, changed, days):
    span = [str(d("2026-10-20") + i * DAY) for i in range(60)]
    assert [day for day in span if due_by(moment, day, fact(**changed))] == days


@pytest.mark.parametrize(
    ("moment", "changed", "at", "until"),
    [
        ({}, {}, "2026-11-20T09:30", None),
        ({"within": "1h"}, {}, "2026-11-20T09:30", "2026-11-20T10:30"),
        ({"minutes_after": 15}, {}, "2026-11-20T09:45", None),
        ({"hours_before": 1}, {"at": hour("2026-11-20T15:00")}, "2026-11-20T14:00", "2026-11-20T15:00"),
        ({"hours_before": 1}, {"at": hour("2026-11-20T10:00")}, "2026-11-20T09:30", "2026-11-20T10:00"),
    ],
)
def test_a_fact_with_an_hour_is_due_at_it(moment, changed, at, until):
    (occurrence,) = due_by(moment, "2026-11-20", fact(**changed))
    assert (occurrence.at, occurrence.until) == (hour(at), until and hour(until))


def test_an_event_that_is_over_when_it_is_told_is_announced_to_nobody():
    assert due_by({"hours_before": 1}, "2026-11-20", fact(at=hour("2026-11-20T09:00"))) == []


@pytest.mark.parametrize(
    ("target", "concerned"),
    [
        ({}, ["c1", "c2", "c3"]),
        ({"id": "c2"}, ["c2"]),
        ({"building": "3号楼"}, ["c1", "c2"]),
        ({"building": "3号楼", "project": "北城"}, ["c2"]),
        ({"project": "青年城"}, ["c1", "c3"]),
    ],
)
def test_a_fact_concerns_a_person_a_building_a_project_or_all(target, concerned):
    people = [
        {"id": "c1", "building": "3号楼"},
        {"id": "c2", "building": "3号楼", "project": "北城"},
        {"id": "c3", "project": "青年城"},
    ]
    told = fact(target=target)
    assert [p["id"] for p in people if due_by({}, "2026-11-20", told, person=p, home="青年城")] == concerned


@pytest.mark.parametrize(
    ("target", "concerned"),
    [
        ({"building": "3号楼"}, ["c1", "c2"]),
        ({"id": "c1"}, ["c1", "c2"]),
        ({"building": "3号楼", "project": "青年城"}, ["c1"]),
    ],
)
def test_a_rule_for_the_project_goes_beyond_the_building_that_a_fact_names_and_tells_which(target, concerned):
    people = [{"id": "c1", "building": "5号楼"}, {"id": "c2", "project": "北城"}]
    found = {
        person["id"]: due_by({"for": "project"}, "2026-11-20", fact(target=target), person=person, home="青年城")
        for person in people
    }
    assert [person for person, due in found.items() if due] == concerned
    assert [due[0].given.get("building") for due in found.values() if due] == [target.get("building")] * len(concerned)


def test_texts_learn_what_kind_of_fact_it_is():
    assert due_by({}, "2026-11-20", fact())[0].given["fact"] == "payment"


def test_two_facts_on_one_day_are_two_messages_with_their_own_values():
    facts = [fact(values={"amount": 1}), fact(key="p2", values={"amount": 2})]
    occurrences = due_by({"days_after": 1}, "2026-11-21", *facts)
    assert [(o.key, o.given["amount"], o.given["on"]) for o in occurrences] == [
        ("p1", 1, d("2026-11-20")),
        ("p2", 2, d("2026-11-20")),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([{"days_before": "x_on 1"}, {"days_before": "x_on 1"}], "two of its rules are the same"),
        ({"on_fact": "Payment!"}, "on_fact: 'Payment!' is not a kind of fact"),
        ({"on_fact": "payment", "days_after": "x_on 1"}, "days_after: 'x_on 1' is not a number"),
        ({"on_fact": "payment", "days_after": 1, "hours_after": 1}, "'hours_after' does not go with 'days_after'"),
        ({"on_fact": "payment", "days_after": 1, "within": "1h"}, "'within' does not go with 'days_after'"),
        ({"on_fact": "payment", "for": "all"}, "for: 'all' is not 'project'"),
        ({"day_of": "x_on", "optional": "so"}, "optional: 'so' is not true or false"),
        ({"on_fact": "payment", "within": "soon"}, "within: 'soon' is not a span of time"),
        ({"weekly": "thursday", "who": "class ="}, "who: column 7: `=` means nothing here"),
        ({"weekly": "thursday", "until": "visited on"}, "until: 'visited on' is not a column"),
        ({"hours_before": "visit_at 0"}, "hours_before: 'visit_at 0' is not a name and a number from 1"),
        ({"every": "2 weeks", "from": "2026-01-08", "times": 3}, "'times' does not go with 'from'"),
        ({"every": "2 weeks", "since": "x_on", "times": 0}, "times: 0 is not a number from 1"),
        ({"birthday": "02-28", "leap_month": "both"}, "leap_month: 'both' is not leap or plain"),
        ({"day_of": "due_**_on"}, "day_of: 'due_1*_on' is not a column"),
    ],
)
def test_a_rule_of_the_longer_kind_that_cannot_be_read_says_why(value, message):
    with pytest.raises(MomentError) as caught:
        parse(value)
    assert message in str(caught.value)


def test_every_rule_that_a_file_reads_is_found_in_that_file():
    files = {file: import_module(f"notigate.moments.reading.{file}").RULES for file in set(RULES.values())}
    assert {rule: file for file, rules in files.items() for rule in rules} == RULES
