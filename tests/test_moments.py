from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notigate.calendar import Almanac
from notigate.calendar.lunar import LunarBirthday
from notigate.errors import DataMissing
from notigate.moments import FESTIVALS, MomentError, parse, read_lunar_birthday
from notigate.occurrence import Occurrence

CHINA = Almanac()
ALWAYS = Almanac(workdays="every-day")
DAY = timedelta(days=1)


def d(text: str) -> date:
    return date.fromisoformat(text)


def due(moment, day, facts=None, almanac=CHINA):
    """The key due on `day`, or None."""
    return ask(parse(moment), d(day) if isinstance(day, str) else day, facts, almanac)


def ask(rule, day, facts, almanac):
    choose = rule.on(day, almanac)
    found = choose(facts or {}) if choose else ()
    assert all(occurrence.day == day for occurrence in found)
    assert len(found) < 2
    return found[0].key if found else None


def all_due(moment, first, last, facts=None, almanac=CHINA):
    """Every day and key from `first` to `last`."""
    days = (d(first) + i * DAY for i in range((d(last) - d(first)).days + 1))
    rule = parse(moment)
    found = ((str(day), ask(rule, day, facts, almanac)) for day in days)
    return {day: key for day, key in found if key}


CARE = {
    "C01 solar": ("birthday", {"birthday": d("1980-03-05")}, {"2026-03-05": "2026"}),
    "C01 lunar": ("birthday", {"lunar_birthday": "1980-8-15", "birthday": d("1980-03-05")}, {"2026-09-25": "2026"}),
    "C02": ({"workday_after": "subscribed_on"}, {"subscribed_on": d("2026-09-30")}, {"2026-10-08": "2026-09-30"}),
    "C07": ({"nth_day": "subscribed_on 5"}, {"subscribed_on": d("2026-11-01")}, {"2026-11-05": "2026-11-01"}),
    "C08": ({"days_before": "event_on 3"}, {"event_on": d("2026-11-28")}, {"2026-11-25": "2026-11-28"}),
    "C09 spring festival": ({"before_holiday": "spring-festival 1"}, {}, {"2026-02-14": "2026"}),
    "C09 mid-autumn": ({"holiday": "mid-autumn"}, {}, {"2026-09-25": "2026"}),
    "C09 lantern": ({"lunar": "1-15"}, {}, {"2026-03-03": "2026"}),
    "C09 double ninth": ({"holiday": "double-ninth"}, {}, {"2026-10-18": "2026"}),
    "C09 dragon boat": ({"holiday": "dragon-boat"}, {}, {"2026-06-19": "2026"}),
    "C09 labour day": ({"holiday": "labour-day"}, {}, {"2026-05-01": "2026"}),
    "C09 national day": ({"holiday": "national-day"}, {}, {"2026-10-01": "2026"}),
    "C09 new year": ({"holiday": "new-year"}, {}, {"2026-01-01": "2026"}),
    "C09 christmas": ({"date": "12-25"}, {}, {"2026-12-25": "2026"}),
    "C11": ({"days_after": "paid_on 1"}, {"paid_on": d("2026-05-31")}, {"2026-06-01": "2026-05-31"}),
    "C12": ({"days_after": "filed_on 1"}, {"filed_on": d("2026-02-28")}, {"2026-03-01": "2026-02-28"}),
    "C13 collective": ({"days_after": "ended_on 3"}, {"ended_on": d("2026-07-01")}, {"2026-07-04": "2026-07-01"}),
    "C13 single": ({"nth_day": "moved_in_on 7"}, {"moved_in_on": d("2026-07-01")}, {"2026-07-07": "2026-07-01"}),
    "C14": ({"days_after": "answered_on 1"}, {"answered_on": d("2026-07-01")}, {"2026-07-02": "2026-07-01"}),
    "C15": ({"days_after": "visited_on 1"}, {"visited_on": d("2026-07-01")}, {"2026-07-02": "2026-07-01"}),
    "C16": ({"days_after": "topped_out_on 1"}, {"topped_out_on": d("2026-07-01")}, {"2026-07-02": "2026-07-01"}),
    "C17 reminder": ({"days_before": "handover_on 1"}, {"handover_on": d("2026-07-01")}, {"2026-06-30": "2026-07-01"}),
    "C17 inspection": ({"months_before": "taken_on 3"}, {"taken_on": d("2026-07-31")}, {"2026-04-30": "2026-07-31"}),
    "C18 ahead": ({"workdays_before": "due_on 3"}, {"due_on": d("2026-10-09")}, {"2026-09-29": "2026-10-09"}),
    "C18 on the day": ({"day_of": "due_on"}, {"due_on": d("2026-10-09")}, {"2026-10-09": "2026-10-09"}),
    "C19": ({"workdays_before": "appointment_on 5"}, {"appointment_on": d("2026-11-20")}, {"2026-11-13": "2026-11-20"}),
    "C20": ({"days_after": "ordered_on 14"}, {"ordered_on": d("2026-11-06")}, {"2026-11-20": "2026-11-06"}),
    "C22": ("manual", {}, {}),
    "S01 call": ({"workdays_before": "birthday 1"}, {"birthday": d("1980-02-23")}, {"2026-02-14": "2026"}),
    "S02": ({"days_after": "signed_on 7"}, {"signed_on": d("2026-11-06")}, {"2026-11-13": "2026-11-06"}),
    "S03 first": ({"months_after": "installed_on 1"}, {"installed_on": d("2026-01-31")}, {"2026-02-28": "2026-01-31"}),
    "S03 half-yearly": (
        {"every": "6 months", "since": "installed_on"},
        {"installed_on": d("2025-08-31")},
        {"2026-02-28": "2026-02-28", "2026-08-31": "2026-08-31"},
    ),
    "S04": (
        {"every": "50 days", "since": "called_on"},
        {"called_on": d("2026-09-01")},
        {"2026-10-21": "2026-10-21", "2026-12-10": "2026-12-10"},
    ),
    "S03 yearly": ({"anniversary": "installed_on"}, {"installed_on": d("2025-08-31")}, {"2026-08-31": "2026"}),
    "S07": ({"days_after": "closed_on 3"}, {"closed_on": d("2026-11-06")}, {"2026-11-09": "2026-11-06"}),
}  # fmt: skip
ELSEWHERE = {
    "C03": {"weekly": "thursday", "weeks": "odd"},
    "C04": "manual",
    "C05": "manual",
    "C06": "manual",
    "C10": {"weather": {"level": "orange", "rain": 50}},
    "C21 class C": {"weekly": "thursday"},
    "C21 earlier buyers": {"monthly": [1, 16]},
    "C23": {"monthly": 25},
    "S01 list": {"monthly": "first-workday"},
    "S05": "manual",
    "S06": "workdays",
    "S08": "daily",
}


