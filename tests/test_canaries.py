"""Canaries: a phone, a name, a mail address and secrets that nobody must ever see, through every command and many faults.

A command that is not in the table fails this test: whoever adds one says here how it is tried.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from notigate import cli
from notigate.testing.privacy import found

PHONE, OTHER = "13987654321", "13987650000"
NAME, MAIL = "甄金丝雀", "canary.bird@example.com"
#: nobody is reached, for nobody listens on port 1
ALLOWED = {"NOTIGATE_ALLOW_NOW": "1", "NOTIGATE_LANG": "en"}
SECRETS = {
    "PASSWORD_CANARY": "pw-canary-7391",
    "WEBHOOK_CANARY": "http://127.0.0.1:1/cgi-bin/webhook/send?key=key-canary",
}
PERSONAL = (PHONE, OTHER, f"+86{PHONE}", f"{PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}", NAME, MAIL)
PRIVATE = (*PERSONAL, *SECRETS.values(), "key-canary", "file-canary-5512")
NOON = "2026-11-22T12:00"

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
plugins: [leaky.py]
channels:
  trial: {plugin: outbox}
  leaky: {plugin: leaky}
  mail:
    {plugin: email, host: 127.0.0.1, port: 1, security: tls, username: u, password: "${env:PASSWORD_CANARY}",
     sender: care@example.com}
  group: {plugin: wecom, webhook: "${env:WEBHOOK_CANARY}"}
  sms:
    {plugin: sms_aliyun, access_key_id: LTAI, access_key_secret: "${file:secret}", sign_name: 青年城,
     endpoint: "http://127.0.0.1:1"}
policy: {windows: ["00:00-24:00"], per_person: {}}
log: {file: run.log, level: debug}
occasions:
  service/birthday: {at: "00:00-24:00", who: "", channels: [trial]}
  purchase/subscription-thanks: {at: "00:00-24:00", who: "", moment: birthday, channels: [leaky], class: service}
  holiday/mid-autumn: {at: "00:00-24:00", who: "", moment: birthday, channels: [trial]}
"""
ROSTER = f"""\
id,name,title,phone,email,birthday,building
c1,{NAME},女士,{PHONE},{MAIL},1990-11-22,1
c2,{NAME},女士,{PHONE}x,{MAIL}x,1990-11-22,1
c3,{NAME},女士,{OTHER},{MAIL}@x,1990-11-22,1
"""
#: a plugin that does all that plugins must not do
LEAKY = """\
import logging
from dataclasses import dataclass

import click

from notigate.plugin import Channel, ChannelSpec, Outcome, Reason, hookimpl

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    pass


class Leaky(Channel):
    address = "phone"

    def __init__(self, settings, tools):
        pass

    def send(self, message):
        log.info("%s for %s", message.text, message.to)
        if message.to.endswith("0000"):
            raise RuntimeError(f"cannot send to {message.to}")
        return Outcome.refused(Reason.BAD_ADDRESS, f"no such number: {message.to} (MAIL)")

    def receipts(self, since):
        raise ValueError("PHONE")


@hookimpl
def notigate_channels():
    made = {"settings": Settings, "channel": Leaky, "made": Leaky, "media": ("sms",), "reaches_people": False}
    return [ChannelSpec(name="leaky", summary="leaks", **made)]


@hookimpl
def notigate_settled(delivery):
    raise KeyError(delivery.to)


@hookimpl
def notigate_commands(group):
    @group.command()
    def burst():
        raise ValueError("PHONE MAIL")
""".replace("PHONE", PHONE).replace("MAIL", MAIL)
#: command → the ways it is tried, one after the other
TRIED: dict[str, list[str]] = {
    "init": ["init new --sample"],
    "plan": ["plan --days 2", "plan --days 2 --json", "plan --person c1", "--verbose plan --days 1"],
    "preview": [
        "preview service/birthday --person c1", "preview service/birthday --person c1 --json",
        "preview service/birthday --person c1 --awkward -o page.html", "preview service/birthday --show-pii",
    ],
    "send": [
        "send --due --dry-run", "send --due --dry-run --json", "send --due", "send --due --json",
        f"send service/birthday --to {PHONE} --key k", f"send service/birthday --to {PHONE} --channel leaky --json",
        f"send service/birthday --to {MAIL} --channel mail --key m", f"send service/birthday --to {PHONE}9",
        "send holiday/mid-autumn --roster customers.csv --max 0", f"send service/birthday --to {PHONE} --channel nope",
    ],
    "log": ["log", "log --json", f"log --phone {PHONE}", f"log --phone {PHONE}9", "log --state failed", "log --show-pii"],
    "resolve": ["resolve --dry-run", "resolve --json", "resolve 9999 --as sent", "resolve"],
    "approvals": ["approvals", "approvals --json", "approvals --all"],
    "approve": ["approve nothing", "approve holiday/mid-autumn --dry-run"],
    "refuse": ["refuse nothing", "refuse holiday/mid-autumn --dry-run"],
    "report": ["report week", "report month --json", "report week --by-building", "report week -o week.csv"],
    "weather": ["weather", "weather --json"],
    "channels": ["channels", "channels --json"],
    "plugins": ["plugins", "plugins --json"],
    "doctor": ["doctor --offline", "doctor --offline --json"],
    "migrate": ["migrate --dry-run", "migrate"],
    "receipts pull": ["receipts pull", "receipts pull --json"],
    "templates lint": ["templates lint", "templates lint service/birthday --json"],
    "receipts dead": ["receipts dead", "receipts dead --json", "receipts dead -o dead.csv"],
    "status": ["status", "status --json"],
    "alarms": ["alarms", "alarms --json", "alarms --dry-run"],
    "watch": ["watch", "watch --json"],
    "metrics": ["metrics"],
    "cron": ["cron"],
    "backup": ["backup copy.db --json"],
    "export": [
        "export --since 2026-11-01 --until 2026-11-30 -o export.csv", "export --since 2026-11-01 --until 2026-11-30 -o export.jsonl",
        "export --since 2026-11-01 --until 2026-11-30 -o full.jsonl --show-pii --because audit",
    ],
    "why": [
        "why c1 service/birthday", f"why {PHONE} service/birthday", f"why {MAIL} purchase/subscription-thanks",
        "why c1 service/birthday --json", "why c2 purchase/subscription-thanks",
    ],
    "calendar show": ["calendar show", "calendar show --occasion service/birthday --json"],
    "calendar import": ["calendar import customers.csv", "calendar import nowhere.yaml --dry-run"],
    "fact add": [f"fact add visit --person {PHONE} --key v -p whom={MAIL} --dry-run", "fact add visit --person c1 --key w --json"],
    "fact list": ["fact list", "fact list --json"],
    "fact withdraw": ["fact withdraw visit w --dry-run", "fact withdraw visit w"],
    "corrections": ["corrections", "corrections --json"],
    "templates list": ["templates list", "templates list --json"],
    "templates diff": ["templates diff service/birthday", "templates diff service/birthday --json"],
    "templates push": ["templates push service/birthday --dry-run", "templates push service/birthday"],
    "templates new": ["templates new own/visit", "templates new own/visit"],
    "schema": ["schema settings", "schema occasion"],
    "roster check": ["roster check", "roster check --json", "roster check --fixed fixed.csv", "roster check no.csv"],
    "roster columns": ["roster columns", "roster columns --json", "roster columns no.csv"],
    "optout add": [
        f"optout add {PHONE} --dry-run", f"optout add {OTHER} --source hotline", f"optout add {MAIL}", "optout add c1",
        f"optout add {PHONE}",
    ],
    "optout list": ["optout list", "optout list --json --past"],
    "optout import": ["optout import no.csv", "optout import customers.csv --dry-run", "optout import nowhere.csv"],
    "optout remove": [f"optout remove {MAIL}", f"optout remove {PHONE} --dry-run", f"optout remove {PHONE}", "optout remove c9"],
    "consent add": [f"consent add {PHONE} --proof F-1", f"consent add {MAIL}"],
    "consent list": ["consent list", "consent list --json"],
    "consent import": ["consent import no.csv --dry-run", "consent import no.csv"],
    "consent remove": [f"consent remove {PHONE}", f"consent remove {PHONE}"],
    "accesses": ["accesses", "accesses --json"],
    "completion": ["completion bash"],
    "erase": ["erase c9 --dry-run", "erase c1 --dry-run", f"erase {OTHER} --yes --json", "erase c1 --yes", f"erase {PHONE} --yes"],
    "restore": ["restore copy.db --dry-run", "restore copy.db"],
    "purge": ["purge --dry-run", "purge --older-than 0d --yes"],
}  # fmt: skip
#: what a person asked to be written down in full: the outbox is the message itself, the page is for its author
MEANT = ("outbox/", "customers.csv", "leaky.py", "secret", "new/", "fixed.csv", "copy.db", "full.jsonl")


