"""Why somebody gets a message, or does not: told question by question, with the facts that decided."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  sms: {plugin: simulator}
occasions:
  service/birthday: {}
  service/news: {class: marketing, moment: manual, who: subscribed}
  service/complaint-answer: {moment: {on_fact: answer}}
  holiday/mid-autumn: {}
  holiday/christmas: {at: "09:00-20:00", moment: daily, who: "", approval: none}
policy: {marketing_consent: required}
"""
ROSTER = """\
id,name,title,phone,birthday,subscribed_on,opted_out
c1,王芳,女士,13800138000,1990-11-22,2020-11-01,
c2,李雷,先生,13800138001,1991-05-05,2020-11-01,
c3,韩梅梅,女士,13800138002,1992-11-22,2020-11-01,是
c4,张伟,先生,13800138003,1993-11-22,,
c5,刘敏,女士,,1993-11-22,2020-11-01,
c6,陈洁,女士,13800138006,,2020-11-01,
c7,坏号,女士,1380013,1990-11-22,2020-11-01,
c8,王芳,女士,13800138006,,2020-11-01,
"""
HOMES = """\
id,name,phone,handed_over_on,signed_on,visit_at
c1,王芳,13800138000,2025-01-01,,2026-11-22
c1,王芳,13800138000,2026-11-22,2020-11-01,
"""


@pytest.fixture
def run(tmp_path: Path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str, now: str = "2026-11-22T10:05"):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, *arguments])

    return invoke


@pytest.mark.parametrize(
    ("person", "now", "asked", "passed", "told"),
    [
        ("c1", "2026-11-22T10:05", "rules", True, "would go now, by sms"),
        ("c1", "2026-11-22T09:00", "rules", True, "waits for its hours, until 2026-11-22 10:00"),
        ("c2", "2026-11-22T10:05", "moment", False, "on another day for this person: birthday = 1991-05-05"),
        ("c3", "2026-11-22T10:05", "rules", False, "wants no messages"),
        ("c4", "2026-11-22T10:05", "who", False, "subscribed or signed: signed = –, subscribed = –"),
        ("c5", "2026-11-22T10:05", "rules", False, "no address for any of its channels"),
    ],
)
def test_the_last_answer_is_the_one_that_decides(run, person, now, asked, passed, told):  # noqa: PLR0913, PLR0917 - a table
    steps = [json.loads(line) for line in run("why", person, "service/birthday", "--json", now=now).stdout.splitlines()]
    assert (steps[-1]["asked"], steps[-1]["passed"]) == (asked, passed)
    assert steps[-1]["told"].startswith(told)
    assert all(step["passed"] for step in steps[:-1])


def test_what_was_promised_is_told_with_its_number(run):
    run("send", "--due")
    told = run("why", "c1", "service/birthday").stdout.splitlines()[-1]
    assert told == "✗ not promised before: delivery 1 is in the ledger already: sent; its story: notigate log 1"


def test_another_day_can_be_asked_about(run):
    assert "birthday = 1991-05-05" in run("why", "c2", "service/birthday", "--on", "2026-05-05").stdout


def test_what_is_not_switched_on_is_told(run):
    assert run("why", "c1", "holiday/new-year").stdout == "✗ switched on: not under `occasions:` in notigate.yaml\n"


@pytest.mark.parametrize("asked", [("nobody", "service/birthday"), ("c1", "service/nothing")])
def test_nobody_and_nothing_are_named(run, asked):
    result = run("why", *asked)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: there is no")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("c3", "service/birthday"), "wants no messages (opted_out = True)"),
        (("c5", "service/birthday"), "it goes by sms, email; phone = –, email = –, wecom = –"),
        (("c6", "service/birthday"), "the record does not say: birthday = –, lunar_birthday = –"),
        (("c1", "service/news"), "it goes when somebody sends it: notigate send service/news"),
        (("c1", "service/complaint-answer"), "nobody has told of answer for 2026-11-22: notigate fact list"),
        (("c1", "holiday/mid-autumn"), "it concerns nobody on 2026-11-22; the next day is 2027-09-15"),
        (("c1", "holiday/mid-autumn", "--on", "2026-09-25"), "waits for approval (see notigate approvals)"),
        (("13800138001", "service/birthday"), "birthday = 1991-05-05"),
    ],
)
def test_the_facts_that_decided_stand_beside_the_rule(run, asked, told):
    assert told in run("why", *asked).stdout.splitlines()[-1]