def test_every_row_of_the_care_table_can_be_said():
    rows = {name.split()[0] for name in [*CARE, *ELSEWHERE]}
    assert rows == {f"C{n:02}" for n in range(1, 24)} | {f"S{n:02}" for n in range(1, 9)}
    assert all(parse(moment) for moment in ELSEWHERE.values())


@pytest.mark.parametrize(("moment", "facts", "found"), CARE.values(), ids=CARE)
def test_each_care_occasion_is_due_on_its_day_and_on_no_other(moment, facts, found):
    assert all_due(moment, "2026-01-01", "2026-12-25", facts, Almanac(assume_weekdays=True)) == found


@pytest.mark.parametrize(
    "moment", ["birthday", {"days_after": "paid_on 1"}, "weather", {"every": "1 day", "since": "x_on"}]
)
@pytest.mark.parametrize("value", [None, "", "unknown", 7, datetime(2026, 10, 20, 9, 30)])  # noqa: DTZ001 - as cells come
def test_what_is_no_day_is_never_due(moment, value):
    facts = {"birthday": value, "lunar_birthday": None, "paid_on": value, "weather": None}
    assert due(moment, "2026-11-21", facts) is None


def test_fortnightly_progress_comes_on_the_thursdays_of_odd_weeks():
    days = list(all_due({"weekly": "thursday", "weeks": "odd"}, "2026-11-01", "2027-01-31"))
    assert days == [
        "2026-11-05", "2026-11-19", "2026-12-03", "2026-12-17", "2026-12-31", "2027-01-07", "2027-01-21",
    ]  # fmt: skip


