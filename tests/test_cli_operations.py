"""What operators ask and do: status, metrics, crontab lines, backups."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.ledger.alarms import Kind

NOON, LATER = "2026-11-22T12:00", "2026-11-22T12:05"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  sms: {plugin: simulator, script: [{share: 1, answer: lose-reply}]}
policy: {windows: ["00:00-24:00"]}
workdays: every-day
alarms: {unknown_after: 0s}
occasions:
  service/birthday: {at: "00:00-24:00"}
"""
ROSTER = "id,name,title,phone,birthday,subscribed_on\nc1,王芳,女士,13800138000,1990-11-22,2020-11-01\n"


@pytest.fixture
def run(tmp_path: Path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str, now: str = NOON):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, *arguments])

    return invoke


# Status and metrics


def test_a_project_without_a_run_has_nothing_to_look_after(run):
    result = run("status")
    assert result.exit_code == 0
    assert "Nothing is to be looked after." in result.stdout


def test_what_waits_and_how_the_last_run_ended_is_told(run):
    run("send", "--due")
    result = run("status", now=LATER)
    assert result.exit_code == 1
    assert "! outcomes that are unknown: 1; see notigate resolve" in result.stdout
    assert "Today: unknown 1" in result.stdout
    told = json.loads(run("status", "--json", now=LATER).stdout)
    assert {alarm["key"] for alarm in told["alarms"]} == {"unknown"}
    assert (told["waiting"], told["today"], [one["exit"] for one in told["runs"]]) == (
        {"unknown": 1},
        {"unknown": 1},
        [4],
    )


def test_an_unknown_year_is_told_before_it_comes(run, tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS.replace("every-day", "china"), encoding="utf-8")
    assert "calendar" in {one["key"] for one in json.loads(run("status", "--json", now="2030-11-22").stdout)["alarms"]}


def test_metrics_are_as_prometheus_reads_them_and_name_nobody(run, tmp_path):
    run("send", "--due")
    text = run("metrics", now=LATER).stdout
    assert 'notigate_waiting{state="unknown"} 1' in text
    assert 'notigate_alarm{alarm="unknown"} 1' in text
    assert all(f'notigate_alarm{{alarm="{kind}"}} 0' in text for kind in Kind if kind is not Kind.UNKNOWN)
    assert "notigate_last_run_exit_code 4" in text
    line = re.compile(r'# (?:HELP|TYPE) notigate_\w+ .+|notigate_\w+(?:\{\w+="[\w-]+"\})? -?\d+')
    assert all(line.fullmatch(one) for one in text.splitlines())
    assert "c1" not in text
    assert run("metrics", "-o", str(tmp_path / "notigate.prom")).exit_code == 0
    assert "notigate_waiting" in (tmp_path / "notigate.prom").read_text()


# Cron


@pytest.fixture
def machine(monkeypatch):
    """Puts this machine into a time zone."""

    def put(zone: str):
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Asia/Shanghai", ["*/10 * * * *", "0 18 * * 0", "30 2 * * *"]),
        ("UTC", ["*/10 * * * *", "0 10 * * 0", "30 18 * * *"]),
        ("Pacific/Kiritimati", ["*/10 * * * *", "0 0 * * 1", "30 8 * * *"]),
    ],
)
def test_the_lines_for_cron_mean_the_hours_of_the_project_by_the_clock_of_the_machine(
    run, tmp_path, machine, zone, when
):
    machine(zone)
    lines = [line for line in run("cron", "--every", "10").stdout.splitlines() if not line.startswith("#")]
    assert [line.split("  ")[0] for line in lines] == when
    assert all(f"-C {tmp_path} " in line for line in lines)
    assert "send --due" in lines[0]


def test_the_lines_for_cron_leave_faults_to_cron_which_mails_them(run):
    lines = [line for line in run("cron").stdout.splitlines() if not line.startswith("#")]
    assert [line for line in lines if "2>" in line] == []


def test_the_lines_for_cron_do_their_work(run, tmp_path):
    """As cron runs them: by `sh`, from another folder, with hardly any environment."""
    lines = [line.split("  ", 1)[1] for line in run("cron").stdout.splitlines() if not line.startswith("#")]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    codes = [
        subprocess.run(["/bin/sh", "-c", line.replace("\\%", "%")], cwd="/", env=environment, check=False).returncode
        for line in lines
    ]
    assert codes[1:] == [0, 0], (tmp_path / "cron.log").read_text()
    assert codes[0] in (0, 4)
    assert (tmp_path / "week.xlsx").stat().st_size > 1000
    assert len(list((tmp_path / "backups").iterdir())) == 1


