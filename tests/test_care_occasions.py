"""Every care occasion as it comes, in a year of one small project: exactly the expected messages, and none other.

The year is that of `bench/diary.py`: its people of a row are named after the row. Here it is lived at the hours at which
something goes out, and on every third of the other days; with NOTIGATE_WHOLE_YEAR=1 at all 730, which takes thrice as long.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import pytest

import notigate
from notigate.model import State

BENCH = Path(__file__).parents[1] / "bench"
sys.path.insert(0, str(BENCH))
import diary  # noqa: E402 - a bench is no package

sys.path.remove(str(BENCH))

PEOPLE = diary.people()


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    year = diary.Year(tmp_path_factory.mktemp("year"))
    year.all = year.live(diary.every_hour() if os.environ.get("NOTIGATE_WHOLE_YEAR") else diary.stirring_hours())
    yield year
    year.gateway.close()


@pytest.fixture(scope="module")
def sent(year):
    """What went out of an occasion: (day and hour, reader)."""
    return lambda name: [
        (f"{one.changed_at.astimezone(diary.ZONE):%m-%d %H:%M}", one.person)
        for one in year.all
        if one.occasion == name and one.state is State.ACCEPTED
    ]


@pytest.fixture(scope="module")
def text(year):
    """What one reader read first of an occasion."""
    return lambda name, person: next(
        one.content.text for one in year.all if (one.occasion, one.person) == (name, person) and one.content
    )


def day_of(person, *columns):
    return min((str(PEOPLE[person][column]) for column in columns if PEOPLE[person].get(column)), default="9999")


def those(day, *, bought=("subscribed_on", "signed_on"), but=()):
    """Who had bought by that day and had not done the rest."""
    return {one for one in PEOPLE if day_of(one, *bought) <= f"2026-{day}" and not day_of(one, *but) <= f"2026-{day}"}


def groups(messages):
    """Day and hour → readers; nobody twice."""
    assert len(messages) == len(set(messages))
    return {when: {who for at, who in messages if at == when} for when, _ in messages}


GREETED = {"c21-d", "c21-vip"}
NEIGHBOURS_OF = {
    number: {f"n{n:02}" for n in range(diary.NEIGHBOURS) if n % 4 + 1 == number} for number in (1, 2, 3, 4)
}
#: Thursdays of odd weeks
THURSDAYS = (
    "01-01", "01-15", "01-29", "02-12", "02-26", "03-12", "03-26", "04-09", "04-23", "05-07", "05-21", "06-04", "06-18",
    "07-02", "07-16", "07-30", "08-13", "08-27", "09-10", "09-24", "10-08", "10-22", "11-05", "11-19", "12-03", "12-17",
)  # fmt: skip


def row(identity, occasion, *messages):
    return pytest.param(occasion, list(messages), id=f"{identity}-{occasion}")


#: rows whose readers are made by hand: all their messages of the year
BY_HAND = [
    row("C02", "purchase/subscription-thanks",
        ("03-09 10:05", "c02-friday"), ("03-09 10:05", "c02-saturday"), ("03-10 10:05", "c02-monday"),
        ("05-06 10:05", "c02-holiday"), ("06-02 10:05", "c07-open"), ("06-02 10:05", "c07-signed"),
        ("07-21 10:05", "c20-order")),
    row("C04", "purchase/showflat-opens", ("04-10 10:05", "c04-buyer"), ("04-10 10:05", "c04-prospect")),
    row("C05", "purchase/showflat-closes", ("10-15 10:05", "c04-buyer"), ("10-15 10:05", "c04-prospect")),
    row("C06", "progress/major-change", *(("05-14 10:05", one) for one in sorted(NEIGHBOURS_OF[2]))),
    row("C07", "purchase/signing-reminder", ("06-05 16:05", "c07-open")),
    row("C11", "purchase/payment-arrived", ("04-08 10:05", "c11-finished"), ("04-10 10:05", "c11-building")),
    row("C12", "purchase/contract-filed", ("03-19 10:05", "c12-column"), ("03-24 10:05", "c12-fact")),
    row("C13", "handover/moved-in", ("06-16 10:05", "c13-single"), ("06-17 10:05", "c13-collective")),
    row("C14", "service/complaint-answer", ("02-04 10:05", "c14-column"), ("08-05 10:05", "c14-fact")),
    row("C15", "service/visit-thanks", ("06-13 10:05", "c15-fact"), ("06-17 10:05", "c15-column")),
    row("C16", "progress/milestone", *(("08-21 10:05", one) for one in sorted(NEIGHBOURS_OF[3]))),
    row("C17", "handover/preinspection", ("07-28 10:05", "c17-buyer"), ("07-28 10:05", "c17-handed-over")),
    row("C17", "handover/invitation", ("10-14 10:05", "c17-buyer"), ("10-14 10:05", "c17-handed-over")),
    row("C17", "handover/reminder", ("10-27 10:05", "c17-buyer")),
    row("C18", "purchase/payment-due",
        ("03-11 10:05", "c18-open"), ("03-11 10:05", "c18-pays"), ("03-16 10:05", "c18-open"),
        ("04-29 10:05", "c18-open"), ("05-07 10:05", "c18-open")),
    row("C19", "service/appointment",
        ("05-13 10:05", "c19-visit"), ("05-15 10:05", "c19-moved"), ("05-20 14:05", "c19-visit"),
        ("05-21 18:00", "c19-moved"), ("05-22 10:00", "c19-moved")),
    row("C20", "purchase/thank-you-letter",
        ("03-07 10:05", "c02-friday"), ("03-08 10:05", "c02-saturday"), ("03-10 10:05", "c02-monday"),
        ("03-20 10:05", "c02-friday"), ("03-21 10:05", "c02-saturday"), ("03-23 10:05", "c02-monday"),
        ("05-01 10:05", "c02-holiday"), ("05-14 10:05", "c02-holiday"), ("06-02 10:05", "c07-open"),
        ("06-02 10:05", "c07-signed"), ("06-15 10:05", "c07-open"), ("06-15 10:05", "c07-signed"),
        ("07-21 10:05", "c20-order"), ("08-03 10:05", "c20-order")),
    row("C22", "service/news", ("04-14 19:30", "c04-buyer"), ("04-14 19:30", "c22-follows")),
    row("S02", "staff/signing-call", ("04-14 10:05", "陈晨"), ("04-15 10:05", "陈晨")),
    row("S03", "staff/follow-up",
        ("03-03 10:05", "李娜"), ("03-10 10:05", "李娜"), ("03-10 10:05", "陈晨"), ("08-10 10:05", "陈晨"),
        ("09-10 10:05", "李娜")),
    row("S04", "staff/callers",
        ("03-17 16:05", "李娜"), ("03-17 16:05", "陈晨"), ("03-20 16:05", "李娜"), ("03-20 16:05", "陈晨"),
        ("03-23 16:05", "李娜"), ("03-24 16:05", "陈晨"), ("03-26 16:05", "李娜")),
    row("S07", "staff/records-due", ("05-12 10:05", "陈晨"), ("05-14 10:05", "陈晨")),
]  # fmt: skip


@pytest.mark.parametrize(("occasion", "messages"), BY_HAND)
def test_exactly_those_whom_the_row_names_are_written_to(sent, occasion, messages):
    assert sent(occasion) == messages


def test_c01_birthdays_solar_lunar_and_of_a_leap_day_of_those_only_who_bought(sent):
    neighbours = {
        f"{n + 1:02}-12 10:05": {f"n{m:02}" for m in range(diary.NEIGHBOURS) if m % 10 == n} for n in range(10)
    }
    own = {"02-28 10:05": {"c01-leap-day"}, "05-20 10:05": {"c01-solar"}, "09-25 10:05": {"c01-lunar"}}
    assert groups(sent("service/birthday")) == neighbours | own


def test_c03_progress_on_the_thursdays_of_odd_weeks_to_those_who_wait_for_their_homes(sent):
    waiting = {
        f"{day} 10:05": those(day, bought=("subscribed_on",), but=("moved_in_on",)) for day in THURSDAYS
    }  # fmt: skip
    assert groups(sent("progress/fortnightly")) == waiting


def test_c08_an_invitation_three_days_before_the_event_to_all_who_bought(sent):
    assert groups(sent("service/event-invitation")) == {"05-27 10:05": those("05-27")}


@pytest.mark.parametrize(
    ("festival", "day"),
    [
        ("new-year", "01-01"), ("spring-festival", "02-14"), ("lantern-festival", "03-03"), ("labour-day", "05-01"),
        ("dragon-boat", "06-19"), ("mid-autumn", "09-25"), ("national-day", "10-01"), ("christmas", "12-25"),
    ],
    ids=lambda value: f"C09-{value}" if len(value) > len("01-01") else value,
)  # fmt: skip
def test_c09_a_greeting_on_the_day_to_buyers_class_d_and_vips(sent, festival, day):
    assert groups(sent(f"holiday/{festival}")) == {f"{day} 10:05": those(day) | GREETED}


def test_c10_the_day_before_the_rain_to_all_in_the_city(sent):
    assert groups(sent("weather/severe-weather")) == {"07-11 16:05": set(PEOPLE) - {"c10-elsewhere", "c04-opted-out"}}


def test_c11_two_variants(text):
    assert "已建好" in text("purchase/payment-arrived", "c11-finished")
    assert "正在建" in text("purchase/payment-arrived", "c11-building")


def test_c18_the_instalment_its_amount_and_day(text):
    told = text("purchase/payment-due", "c18-open")
    assert all(word in told for word in ("第一期（60%）", "¥720,000.00", "3月16日"))


def test_c21_class_c_weekly_and_those_who_live_there_twice_a_month(sent):
    found = groups(sent("service/keeping-in-touch"))
    weekly = {f"03-{day} 10:05": {"c21-c"} for day in ("04", "11", "18", "25")}
    live = {"c13-single", "c13-collective"}
    twice = {
        f"{month:02}-{day} 10:05": NEIGHBOURS_OF[4] | (live if f"{month:02}-{day}" >= "06-10" else set())
        for month in range(1, 13)
        for day in ("01", "16")
    }
    assert found == weekly | twice


def test_c23_a_report_on_the_25th_by_mail_where_there_is_an_address(sent, year):
    assert groups(sent("progress/monthly-report")) == {
        f"{month:02}-25 10:05": those(f"{month:02}-25", but=("moved_in_on",)) for month in range(1, 13)
    }
    media = {(one.person[0], one.medium) for one in year.all if one.occasion == "progress/monthly-report"}
    assert media == {("n", "email"), ("c", "sms"), ("s", "sms")}


def test_s01_a_list_for_the_consultant_on_the_first_workday_of_the_month(sent, text):
    days = ("01-04", "02-02", "03-02", "04-01", "05-06", "06-01", "07-01", "08-03", "09-01", "10-08", "11-02", "12-01")
    assert sent("staff/birthday-gifts") == [(f"{day} 10:05", "李娜") for day in days]
    assert text("staff/birthday-gifts", "李娜").count("1月12日") == 2


def test_s04_s08_no_colleague_reads_the_same_twice(year):
    told = [
        (one.changed_at, one.person, one.content.text)
        for one in year.all
        if one.occasion.startswith("staff/") and one.content
    ]
    assert len(told) == len(set(told))


def test_f06_what_nobody_approved_does_not_go_out(sent, year):
    assert sent("holiday/double-ninth") == []
    states = {(one.state, one.person) for one in year.all if one.occasion == "holiday/double-ninth"}
    assert states == {(State.EXPIRED, one) for one in those("10-18") | GREETED}


def test_f06_s08_the_approver_is_told_the_workday_before_and_when_a_batch_was_missed(sent, year):
    """National Day and the Thursday after its holiday are both drafted on 30 September."""
    eves = (
        "12-31", "01-14", "01-28", "02-11", "02-25", "03-11", "03-25", "04-08", "04-22", "05-06", "05-20", "06-03", "06-17",
        "07-01", "07-15", "07-29", "08-12", "08-26", "09-09", "09-23", "09-30", "10-21", "11-04", "11-18", "12-02", "12-16",
        "12-31", "02-13", "03-02", "04-30", "06-18", "09-24", "09-30", "10-16", "12-24",
    )  # fmt: skip
    told = sent("staff/approval-waiting")
    assert sorted(told) == sorted([*((f"{day} 10:05", "周敏") for day in eves), ("10-18 10:05", "周敏")])
    missed = [one for one in year.all if one.content and "未获批准" in one.content.text]
    assert [(one.day, one.person) for one in missed] == [(date(2026, 10, 18), "周敏")]


@pytest.mark.parametrize(
    ("person", "greeting"), [("n01", "李先生"), ("n00", "王女士"), ("n02", "尊敬的客户"), ("c21-vip", "尊敬的贵宾")]
)
def test_f01_everyone_is_addressed_as_fits(text, person, greeting):
    assert text("holiday/christmas", person).startswith(greeting)


def test_f02_a_mail_closes_with_the_project_and_its_phone(text):
    assert text("progress/monthly-report", "n00").rstrip().endswith("【青年城】400-600-0000")


#: what may go at another hour: at once, at an hour of its own, or to our own people
OTHER_HOURS = {"service/news", "service/appointment"}


def test_f03_customers_are_written_to_in_their_windows_only(year):
    hours = {
        f"{one.changed_at.astimezone(diary.ZONE):%H:%M}"
        for one in year.all
        if one.state is State.ACCEPTED and one.occasion not in OTHER_HOURS and not one.occasion.startswith("staff/")
    }
    assert all("10:00" <= hour < "11:30" or "15:00" <= hour < "17:00" for hour in hours)


def test_every_occasion_goes_out_but_the_one_that_nobody_approved(year):
    went = {one.occasion for one in year.all if one.state is State.ACCEPTED}
    assert set(diary.Catalogue.open([]).names()) - diary.ELSEWHERE - went == {"holiday/double-ninth"}


def test_nothing_else_happened(year):
    """No fault, nothing invalid; those who opted out, what waited, and the one batch that nobody approved."""
    told = {(reason, name if reason == "setup" else "") for _, name, reason, _ in year.problems if name}
    expected = {(reason, "") for reason in ("approval", "window", "hour", "opted-out", "late")}
    assert told == expected | {("setup", "service/appointment")}, "on 25 December nobody knows the workdays of 2027"


def test_the_diary_in_the_docs_is_this_year(year):
    assert diary.page(year.all) == diary.PAGE.read_text(encoding="utf-8"), "run: python bench/diary.py --write"


def test_f04_who_asked_for_less_gets_less_and_who_opted_out_nothing(tmp_path):
    """The year has no cap; here is one greeting a day, and two a month for those who want fewer."""
    (tmp_path / "notigate.yaml").write_text(
        "project: {name: 青年城, hotline: 400-600-0000}\nroster: {file: customers.csv}\n"
        "channels: {trial: {plugin: outbox}}\npolicy: {per_person: {day: 1, month: 3}}\n"
        "occasions: {service/keeping-in-touch: {}, service/birthday: {}}\n",
        encoding="utf-8",
    )
    (tmp_path / "customers.csv").write_text(
        "id,name,phone,class,news,birthday,subscribed_on,moved_in_on,less_often,opted_out\n"
        "usual,王芳,13800138000,C,开放,1980-07-08,2020-01-01,,,\n"
        "fewer,李雷,13800138001,C,开放,1980-07-08,2020-01-01,,是,\n"
        "none,赵敏,13800138002,C,开放,1980-07-08,2020-01-01,,,是\n",
        encoding="utf-8",
    )
    with notigate.open(tmp_path) as gateway:
        found = [one for one in gateway.plan(first=date(2026, 7, 1), days=31) if hasattr(one, "draft")]
    gone = [
        (one.draft.day.day, one.draft.person) for one in found if not one.draft.reason or one.draft.reason == "window"
    ]
    assert [day for day, who in gone if who == "usual"] == [1, 8, 15]
    assert [day for day, who in gone if who == "fewer"] == [1, 8]
    assert [day for day, who in gone if who == "none"] == []