def test_every_two_weeks_keeps_its_distance_over_a_year_of_53_weeks():
    moment = {"every": "2 weeks", "on": "thursday", "from": d("2026-01-08")}
    days = all_due(moment, "2026-01-01", "2027-01-31")
    assert list(days)[:2] == ["2026-01-08", "2026-01-22"]
    assert list(days)[-3:] == ["2026-12-24", "2027-01-07", "2027-01-21"]
    assert all(day == key for day, key in days.items())


@pytest.mark.parametrize(
    ("moment", "almanac", "days"),
    [
        ({"weekly": ["monday", "friday"]}, CHINA, [2, 6, 9, 13, 16, 20, 23, 27, 30]),
        ({"weekly": "thursday", "weeks": "even"}, CHINA, [12, 26]),
        ({"monthly": 25}, CHINA, [25]),
        ({"monthly": [1, 16]}, CHINA, [1, 16]),
        ({"monthly": 31}, CHINA, [30]),
        ({"monthly": "last-workday"}, CHINA, [30]),
        ({"monthly": ["first-workday", "workday 7", "workday -2"]}, CHINA, [2, 10, 27]),
        ({"monthly": "first-workday"}, ALWAYS, [1]),
        ("daily", CHINA, list(range(1, 31))),
        ("workdays", CHINA, [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30]),
        ({"term": "小雪"}, CHINA, [22]),
        ({"term": "lidong"}, CHINA, [7]),
        ({"date": "2026-11-11"}, CHINA, [11]),
        ({"date": d("2026-11-11")}, CHINA, [11]),
        ({"every": "10 days", "from": "2026-11-08"}, CHINA, [8, 18, 28]),
        ({"every": "1 month", "from": "2026-08-31"}, CHINA, [30]),
        ({"every": "1 month", "from": "2026-08-15"}, CHINA, [15]),
        ({"every": "1 year", "from": "2024-11-30"}, CHINA, [30]),
        ({"every": "1 year", "from": "2024-10-30"}, CHINA, []),
        ({"every": "1 week", "from": "2026-11-20"}, CHINA, [20, 27]),
    ],
)
def test_moments_for_all_are_due_on_these_days_of_november(moment, almanac, days):
    found = all_due(moment, "2026-11-01", "2026-11-30", almanac=almanac)
    assert [int(day[-2:]) for day in found] == days


@pytest.mark.parametrize(
    ("moment", "key"), [("last-workday", "2026-11-workday-1"), ("workday 21", "2026-11-workday+21")]
)
def test_a_workday_of_the_month_has_a_key_that_a_late_notice_does_not_change(moment, key):
    moved = Almanac(days={d("2026-11-30"): False, d("2026-11-28"): True})
    assert due({"monthly": moment}, "2026-11-30") == due({"monthly": moment}, "2026-11-28", almanac=moved) == key


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "2024-02-09"), (2025, "2025-01-27"), (2026, "2026-02-14"), (2020, "2020-01-23")]
)
def test_the_spring_festival_wish_goes_out_on_the_day_before_the_holiday(year, day):
    moment = {"before_holiday": "spring-festival 1"}
    assert all_due(moment, f"{year}-01-01", f"{year}-12-31") == {day: str(year)}


def test_a_company_that_closes_earlier_wishes_earlier():
    days = {d("2026-02-10") + i * DAY: False for i in range(14)}
    found = all_due({"before_holiday": "spring-festival 1"}, "2026-01-01", "2026-12-31", almanac=Almanac(days=days))
    assert found == {"2026-02-09": "2026"}


def test_where_nobody_rests_the_holiday_is_the_festival_itself():
    found = all_due({"before_holiday": "spring-festival 1"}, "2026-01-01", "2026-12-31", almanac=ALWAYS)
    assert found == {"2026-02-16": "2026"}


def test_rest_days_that_end_before_the_festival_are_not_its_holiday():
    almanac = Almanac(workdays="every-day", days={d("2026-02-15"): False, d("2026-02-16"): False})
    found = all_due({"before_holiday": "spring-festival 0"}, "2026-02-01", "2026-03-01", almanac=almanac)
    assert found == {"2026-02-17": "2026"}


def test_new_year_is_announced_although_the_next_year_is_not_known_yet():
    assert all_due({"before_holiday": "new-year 1"}, "2026-12-01", "2026-12-31") == {"2026-12-31": "2027"}


