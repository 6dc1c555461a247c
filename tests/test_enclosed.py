"""Managers get the week and the month without asking: figures in the text, workbook, chart or a link beside it."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.catalogue import Catalogue
from notigate.cli import cli
from notigate.model import Person
from notigate.render import Context
from notigate.reports import spans
from notigate.reports.enclosed import facts
from notigate.reports.figures import Figures, Row
from notigate.testing.loopback import Fault
from notigate.testing.wecom import FakeWecom

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


@pytest.fixture
def group(run, tmp_path, monkeypatch):
    """The managers are a group with a robot, and the web server of the house shows a folder."""
    assert run is not None
    monkeypatch.setenv("NOTIGATE_ALLOW_NOW", "1")
    (tmp_path / "www").mkdir()
    with FakeWecom() as fake:
        settings = SETTINGS.replace(
            "  trial: {plugin: outbox}", f"  group: {{plugin: wecom, webhook: '{fake.webhook()}'}}"
        )
        settings = settings.replace("email: chenchen@example.com, ", "")
        settings += "reports: {folder: www, url: 'https://intranet.example.com/reports/'}\n"
        (tmp_path / "notigate.yaml").write_text(settings, encoding="utf-8")
        (tmp_path / "notigate.yaml").chmod(0o600)
        yield fake


def posted(fake: FakeWecom) -> list[dict]:
    return [json.loads(body) for _path, body in fake.posts]


def test_a_group_gets_the_summary_with_a_link_and_then_the_picture(run, group, tmp_path):
    assert run("2026-11-22T18:05").exit_code == 0
    text, picture = posted(group)
    assert "[打开报表](https://intranet.example.com/reports/2026-W47.html)" in text["markdown"]["content"]
    assert b64decode(picture["image"]["base64"]).startswith(b"\x89PNG")
    page = tmp_path / "www" / "2026-W47.html"
    assert "2026-W47" in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o044 == 0o044


def test_neither_summary_nor_picture_goes_twice(run, group):
    group.trouble("webhook/send", None, Fault.DROP)
    for now in ("2026-11-22T18:05", "2026-11-22T18:10"):
        assert run(now).exit_code == 0
    assert [body["msgtype"] for body in posted(group)] == ["markdown", "image"]
    assert "without its picture 2026-W47.png" in run("2026-11-22T18:15", "log", "2").stdout


def test_the_page_lies_there_before_anybody_is_told(run, group, tmp_path):
    run("2026-11-22T18:05", "send", "--due", "--dry-run")
    assert not list((tmp_path / "www").iterdir())
    (tmp_path / "www").rmdir()
    told = run("2026-11-22T18:05")
    assert told.exit_code == 2
    assert "2026-W47.html cannot be written: No such file or directory" in told.output
    assert not group.posts
    (tmp_path / "www").mkdir()
    assert run("2026-11-22T18:10").exit_code == 0
    assert len(group.posts) == 2


def test_one_reader_who_is_sent_the_report_finds_its_page_too(run, group, tmp_path):
    told = run(
        "2026-11-22T18:05",
        "send",
        "staff/weekly-report",
        "--to",
        "lina@example.com",
        "-p",
        "name=李娜",
        "--channel",
        "group",
    )
    assert (told.exit_code, len(group.posts)) == (0, 2), told.output
    assert (tmp_path / "www" / "2026-W47.html").is_file()


@pytest.mark.parametrize("url", ["intranet/reports", "ftp://intranet/reports", "https://a.example.com/(x)", "https://"])
def test_an_address_that_no_summary_can_carry_is_refused(run, tmp_path, url):
    written = SETTINGS + f"reports: {{folder: www, url: '{url}'}}\n"
    (tmp_path / "notigate.yaml").write_text(written, encoding="utf-8")
    told = run("2026-11-22T18:05")
    assert told.exit_code == 2
    assert "is no whole address" in told.stderr


def row(number: int) -> Row:
    return Row(occasion=f"第{number}个很长的场合的名称", channel="sms", project="青年城二期南区", accepted=12345)


@pytest.mark.parametrize("occasion", ["staff/weekly-report", "staff/monthly-report"])
@pytest.mark.parametrize("locale", ["zh_Hans", "zh_Hant", "en"])
def test_a_summary_of_many_occasions_fits_a_message(occasion, locale):
    span = spans.named("week", "2026-W47", date(2026, 11, 22))
    figures = Figures(
        span, tuple(row(n) for n in range(45)), Row(occasion="", channel="", project="", planned=45), "week"
    )
    link = f"https://intranet.example.com/{'reports/' * 20}2026-W47.html"
    context = Context(project={}, today=span.last, given={"report": facts(figures, "", link)})
    said = Catalogue.open([]).text(occasion, "wecom", locale).render(Person(id="1", name="陈晨"), context).text
    assert "33" in said
    assert link in said
    assert len(said.encode()) <= 2048  # an application cuts what is longer
