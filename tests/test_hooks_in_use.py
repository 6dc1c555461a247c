"""What a project's own plugin file can change: rules and weather."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000, city: 成都}
ledger: sqlite:///notigate.db
roster: {file: customers.csv}
policy: {windows: ["00:00-24:00"]}
plugins: [own.py]
channels:
  trial: {plugin: outbox}
occasions:
  weather/severe-weather: {at: "00:00-24:00"}
"""
PLUGIN = """\
from notigate.model import Drop, Go
from notigate.plugin import hookimpl


@hookimpl
def notigate_weather(city, day):
    return %s


@hookimpl
def notigate_rules():
    return [lambda occasion, person, now: %s]
"""
CHANNEL = """\
from dataclasses import dataclass

from notigate.plugin import Channel, ChannelSpec, Outcome, Reason, Scope, hookimpl


@dataclass(frozen=True)
class Settings:
    pass


class Choosy(Channel):
    address = "phone"

    def send(self, message):
        return Outcome.accepted("1")

    def refusal(self, message):
        return %s


@hookimpl
def notigate_channels():
    return [
        ChannelSpec(
            name="choosy", summary="", settings=Settings, channel=lambda settings, tools: Choosy(), media=("sms",),
            reaches_people=False, made=Choosy,
        )
    ]


"""
STORM = '{"event": "暴雨", "level": "橙色", "text": "", "source": city}'


@pytest.fixture
def send(tmp_path: Path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(
        "id,name,phone\nc1,王芳,13800138000\nc2,李娜,13800138001\n", encoding="utf-8"
    )

    def run(weather: str, rule: str = "Go()", channel: str = ""):
        plugin = PLUGIN % (weather, rule)
        if channel:
            plugin = CHANNEL % channel + plugin
            (tmp_path / "notigate.yaml").write_text(SETTINGS.replace("outbox", "choosy"), encoding="utf-8")
        (tmp_path / "own.py").write_text(plugin, encoding="utf-8")
        result = CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", "2026-11-21T16:00", "send", "--due", "--json"])
        return result.exit_code, json.loads(result.stdout)["counts"], sorted((tmp_path / "outbox").glob("*"))

    return run


def test_bad_weather_is_told_to_everyone_once(send):
    code, counts, messages = send(STORM)
    assert (code, counts) == (0, {"accepted": 2})
    assert "暴雨" in messages[0].read_text(encoding="utf-8")
    assert send(STORM)[:2] == (0, {})


def test_fine_weather_is_nothing_to_tell(send):
    assert send("{}")[:2] == (0, {})


def test_no_answer_is_never_fine_weather(send):
    assert send("None")[:2] == (7, {})


def test_a_rule_of_a_plugin_keeps_back_whom_it_names(send):
    code, counts, messages = send(STORM, "Drop('mourning') if person.id == 'c1' else Go()")
    assert (code, counts, len(messages)) == (0, {"accepted": 1, "suppressed": 1}, 1)


def test_a_rule_that_fails_stops_only_what_it_was_asked_about(send):
    assert send(STORM, "1 / 0")[:2] == (2, {})


@pytest.mark.parametrize(
    ("refusal", "code", "counts"),
    [
        ("None", 0, {"accepted": 2}),
        ("Outcome.refused(Reason.BAD_ADDRESS, 'no') if message.to.endswith('1') else None", 1, {"accepted": 1, "invalid": 1}),
        ("Outcome.refused(Reason.BAD_CONTENT, 'no code', scope=Scope.CHANNEL)", 2, {}),
    ],
    ids=["nothing", "a reader", "the channel"],
)  # fmt: skip
def test_what_a_channel_is_known_to_refuse_is_told_before_anything_is_promised(send, refusal, code, counts):
    assert send(STORM, channel=refusal)[:2] == (code, counts)