def test_workdays_of_an_unknown_year_are_never_guessed():
    with pytest.raises(DataMissing):
        due({"workdays_before": "due_on 1"}, "2026-12-31", {"due_on": d("2027-01-04")})


@pytest.mark.parametrize(
    ("year", "birthday", "days"),
    [
        (2027, "birthday", ["2027-02-28"]),
        (2028, "birthday", ["2028-02-29"]),
        (2027, {"birthday": "03-01"}, ["2027-03-01"]),
        (2028, {"birthday": "03-01"}, ["2028-02-29"]),
    ],
)
def test_29_february_is_kept_in_common_years_too(year, birthday, days):
    found = all_due(birthday, f"{year}-01-01", f"{year}-12-31", {"birthday": d("1992-02-29")})
    assert list(found) == days


def test_a_yearly_date_of_29_february_is_kept_on_the_28th():
    assert list(all_due({"date": "02-29"}, "2027-01-01", "2028-12-31")) == ["2027-02-28", "2028-02-29"]


@pytest.mark.parametrize(
    ("born", "days"),
    [
        ("1987-闰6-1", ["2024-07-06", "2025-07-25", "2026-07-14"]),
        ("6-1", ["2024-07-06", "2025-06-25", "2026-07-14"]),
        ("12-30", ["2024-02-09", "2025-01-28", "2026-02-16"]),
        (date(1980, 6, 1), ["2024-07-06", "2025-06-25", "2026-07-14"]),
    ],
)
def test_lunar_birthdays_follow_the_lunar_year(born, days):
    assert list(all_due("birthday", "2024-01-01", "2026-12-31", {"lunar_birthday": born})) == days


def test_the_key_of_a_lunar_day_in_january_is_the_lunar_year():
    assert all_due({"holiday": "laba"}, "2026-01-01", "2027-02-01") == {"2026-01-26": "2025", "2027-01-15": "2026"}
    assert all_due({"lunar": "new-year-eve"}, "2026-01-01", "2026-12-31") == {"2026-02-16": "2025"}


def test_an_anniversary_begins_one_year_later():
    found = all_due({"anniversary": "signed_on"}, "2024-01-01", "2027-12-31", {"signed_on": d("2024-02-29")})
    assert found == {"2025-02-28": "2025", "2026-02-28": "2026", "2027-02-28": "2027"}


@settings(max_examples=60)
@given(st.dates(date(2015, 1, 1), date(2025, 1, 1)), st.sampled_from(["workdays", "months", "days"]),
       st.sampled_from([1, -1]), st.integers(1, 12))  # fmt: skip
def test_each_day_leads_to_exactly_one_due_day(day, unit, way, n):
    moment, facts = parse({f"{unit}_{'after' if way > 0 else 'before'}": f"x_on {n}"}), {"x_on": day}
    around = (day + way * i * DAY for i in range(401))
    found = [o for each in around if (choose := moment.on(each, CHINA)) for o in choose(facts)]
    assert [o.key for o in found] == [day.isoformat()]


@pytest.mark.parametrize("n", [1, 2, 5])
@given(day=st.dates(date(2015, 1, 1), date(2025, 1, 1)))
def test_workday_offsets_agree_with_the_almanac(n, day):
    facts = {"x_on": day}
    after, before = CHINA.workday_after(day, n), CHINA.workday_before(day, n)
    assert due({"workdays_after": f"x_on {n}"}, after, facts) == day.isoformat()
    assert due({"workdays_before": f"x_on {n}"}, before, facts) == day.isoformat()


YEARLY = [
    "birthday",
    *({"holiday": name} for name in FESTIVALS),
    {"term": "dongzhi"},
    {"date": "02-29"},
    {"lunar": "6-30"},
]


@pytest.mark.parametrize("moment", YEARLY, ids=str)
def test_each_yearly_occurrence_comes_exactly_once(moment):
    facts = {"birthday": d("1988-02-29")}
    found = list(all_due(moment, "2020-02-20", "2030-02-19", facts).values())
    assert len(found) == len(set(found)) == 10


@settings(max_examples=20)
@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), st.integers(2000, 2060))
def test_everybody_has_one_solar_birthday_a_year(birthday, year):
    found = all_due("birthday", f"{year}-01-01", f"{year}-12-31", {"birthday": birthday})
    assert list(found.values()) == [str(year)]


