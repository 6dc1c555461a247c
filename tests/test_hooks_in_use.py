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
STORM = '{"event": "暴雨", "level": "橙色", "text": "", "source": city}'


@pytest.fixture
def send(tmp_path: Path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(
        "id,name,phone\nc1,王芳,13800138000\nc2,李娜,13800138001\n", encoding="utf-8"
    )

    def run(weather: str, rule: str = "Go()"):
        (tmp_path / "own.py").write_text(PLUGIN % (weather, rule), encoding="utf-8")
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
