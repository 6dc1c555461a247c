from __future__ import annotations

from datetime import date, timedelta

import pytest
import sxtwl
from hypothesis import given, settings
from hypothesis import strategies as st

from notigate.calendar import Almanac, days_in_month
from notigate.calendar.lunar import (
    SOLAR_TERMS,
    LunarBirthday,
    LunarDay,
    birthdays_on,
    civil_day,
    is_new_year_eve,
    lunar_day,
    solar_term,
)
from notigate.errors import DataMissing, ExitCode
from notigate.moments import FESTIVALS

CHINA = Almanac()
DAY = timedelta(days=1)


def span(first: str, last: str) -> list[date]:
    start = date.fromisoformat(first)
    return [start + i * DAY for i in range((date.fromisoformat(last) - start).days + 1)]


def year(number: int) -> list[date]:
    return span(f"{number}-01-01", f"{number}-12-31")


# The State Council's notices for 2025 and 2026.
REST = {
    *span("2025-01-01", "2025-01-01"),
    *span("2025-01-28", "2025-02-04"),
    *span("2025-04-04", "2025-04-06"),
    *span("2025-05-01", "2025-05-05"),
    *span("2025-05-31", "2025-06-02"),
    *span("2025-10-01", "2025-10-08"),
    *span("2026-01-01", "2026-01-03"),
    *span("2026-02-15", "2026-02-23"),
    *span("2026-04-04", "2026-04-06"),
    *span("2026-05-01", "2026-05-05"),
    *span("2026-06-19", "2026-06-21"),
    *span("2026-09-25", "2026-09-27"),
    *span("2026-10-01", "2026-10-07"),
}
MADE_UP = {date(2025, *day) for day in [(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)]} | {
    date(2026, *day) for day in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
}


@pytest.mark.parametrize("number", [2025, 2026])
def test_every_day_is_a_workday_exactly_as_the_state_council_says(number):
    wrong = [
        day
        for day in year(number)
        if CHINA.is_workday(day) != (day in MADE_UP or (day.weekday() < 5 and day not in REST))
    ]
    assert wrong == []


def test_a_year_without_notice_is_an_error_that_says_what_to_do():
    with pytest.raises(
        DataMissing, match=r"2027.*notigate calendar import FILE.*`workdays: {assume: weekdays}`"
    ) as caught:
        CHINA.is_workday(date(2027, 2, 8))
    assert caught.value.exit_code is ExitCode.DATA_MISSING
    assert not CHINA.knows(2027)
    assert CHINA.knows(2026)


def test_an_unknown_year_can_be_guessed_on_demand():
    almanac = Almanac(assume_weekdays=True)
    assert almanac.is_workday(date(2027, 2, 8))
    assert not almanac.is_workday(date(2027, 2, 7))
    assert not almanac.knows(2027)


def test_days_told_go_before_the_official_ones_and_make_no_year_known():
    almanac = Almanac(days={date(2026, 11, 23): False, date(2027, 2, 8): False})
    assert not almanac.is_workday(date(2026, 11, 23))
    assert not almanac.is_workday(date(2027, 2, 8))
    with pytest.raises(DataMissing):
        almanac.is_workday(date(2027, 3, 1))


def test_a_year_told_in_full_is_known():
    almanac = Almanac(days={date(2027, 2, 8): False, date(2027, 2, 20): True}, years=frozenset({2027}))
    assert [almanac.is_workday(date(2027, 2, day)) for day in (8, 19, 20, 21)] == [False, True, True, False]
    assert almanac.knows(2027)


def test_a_file_alone_knows_only_its_own_years():
    almanac = Almanac(workdays="file", days={date(2026, 10, 1): True}, years=frozenset({2026}))
    assert almanac.is_workday(date(2026, 10, 1))
    assert almanac.is_workday(date(2026, 10, 2))
    with pytest.raises(DataMissing):
        almanac.is_workday(date(2025, 10, 1))