@given(st.dates(date(2026, 1, 1), date(2026, 11, 1)), st.sampled_from([m for m, _, _ in CARE.values()]))
def test_a_plan_does_not_depend_on_how_often_it_is_asked(day, moment):
    facts = {name: day for row in CARE.values() for name in row[1]} | {"lunar_birthday": ""}
    rule = parse(moment)
    first, again = rule.on(day, CHINA), rule.on(day, CHINA)
    assert bool(first) == bool(again)
    if first:
        assert first(facts) == first(dict(facts)) == again(facts)


def test_equal_values_are_equal_moments():
    assert parse({"days_after": "signed_on 1"}) == parse({"nth_day": "signed_on 2"})
    assert parse("daily") != parse("workdays")


@pytest.mark.parametrize(
    ("moment", "columns"),
    [
        ("birthday", {"birthday", "lunar_birthday"}),
        ({"days_after": "paid_on 1"}, {"paid_on"}),
        ({"days_before": "mid-autumn 3"}, set()),
        ({"every": "6 months", "since": "installed_on"}, {"installed_on"}),
        ({"anniversary": "signed_on"}, {"signed_on"}),
        ({"before_holiday": "new-year 1"}, set()),
        ({"every": "2 days", "from": "2026-01-01"}, set()),
        *((moment, set()) for moment in ("weather", "manual", "daily", "workdays", {"monthly": 1})),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)
def test_a_moment_names_the_columns_it_reads(moment, columns):
    assert parse(moment).columns() == columns


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"birthday": d("1980-02-10")}, {"2026-02-02": "2026-02-workday+1"}),
        ({"birthday": d("1992-02-29")}, {"2026-02-02": "2026-02-workday+1"}),
        ({"birthday": d("1980-01-19"), "lunar_birthday": "12-30"}, {"2026-02-02": "2026-02-workday+1"}),
        ({"birthday": d("1980-05-19"), "lunar_birthday": "8-15"}, {}),
    ],
)
def test_a_list_of_the_month_concerns_those_whose_birthday_falls_in_it(facts, due):
    moment = {"birthdays_of_month": "first-workday"}
    assert all_due(moment, "2026-01-20", "2026-03-01", facts) == due
    for occurrence in parse(moment).on(d("2026-02-02"), CHINA)(facts):
        assert occurrence.given["birthday_on"].month == 2


def test_an_offset_may_start_from_a_festival():
    assert all_due({"days_before": "mid-autumn 3"}, "2026-01-01", "2026-12-01") == {"2026-09-22": "2026"}
    assert all_due({"workdays_after": "mid-autumn 1"}, "2026-01-01", "2026-12-01") == {"2026-09-28": "2026"}


