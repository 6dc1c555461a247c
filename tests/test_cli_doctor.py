"""`notigate doctor` looks at everything that sending needs; `notigate init` makes a project that it finds nothing wrong with."""

from __future__ import annotations

import json
import os
import sqlite3

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.doctor import routine, store
from notigate.testing.aliyun import FakeAliyun

NOW = "2026-06-03T12:00"
SMS = """\
channels:
  sms: {{plugin: sms_aliyun, access_key_id: "${{env:KEY}}", access_key_secret: "${{env:KEY}}", sign_name: 青年城,
        endpoint: "{endpoint}"}}
"""


@pytest.fixture
def examine(tmp_path, monkeypatch):
    """Runs doctor on a sample project whose settings the test may change."""
    monkeypatch.setattr(store, "SOUND_SQLITE", (3, 0, 0))
    for places in ("TABLES", "UNITS"):
        monkeypatch.setattr(routine, places, (tmp_path / places,))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    folder = tmp_path / "demo"
    CliRunner().invoke(cli, ["--now", NOW, "init", str(folder), "--sample"])

    def invoke(*arguments: str, now: str = NOW):
        command = ["-C", str(folder), "--now", now, "doctor", "--json", *arguments]
        result = CliRunner(env={"KEY": "key"}).invoke(cli, command)
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    invoke.folder = folder
    return invoke


def change(examine, old: str, new: str) -> None:
    file = examine.folder / "notigate.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def channels(examine, section: str) -> None:
    change(examine, "channels:\n  trial: {plugin: outbox, folder: outbox}\n", section)


def bad(findings):
    return [(one["check"], one["status"]) for one in findings if one["status"] == "fail"]


def about(findings, check):
    return [one for one in findings if one["check"] == check]


def test_a_new_project_is_ready(examine):
    code, findings = examine()
    assert (code, bad(findings)) == (0, [])
    assert {one["check"] for one in findings} >= {
        "settings", "channel trial", "ledger", "files", "clock", "calendar", "occasions", "roster", "runs", "cron", "fonts"
    }  # fmt: skip


def test_what_is_wrong_is_told_with_what_to_do(examine):
    change(examine, "timezone: Asia/Shanghai", "timezone: Asia/Shanghia")
    code, [finding] = examine()
    assert (code, finding["check"], finding["status"]) == (1, "settings", "fail")
    assert "expected a time zone such as Asia/Shanghai" in finding["detail"]
    assert finding["advice"]


def test_looking_leaves_no_ledger_behind(examine):
    examine()
    assert not (examine.folder / "notigate.db").exists()


def test_a_ledger_that_others_may_read_is_refused(examine):
    CliRunner().invoke(cli, ["-C", str(examine.folder), "--now", NOW, "send", "--due"])
    assert bad(examine()[1]) == []
    (examine.folder / "notigate.db").chmod(0o644)
    code, findings = examine()
    assert (code, bad(findings)) == (1, [("ledger", "fail")])
    assert any(one["advice"].startswith("chmod 600 notigate.db") for one in about(findings, "ledger"))


def test_answers_beside_the_ledger_that_others_may_read_are_told(examine):
    CliRunner().invoke(cli, ["-C", str(examine.folder), "--now", NOW, "send", "--due"])
    aside = examine.folder / "notigate.db.aside"
    aside.touch()
    aside.chmod(0o644)
    assert any(one["advice"] == "chmod 600 notigate.db.aside" for one in about(examine()[1], "ledger"))


def test_a_damaged_ledger_is_found(examine):
    CliRunner().invoke(cli, ["-C", str(examine.folder), "--now", NOW, "send", "--due"])
    file = examine.folder / "notigate.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with file.open("r+b") as opened:
        opened.seek(3 * 4096 + 8)
        opened.write(b"\xff" * 200)
    code, findings = examine()
    assert (code, [check for check, _ in bad(findings)]) == (1, ["ledger"])


def test_a_lost_ledger_is_told(examine):
    (examine.folder / "notigate.db.stamp").write_text("0123456789abcdef\n")
    assert bad(examine()[1]) == [("ledger", "fail")]


def test_an_old_sqlite_is_minded(examine, monkeypatch):
    monkeypatch.setattr(store, "SOUND_SQLITE", (99, 0, 0))
    CliRunner().invoke(cli, ["-C", str(examine.folder), "--now", NOW, "send", "--due"])
    code, findings = examine()
    assert code == 0
    assert any("SQLite" in one["detail"] and one["status"] == "warn" for one in about(findings, "ledger"))