def commands() -> set[str]:
    pages = {name: cli.cli.get_command(None, name) for name in cli.COMMANDS}
    return {f"{name} {sub}".strip() for name, one in pages.items() for sub in (getattr(one, "commands", None) or [""])}


def test_every_command_is_tried():
    assert commands() == set(TRIED), "say in TRIED how the new command is to be tried"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("canaries")
    files = {"notigate.yaml": SETTINGS, "customers.csv": ROSTER, "leaky.py": LEAKY, "secret": "file-canary-5512"}
    files["no.csv"] = f"手机,备注\n{OTHER},{NAME}\n{PHONE}x,\n,\n"
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
        (path / name).chmod(0o600)
    return path


def run(folder, line: str):
    options = ["--verbose"] if line.startswith("--verbose ") else []
    words = ["--now", NOON, *options, *line.removeprefix("--verbose ").split()]
    with contextlib.chdir(folder):
        return CliRunner(env=SECRETS | ALLOWED).invoke(cli.cli, words)


def test_no_command_shows_what_nobody_may_see(folder, caplog):
    """Not on the terminal, not in the files it leaves, not in a message of its own that it raises."""
    told, answered = [], 0
    for lines in TRIED.values():
        for line in lines:
            result = run(folder, line)
            crash = result.exception if not isinstance(result.exception, SystemExit) else None
            assert crash is None, f"{line}: {crash!r}"
            shown = found(PRIVATE, result.stdout, result.stderr)
            told += [(line, place) for place in shown]
            answered += bool(result.output)
    assert told == []
    assert answered > len(TRIED), "hardly anything was said: nothing was tried"
    assert caplog.records != []
    left = [
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and any(word.encode() in file.read_bytes() for word in (*PERSONAL, *SECRETS.values()))
    ]
    assert [name for name in left if not name.startswith((*MEANT, "no.csv"))] == []


