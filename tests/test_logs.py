"""The log of runs: what happened, for programs and people; nobody's data, and nothing that stops a run."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.gateway import Gateway
from notigate.testing.privacy import found

NOON = "2026-11-22T12:00"
NAME, PHONE, MAIL = "甄金丝雀", "13987654321", "canary.bird@example.com"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
timezone: Asia/Shanghai
roster: {file: customers.csv}
plugins: [talkative.py]
channels:
  sms: {plugin: simulator, batch: 1, script: [SCRIPT]}
  talk: {plugin: talkative}
log: {file: run.log, format: json, level: debug}
policy: {windows: ["00:00-24:00"], patience: 0s, per_person: {}}
workdays: every-day
occasions:
  service/birthday: {at: "00:00-24:00", channels: [sms]}
  purchase/subscription-thanks: {at: "00:00-24:00", moment: birthday, channels: [talk], who: ""}
"""
ROSTER = f"id,name,title,phone,email,birthday,subscribed_on\nc1,{NAME},女士,{PHONE},{MAIL},1990-11-22,2020-11-01\n"
PLUGIN = """\
import logging
from dataclasses import dataclass

from notigate.plugin import Channel, ChannelSpec, hookimpl

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    pass


class Talkative(Channel):
    address = "phone"

    def __init__(self, settings, tools):
        pass

    def send(self, message):
        log.info("sending %s to %s", message.text, message.to)
        log.warning(f"this is {message.to} and canary.bird@example.com")
        raise KeyError(message.text)


@hookimpl
def notigate_channels():
    made = {"settings": Settings, "channel": Talkative, "made": Talkative, "media": ("sms",), "reaches_people": False}
    return [ChannelSpec(name="talkative", summary="talks", **made)]
"""


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("")
        (folder / "customers.csv").write_text(ROSTER, encoding="utf-8")
        (folder / "talkative.py").write_text(PLUGIN, encoding="utf-8")
        (folder / "talkative.py").chmod(0o600)

    def write(self, script: str, old: str = "", new: str = "") -> None:
        text = SETTINGS.replace("SCRIPT", script)
        assert old in text
        (self.folder / "notigate.yaml").write_text(text.replace(old, new) if old else text, encoding="utf-8")

    def send(self, now: str = NOON):
        return CliRunner().invoke(cli, ["-C", str(self.folder), "--now", now, "-q", "send", "--due"])

    def lines(self, **having: object) -> list[dict[str, object]]:
        told = [json.loads(line) for line in (self.folder / "run.log").read_text(encoding="utf-8").splitlines()]
        return [line for line in told if having.items() <= line.items()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_run_is_told_from_its_beginning_to_its_end(project):
    project.send()
    (began,), (ended,) = project.lines(event="run began"), project.lines(event="run ended")
    assert (began["run"], began["kind"], began["level"], began["logger"]) == (1, "due", "INFO", "notigate.runs")
    assert ended["run"] == 1
    assert (ended["exit"], ended["counts"]) == (4, {"accepted": 1, "unknown": 1})
    assert ended["seconds"] >= 0
    assert ended["time"].endswith("+08:00")


def test_each_message_is_told_by_its_number(project):
    project.send()
    told = {line["delivery"]: line for line in project.lines(event="delivery")}
    assert {(one["state"], one["channel"], one["run"], one["level"]) for one in told.values()} == {
        ("accepted", "sms", 1, "DEBUG"),
        ("unknown", "talk", 1, "INFO"),
    }


def test_each_call_is_told_with_its_messages_and_seconds(project):
    project.send()
    told = {line["channel"]: line for line in project.lines(event="call", level="DEBUG")}
    assert set(told) == {"sms", "talk"}
    assert {one["messages"] for one in told.values()} == {1}
    assert all(0 <= one["seconds"] < 60 for one in told.values())
    assert {one["delivery"] for one in told.values()} == {line["delivery"] for line in project.lines(event="delivery")}


def test_another_try_and_a_channel_left_alone_are_told_with_their_reasons(project):
    project.write("{share: 1, answer: busy}")
    project.send()
    (again,) = project.lines(event="delivery", channel="sms")
    assert (again["state"], again["reason"], again["attempts"]) == ("retry_wait", "throttled", 1)
    project.write("{share: 1, answer: refuse, reason: no-credit}")
    project.send(now="2026-11-22T12:10")
    assert [line["reason"] for line in project.lines(event="channel left alone", channel="sms")] == ["simulated"]


def test_what_a_plugin_breaks_is_told_with_the_place_and_without_its_words(project):
    project.send()
    (failed,) = project.lines(event="channel failed")
    assert (failed["exception"], failed["channel"], failed["occasion"]) == (
        "KeyError",
        "talk",
        "purchase/subscription-thanks",
    )
    assert failed["where"][-1].startswith("talkative.py:")


def test_what_plugins_say_is_in_it_without_what_they_fill_in(project):
    project.send()
    told = {line["event"] for line in project.lines(logger="notigate_project_talkative")}
    assert told == {"sending %s to %s", "this is 139****4321 and c***@example.com"}


def test_nobodys_data_are_in_it(project):
    for file_format in ("json", "plain"):
        project.write("", "format: json", f"format: {file_format}")
        project.send(now=f"2026-11-22T12:{len(file_format):02}")
        (project.folder / "notigate.db").unlink()
        (project.folder / "notigate.db.stamp").unlink()
        assert found((NAME, PHONE, MAIL, PHONE[3:7]), (project.folder / "run.log").read_text(encoding="utf-8")) == []


def test_the_file_is_for_its_owner_and_made_anew_when_it_was_moved_away(project):
    with Gateway.open(project.folder):
        logging.getLogger("notigate").info("first")
        (project.folder / "run.log").rename(project.folder / "run.log.1")
        logging.getLogger("notigate").info("second")
    for name, told in (("run.log.1", "first"), ("run.log", "second")):
        file = project.folder / name
        assert (file.stat().st_mode & 0o777, json.loads(file.read_text(encoding="utf-8"))["event"]) == (0o600, told)


def test_a_plain_line_is_one_line_whatever_it_tells(project):
    project.write("", "format: json", "format: plain")
    with Gateway.open(project.folder):
        logging.getLogger("notigate").info("one\ntwo", extra={"reason": "three\nfour"})
    (line,) = (project.folder / "run.log").read_text(encoding="utf-8").splitlines()
    assert line.split(" ", 1)[1].startswith(r"INFO notigate one\ntwo process=")
    assert line.endswith(r'reason="three\nfour"')


def test_the_level_leaves_out_what_is_below_it(project):
    project.write("", "level: debug", "level: warning")
    project.send()
    assert {line["level"] for line in project.lines()} <= {"WARNING", "ERROR"}


def test_a_log_that_cannot_be_written_stops_nothing(project):
    project.write("", "file: run.log", "file: nowhere/run.log")
    assert project.send().exit_code == 4
    assert len(list((project.folder / "simulator").iterdir())) == 1


def test_a_closed_project_leaves_the_loggers_as_they_were(project):
    logger = logging.getLogger("notigate")
    before = (logger.level, list(logger.handlers))
    with Gateway.open(project.folder) as gateway:
        assert gateway.plugins.modules
        assert logger.handlers != before[1]
    assert (logger.level, logger.handlers) == before
