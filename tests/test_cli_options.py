"""What every command has in common: results for programs, rehearsals, and a clock that can be moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from notigate.cli import COMMANDS, cli

#: change the ledger, the settings, or what readers get
ACTS = {
    "init", "send", "calendar import", "fact add", "fact withdraw", "corrections", "approve", "refuse", "resolve", "restore",
    "migrate", "receipts pull", "templates new", "templates push", "optout add", "optout remove", "optout import",
    "consent add", "consent remove", "consent import", "erase", "purge",
}  # fmt: skip
#: print text that another program reads as it is
PLAIN = {"completion", "cron", "metrics", "schema"}
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
plugins: [own.py]
channels: {own: {plugin: own}}
"""
OWN = """\
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from notigate.plugin import Channel, ChannelSpec, Limits, Outcome, hookimpl

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    pass


class Own(Channel):
    limits = Limits()
    address = None

    def __init__(self, now):
        self.now = now

    def send(self, message):
        with closing(sqlite3.connect(HERE / "notigate.db", timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        (HERE / "seen.json").write_text(json.dumps(self.now().isoformat()))
        return Outcome.accepted("R1")


@hookimpl
def notigate_channels():
    return [ChannelSpec(
        name="own", summary="", settings=Settings, channel=lambda settings, tools: Own(tools.now), media=("sms",),
        made=Own,
    )]


@hookimpl
def notigate_settled(delivery):
    with closing(sqlite3.connect(HERE / "notigate.db")) as other:
        stands = other.execute("SELECT state FROM delivery WHERE id = ?", (delivery.id,)).fetchone()
    with (HERE / "settled.txt").open("a") as file:
        file.write(f"{delivery.id} {delivery.state} {stands[0]}\\n")
    raise RuntimeError("a plugin's own trouble")
"""


def commands() -> Iterator[tuple[str, set[str]]]:
    """Each command, and the options it takes."""
    above = click.Context(cli)

    def below(name: str, command: click.Command) -> Iterator[tuple[str, set[str]]]:
        if isinstance(command, click.Group):
            for its in command.list_commands(above):
                yield from below(f"{name} {its}", command.commands[its])
        else:
            yield name, {option for parameter in command.params for option in parameter.opts}

    for name in COMMANDS:
        command = cli.get_command(above, name)
        assert command is not None
        yield from below(name, command)


OPTIONS = dict(commands())


@pytest.mark.parametrize("command", sorted(ACTS))
def test_every_act_can_be_rehearsed(command):
    assert "--dry-run" in OPTIONS[command]


@pytest.mark.parametrize("command", sorted(OPTIONS.keys() - ACTS - PLAIN))
def test_every_listing_is_also_for_programs(command):
    assert "--json" in OPTIONS[command]


@pytest.fixture
def project(tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "own.py").chmod(0o600)

    def run(*arguments, **environment):
        result = CliRunner(env=environment).invoke(cli, ["-C", str(tmp_path), *arguments])
        assert isinstance(result.exception, SystemExit | None), result.output
        return result

    return run


SEND = ("send", "weather/severe-weather", "--to", "13800138000", "--channel", "own", "-p", "event=暴雨")


def test_a_moved_clock_is_refused_where_a_channel_reaches_people(project, tmp_path):
    refused = project("--now", "2030-01-01T10:05", *SEND)
    assert (refused.exit_code, "--now is for rehearsals" in refused.stderr) == (2, True)
    assert not (tmp_path / "seen.json").exists()


def test_a_provider_sees_the_real_time_whatever_now_says(project, tmp_path):
    sent = project("--now", "2030-01-01T10:05", *SEND, "--json", NOTIGATE_ALLOW_NOW="1")
    assert json.loads(sent.stdout)["now"].startswith("2030-01-01T10:05")
    seen = datetime.fromisoformat(json.loads((tmp_path / "seen.json").read_text()))
    assert abs(seen - datetime.now(seen.tzinfo)) < timedelta(minutes=5)


def test_no_transaction_is_open_while_a_provider_is_asked(project, tmp_path):
    sent = project(*SEND, "--json")
    assert json.loads(sent.stdout)["counts"] == {"accepted": 1}
    assert (tmp_path / "seen.json").exists()


def test_plugins_are_told_what_is_committed_and_their_trouble_is_their_own(project, tmp_path):
    assert project(*SEND).exit_code == 0
    assert (tmp_path / "settled.txt").read_text() == "1 accepted accepted\n"