def test_before_an_erasure_the_ledger_names_addresses_in_one_place_only(folder, tmp_path):
    for name in ("notigate.yaml", "customers.csv", "leaky.py", "secret"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
        (tmp_path / name).chmod(0o600)
    run(tmp_path, "send --due")
    with closing(sqlite3.connect(tmp_path / "notigate.db")) as ledger:
        tables = [name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: repr(ledger.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}  # noqa: S608 - names of ours
        holding = {name for name, shown in rows.items() if found(PRIVATE, shown)}
        details = repr(ledger.execute("SELECT person, detail, reason, provider_id FROM delivery").fetchall())
    assert holding == {"delivery"}
    assert found(PRIVATE, details) == []
    assert "139****4321" in rows["event"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("burst",), 1),
        (("-vv", "send", "--due"), None),
        (("send", "--due"), None),
        (("-vv", "receipts", "pull"), None),
    ],
)
def test_no_traceback_and_no_log_line_shows_an_address(folder, tmp_path, arguments, code):
    for name in ("notigate.yaml", "customers.csv", "leaky.py", "secret"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
        (tmp_path / name).chmod(0o600)
    command = [sys.executable, "-m", "notigate", "-C", str(tmp_path), "--now", NOON, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **SECRETS, **ALLOWED}
    )
    assert code in (None, done.returncode)
    assert "Traceback" in done.stderr
    assert "139****" in done.stderr
    assert found(PRIVATE, done.stdout, done.stderr) == []


def yaml(old: str, new: str):
    return lambda folder: (folder / "notigate.yaml").write_text(SETTINGS.replace(old, new), encoding="utf-8")


def roster(text: str):
    return lambda folder: (folder / "customers.csv").write_text(text, encoding="utf-8")


FAULTS = {
    "a secret in plain": yaml('"${env:WEBHOOK_CANARY}"', "http://127.0.0.1:1/cgi-bin/webhook/send?key=key-canary"),
    "a secret of the wrong kind": yaml("port: 1,", "port: pw-canary-7391x,"),
    "an unknown key": yaml("policy: {", f"policy: {{x{PHONE}: 1, "),
    "broken yaml": yaml("policy: {", f"policy: {{{{ {PHONE} "),
    "no headings": roster(f"c1,{NAME},{PHONE}\n"),
    "a quote that never ends": roster(ROSTER + f'c4,"{NAME},{PHONE}\n' * 3),
    "two in a cell": roster(f"id,name,phone\nc1,{NAME},{PHONE}/{OTHER}\n"),
    "a rounded number": roster(f"id,name,phone,email\nc1,{NAME},1.39877E+10,{MAIL} {MAIL}\n"),
    "another encoding": lambda folder: (folder / "customers.csv").write_bytes(ROSTER.encode("utf-16")),
    "a damaged ledger": lambda folder: (folder / "notigate.db").write_bytes(PHONE.encode() * 100),
    "a plugin with a slip": lambda folder: (folder / "leaky.py").write_text(LEAKY + "\n)("),
    "a ledger with a password": yaml("policy: {", "ledger: postgresql://u:pw-canary-7391@127.0.0.1:1/x\npolicy: {"),
    "a key that is none": yaml("policy: {", 'ledger_key: "${env:PASSWORD_CANARY}"\npolicy: {'),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_shows_it_either(folder, tmp_path, fault):
    for name in ("notigate.yaml", "customers.csv", "leaky.py", "secret"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
        (tmp_path / name).chmod(0o600)
    FAULTS[fault](tmp_path)
    for line in ("send --due", "plan --days 1 --json", "doctor --offline", "log", "channels", f"optout add {PHONE}"):
        result = run(tmp_path, line)
        assert result.exception is None or isinstance(result.exception, SystemExit), (line, result.exception)
        private = tuple(word for word in PRIVATE if fault != "an unknown key" or word != PHONE)
        assert found(private, result.output) == [], f"{line}: {result.output}"
