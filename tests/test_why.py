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
"""
ROSTER = """\
id,name,title,phone,birthday,subscribed_on,opted_out
c1,王芳,女士,13800138000,1990-11-22,2020-11-01,
c2,李雷,先生,13800138001,1991-05-05,2020-11-01,
c3,韩梅梅,女士,13800138002,1992-11-22,2020-11-01,是
c4,张伟,先生,13800138003,1993-11-22,,
c5,刘敏,女士,,1993-11-22,2020-11-01,
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
    assert told == "✗ not promised before: delivery 1 is in the ledger already: sent"


def test_another_day_can_be_asked_about(run):
    assert "birthday = 1991-05-05" in run("why", "c2", "service/birthday", "--on", "2026-05-05").stdout


def test_what_is_not_switched_on_is_told(run):
    assert run("why", "c1", "holiday/christmas").stdout == "✗ switched on: not under `occasions:` in notigate.yaml\n"


@pytest.mark.parametrize("asked", [("nobody", "service/birthday"), ("c1", "service/nothing")])
def test_nobody_and_nothing_are_named(run, asked):
    result = run("why", *asked)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: there is no")