def test_the_occurrence_carries_the_day_it_is_due():
    choose = parse({"days_after": "subscribed_on 1"}).on(d("2026-11-21"), CHINA)
    assert choose({"subscribed_on": d("2026-11-20")}) == (Occurrence("2026-11-20", d("2026-11-21")),)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("birthdy", "unknown moment 'birthdy'; known: birthday"),
        ({}, "unknown moment {}"),
        (None, "unknown moment None"),
        (True, "unknown moment True"),
        ({"weekly": "thursday", "week": "odd"}, "'week' does not go with 'weekly'"),
        ({"weekly": "thursday", "weeks": "third"}, "weeks: 'third' is not all, odd or even"),
        ({"weekly": "thirsday"}, "weekly: 'thirsday' is not a weekday"),
        ({"weekly": []}, "weekly: [] is not a weekday"),
        ({"date": "02-30"}, "date: '02-30' is not a date"),
        ({"date": "soon"}, "date: 'soon' is not a date"),
        ({"lunar": "13-1"}, "lunar: '13-1' is not a lunar"),
        ({"lunar": "8-31"}, "lunar: '8-31' is not a lunar"),
        ({"lunar": 815}, "lunar: 815 is not a lunar"),
        ({"term": "monsoon"}, "term: 'monsoon' is not a solar term: xiaohan"),
        ({"holiday": "easter"}, "holiday: 'easter' is not a festival: new-year"),
        ({"before_holiday": "spring-festival"}, "before_holiday: 'spring-festival' is not a name and a number"),
        ({"days_after": "subscribed_on"}, "days_after: 'subscribed_on' is not a name and a number from 0"),
        ({"days_after": "subscribed_on 99999"}, "is not a name and a number from 0 to 3660"),
        ({"workdays_before": "due_on 0"}, "is not a name and a number from 1 to 260"),
        (
            {"hours_before": "visit_on 2"},
            "hours_before: 'visit_on' is not a column with a time, whose name ends in _at",
        ),
        ({"minutes_after": "birthday 2"}, "minutes_after: 'birthday' is not a column with a time"),
        ({"days_after": "full-moon 1"}, "'full-moon' is not a column of the roster or a festival"),
        ({"day_of": ""}, "day_of: '' is not a column"),
        ({"birthday": "02-27"}, "birthday: '02-27' is not 02-28 or 03-01"),
        ({"every": "fortnight", "from": "2026-01-08"}, "every: 'fortnight' is not a distance"),
        ({"every": "2 weeks"}, "every wants either `from`"),
        ({"every": "2 weeks", "from": "2026-01-08", "since": "x_on"}, "every wants either `from`"),
        ({"every": "2 weeks", "from": "2026-01-09", "on": "thursday"}, "from: '2026-01-09' is not a thursday"),
        ({"every": "3 days", "from": "2026-01-08", "on": "thursday"}, "'on' goes with whole weeks only"),
        ({"every": "7 months", "from": "2026-01-08", "on": "thursday"}, "'on' goes with whole weeks only"),
        ({"every": "2 weeks", "since": "x_on", "on": "thursday"}, "'on' does not go with 'since'"),
        ({"monthly": 32}, "monthly: 32 is not a day of the month"),
        ({"monthly": -1}, "monthly: -1 is not a day of the month"),
        ({"monthly": "workday 24"}, "monthly: 'workday 24' is not a day of the month"),
        ({"monthly": True}, "monthly: True is not a day of the month"),
        ({"weather": "rain"}, "weather: 'rain' is not `key: value` lines, or nothing"),
    ],
)
def test_a_moment_that_cannot_be_read_says_why(value, message):
    with pytest.raises(MomentError) as caught:
        parse(value)
    assert message in str(caught.value)


WORDS = st.sampled_from(["every", "2 weeks", "from", "2026-01-08", "weekly", "monthly", "workday 7", "lunar", "x"])
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | WORDS


@given(SCALARS | st.dictionaries(WORDS, SCALARS | st.lists(SCALARS, max_size=3), max_size=3))
def test_whatever_stands_there_is_a_moment_or_a_moment_error(value):
    with suppress(MomentError):
        assert parse(value).columns() == set()


@pytest.mark.parametrize(
    ("text", "month", "day", "leap"),
    [
        ("8-15", 8, 15, False),
        ("08-15", 8, 15, False),
        ("1975-08-15", 8, 15, False),
        ("1975/8/15", 8, 15, False),
        ("1975年8月15日", 8, 15, False),
        ("闰6-15", 6, 15, True),
        ("1987-L6-15", 6, 15, True),
        ("八月十五", 8, 15, False),
        ("农历八月十五", 8, 15, False),
        ("1987年闰六月初一", 6, 1, True),
        ("一九八七年腊月三十", 12, 30, False),
        ("冬月二十", 11, 20, False),
        ("十一月廿九", 11, 29, False),
        ("正月二十三", 1, 23, False),
        ("一月初十", 1, 10, False),
        (date(1980, 2, 30 - 1), 2, 29, False),
    ],
)
def test_lunar_birthdays_are_read_as_people_write_them(text, month, day, leap):
    assert read_lunar_birthday(text) == LunarBirthday(month, day, leap)


@pytest.mark.parametrize(
    "text", ["", "x", "13-1", "8-31", "0-3", "8-0", "六月", "六月卅一", "1980-03", date(1980, 1, 31)]
)
def test_what_no_lunar_month_has_is_no_birthday(text):
    assert read_lunar_birthday(text) is None


def test_every_lunar_day_has_a_name_that_is_read():
    units = "一二三四五六七八九十"
    names = [f"初{unit}" for unit in units] + [f"十{unit}" for unit in units[:9]]
    names += ["二十", *(f"廿{unit}" for unit in units[:9]), "三十"]
    assert [read_lunar_birthday(f"正月{name}").day for name in names] == list(range(1, 31))