def test_a_sales_office_works_every_day_but_those_it_names():
    almanac = Almanac(workdays="every-day", days={date(2031, 1, 23): False})
    assert almanac.is_workday(date(2031, 1, 25))
    assert not almanac.is_workday(date(2031, 1, 23))
    assert almanac.knows(2031)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2026-02-17", "2026-02-14", "2026-02-24"),
        ("2026-02-14", "2026-02-13", "2026-02-24"),
        ("2026-10-09", "2026-10-08", "2026-10-10"),
        ("2026-10-12", "2026-10-10", "2026-10-13"),
        ("2026-01-01", "2025-12-31", "2026-01-04"),
    ],
)
def test_the_neighbouring_workdays_heed_moved_rest_days(day, before, after):
    assert CHINA.workday_before(date.fromisoformat(day)) == date.fromisoformat(before)
    assert CHINA.workday_after(date.fromisoformat(day)) == date.fromisoformat(after)


@given(st.dates(date(2005, 2, 1), date(2026, 11, 1)), st.integers(1, 20))
def test_workdays_are_counted_one_by_one(day, n):
    passed = [d for d in (day + i * DAY for i in range(1, 60)) if CHINA.is_workday(d)]
    assert CHINA.workday_after(day, n) == passed[n - 1]
    assert CHINA.workday_before(passed[n], n) == passed[0]


@pytest.mark.parametrize(
    ("month", "n", "day"),
    [(10, 1, 8), (10, -1, 30), (10, 7, 15), (1, 1, 4), (2, 10, 13), (2, -1, 28), (2, 17, None), (2, 0, None)],
)
def test_the_nth_workday_of_a_month_counts_from_either_end(month, n, day):
    assert CHINA.nth_workday(2026, month, n) == (day and date(2026, month, day))


@given(st.dates(date(1900, 1, 1), date(2100, 12, 1)))
def test_a_month_ends_where_the_next_begins(day):
    last = date(day.year, day.month, days_in_month(day.year, day.month))
    assert (last + DAY).day == 1


SPRING = ["01-25", "02-12", "02-01", "01-22", "02-10", "01-29", "02-17", "02-06", "01-26", "02-13", "02-03"]
LANTERN = ["02-08", "02-26", "02-15", "02-05", "02-24", "02-12", "03-03", "02-20", "02-09", "02-27", "02-17"]
DRAGON_BOAT = ["06-25", "06-14", "06-03", "06-22", "06-10", "05-31", "06-19", "06-09", "05-28", "06-16", "06-05"]
MID_AUTUMN = ["10-01", "09-21", "09-10", "09-29", "09-17", "10-06", "09-25", "09-15", "10-03", "09-22", "09-12"]


@pytest.mark.parametrize(
    ("month", "day", "dates"), [(1, 1, SPRING), (1, 15, LANTERN), (5, 5, DRAGON_BOAT), (8, 15, MID_AUTUMN)]
)
def test_the_festivals_of_2020_to_2030_fall_where_they_do(month, day, dates):
    for number, found in enumerate(dates, 2020):
        solar = date.fromisoformat(f"{number}-{found}")
        assert lunar_day(solar) == LunarDay(number, month, day)
        assert civil_day(LunarDay(number, month, day)) == solar


def test_every_festival_of_2020_to_2030_falls_where_an_independent_almanac_says():
    lunar = {(1, 1): "spring-festival", (1, 15): "lantern-festival", (5, 5): "dragon-boat", (7, 7): "qixi",
             (8, 15): "mid-autumn", (9, 9): "double-ninth", (12, 8): "laba"}  # fmt: skip
    civil = {(1, 1): "new-year", (5, 1): "labour-day", (10, 1): "national-day", (12, 25): "christmas"}
    wrong = []
    for day in span("2020-01-01", "2030-12-31"):
        today, tomorrow = sxtwl.fromSolar(day.year, day.month, day.day), of_sxtwl(day + DAY)
        expected = {lunar.get((today.getLunarMonth(), today.getLunarDay())) if not today.isLunarLeap() else None}
        expected |= {
            civil.get((day.month, day.day)),
            "new-year-eve" if (tomorrow.month, tomorrow.day) == (1, 1) else None,
        }
        expected |= (
            {"qingming"} if today.hasJieQi() and today.getJieQi() == list(SOLAR_TERMS).index("qingming") + 1 else set()
        )
        found = {name for name, festival in FESTIVALS.items() if festival.key(day)}
        wrong += [day] if found != expected - {None} else []
    assert wrong == []


