"""Every care occasion as it comes, in a year of one project: exactly the expected messages, and none other.

300 customers in 20 buildings (`bench/town.py`) live a year; what must come of it is told by `bench/expected.py`, from tables of
dates and without notigate. Here they live it at the hours at which something must go out, and at some of the others; with
NOTIGATE_WHOLE_YEAR=1 at all 1,295 hours of the crontab, which takes twice as long and is what `bench/diary.py` does.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

import notigate
from notigate.catalogue import Catalogue
from notigate.model import State

BENCH = Path(__file__).parents[1] / "bench"
sys.path.insert(0, str(BENCH))
import diary  # noqa: E402 - a bench is no package
import expected  # noqa: E402 - found by the path above
import town  # noqa: E402 - as above

sys.path.remove(str(BENCH))


@pytest.fixture(scope="module")
def hours():
    return town.every_hour() if os.environ.get("NOTIGATE_WHOLE_YEAR") else diary.stirring_hours()


@pytest.fixture(scope="module")
def year(tmp_path_factory, hours):
    year = diary.Year(tmp_path_factory.mktemp("year"))
    year.all = year.live(hours)
    yield year
    year.gateway.close()


@pytest.fixture(scope="module")
def wanted(hours):
    """What must go out."""
    return expected.messages(hours)


@pytest.fixture(scope="module")
def went(year):
    return diary.went(year.all)


@pytest.fixture(scope="module")
def sent(went):
    """What went out of an occasion: (day and hour, reader)."""
    return lambda name: [(f"{one.at:%m-%d %H:%M}", one.reader) for one in went if one.occasion == name]


@pytest.fixture(scope="module")
def text(year):
    """What one reader read first of an occasion."""
    return lambda name, person: next(
        one.content.text for one in year.all if (one.occasion, one.person) == (name, person) and one.content
    )


#: row → its occasions, and how many messages of it the year brings
ROWS = {
    "C01": "service/birthday", "C02": "purchase/subscription-thanks", "C03": "progress/fortnightly",
    "C04": "purchase/showflat-opens", "C05": "purchase/showflat-closes", "C06": "progress/major-change",
    "C07": "purchase/signing-reminder", "C08": "service/event-invitation",
    "C09": "holiday/new-year holiday/spring-festival holiday/lantern-festival holiday/labour-day holiday/dragon-boat "
           "holiday/mid-autumn holiday/national-day holiday/christmas",
    "C10": "weather/severe-weather", "C11": "purchase/payment-arrived", "C12": "purchase/contract-filed",
    "C13": "handover/moved-in", "C14": "service/complaint-answer", "C15": "service/visit-thanks",
    "C16": "progress/milestone", "C17": "handover/invitation handover/reminder handover/preinspection",
    "C18": "purchase/payment-due", "C19": "service/appointment", "C20": "purchase/thank-you-letter",
    "C21": "service/keeping-in-touch purchase/offer", "C22": "service/news", "C23": "progress/monthly-report",
    "S01": "staff/birthday-gifts", "S02": "staff/signing-call", "S03": "staff/follow-up", "S04": "staff/callers",
    "S05": "staff/complaint-deadline staff/complaint-callback", "S06": "staff/daily-round", "S07": "staff/records-due",
    "S08": "staff/approval-waiting", "R01": "staff/weekly-report", "R02": "staff/monthly-report",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(name, id=f"{row}-{name}") for row, names in ROWS.items() for name in names.split()]
)
def test_exactly_those_whom_the_row_names_are_written_to_at_its_hour(sent, wanted, name):
    must = [(f"{one.at:%m-%d %H:%M}", one.reader) for one in wanted if one.occasion == name]
    assert must
    assert Counter(sent(name)) == Counter(must)


def test_exactly_the_expected_messages_and_none_other(went, wanted):
    assert Counter(went) == Counter(wanted)
    assert len(went) > 8000


def test_every_row_has_its_occasion_and_every_occasion_its_row():
    assert {name for names in ROWS.values() for name in names.split()} | {town.FORGOTTEN} == (
        set(Catalogue.open([]).names()) - diary.ELSEWHERE
    )
    assert len(town.people()) == 300
    assert len({row["building"] for row in town.people().values()}) == 20


# What the list of messages does not show: single days, by hand


def test_c01_birthdays_solar_lunar_of_a_leap_day_a_leap_month_and_a_30th_that_is_none(sent):
    days = {who: when for when, who in sent("service/birthday")}
    assert [days[f"c01-{kind}"] for kind in ("solar", "lunar", "leap-day")] == [
        "05-20 10:05",
        "09-25 10:05",
        "02-28 10:05",
    ]
    lunar = {
        str(row["lunar_birthday"]): name
        for name, row in town.people().items()
        if name in days and "lunar_birthday" in row
    }
    assert (days[lunar["闰六月初十"]], days[lunar["腊月三十"]]) == ("07-23 10:05", "02-16 10:05")
    assert "c01-prospect" not in days


def test_c02_who_subscribed_before_a_rest_day_is_thanked_on_the_next_workday(sent):
    found = {who: when for when, who in sent("purchase/subscription-thanks") if who.startswith("c02")}
    assert found == {
        "c02-friday": "03-09 10:05", "c02-saturday": "03-09 10:05", "c02-monday": "03-10 10:05", "c02-holiday": "05-06 10:05",
    }  # fmt: skip


def test_c03_week_53_is_odd_as_is_week_1(sent):
    days = sorted({when[:5] for when, _ in sent("progress/fortnightly")})
    assert (len(days), days[0], days[-1]) == (27, "01-01", "12-31")


def test_c07_who_has_signed_is_not_reminded(sent):
    assert [one for one in sent("purchase/signing-reminder") if one[1].startswith("c07")] == [
        ("06-05 16:05", "c07-open")
    ]


def test_c11_two_variants(text):
    assert "已建好" in text("purchase/payment-arrived", "c11-finished")
    assert "正在建" in text("purchase/payment-arrived", "c11-building")


def test_c17_who_has_taken_over_is_not_reminded(sent):
    assert [when for when, who in sent("handover/reminder") if who.startswith("c17")] == ["10-27 10:05"]


def test_c18_the_instalment_its_amount_and_day(text):
    told = text("purchase/payment-due", "c18-open")
    assert all(word in told for word in ("第一期（60%）", "¥720,000.00", "3月16日"))


def test_c19_an_appointment_that_moves_is_told_at_once_and_an_hour_before_the_new_one(sent):
    assert [when for when, who in sent("service/appointment") if who == "c19-moved"] == [
        "05-15 10:05", "05-21 18:00", "05-22 10:00",
    ]  # fmt: skip


def test_c19_a_delay_is_told_at_once_in_its_own_words(sent, year):
    assert [when for when, who in sent("service/appointment") if who == "c19-visit"] == [
        "05-13 10:05", "05-20 14:05", "05-20 14:20",
    ]  # fmt: skip
    told = [one.content.text for one in year.all if (one.occasion, one.person) == ("service/appointment", "c19-visit")]
    assert ["已约好：5月20日周三的15:00" in told[1], "要推迟：5月20日周三的16:00" in told[2]] == [True, True]


def test_c19_a_change_is_told_in_its_own_words(year):
    told = [one.content.text for one in year.all if (one.occasion, one.person) == ("service/appointment", "c19-moved")]
    assert "有变动：5月22日周五的11:00" in told[1]


def test_c21_class_d_hears_of_holidays_and_milestones_only(went, text):
    heard = {one.occasion for one in went if one.reader == "c21-d"}
    assert {name for name in heard if not name.startswith("holiday/")} == {
        "progress/milestone",
        "weather/severe-weather",
    }
    assert [f"{one.at:%m-%d}" for one in went if (one.reader, one.occasion) == ("c21-d", "progress/milestone")] == [
        "08-21"
    ]
    assert "3号楼，主体结构封顶" in text("progress/milestone", "c21-d")


@pytest.mark.parametrize("who", ["c21-vip", "c21-referral"])
def test_c21_vips_and_referrals_hear_of_holidays_events_openings_discounts_and_show_flats_only(went, who):
    heard = [one for one in went if one.reader == who and one.occasion.partition("/")[0] not in {"holiday", "weather"}]
    flats = {"purchase/showflat-opens", "purchase/showflat-closes"}
    assert [(f"{one.at:%m-%d}", one.occasion) for one in heard if one.occasion not in flats] == [
        ("03-27", "purchase/offer"), ("05-27", "service/event-invitation"), ("11-10", "purchase/offer"),
    ]  # fmt: skip
    assert {one.occasion for one in heard} & flats == (flats if who == "c21-vip" else set())


def test_c23_by_mail_where_there_is_an_address(year):
    media = {(one.person[0], one.medium) for one in year.all if one.occasion == "progress/monthly-report"}
    assert media == {("n", "email"), ("c", "sms"), ("f", "sms"), ("s", "sms")}


def test_s01_lunar_birthdays_stand_in_the_list_of_the_month_in_which_they_fall(year):
    """c01-lunar was born on the 15th of the eighth month; 2026 has that on 25 September."""
    told = [one for one in year.all if one.occasion == "staff/birthday-gifts" and one.person == "李娜" and one.content]
    assert ["9月25日" in one.content.text for one in told if one.day in {date(2026, 9, 1), date(2026, 9, 24)}] == [
        True,
        True,
    ]
    assert not any("1月19日" in one.content.text for one in told)


def test_s04_s08_no_colleague_reads_the_same_twice(year):
    told = [
        (one.changed_at, one.person, one.content.text)
        for one in year.all
        if one.occasion.startswith("staff/") and one.content
    ]
    assert len(told) == len(set(told))


def test_s05_a_soft_complaint_that_is_answered_in_time_goes_no_further(sent):
    assert [one for one in sent("staff/complaint-deadline") if one[0].startswith("03-05")] == [
        ("03-05 09:30", "李娜"), ("03-05 09:45", "李娜"),
    ]  # fmt: skip


def test_s05_a_major_complaint_goes_to_the_head_within_ten_minutes_and_twelve_hours(sent):
    assert [one for one in sent("staff/complaint-deadline") if one[0].startswith("07-22")] == [
        ("07-22 08:30", "李娜"), ("07-22 08:40", "周敏"), ("07-22 20:30", "周敏"),
    ]  # fmt: skip


def test_s03_the_largest_key_accounts_are_visited_every_half_year_and_others_yearly(year):
    told = [one for one in year.all if one.occasion == "staff/follow-up" and one.content]
    assert {one.day for one in told if "大客户，请上门" in one.content.text} >= {date(2026, 3, 10), date(2026, 8, 10)}


def test_s05_who_is_not_satisfied_is_talked_to_again(sent):
    assert sent("staff/complaint-callback") == [("06-13 09:05", "李娜"), ("06-16 09:05", "李娜")]


def test_r01_the_week_is_counted_as_it_was(year, went):
    """Monday 16 to Sunday 22 March, against the week before."""
    [told] = [one for one in year.all if one.occasion == "staff/weekly-report" and one.day == date(2026, 3, 22)]
    counts = [
        sum(first <= one.at.date() <= last and one.at < told.changed_at for one in went)
        for first, last in ((date(2026, 3, 16), date(2026, 3, 22)), (date(2026, 3, 9), date(2026, 3, 15)))
    ]
    assert f"发出 {counts[0]}（上周 {counts[1]}）" in told.content.text


def test_f01_everyone_is_addressed_as_fits(text):
    said = {"n001": "李先生", "n000": "王女士", "n002": "尊敬的客户", "c21-vip": "尊敬的贵宾", "f01-english": "Mr"}
    for person, greeting in said.items():
        assert text("holiday/christmas", person).startswith(greeting)


def test_f02_a_mail_closes_with_the_project_and_its_phone(text):
    assert text("progress/monthly-report", "n000").rstrip().endswith("【青年城】400-600-0000")


#: what may go at another hour: at once, or at an hour of its own
OTHER_HOURS = {"service/news", "service/appointment"}


def test_f03_customers_are_written_to_in_their_windows_only(year):
    hours = {
        f"{one.changed_at.astimezone(town.ZONE):%H:%M}"
        for one in year.all
        if one.state is State.ACCEPTED
        and one.person != "f03-abroad"
        and one.occasion not in OTHER_HOURS
        and not one.occasion.startswith("staff/")
    }
    assert all("10:00" <= hour < "11:30" or "15:00" <= hour < "17:00" for hour in hours)


def test_f03_a_reader_abroad_is_written_to_by_the_clock_there_in_summer_and_winter(went):
    """Berlin is seven hours behind in winter, six in summer."""
    found = {one.occasion.removeprefix("holiday/"): f"{one.at:%H:%M}" for one in went if one.reader == "f03-abroad"}
    assert found == {
        "new-year": "17:35", "spring-festival": "17:35", "lantern-festival": "17:35", "christmas": "17:35",
        "purchase/offer": "16:05", "service/event-invitation": "16:05",
        "labour-day": "16:05", "dragon-boat": "16:05", "mid-autumn": "16:05", "national-day": "16:05",
    }  # fmt: skip


def test_f04_who_opted_out_hears_nothing_and_who_mourns_no_greeting(year):
    greetings = {"care", "marketing"}
    people = town.people()
    for one in year.all:
        if one.state is State.ACCEPTED and one.person in people:
            assert not people[one.person].get("opted_out")
            assert not (people[one.person].get("do_not_greet") and one.category in greetings)


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


@pytest.mark.parametrize("name", ["service/complaint-answer", "staff/complaint-deadline", "staff/complaint-callback"])
def test_f05_a_message_about_a_complaint_is_kept_for_two_years(year, name):
    kept = year.gateway.settings.privacy.kept
    assert kept.get(name, kept[year.gateway.catalogue.occasion(name).category]) >= timedelta(days=2 * 365)


def test_f06_what_nobody_approved_does_not_go_out(sent, year):
    assert sent(town.FORGOTTEN) == []
    states = {
        (one.state, one.person)
        for one in year.all
        if one.occasion == town.FORGOTTEN and one.state is not State.SUPPRESSED
    }
    wanted = expected.readers(town.FORGOTTEN, date(2026, 10, 18))
    assert states == {(State.EXPIRED, one) for one in wanted}


def test_f06_s08_the_approver_is_told_the_workday_before_and_both_when_a_batch_was_missed(year):
    """National Day and the Thursday after its holiday are both drafted on 30 September."""
    told = [one for one in year.all if one.occasion == "staff/approval-waiting" and one.content]
    assert {one.person for one in told if "未获批准" in one.content.text} == {town.MANAGER, town.AUTHOR}
    assert [one.person for one in told if one.day == date(2026, 9, 30)] == [town.MANAGER] * 2


def test_nothing_else_happened(year):
    """No fault, nothing invalid; those who opted out, what waited, and the one batch that nobody approved."""
    told = {reason for _, name, reason, _ in year.problems if name}
    assert told == {"approval", "window", "hour", "opted-out", "do-not-greet", "late"}


def test_the_diary_in_the_docs_is_this_year(year):
    assert diary.page(year.all) == diary.PAGE.read_text(encoding="utf-8"), "run: python bench/diary.py --write"
