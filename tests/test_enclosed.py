"""Managers get the week and the month without asking: figures in the text, workbook and chart attached."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  trial: {plugin: outbox}
workdays: every-day
policy: {windows: ["00:00-24:00"]}
staff:
  - {name: 陈晨, email: chenchen@example.com, groups: [managers]}
  - {name: 李娜, email: lina@example.com, groups: [sales]}
occasions:
  service/birthday: {at: "00:00-24:00"}
  staff/weekly-report: {}
  staff/monthly-report: {}
"""
ROSTER = """\
id,name,title,phone,birthday,subscribed_on
c1,王芳,女士,13800138000,1990-11-18,2020-11-01
c2,李雷,先生,13800138001,1991-11-22,2020-11-01
"""


@pytest.fixture
def run(tmp_path: Path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(now: str, *arguments: str):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, *(arguments or ("send", "--due"))])

    return invoke


def mails(folder: Path) -> list:
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.glob("outbox/*report*.eml")]


def test_the_week_is_sent_on_sunday_to_the_managers_with_its_workbook_and_chart(run, tmp_path):
    for now in ("2026-11-18T10:05", "2026-11-22T10:05", "2026-11-22T18:05"):
        assert run(now).exit_code == 0
    (mail,) = mails(tmp_path)
    assert mail["To"] == "chenchen@example.com"
    assert "2026-W47" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()
    assert "计划 2　发出 2（上周 0）" in text
    assert "生日祝福（青年城）：2" in text
    assert [(part.get_filename(), part.get_content()[:4]) for part in mail.iter_attachments()] == [
        ("2026-W47.xlsx", b"PK\x03\x04"),
        ("2026-W47.png", b"\x89PNG"),
    ]


def test_the_month_is_sent_on_its_last_workday(run, tmp_path):
    assert run("2026-11-18T10:05").exit_code == 0
    assert run("2026-11-30T18:05").exit_code == 1  # the birthday of the 22nd came too late
    assert ["2026-11" in mail["Subject"] for mail in mails(tmp_path)].count(True) == 1


def test_a_report_is_sent_once(run, tmp_path):
    for now in ("2026-11-22T18:05", "2026-11-22T18:10"):
        run(now)
    assert len(mails(tmp_path)) == 1


def test_what_changes_after_the_report_was_sent_is_told(run):
    run("2026-11-18T10:05")
    run("2026-11-22T18:05")  # the birthday of the 22nd is not in it: both go with this run
    told = run("2026-11-23T10:05", "report", "week", "--of", "2026-W47").stderr
    assert told == "Since it was first printed on 2026-11-22 18:05: planned +2, sent +2, SMS parts +1\n"


@pytest.mark.parametrize("looked_at", [("send", "--due", "--dry-run"), ("plan",), ("preview", "staff/weekly-report")])
def test_who_only_looks_at_a_report_to_come_has_not_printed_it(run, looked_at):
    run("2026-11-18T10:05")
    run("2026-11-22T18:05", *looked_at)
    run("2026-11-22T18:10", "send", "service/birthday")
    assert run("2026-11-23T10:05", "report", "week", "--of", "2026-W47").stderr == ""
