"""How a command ends: by a signal, beside another run, with outcomes that nobody knows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from subprocess import PIPE
from threading import Event

import pytest
from click.testing import CliRunner

import notigate
from notigate.cli import cli
from notigate.testing.aliyun import FakeAliyun
from notigate.testing.loopback import Fault, Reply

SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000}}
roster: {{file: customers.csv}}
channels:
  sms: {{plugin: sms_aliyun, access_key_id: "${{env:KEY}}", access_key_secret: "${{env:KEY}}", sign_name: 青年城,
        endpoint: "{endpoint}", templates: {{service/birthday: SMS_1}}, batch: 1, concurrency: 1}}
occasions:
  service/birthday: {{at: "00:00-24:00"}}
policy: {{per_person: {{}}}}
"""
ROSTER = "id,name,phone,subscribed_on\nc1,王芳,13800138000,2020-11-01\nc2,李雷,13800138001,2020-11-01\n"
TEMPLATE = "${greeting}，生日快乐！${project_name}全体同事祝您事业有成、好运常伴。有事请拨${hotline}。"
PATIENCE = 20


class Held:
    """A provider that takes the first message and keeps its answer until it is let go."""

    def __init__(self) -> None:
        self.asked, self.go = Event(), Event()

    def __call__(self, reply):
        self.asked.set()
        self.go.wait(PATIENCE)
        return reply


@pytest.fixture
def provider():
    with FakeAliyun(keys={"key": "key"}, signs=["青年城"], templates={"SMS_1": TEMPLATE}) as fake:
        yield fake


@pytest.fixture
def held(provider):
    held = Held()
    provider.faults["SendSms"].append(held)
    yield held
    held.go.set()


@pytest.fixture
def folder(tmp_path, provider):
    (tmp_path / "notigate.yaml").write_text(SETTINGS.format(endpoint=provider.endpoint), encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


@contextmanager
def started(folder, *arguments):
    command = [sys.executable, "-m", "notigate", "-C", folder, *arguments]
    environment = os.environ | {"KEY": "key", "NOTIGATE_LANG": "en"}
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def done(folder, *arguments):
    result = CliRunner(env={"KEY": "key"}).invoke(cli, ["-C", str(folder), *arguments])
    assert isinstance(result.exception, SystemExit | None)
    return result.exit_code, result.stdout, result.stderr


def states(folder):
    _, out, _ = done(folder, "log", "--json")
    return [json.loads(line)["state"] for line in out.splitlines()]


SEND = ("send", "service/birthday", "--key", "now")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_told_to_stop_finishes_its_calls_and_says_so(folder, held, number, code):
    with started(folder, *SEND) as process:
        assert held.asked.wait(PATIENCE)
        process.send_signal(number)
        assert "finished first" in process.stderr.readline()
        held.go.set()
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == code
        assert "service/birthday\tsms\t1" in out
        assert "still to be sent: 1" in err
        assert sorted(states(folder)) == ["accepted", "queued"]


def test_the_same_command_goes_on_where_a_stopped_run_ended(folder, held, provider):
    with started(folder, *SEND) as process:
        assert held.asked.wait(PATIENCE)
        process.terminate()
        process.stderr.readline()
        held.go.set()
        process.communicate(timeout=PATIENCE)
        assert done(folder, *SEND)[0] == 0
        assert states(folder) == ["accepted", "accepted"]
        assert len(provider.sent) == 2


def test_a_second_interrupt_ends_it_at_once_and_nothing_is_sent_twice(folder, held, provider):
    with started(folder, *SEND) as process:
        assert held.asked.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        process.stderr.readline()
        before = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 130
        assert time.monotonic() - before < 2
        process.communicate()
        held.go.set()
        code, _, err = done(folder, *SEND)
        assert (code, "notigate resolve" in err) == (4, True)
        assert sorted(states(folder)) == ["accepted", "unknown"]
        assert len(provider.sent) == 2


def test_a_second_run_does_nothing_and_says_so_at_once(folder, held):
    with started(folder, *SEND) as process:
        assert held.asked.wait(PATIENCE)
        before = time.monotonic()
        code, out, err = done(folder, "send", "--due")
        assert (code, out, time.monotonic() - before < 2) == (6, "", True)
        assert "another run is sending" in err
        held.go.set()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


@pytest.fixture
def lost(folder, provider):
    """The provider has the first message, and its answer is lost."""
    provider.faults["SendSms"].append(Fault.DROP)
    assert done(folder, *SEND)[0] == 4
    return folder


def test_what_nobody_knows_is_listed_until_it_is_decided(lost):
    code, out, err = done(lost, "resolve", "--json")
    [waiting] = [json.loads(line) for line in out.splitlines()]
    assert (code, waiting["state"], "1 outcome is still unknown" in err) == (4, "unknown", True)
    number = str(waiting["delivery"])
    assert done(lost, "resolve", number, "--as", "sent", "--dry-run")[:2] == (0, f"Delivery {number} would be: sent\n")
    assert "unknown" in states(lost)
    assert done(lost, "resolve", number, "--as", "sent")[:2] == (0, f"Delivery {number} is now: sent\n")
    code, out, err = done(lost, "resolve")
    assert (code, out, err) == (0, "", "No outcome is unknown.\n")
    assert done(lost, "resolve", number, "--as", "resend")[0] == 2


def test_what_is_proven_not_sent_is_told_as_still_to_be_sent(folder, provider):
    provider.faults["SendSms"].append(Reply("", 502))
    settings = folder / "notigate.yaml"
    settings.write_text(settings.read_text().replace("batch: 1", "batch: 1, reconcile: {first: 0s, confirm: 0s}"))
    assert done(folder, *SEND)[0] == 4
    assert done(folder, "resolve")[0] == 4
    assert done(folder, "resolve") == (
        0, "", "1 message is to be sent again.\nNext: notigate send --due\nNo outcome is unknown.\n"
    )  # fmt: skip
    assert done(folder, *SEND)[0] == 0
    assert len(provider.sent) == 2


def test_a_rehearsal_of_resolve_asks_nobody(lost, provider):
    asked = len(provider.calls)
    assert done(lost, "resolve", "--dry-run")[0] == 4
    assert len(provider.calls) == asked


def test_what_is_to_be_sent_again_is(lost, provider):
    number = str(json.loads(done(lost, "resolve", "--json")[1])["delivery"])
    code, _, err = done(lost, "resolve", number, "--as", "resend")
    assert (code, "notigate send --due" in err) == (0, True)
    done(lost, "send", "--due")
    assert len(provider.sent) == 3


def test_a_run_that_is_told_to_stop_while_it_plans_promises_no_more(folder, provider, monkeypatch):
    monkeypatch.setenv("KEY", "key")
    with notigate.open(folder) as gateway:
        gateway.stop.set()
        run = gateway.send("service/birthday", key="now")
    assert (run.counts, states(folder), provider.calls) == ({}, [], [])


def test_receipts_are_asked_for(folder):
    done(folder, *SEND)
    assert done(folder, "receipts", "pull")[:2] == (0, "0 arrived, 0 did not.\n")


def test_a_reader_that_leaves_early_is_no_fault(folder):
    people = "".join(f"n{i},王芳,139{i:08},2020-11-01,1990-11-22\n" for i in range(3000))
    (folder / "customers.csv").write_text(f"id,name,phone,subscribed_on,birthday\n{people}", encoding="utf-8")
    with started(folder, "--now", "2026-11-22T12:00", "plan", "--json", "--days", "1") as process:
        assert json.loads(process.stdout.readline())["occasion"] == "service/birthday"
        process.stdout.close()
        assert process.stderr.read() == ""
