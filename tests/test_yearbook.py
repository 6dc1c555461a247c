"""The calendar as people look at it and add to it; workdays by occasion; years that nobody knows."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import notigate
from notigate.calendar import Almanac, Workdays
from notigate.cli import cli
from notigate.doctor import examine
from notigate.errors import ConfigError
from notigate.ledger import questions
from notigate.model import State
from notigate.settings.workdays import checked, days_in, written
from notigate.yearbook import days, take_over

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000, city: 成都}
ledger: sqlite:///notigate.db
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
"""
NOTICE = """\
years: [2027]
rest: [2026-12-31..2027-01-02, 2027-02-05..2027-02-11, 2027-10-01..2027-10-07]
work: [2027-02-20, 2027-10-09]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "customers.csv").write_text("id,name,phone,due_on\nc1,王芳,13800138000,2027-01-05\n", encoding="utf-8")
    home = tmp_path / "templates" / "care" / "due"
    home.mkdir(parents=True)
    (home / "occasion.yaml").write_text(
        'title: due\nclass: service\nmoment: {workdays_before: "due_on 1"}\nchannels: [sms]\nat: "10:00-11:00"\n',
        "utf-8",
    )
    (home / "zh_Hans.sms.txt").write_text("您好。", encoding="utf-8")
    (home.parent / "other").mkdir()
    for file in home.iterdir():
        (home.parent / "other" / file.name).write_bytes(file.read_bytes())
    settings(tmp_path, "occasions: {care/due: {}}")
    return tmp_path


def settings(folder: Path, more: str) -> None:
    (folder / "notigate.yaml").write_text(f"{SETTINGS}{more}\n", encoding="utf-8")


def notice(folder: Path, text: str = NOTICE) -> Path:
    file = folder / "2027.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def run(folder: Path, now: str) -> notigate.Run:
    with notigate.open(folder, now=datetime.fromisoformat(now)) as gateway:
        return gateway.send_due()


def command(folder: Path, *arguments: str, now: str = "2026-11-21T10:00"):
    return CliRunner().invoke(cli, ["-C", str(folder), "--now", now, *arguments])


# A year that nobody knows


def test_an_occasion_that_needs_an_unknown_year_stops_with_exit_7_and_the_others_go_on(folder: Path):
    settings(folder, "occasions: {care/due: {}, care/other: {moment: daily}}")
    found = run(folder, "2027-01-04T10:05")
    assert (found.exit_code, found.counts) == (7, {State.ACCEPTED: 1})
    assert [(p.occasion, "2027" in p.detail, "notigate calendar import" in p.detail) for p in found.problems] == [
        ("care/due", True, True)
    ]


def test_a_year_that_an_occasion_lacks_is_told_once_however_many_days_are_caught_up(folder: Path):
    settings(folder, "occasions: {care/due: {approval: workday-before}}")
    run(folder, "2026-12-30T10:05")
    found = run(folder, "2027-01-08T10:05")
    assert (found.exit_code, [p.occasion for p in found.problems if p.state == "stopped"]) == (7, ["care/due"])


def test_a_guess_that_the_settings_allow_is_recorded_with_what_was_planned(folder: Path):
    settings(folder, "workdays: {assume: weekdays}\noccasions: {care/due: {}}")
    found = run(folder, "2027-01-04T10:05")
    assert (found.exit_code, found.counts) == (0, {State.ACCEPTED: 1})
    with notigate.open(folder) as gateway, gateway.ledger.read() as tx:
        ((cause,),) = tx.rows("SELECT cause FROM event WHERE version = 1")
    assert cause == "planned: the rest days of 2027 are not known, Monday to Friday were taken for workdays"


def test_what_is_known_is_not_guessed_although_a_guess_is_allowed(folder: Path):
    settings(folder, "workdays: {assume: weekdays}\noccasions: {care/due: {}}")
    (folder / "customers.csv").write_text("id,name,phone,due_on\nc1,王芳,13800138000,2026-02-24\n", encoding="utf-8")
    assert run(folder, "2026-02-13T10:05").counts == {}
    assert run(folder, "2026-02-14T10:05").counts == {State.ACCEPTED: 1}
    with notigate.open(folder) as gateway, gateway.ledger.read() as tx:
        assert tx.rows("SELECT cause FROM event WHERE version = 1") == [("planned",)]


def test_a_run_that_lacked_a_year_looks_back_once_it_is_known(folder: Path):
    (folder / "customers.csv").write_text("id,name,phone,due_on\nc1,王芳,13800138000,2027-01-06\n", encoding="utf-8")
    run(folder, "2026-12-30T10:05")
    assert [run(folder, f"2027-01-{day:02}T10:05").exit_code for day in (4, 5)] == [7, 7]
    assert command(folder, "calendar", "import", str(notice(folder)), now="2027-01-06T09:00").exit_code == 0
    assert run(folder, "2027-01-06T10:05").counts == {State.ACCEPTED: 1}
    with notigate.open(folder) as gateway:
        assert [delivery.day for delivery in questions.log(gateway.ledger)] == [date(2027, 1, 5)]


def test_doctor_warns_from_november_until_the_notice_is_taken_over(folder: Path):
    def told(now: str) -> list[tuple[str, str]]:
        found = examine(lambda: notigate.open(folder, now=datetime.fromisoformat(now)), offline=True)
        return [(f.status, f.detail) for f in found if f.check == "calendar"]

    assert told("2026-10-31T10:00")[0][0] == "ok"
    assert told("2026-11-01T10:00") == [("warn", "the workdays of 2027 are not known")]
    assert told("2027-01-02T10:00") == [("fail", "the workdays of 2027 are not known")]
    take_over(notice(folder), folder / "workdays.yaml", Almanac())
    assert told("2026-11-01T10:00")[0][0] == "ok"


def test_doctor_asks_for_the_calendar_of_each_occasion(folder: Path):
    settings(folder, "workdays: every-day\noccasions: {care/due: {workdays: china}}")
    found = examine(lambda: notigate.open(folder, now=datetime(2026, 11, 21, 10)), offline=True)  # noqa: DTZ001 - local
    assert [f.status for f in found if f.check == "calendar"] == ["warn"]


# Workdays by occasion


@pytest.mark.parametrize(
    ("project", "occasion", "goes"),
    [
        ("china", "{}", "2026-09-30"),
        ("every-day", "{}", "2026-10-08"),
        ("china", "{workdays: every-day}", "2026-10-08"),
        ("every-day", "{workdays: china}", "2026-09-30"),
        ("china", "{workdays: {file: company.yaml}}", "2026-10-06"),
        ("{rule: china, file: company.yaml}", "{}", "2026-10-06"),
    ],
)
def test_head_office_and_sales_office_count_by_calendars_of_their_own(folder: Path, project, occasion, goes):
    (folder / "company.yaml").write_text("years: [2026]\nrest: [2026-10-07..2026-10-08]\nwork: [2026-10-06]\n", "utf-8")
    (folder / "customers.csv").write_text("id,name,phone,due_on\nc1,王芳,13800138000,2026-10-09\n", encoding="utf-8")
    settings(folder, f"workdays: {project}\noccasions: {{care/due: {occasion}}}")
    with notigate.open(folder, now=datetime(2026, 9, 25, 10)) as gateway:  # noqa: DTZ001 - local
        planned = [item.draft.day.isoformat() for item in gateway.plan(days=20)]
    # The day of 8 October itself is a workday by the State Council, and the one before the 9th.
    assert planned == [goes if goes != "2026-09-30" else "2026-10-08"]


def test_a_notice_counts_for_occasions_of_the_state_council_s_calendar_only(folder: Path):
    take_over(notice(folder), folder / "workdays.yaml", Almanac())
    settings(folder, "workdays: every-day\noccasions: {care/due: {workdays: china}}")
    with notigate.open(folder) as gateway:
        day = date(2027, 2, 5)
        assert gateway.almanac.is_workday(day)
        assert not gateway.agenda.almanac_of(gateway.catalogue.occasion("care/due")).is_workday(day)


# Taking a notice over


def test_a_notice_is_taken_over_beside_the_settings_and_counts_from_then_on(folder: Path):
    told = command(folder, "calendar", "import", str(notice(folder)))
    assert told.output == "2027: 17 rest days, 2 make-up workdays; kept in workdays.yaml\n"
    with notigate.open(folder) as gateway:
        works = [gateway.almanac.is_workday(date(2027, 2, day)) for day in (4, 5, 12, 20, 21)]
        assert (works, gateway.almanac.knows(2027)) == ([True, False, True, True, False], True)
        assert not gateway.almanac.is_workday(date(2026, 12, 31))


def test_a_later_notice_replaces_its_year_and_leaves_the_others(folder: Path):
    into = folder / "workdays.yaml"
    into.write_text("years: [2028]\nrest: [2028-01-03]\nwork: []\n", encoding="utf-8")
    take_over(notice(folder), into, Almanac())
    second = notice(folder, "years: [2027]\nrest: [2027-01-01]\n")
    taken = take_over(second, into, Almanac(notices=days_in(into)))
    assert days_in(into).days == {
        date(2026, 12, 31): False, date(2027, 1, 1): False, date(2028, 1, 3): False,
    }  # fmt: skip
    assert (days_in(into).years, len(taken.differing)) == ({2027, 2028}, 12)


def test_a_notice_goes_into_the_file_that_the_settings_name(folder: Path):
    (folder / "own.yaml").write_text("years: []\nrest: [2026-11-23]\nwork: []\n", encoding="utf-8")
    settings(folder, "workdays: {rule: china, file: own.yaml}\noccasions: {care/due: {}}")
    assert json.loads(command(folder, "calendar", "import", str(notice(folder)), "--json").output)["file"].endswith(
        "own.yaml"
    )
    assert len(days_in(folder / "own.yaml").days) == 20
    assert not (folder / "workdays.yaml").exists()


def test_a_rehearsal_takes_nothing_over(folder: Path):
    assert "would be kept" in command(folder, "calendar", "import", str(notice(folder)), "--dry-run").output
    assert not (folder / "workdays.yaml").exists()


def test_every_fault_of_a_notice_is_named_with_its_line_and_nothing_is_taken_over(folder: Path):
    file = notice(
        folder,
        "years: [2027, 2028]\nrest:\n  - 2027-01-01\n  - 2027-01-01\n  - 2025-05-01\n"
        "work:\n  - 2027-02-17\n  - 2027-02-20..2027-02-19\n",
    )
    told = command(folder, "calendar", "import", str(file))
    assert told.exit_code == 2
    assert "2027.yaml:8:5: work[1]: the first day comes first, and the last within a year" in told.output
    file.write_text(file.read_text().replace("2027-02-20..2027-02-19", "2027-02-20"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        checked(file)
    assert [str(fault).partition("2027.yaml:")[2] for fault in caught.value.faults] == [
        "1:8: years: no rest day of 2028 is named",
        "4:5: rest[1]: 2027-01-01 is named twice",
        "5:5: rest[2]: 2025-05-01 is not in the years that the file names",
        "7:5: work[0]: 2027-02-17 is a workday anyway: neither a weekend nor among `rest`",
    ]
    assert not (folder / "workdays.yaml").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rest: [2027-01-01]\n", "names no years"),
        ("years: [2027]\nrest: [2027-02-30]\n", "2:8: rest[0]: expected a day such as 2027-01-01"),
        ("years: [2027]\nholidays: []\n", "2:1: holidays: unknown key"),
        ("years: [soon]\n", "1:9: years[0]: expected a whole number"),
    ],
)
def test_a_file_that_is_no_notice_is_refused(folder: Path, text, why):
    told = command(folder, "calendar", "import", str(notice(folder, text)))
    assert (told.exit_code, why in told.output) == (2, True)


def test_a_broken_calendar_of_the_project_is_named_with_its_line(folder: Path):
    (folder / "workdays.yaml").write_text("years: [2027]\nrest: [2027-13-01]\n", encoding="utf-8")
    told = command(folder, "calendar", "show")
    assert (told.exit_code, "workdays.yaml:2:8: rest[0]" in told.output) == (2, True)


def test_what_is_written_is_read_again(tmp_path: Path):
    known = Workdays(
        days={date(2027, 1, day): False for day in (1, 2, 3, 30, 31)} | {date(2027, 2, 6): True},
        years=frozenset({2027}),
    )
    file = tmp_path / "days.yaml"
    file.write_text(written(known), encoding="utf-8")
    assert days_in(file) == known
    assert file.read_text().count("..") == 2


# Showing


def test_a_month_shows_rest_days_moved_days_lunar_days_and_weeks_with_their_sources(folder: Path):
    shown = [
        json.loads(line)
        for line in command(folder, "calendar", "show", "--of", "2026-10", "--json").output.splitlines()
    ]
    assert len(shown) == 31
    assert shown[0] == {
        "date": "2026-10-01", "workday": False, "moved": True, "source": "built-in", "lunar": "2026-8-21", "term": "",
        "festivals": ["national-day"], "week": "2026-W40", "odd_week": False,
    }  # fmt: skip
    assert (shown[9]["workday"], shown[9]["moved"]) == (True, True)
    assert [day["festivals"] for day in shown if "double-ninth" in day["festivals"]] == [["double-ninth"]]


def test_the_last_week_of_2026_and_the_first_of_2027_are_both_odd():
    found = {d.day.isoformat(): (d.week, d.is_odd_week) for d in days(Almanac(), date(2026, 12, 31), date(2027, 1, 7))}
    assert found["2026-12-31"] == found["2027-01-03"] == ("2026-W53", True)
    assert found["2027-01-04"] == found["2027-01-07"] == ("2027-W01", True)


def test_days_that_nobody_knows_are_shown_as_such(folder: Path):
    told = command(folder, "calendar", "show", "--of", "2027-02")
    assert (told.exit_code, told.output.count("not known")) == (0, 28)
    assert "Days of which nobody knows: 28; notigate calendar import FILE" in told.output
    assert "正月初一" in told.output


def test_leap_months_are_named_as_people_name_them(folder: Path):
    assert "闰六月初一" in command(folder, "calendar", "show", "--of", "2025-07").output


def test_the_calendar_of_an_occasion_is_shown_by_its_own_workdays(folder: Path):
    settings(folder, "occasions: {care/due: {workdays: every-day}}")
    told = command(folder, "calendar", "show", "--of", "2027-02", "--occasion", "care/due").output
    assert told.count("workdays: every-day") == 28


# Faults of occasions


def test_a_column_that_the_roster_lacks_is_named_with_the_place_that_asks_for_it(folder: Path):
    settings(folder, "occasions: {care/due: {who: signed}, care/other: {moment: daily}}")
    found = run(folder, "2026-11-20T10:05")
    assert found.counts == {State.ACCEPTED: 1}
    (problem,) = found.problems
    assert problem.detail.startswith("notigate.yaml:5:29: the roster has no column 'signed_on', by which care/due")


def test_hours_in_which_nothing_may_go_out_are_a_fault(folder: Path):
    settings(folder, 'occasions: {care/due: {class: marketing, at: "22:30-23:30"}, care/other: {moment: daily}}')
    found = run(folder, "2026-11-21T10:05")
    assert found.counts == {State.ACCEPTED: 1}
    assert "notigate.yaml:5:46: occasions.care/due.at: never opens: marketing goes out from 08:00 to 22:00 only" in (
        found.problems[0].detail
    )