@pytest.mark.parametrize(
    ("now", "status"), [("2026-10-31T12:00", "ok"), ("2026-11-01T12:00", "warn"), ("2031-05-01T12:00", "fail")]
)
def test_next_years_workdays_are_minded_from_november_on(examine, now, status):
    [finding] = about(examine(now=now)[1], "calendar")
    assert finding["status"] == status


def test_a_machine_in_another_zone_is_minded(examine):
    change(examine, "timezone: Asia/Shanghai", "timezone: Pacific/Kiritimati")
    [finding] = about(examine()[1], "clock")
    assert (finding["status"], "Kiritimati" in finding["detail"]) == ("warn", True)


def send(examine) -> None:
    CliRunner().invoke(cli, ["-C", str(examine.folder), "--now", NOW, "send", "--due"])


def test_what_others_may_read_of_people_is_minded(examine):
    send(examine)
    [finding] = about(examine()[1], "files")
    assert finding["status"] == "ok"
    (examine.folder / "customers.csv").chmod(0o640)
    (examine.folder / "outbox").chmod(0o755)
    [finding] = about(examine()[1], "files")
    assert (finding["status"], finding["advice"]) == ("warn", "chmod go= customers.csv outbox")


def test_the_size_of_the_ledger_and_the_room_beside_it_are_told(examine):
    send(examine)
    assert any("are free beside it" in one["detail"] for one in about(examine()[1], "ledger"))
    change(examine, "policy:", "alarms: {free: 1000000000}\npolicy:")
    [finding] = [one for one in about(examine()[1], "ledger") if one["status"] == "warn"]
    assert finding["advice"] == "make room: when the disk is full, nothing is sent"


def test_a_roster_that_nobody_has_written_for_weeks_is_minded(examine):
    file = examine.folder / "customers.csv"
    assert {one["status"] for one in about(examine()[1], "roster")} == {"ok"}
    long_ago = file.stat().st_mtime - 40 * 86_400
    os.utime(file, (long_ago, long_ago))
    [finding] = [one for one in about(examine()[1], "roster") if one["status"] == "warn"]
    assert finding["detail"] == "customers.csv was written 40 days ago"
    assert finding["advice"]


def test_rows_that_cannot_be_used_are_counted(examine):
    with (examine.folder / "customers.csv").open("a", encoding="utf-8") as file:
        file.write("x1,王芳,女士,1380013\n")
    [finding] = [one for one in about(examine()[1], "roster") if one["status"] == "warn"]
    assert "rows that cannot be used 1" in finding["detail"]
    assert "notigate roster check" in finding["advice"]


def test_how_the_last_run_went_is_told(examine):
    assert [one["detail"] for one in about(examine()[1], "runs")] == ["nothing has run yet"]
    send(examine)
    [finding] = about(examine()[1], "runs")
    assert (finding["status"], "all is well" in finding["detail"]) == ("ok", True)
    with sqlite3.connect(examine.folder / "notigate.db") as ledger:
        ledger.execute("UPDATE run SET started = started - 200000000, ended = ended - 200000000")
    ledger.close()
    [finding] = about(examine()[1], "runs")
    assert (finding["status"], "is the cron job alive?" in finding["detail"]) == ("warn", True)


def test_what_has_a_line_of_its_own_is_told_once(examine):
    send(examine)
    findings = examine(now="2026-11-22T12:00")[1]
    assert [one["check"] for one in findings if "2027" in one["detail"]] == ["calendar"]


def crontab(examine, text: str) -> None:
    """As `crontab -l` shows it."""
    file = examine.folder.parent / "bin" / "crontab"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{text}\nEND\n")
    file.chmod(0o755)


