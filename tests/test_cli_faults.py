"""What is wrong is told in one sentence with the place and the way out; nothing is sent, and there is no traceback."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.catalogue import packaged
from notigate.cli import cli
from notigate.testing.aliyun import FakeAliyun

NOON = "2026-11-22T12:00"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  trial: {plugin: outbox}
occasions:
  service/birthday: {at: "00:00-24:00"}
"""
ROSTER = "id,name,phone,birthday,subscribed_on\nc1,王芳,13800138000,1990-11-22,2026-11-01\n"
SMS = (
    '  sms: {plugin: sms_aliyun, access_key_id: "${env:NOT_SET_HERE}", access_key_secret: "${file:nowhere}",'
    " sign_name: 青年城}"
)


class Folder:
    """A project to be spoilt."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("notigate.yaml", SETTINGS)
        self.write("customers.csv", ROSTER)

    def write(self, name: str, content: str | bytes) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def change(self, old: str, new: str) -> None:
        self.write("notigate.yaml", SETTINGS.replace(old, new))

    def run(self, *arguments: str, env: dict[str, str] | None = None):
        return CliRunner(env=env).invoke(cli, ["-C", str(self.path), *arguments])

    def sent(self) -> list[str]:
        return [path.name for path in self.path.glob("outbox/*")]


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def template_with(line: str):
    def spoil(folder: Folder) -> None:
        copy = folder.path / "templates/service/birthday"
        shutil.copytree(packaged() / "service/birthday", copy)
        with (copy / "zh_Hans.sms.txt").open("a", encoding="utf-8") as file:
            file.write(line)

    return spoil


def NOTHING(folder: Folder) -> None:  # noqa: N802 - a constant of the table
    """Nothing is spoilt: the command itself is wrong."""
    del folder


def own_text(text: str):
    def spoil(folder: Folder) -> None:
        folder.change('service/birthday: {at: "00:00-24:00"}', 'own/visit: {at: "00:00-24:00"}')
        folder.write("templates/own/visit/occasion.yaml", OWN_OCCASION)
        folder.write("templates/own/visit/zh_Hans.wecom.md", text)
        folder.write("customers.csv", ROSTER.replace("phone", "wecom").replace("13800138000", "wang"))

    return spoil


OWN_OCCASION = "title: Visit\nclass: service\nmoment: birthday\nchannels: [wecom]\n"
SEND_DUE = ("--now", NOON, "send", "--due")
#: name: what is spoilt, the command, its exit code, and what it must say
CASES = {
    "unknown key": (
        lambda f: f.change("channels:", "chanels:"),
        SEND_DUE, 2, ["notigate.yaml:3:1: chanels: unknown key; did you mean channels?"],
    ),
    "wrong type": (
        lambda f: f.change("outbox}", "outbox, batch: many}"),
        SEND_DUE, 2, ["notigate.yaml:4:34: channels.trial.batch: expected a whole number"],
    ),
    "several faults": (
        lambda f: f.change("outbox}", "outbox, batch: many, concurrency: few}"),
        SEND_DUE, 2, ["notigate.yaml:4:34: channels.trial.batch: ", "notigate.yaml:4:53: channels.trial.concurrency: "],
    ),
    "missing secret": (
        lambda f: f.change("  trial: {plugin: outbox}", SMS),
        ("send", "--due"), 2,
        ["notigate.yaml:4:44: channels.sms.access_key_id: the environment variable NOT_SET_HERE is not set",
         "channels.sms.access_key_secret: ", "nowhere cannot be read"],
    ),
    "missing column for addresses": (
        lambda f: f.write("customers.csv", "id,name\nc1,王芳\n"),
        SEND_DUE, 2, ["customers.csv: no column for phone, email or wecom", "{columns: {phone: Their heading}}"],
    ),
    "missing column of an occasion": (
        lambda f: f.write("customers.csv", "id,name,phone\nc1,王芳,13800138000\n"),
        SEND_DUE, 2, ["no column 'birthday'", "service/birthday", "roster: {columns: {birthday: Their heading}}"],
    ),
    "missing variable in a template": (
        template_with("{{ nobody_knows }}"),
        SEND_DUE, 2, ["templates/service/birthday/zh_Hans.sms.txt:2: 'nobody_knows' is no param of this occasion"],
    ),
    "a text that asks for a column that is not there": (
        own_text("{{ salutation }}: {{ visit_hour }}"),
        SEND_DUE, 2, ["own/visit", "the text asks for 'visit_hour', and the roster has no such column", "-p visit_hour="],
    ),
    "a text that asks for what the settings do not say": (
        own_text("{{ project.address }}"),
        SEND_DUE, 2, ["own/visit", "'project.address' is missing; write it under `project:` in notigate.yaml"],
    ),
    "an argument that is no text": (
        NOTHING,
        ("send", "service/birthday", "--to", "13800138000", "-p", "name=\udcff"), 2, ["name=? is not written in UTF-8"],
    ),
    "unknown occasion": (
        NOTHING,
        ("send", "service/birthdya"), 2, ["there is no occasion 'service/birthdya'; near: service/birthday"],
    ),
    "unknown occasion in the settings": (
        lambda f: f.change("service/birthday", "service/birthdya"),
        SEND_DUE, 2, ["notigate.yaml:6:3: ", "there is no occasion 'service/birthdya'; near: service/birthday"],
    ),
    "unknown channel": (
        NOTHING,
        ("send", "service/birthday", "--channel", "smss"), 2, ["there is no channel 'smss'", "there are: trial"],
    ),
    "unknown plugin": (
        lambda f: f.change("plugin: outbox", "plugin: outboks"),
        SEND_DUE, 2, ["trial: no plugin offers the channel 'outboks'; there are: console, outbox", "pip install"],
    ),
    "empty roster": (
        lambda f: f.write("customers.csv", "id,name,phone,birthday\n"),
        SEND_DUE, 2, ["customers.csv: holds headings and no people"],
    ),
    "empty file": (
        lambda f: f.write("customers.csv", ""),
        SEND_DUE, 2, ["customers.csv: is empty; its first line must hold the headings"],
    ),
    "a roster that is no CSV": (
        lambda f: f.write("customers.csv", bytes(range(128, 256)) * 20),
        SEND_DUE, 2, ["customers.csv:1: this is not UTF-8"],
    ),
    "no roster": (
        lambda f: (f.path / "customers.csv").unlink(),
        SEND_DUE, 2, ["customers.csv: there is no such file"],
    ),
    "no project": (
        lambda f: (f.path / "notigate.yaml").unlink(),
        SEND_DUE, 2, ["there is no notigate.yaml in ", "notigate init "],
    ),
    "a ledger that is none": (
        lambda f: f.write("notigate.db", "something else"),
        SEND_DUE, 5, ["notigate.db is not a ledger of notigate. Restore the ledger from a backup"],
    ),
    "a lost ledger": (
        lambda f: f.write("notigate.db.stamp", "0123456789abcdef\n"),
        SEND_DUE, 5, ["notigate.db is missing, but notigate.db.stamp shows that it existed. Restore it"],
    ),
    "a rehearsal on a channel that reaches people": (
        lambda f: f.change("  trial: {plugin: outbox}", SMS),
        SEND_DUE, 2, ["--now is for rehearsals, and a channel here reaches people", "nothing was sent"],
    ),
    "--due with an occasion": (
        NOTHING, ("send", "--due", "service/birthday"), 2, ["either --due, or the names of occasions"],
    ),
    "neither --due nor an occasion": (
        NOTHING, ("send",), 2, ["either --due, or the names of occasions"],
    ),
    "--due with --to": (
        NOTHING, ("send", "--due", "--to", "13800138000"), 2, ["name the occasion to use the others"],
    ),
    "-p without a value": (
        NOTHING, ("send", "service/birthday", "-p", "when"), 2, ["write KEY=VALUE, not 'when'"],
    ),
    "a time that is none": (
        NOTHING, ("--now", "noon", "send", "--due"), 2, ["noon is no time; write 2026-11-21T10:05, or 10:05"],
    ),
    "an address that is none": (
        NOTHING, ("send", "service/birthday", "--to", "wang@@x"), 2, ["--to w***@x: no mobile number, ", "as 13800138000"],
    ),
    "a week that is none": (
        NOTHING, ("report", "week", "--of", "2026-W99"), 2, ["there is no week '2026-W99'; write it like 20"],
    ),
    "a kind of file that is none": (
        NOTHING, ("report", "week", "-o", "week.docx"), 2, ["week.docx: there is no such kind of file", ".csv"],
    ),
    "a file that cannot be written": (
        NOTHING, ("report", "week", "-o", "/nowhere/week.csv"), 2, ["/nowhere/week.csv cannot be written: No such"],
    ),
    "a batch that is none": (
        NOTHING, ("approve", "holiday/none@2026"), 2, ["no batch 'holiday/none@2026' waits for approval"],
    ),
    "a delivery that is none": (
        NOTHING, ("resolve", "77", "--as", "sent"), 2, ["there is no delivery 77"],
    ),
    "a decision without a delivery": (
        NOTHING, ("resolve", "--as", "sent"), 2, ["name a delivery and what you decided"],
    ),
    "a phone that is none": (
        NOTHING, ("log", "--phone", "12345"), 2, ["--phone: this is no mobile number"],
    ),
    "a person that is none": (
        NOTHING, ("preview", "service/birthday", "--person", "c99"), 2, ["nobody with the id 'c99' in the roster"],
    ),
    "a locale that is none": (
        NOTHING, ("preview", "service/birthday", "--locale", "xx"), 2,
        ["is not written in 'xx'; there are: en, zh_Hans, zh_Hant"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "command", "code", "told"), CASES.values(), ids=CASES)
def test_a_fault_is_told_with_its_place_and_the_way_out(folder, spoil, command, code, told):
    spoil(folder)
    result = folder.run(*command)
    assert [sentence for sentence in told if sentence not in result.output] == []
    assert result.exit_code == code
    assert isinstance(result.exception, SystemExit)
    assert folder.sent() == []


def test_each_fault_of_a_file_has_a_line_of_its_own_on_standard_error(folder):
    folder.change("outbox}", "outbox, batch: many, rate: [1]}")
    result = folder.run(*SEND_DUE)
    assert [line.partition(" expected ")[0] for line in result.stderr.splitlines()] == [
        "Error: notigate.yaml:4:34: channels.trial.batch:",
        "Error: notigate.yaml:4:46: channels.trial.rate:",
    ]
    assert result.stdout == ""


def test_a_missing_channel_writes_nobody_off(folder):
    folder.change("plugin: outbox", "plugin: outboks")
    folder.run(*SEND_DUE)
    folder.change("plugin: outbox", "plugin: outbox")
    assert (folder.run(*SEND_DUE).exit_code, len(folder.sent())) == (0, 1)


def test_a_column_that_nobody_may_have_excludes_nobody_by_being_missing(folder):
    folder.change('at: "00:00-24:00"', 'at: "00:00-24:00", who: not in_court')
    result = folder.run(*SEND_DUE)
    assert "no column 'in_court', by which service/birthday chooses its readers" in result.output
    assert (result.exit_code, folder.sent()) == (2, [])


def test_a_row_that_cannot_be_used_is_named_and_stops_nobody_else(folder):
    folder.write("customers.csv", ROSTER + "c2,李雷,12345,1990-11-22,2026-11-01\n")
    result = folder.run(*SEND_DUE)
    assert "row 3" in result.output
    assert "phone: no phone number" in result.output
    assert (result.exit_code, len(folder.sent())) == (1, 1)


def test_rows_that_share_a_fault_are_told_together_and_where_to_look(folder):
    folder.write("customers.csv", ROSTER + "c2,李雷,12345,1990-11-22,2026-11-01\nc3,赵六,78901,,\nc4,钱七,abc,,\n")
    shown = folder.run(*SEND_DUE).output
    assert "3\tcannot be sent\t\trow 3, row 4, row 5\tthe row cannot be used: phone: no phone number\n" in shown
    assert "rows of the roster that cannot be used: 3; see notigate roster check" in shown


def test_a_fault_of_our_own_keeps_its_traceback(folder, monkeypatch):
    monkeypatch.setattr("notigate.sample.rows", None)
    result = CliRunner().invoke(cli, ["init", str(folder.path / "new"), "--sample"])
    assert isinstance(result.exception, TypeError)


def sms(endpoint: str) -> str:
    return (
        'sms: {plugin: sms_aliyun, access_key_id: "${env:SECRET}", access_key_secret: "${env:SECRET}", '
        f'sign_name: 青年城, endpoint: "{endpoint}", templates: {{service/birthday: SMS_1}}}}'
    )


#: to everyone of the roster, whatever day it is: real providers are not rehearsed on
BY_NAME = ("send", "service/birthday", "--key", "test")


def with_channel(folder: Folder, channel: str) -> None:
    occasion = 'service/birthday: {at: "00:00-24:00"}\npolicy: {patience: 0s}'
    folder.change("  trial: {plugin: outbox}", f"  {channel}")
    settings = (folder.path / "notigate.yaml").read_text(encoding="utf-8")
    folder.write("notigate.yaml", settings.replace('service/birthday: {at: "00:00-24:00"}', occasion))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_an_unreachable_provider_is_told_and_its_messages_wait(folder):
    with_channel(folder, sms(f"http://127.0.0.1:{free_port()}"))
    result = folder.run(*BY_NAME, env={"SECRET": "hunter2"})
    assert "the provider was not reached" in result.stdout
    assert "notigate send --due goes on" in result.stderr
    assert result.exit_code == 1


def test_refused_credentials_are_told_and_the_messages_are_held(folder):
    with FakeAliyun(
        keys={"hunter2": "another"}, signs=["青年城"], templates={"SMS_1": "${greeting}${hotline}"}
    ) as fake:
        with_channel(folder, sms(fake.endpoint))
        result = folder.run(*BY_NAME, env={"SECRET": "hunter2"})
    assert "the provider refuses our credentials" in result.stdout
    assert "notigate doctor" in result.stderr
    assert "hunter2" not in result.output
    assert (result.exit_code, fake.sent) == (2, [])


def test_settings_that_do_not_go_together_are_told_with_their_place(folder):
    login = 'username: a, password: "${env:SECRET}"'
    with_channel(folder, f"email: {{plugin: email, host: localhost, sender: a@b.com, security: none, {login}}}")
    result = folder.run("send", "--due", env={"SECRET": "hunter2"})
    assert "notigate.yaml:4:10: channels.email: " in result.stderr
    assert result.exit_code == 2
