"""Looking on while a run sends."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.gateway import Gateway
from notigate.watching import looks

PEOPLE = 60
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  sms: {plugin: simulator, batch: 1, concurrency: 1, delay: 40ms, script: [{share: 0.05, answer: lose-reply}]}
policy: {windows: ["00:00-24:00"], patience: 0s}
workdays: every-day
occasions:
  service/birthday: {at: "00:00-24:00", moment: {every: 1 day, from: 2020-01-01}, channels: [sms]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    rows = "".join(f"c{n},王芳,138001380{n:02},2020-11-01\n" for n in range(PEOPLE))
    (tmp_path / "customers.csv").write_text(f"id,name,phone,subscribed_on\n{rows}", encoding="utf-8")
    return tmp_path


def test_counts_go_down_to_nothing_and_it_ends_with_the_run(folder):
    with Gateway.open(folder) as sending, Gateway.open(folder) as gateway:
        begun = threading.Event()
        sending.progress = lambda done, _known: begun.set() if done else None
        thread = threading.Thread(target=sending.send_due)
        thread.start()
        begun.wait(10)
        seen = list(looks(gateway, lambda: threading.Event().wait(0.1)))
        thread.join()
    to_go = [look.to_go for look in seen]
    assert to_go[0] > to_go[-1] == 0
    assert to_go == sorted(to_go, reverse=True)
    assert (seen[0].run.id, seen[0].run.ended, seen[0].rate) == (1, None, None)
    assert any(look.rate and look.seconds_left for look in seen[1:])
    assert seen[-1].run.exit in {0, 4}
    assert sum(seen[-1].today.values()) == PEOPLE


def test_without_a_run_it_looks_once(folder):
    result = CliRunner().invoke(cli, ["-C", str(folder), "watch"])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    assert "no run is under way; to go: 0" in result.stdout


def test_a_run_that_was_killed_is_not_waited_for(folder):
    with Gateway.open(folder) as gateway:
        gateway.record("due").begin()
        with gateway.ledger.write() as tx:
            tx.rows("UPDATE run SET pid = 5000000")  # more than any process can have
    told = json.loads(CliRunner().invoke(cli, ["-C", str(folder), "watch", "--json"]).stdout)
    assert (told["run"], told["to_go"], told["seconds_left"]) == (None, 0, None)


def started(folder: Path, *arguments: str, **options: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "notigate", "-C", str(folder), *arguments]
    return subprocess.Popen(command, env=os.environ | {"NOTIGATE_LANG": "en"}, **options)


def test_ctrl_c_ends_the_watching_and_not_the_run(folder):
    with Gateway.open(folder) as gateway:
        record = gateway.record("due")
        record.begin()  # a run that goes on as long as this process
        with started(folder, "watch", "--every", "0.1", "--json", stdout=subprocess.PIPE) as watching:
            assert json.loads(watching.stdout.readline())["run"] == 1
            watching.send_signal(signal.SIGINT)
            watching.communicate(timeout=20)
        assert watching.returncode == 0
        record.end(0, [])
    assert "has ended" not in CliRunner().invoke(cli, ["-C", str(folder), "watch"]).stdout


def test_on_a_terminal_it_is_one_screen(folder):
    ours, theirs = pty.openpty()
    with started(folder, "watch", stdout=theirs, stderr=theirs) as watching:
        os.close(theirs)
        screen = b""
        while chunk := _read(ours):
            screen += chunk
        assert watching.wait(20) == 0
    os.close(ours)
    assert "To go: 0" in screen.decode()
    assert "Today: no messages yet" in screen.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other side is closed
        return b""