@pytest.mark.parametrize(("to", "status"), [("[]", "warn"), ("[李娜]", "ok")])
def test_that_nobody_is_told_what_goes_wrong_is_told(examine, to, status):
    change(examine, "channels:\n", f"alarms: {{to: {to}}}\nchannels:\n")
    [finding] = about(examine()[1], "alarms")
    assert (finding["status"], bool(finding["advice"])) == (status, status == "warn")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("*/5 * * * * notigate -q -C {folder} send --due", "ok"),
        ("*/5 * * * * cd {folder} && .venv/bin/notigate -q send --due >> send.log", "ok"),
        ("# */5 * * * * notigate -q -C {folder} send --due", "warn"),
        ("*/5 * * * * notigate -q -C /srv/other send --due", "warn"),
        ("0 18 * * 0 notigate -q -C {folder} report week", "warn"),
        ("", "warn"),
    ],
)
def test_whether_cron_calls_it_for_this_project_is_told(examine, line, status):
    crontab(examine, line.format(folder=examine.folder))
    [finding] = about(examine()[1], "cron")
    assert (finding["status"], bool(finding["advice"])) == (status, status == "warn")


def test_a_machine_without_cron_is_no_fault(examine):
    [finding] = about(examine()[1], "cron")
    assert (finding["status"], "notigate cron" in finding["advice"]) == ("warn", True)


def test_a_unit_of_systemd_does_as_well(examine):
    units = examine.folder.parent / "UNITS"
    units.mkdir()
    printed = CliRunner().invoke(cli, ["-C", str(examine.folder), "cron", "--systemd"]).stdout
    (units / "notigate.service").write_text(printed)
    [finding] = about(examine()[1], "cron")
    assert (finding["status"], "systemd" in finding["detail"]) == ("ok", True)


def test_a_variable_that_cron_does_not_know_is_minded(examine):
    change(examine, "  hotline: 400-600-0000", "  hotline: ${env:KEY}")
    line = f"*/5 * * * * notigate -q -C {examine.folder} send --due"
    crontab(examine, line)
    [finding] = about(examine()[1], "cron")
    assert (finding["status"], "does not know KEY" in finding["detail"]) == ("warn", True)
    crontab(examine, f"KEY=1\n{line}")
    [finding] = about(examine()[1], "cron")
    assert finding["status"] == "ok"


def test_charts_are_drawn_to_see_whether_they_can_be(examine, monkeypatch):
    assert [one["status"] for one in about(examine()[1], "fonts")] == ["ok"]
    monkeypatch.setattr("notigate.reports.picture.FONT", "no-such.otf")
    [finding] = about(examine()[1], "fonts")
    assert (finding["status"], bool(finding["advice"])) == ("warn", True)


def test_the_provider_s_clock_is_compared(examine, provider):
    channels(examine, SMS.format(endpoint=provider.endpoint))
    assert [one["status"] for one in about(examine()[1], "channel sms") if one["detail"].startswith("clock")] == ["ok"]


def test_faults_of_occasions_are_told(examine):
    folder = examine.folder / "templates/service/birthday"
    folder.mkdir(parents=True)
    (folder / "occasion.yaml").write_text("title: x\nclass: caree\n")
    findings = examine()[1]
    assert ("occasion service/birthday", "fail") in bad(findings)
    assert any("did you mean care?" in one["detail"] for one in findings)


def test_a_column_that_an_occasion_needs_is_asked_for(examine):
    (examine.folder / "customers.csv").write_text("id,name,phone,subscribed_on\nc1,a,13800138000,2026-01-01\n")
    findings = examine()[1]
    assert any("no column 'birthday'" in one["detail"] for one in about(findings, "roster"))


def test_a_project_without_channels_or_occasions_is_not_ready(examine):
    (examine.folder / "notigate.yaml").write_text("project: {name: 青年城}\n", encoding="utf-8")
    code, findings = examine()
    assert (code, bad(findings)) == (1, [("channels", "fail")])
    assert {one["check"] for one in findings if one["status"] == "warn"} >= {"occasions", "roster"}


def test_a_missing_secret_is_told_without_asking_anybody(examine):
    channels(examine, SMS.format(endpoint="http://127.0.0.1:9").replace("env:KEY", "env:NOT_SET_HERE"))
    findings = examine()[1]
    assert [one["detail"].partition(": ")[2] for one in about(findings, "channel sms")] == [
        "channels.sms.access_key_id: the environment variable NOT_SET_HERE is not set",
        "channels.sms.access_key_secret: the environment variable NOT_SET_HERE is not set",
    ]


@pytest.fixture
def provider():
    with FakeAliyun(keys={"key": "key"}, signs=["青年城"], templates={}) as fake:
        yield fake


def test_providers_are_asked(examine, provider):
    channels(examine, SMS.format(endpoint=provider.endpoint))
    code, findings = examine()
    assert (code, [one["status"] for one in about(findings, "channel sms")]) == (0, ["ok"] * 6)
    assert provider.calls