def units(text: str) -> dict[str, str]:
    """Name of the file → what is to stand in it."""
    found = re.split(r"^# /etc/systemd/system/(\S+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_units_of_systemd_run_what_is_due_and_forgive_what_waits_for_people(run, tmp_path):
    found = units(run("cron", "--systemd").stdout)
    assert list(found) == [
        f"{name}.{kind}" for name in ("notigate", "notigate-report", "notigate-backup") for kind in ("service", "timer")
    ]
    assert f'-C "{tmp_path}" send --due' in found["notigate.service"]
    assert "OnCalendar=*:0/5" in found["notigate.timer"]
    assert "OnCalendar=Sun 18:00 Asia/Shanghai" in found["notigate-report.timer"]
    assert "SuccessExitStatus=3 4 6" in found["notigate.service"]
    assert "EnvironmentFile=-" in found["notigate.service"]


ANALYZE = shutil.which("systemd-analyze") or ""


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units(run, tmp_path):
    found = units(run("cron", "--systemd").stdout)
    for name, text in found.items():
        (tmp_path / name).write_text(text.partition("\n\n# sudo")[0])
    told = subprocess.run(
        [ANALYZE, "verify", "--man=no", *(tmp_path / name for name in found)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in told.stderr.splitlines() if str(tmp_path) in line or "notigate" in line] == []


# Backups


def test_a_backup_is_checked_kept_to_its_owner_and_never_replaces_another(run, tmp_path):
    run("send", "--due")
    copy = tmp_path / "copy.db"
    told = json.loads(run("backup", str(copy), "--json").stdout)
    assert told == {"file": str(copy), "deliveries": 1, "runs": 1}
    assert copy.stat().st_mode & 0o077 == 0
    assert "is there already" in run("backup", str(copy)).stderr
    assert run("backup").exit_code == 0
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_a_lost_ledger_is_put_back_and_nothing_is_sent_twice(run, tmp_path):
    run("send", "--due")
    run("backup", str(tmp_path / "copy.db"))
    for name in ("notigate.db", "notigate.db-wal", "notigate.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    assert run("send", "--due").exit_code == 5
    restored = run("restore", str(tmp_path / "copy.db"), "--yes")
    assert restored.exit_code == 0
    assert "No run is missing in it." in restored.stdout
    assert json.loads(run("send", "--due", "--json").stdout)["counts"].get("queued", 0) == 0
    assert len(run("log", "--json").stdout.splitlines()) == 1


def test_what_a_copy_does_not_know_is_told_before_it_is_put_back(run, tmp_path):
    run("send", "--due")
    run("backup", str(tmp_path / "copy.db"))
    run("send", "--due", now="2026-11-23T12:00")
    told = run("restore", str(tmp_path / "copy.db"), "--dry-run").stdout
    assert "1 later run is not in it: what it sent may be sent again." in told
    assert run("restore", str(tmp_path / "copy.db")).exit_code == 2
    assert run("restore", str(tmp_path / "copy.db"), "--yes").exit_code == 0
    assert list(tmp_path.glob("notigate.db.before-*"))
    assert run("log").exit_code == 0


@pytest.mark.parametrize("damage", ["no ledger", "cut short", "missing"])
def test_a_copy_that_is_none_is_refused_and_the_ledger_stays(run, tmp_path, damage):
    run("send", "--due")
    copy = tmp_path / "copy.db"
    if damage == "no ledger":
        copy.write_bytes(b"not a database at all" * 100)
    if damage == "cut short":
        run("backup", str(copy))
        copy.write_bytes(copy.read_bytes()[:8192])
    before = run("log", "--json").stdout
    result = run("restore", str(copy), "--yes")
    assert result.exit_code in {2, 5}
    assert "copy.db" in result.stderr
    assert run("log", "--json").stdout == before


def test_nothing_is_put_back_under_a_run_that_sends(run, tmp_path):
    run("send", "--due")
    run("backup", str(tmp_path / "copy.db"))
    with (tmp_path / "notigate.db.lock").open("r+") as held:
        import fcntl  # noqa: PLC0415 - beside its only use

        fcntl.flock(held, fcntl.LOCK_EX)
        assert run("restore", str(tmp_path / "copy.db"), "--yes").exit_code == 6


def test_a_rehearsed_backup_is_checked_and_leaves_nothing(run, tmp_path):
    run("send", "--due")
    before = [file for file in tmp_path.rglob("*") if not file.name.startswith("notigate.db")]
    told = run("backup", "--dry-run")
    assert (told.exit_code, "It could be written: " in told.stdout) == (0, True)
    assert [file for file in tmp_path.rglob("*") if not file.name.startswith("notigate.db")] == before
    assert run("backup", str(tmp_path / "nowhere" / "copy.db"), "--dry-run").exit_code == 2
    assert "backup" not in run("accesses", "--json").stdout


def test_a_backup_that_cannot_be_written_is_told(run, tmp_path):
    run("send", "--due")
    nowhere = tmp_path / "gone" / "copy.db"
    assert run("backup", str(nowhere)).exit_code == 2
    assert not nowhere.parent.exists()