def test_new_years_eve_is_the_29th_in_the_years_2025_to_2029():
    eves = [date.fromisoformat(f"{2020 + i}-{day}") - DAY for i, day in enumerate(SPRING)]
    assert all(is_new_year_eve(eve) and not is_new_year_eve(eve - DAY) for eve in eves)
    assert [lunar_day(eve).day for eve in eves] == [30, 30, 29, 30, 30, 29, 29, 29, 29, 29, 30]


def of_sxtwl(day: date) -> LunarDay:
    other = sxtwl.fromSolar(day.year, day.month, day.day)
    return LunarDay(other.getLunarYear(), other.getLunarMonth(), other.getLunarDay(), bool(other.isLunarLeap()))


# new moon within minutes of midnight: the almanacs differ by a day for a month
DISPUTED = {*span("2057-09-28", "2057-10-27"), *span("2089-09-04", "2089-10-03"), *span("2097-08-07", "2097-09-05")}


def test_both_ends_of_every_lunar_month_from_1901_to_2099_agree_with_an_independent_almanac():
    day, months = date(1901, 3, 20), 0
    while day < date(2099, 12, 1):
        today = lunar_day(day)
        first = day - (today.day - 1) * DAY
        length = 30 if lunar_day(first + 29 * DAY).day == 30 else 29
        ends = {first, first + (length - 1) * DAY} - DISPUTED
        assert [lunar_day(end) for end in ends] == [of_sxtwl(end) for end in ends]
        day, months = first + (length + 14) * DAY, months + 1
    assert months == 2458


@pytest.mark.parametrize("number", [1933, 1954, 1978, 2025, 2026, 2033])
def test_every_day_of_delicate_years_agrees_with_an_independent_almanac(number):
    ids = list(SOLAR_TERMS)
    for day in year(number):
        other = sxtwl.fromSolar(day.year, day.month, day.day)
        term = ids[other.getJieQi() - 1] if other.hasJieQi() else None
        assert (lunar_day(day), solar_term(day)) == (of_sxtwl(day), term)


@given(st.dates(date(1900, 1, 31), date(2101, 1, 28)))
def test_lunar_and_back_is_the_same_day(day):
    assert civil_day(lunar_day(day)) == day


@pytest.mark.parametrize("impossible", [LunarDay(2026, 6, 1, leap=True), LunarDay(2025, 6, 30, leap=True)])
def test_a_lunar_day_that_does_not_exist_is_refused(impossible):
    with pytest.raises(ValueError, match="year="):
        civil_day(impossible)


@pytest.mark.parametrize("day", [date(1900, 1, 30), date(2101, 1, 29)])
def test_the_lunar_calendar_ends_loudly(day):
    with pytest.raises(DataMissing, match="lunar"):
        lunar_day(day)


@pytest.mark.parametrize(
    ("day", "term", "chinese"),
    [("2026-04-05", "qingming", "清明"), ("2025-12-21", "dongzhi", "冬至"), ("2026-12-22", "dongzhi", "冬至")],
)
def test_solar_terms_have_names(day, term, chinese):
    assert solar_term(date.fromisoformat(day)) == term
    assert SOLAR_TERMS[term] == chinese


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 30), st.booleans(), st.integers(1905, 2095))
def test_every_lunar_birthday_comes_exactly_once_in_every_lunar_year(month, day, leap, number):
    start, end = civil_day(LunarDay(number, 1, 1)), civil_day(LunarDay(number + 1, 1, 1))
    born = LunarBirthday(month, day, leap)
    days = (start + i * DAY for i in range((end - start).days))
    assert sum(born in birthdays_on(d) for d in days) == 1


@pytest.mark.parametrize(
    ("day", "born"),
    [
        ("2025-08-07", LunarBirthday(6, 14, leap=True)),
        ("2026-07-27", LunarBirthday(6, 14, leap=True)),
        ("2025-08-22", LunarBirthday(6, 30, leap=True)),
        ("2026-02-16", LunarBirthday(12, 30)),
    ],
)
def test_leap_months_and_thirtieths_are_kept_where_custom_has_them(day, born):
    assert born in birthdays_on(date.fromisoformat(day))


def test_born_in_a_leap_month_is_not_kept_twice_when_the_year_has_it():
    days = [day for day in year(2025) if LunarBirthday(6, 14, leap=True) in birthdays_on(day)]
    assert days == [date(2025, 8, 7)]