def test_a_provider_is_not_asked_offline(examine, provider):
    channels(examine, SMS.format(endpoint=provider.endpoint))
    assert examine("--offline")[0] == 0
    assert provider.calls == []


def test_refused_credentials_are_told(examine, provider):
    channels(examine, SMS.format(endpoint=provider.endpoint).replace('"${env:KEY}", sign', '"${env:HOME}", sign'))
    code, findings = examine()
    assert code == 1
    assert any(one["status"] == "fail" and one["advice"] for one in about(findings, "channel sms"))


def test_a_plugin_that_breaks_while_it_is_asked_is_named(examine):
    (examine.folder / "odd.py").write_text(ODD)
    channels(examine, "plugins: [odd.py]\nchannels: {odd: {plugin: odd}}\n")
    code, findings = examine()
    assert (code, bad(findings)) == (1, [("channel odd", "fail")])
    assert any("ZeroDivisionError" in one["detail"] for one in findings)


ODD = """
from dataclasses import dataclass
from notigate.plugin import Channel, ChannelSpec, Outcome, hookimpl

@dataclass(frozen=True)
class Settings:
    pass

class Odd(Channel):
    def send(self, message):
        return Outcome.accepted("1")

    def check(self):
        return 1 / 0

@hookimpl
def notigate_channels():
    return [ChannelSpec(name="odd", summary="", settings=Settings, channel=lambda settings, tools: Odd(), media=("sms",), made=Odd)]
"""


def test_a_switched_off_plugin_is_minded(examine, monkeypatch):
    monkeypatch.setenv("NOTIGATE_DISABLE_PLUGINS", "wecom")
    code, findings = examine()
    assert (code, [one["status"] for one in about(findings, "plugin wecom")]) == (0, ["warn"])


@pytest.mark.parametrize("sample", [[], ["--sample"]])
def test_a_new_project_is_listed_made_and_usable(tmp_path, sample):
    folder = tmp_path / "new"
    rehearsed = CliRunner().invoke(cli, ["init", str(folder), *sample, "--dry-run"])
    assert not folder.exists()
    made = CliRunner().invoke(cli, ["init", str(folder), *sample])
    assert (made.exit_code, made.stdout) == (0, rehearsed.stdout)
    assert {str(path) for path in folder.rglob("*") if path.is_file()} == set(made.stdout.split())
    assert f"notigate -C {folder} send --due" in made.stderr


def test_a_sample_shows_something_at_once(tmp_path):
    CliRunner().invoke(cli, ["init", str(tmp_path / "demo"), "--sample"])
    result = CliRunner().invoke(cli, ["-C", str(tmp_path / "demo"), "send", "--due", "--json"])
    assert json.loads(result.stdout)["counts"]["accepted"] >= 1
    assert list((tmp_path / "demo/outbox").iterdir())


def test_a_project_is_never_overwritten(tmp_path):
    CliRunner().invoke(cli, ["init", str(tmp_path)])
    result = CliRunner().invoke(cli, ["init", str(tmp_path), "--sample"])
    assert (result.exit_code, "is there already, and nothing is overwritten" in result.stderr) == (2, True)


def test_who_changes_the_key_of_a_ledger_is_told_when_the_old_one_is_needed_no_more(examine, monkeypatch):
    keys = {"NEW": "11" * 32, "OLD": "00" * 32}
    for name, key in keys.items():
        monkeypatch.setenv(name, key)
    change(examine, "workdays: china", 'workdays: china\nledger_key: "${env:OLD}"')
    CliRunner().invoke(
        cli, ["-C", str(examine.folder), "send", "service/birthday", "--to", "13800138000", "--key", "k"]
    )
    change(examine, 'ledger_key: "${env:OLD}"', 'ledger_key: "${env:NEW}"')
    assert bad(examine()[1]) == [("ledger", "fail")]
    change(examine, 'ledger_key: "${env:NEW}"', 'ledger_key: "${env:NEW}"\nledger_key_before: "${env:OLD}"')
    code, findings = examine()
    assert (code, "take ledger_key_before out again" in [one["advice"] for one in findings]) == (0, True)
    change(examine, '\nledger_key_before: "${env:OLD}"', "")
    assert bad(examine()[1]) == []