def test_what_a_reader_told_is_shown_with_who_recorded_it(run):
    run("optout", "add", "13800138000", "--source", "hotline")
    told = run("why", "c1", "service/birthday").stdout.splitlines()[-1]
    assert "wants no messages (138****8000 said so on 2026-11-22, by hotline; recorded by " in told


def test_a_cap_shows_what_it_counted(run):
    run("send", "service/birthday", "--to", "13800138003", "--key", "k")
    told = run("why", "c4", "holiday/christmas").stdout.splitlines()[-1]
    assert "has had enough messages today (caps are day: 1, month: 8; the latest: 2026-11-22 service/birthday (" in told


def test_hours_are_told_with_what_becomes_of_the_late(run):
    told = run("why", "c1", "holiday/christmas", now="2026-11-22T21:00").stdout.splitlines()[-1]
    assert told.endswith("its hours are over (its hours are 09:00-20:00; late: drop)")


def test_a_column_that_the_roster_lacks_is_told_and_not_taken_for_another_day(run, tmp_path):
    (tmp_path / "customers.csv").write_text(ROSTER.replace("birthday", "geburtstag"), encoding="utf-8")
    told = run("why", "c1", "service/birthday").stdout.splitlines()[-1]
    assert told == "✗ its moment: the roster has no column birthday: notigate roster columns"


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ("c7", "row 8 of the roster is 'c7', and cannot be used: notigate roster check"),
        ("13800138006", "138****8006 is an address of several people: c6, c8; name one of them"),
        ("13800138099", "there is nobody with the id '138****8099' in the roster"),
    ],
)
def test_who_cannot_be_found_is_told_why(run, person, told):
    result = run("why", person, "service/birthday")
    assert (result.exit_code, result.stderr) == (2, f"Error: {told}\n")


@pytest.fixture
def at_home(run, tmp_path: Path):
    """Somebody with two homes, and two occasions about them."""
    for name, keys in (
        ("handed", "moment: {day_of: handed_over_on}\nwho: signed"),
        ("visit", 'moment: {hours_before: "visit_at 1"}'),
    ):
        folder = tmp_path / "templates" / "home" / name
        folder.mkdir(parents=True)
        (folder / "occasion.yaml").write_text(f"title: x\nclass: care\nchannels: [sms]\n{keys}\n", encoding="utf-8")
        (folder / "zh_Hans.sms.txt").write_text("您好。", encoding="utf-8")
    settings = SETTINGS.replace("occasions:\n", "occasions:\n  home/handed: {}\n  home/visit: {}\n")
    (tmp_path / "notigate.yaml").write_text(
        settings.replace("{marketing", "{windows: ['00:00-24:00'], marketing"), encoding="utf-8"
    )
    (tmp_path / "customers.csv").write_text(HOMES, encoding="utf-8")
    return run


def test_of_several_homes_the_one_that_it_is_about_decides(at_home):
    told = at_home("why", "c1", "home/handed").stdout.splitlines()
    assert told[1:3] == [
        "✓ its moment: handed_over_on = 2026-11-22",
        "✓ whom it concerns: signed: signed_on = 2020-11-01",
    ]
    assert (
        "handed_over_on = 2025-01-01, handed_over_on = 2026-11-22"
        in at_home("why", "c1", "home/handed", "--on", "2026-11-25").stdout
    )


def test_a_day_without_an_hour_is_told_where_an_hour_is_asked_for(at_home):
    assert "a day without an hour: visit_at = 2026-11-22" in at_home("why", "c1", "home/visit").stdout


def test_a_missing_consent_is_told_with_its_column(run, tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS.replace("moment: manual", "moment: daily"), encoding="utf-8")
    told = run("why", "c1", "service/news").stdout
    assert "marketing_consent_on = –, and no consent is recorded" in told


def test_a_cap_is_that_which_the_reader_asked_for(run):
    run("optout", "add", "c4", "--less-often")
    run("send", "service/birthday", "--to", "13800138003", "--key", "k")
    told = run("why", "c4", "holiday/christmas").stdout.splitlines()[-1]
    assert "(caps are day: 1, month: 2; the latest" in told
