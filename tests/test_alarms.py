"""What somebody should look after is told once, to those who can see to it, by a channel that works."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.errors import AudienceError, DataMissing, LedgerBusy, LedgerError, UsageError
from notigate.gateway import Gateway
from notigate.ledger import alarms, outlook
from notigate.ledger.alarms import Kind
from notigate.ledger.changes import Times
from notigate.record import Record

NOON = "2026-11-22T12:00"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
timezone: Asia/Shanghai
roster: {file: customers.csv}
channels:
  trial: {plugin: outbox, folder: outbox}
  sms: {plugin: simulator}
policy: {windows: ["00:00-24:00"], patience: 0s}
workdays: every-day
staff:
  - {name: 李娜, groups: [ops], wecom: lina, email: lina@example.com}
  - {name: 周敏, email: zhou@example.com}
alarms: {to: [ops]}
approval: {approvers: [周敏]}
occasions:
  service/birthday: {at: "00:00-24:00", channels: [sms]}
"""
ROSTER = "id,name,title,phone,birthday,subscribed_on\nc1,王芳,女士,13800138000,1990-11-22,2020-11-01\n"


class Project:
    """One, and what its people in charge are told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(SETTINGS)
        (folder / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def write(self, settings: str) -> None:
        (self.folder / "notigate.yaml").write_text(settings, encoding="utf-8")
        (self.folder / "notigate.yaml").chmod(0o600)

    def change(self, old: str, new: str) -> None:
        file = self.folder / "notigate.yaml"
        assert old in file.read_text(encoding="utf-8")
        self.write(file.read_text(encoding="utf-8").replace(old, new))

    def run(self, *arguments: str, now: str = NOON):
        return CliRunner().invoke(cli, ["-C", str(self.folder), "--now", now, *arguments])

    def send(self, now: str = NOON) -> int:
        return self.run("-q", "send", "--due", now=now).exit_code

    def in_ledger(self, *statements: str) -> list[tuple]:
        with sqlite3.connect(self.folder / "notigate.db") as ledger:
            rows = [ledger.execute(statement).fetchall() for statement in statements][-1]
        ledger.close()
        return rows

    def told(self) -> list[str]:
        """The alarms that lie in the outbox, whoever they went to, in the order they were promised."""
        letters = sorted((self.folder / "outbox").glob("*alarm*"))
        return [re.search(r"\*\*告警：(.+)\*\*", letter.read_text(encoding="utf-8"))[1] for letter in letters]

    def people(self, number: int) -> None:
        """So many customers whose birthday it is."""
        rows = "".join(f"d{n},陈晨,女士,138001390{n:02},1990-11-22,2020-11-01\n" for n in range(number))
        if (self.folder / "customers.csv").read_bytes().startswith(b"id,"):
            (self.folder / "customers.csv").write_text(ROSTER + rows, encoding="utf-8")

    def standing(self, now: str = NOON) -> list[tuple[str, str]]:
        found = json.loads(self.run("status", "--json", now=now).stdout)["alarms"]
        return [(one["key"], one["about"]) for one in found]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("NOTIGATE_ALLOW_NOW", "1")
    return Project(tmp_path)


# What provokes each alarm, and what makes it go away


def late(project: Project) -> None:
    project.in_ledger("UPDATE run SET started = started - 10800000, ended = ended - 10800000 WHERE kind = 'due'")


def in_time(project: Project) -> None:
    project.in_ledger("UPDATE run SET started = started + 10800000, ended = ended + 10800000 WHERE kind = 'due'")


def killed(project: Project) -> None:
    # A number that no process can have: Linux knows 2 ** 22 of them at most.
    project.in_ledger("UPDATE run SET ended = NULL, pid = 5000000 WHERE id = 1")


def ended(project: Project) -> None:
    project.in_ledger("UPDATE run SET ended = started + 1 WHERE id = 1")


def unknown(project: Project) -> None:
    project.in_ledger("UPDATE delivery SET state = 'unknown', changed_at = changed_at - 7200000 WHERE person = 'c1'")


def overdue(project: Project) -> None:
    project.in_ledger(
        "UPDATE delivery SET state = 'queued', channel = 'gone', next_at = next_at - 7200000 WHERE person = 'c1'"
    )


def arrived(project: Project) -> None:
    project.in_ledger("UPDATE delivery SET state = 'accepted' WHERE person = 'c1'")


def written(old: str, new: str) -> tuple[Callable[[Project], None], Callable[[Project], None]]:
    """What is wrong in the settings, and how it is put right."""
    return (lambda project: project.change(old, new)), (lambda project: project.change(new, old))


SEEN = [
    ((Kind.SILENCE, ""), late, in_time, "定时任务有 180 分钟没有运行"),
    ((Kind.KILLED, "1"), killed, ended, "第 1 次运行被中断"),
    ((Kind.UNKNOWN, ""), unknown, arrived, "1 条消息的结果不明"),
    ((Kind.OVERDUE, ""), overdue, arrived, "1 条消息超过一小时未发出"),
    ((Kind.LEDGER, ""), *written("to: [ops]", "to: [ops], ledger: 0"), "台账已有 0 MB"),
    ((Kind.DISK, ""), *written("to: [ops]", "to: [ops], free: 100000000"), r"台账所在的磁盘只剩 \d+ MB"),
]


@pytest.mark.parametrize(("name", "provoke", "mend", "words"), SEEN, ids=[one[0][0].value for one in SEEN])
def test_what_is_seen_is_told_once_while_it_stands_and_again_when_it_comes_back(project, name, provoke, mend, words):
    assert (project.send(), project.told(), project.standing()) == (0, [], [])
    provoke(project)
    assert project.run("alarms").exit_code == 1
    assert project.standing() == [name]
    [told] = project.told()
    assert re.fullmatch(words, told)
    for later in ("2026-11-22T12:05", "2026-11-22T13:05"):
        project.run("alarms", now=later)
    assert len(project.told()) == 1
    mend(project)
    for later in ("2026-11-22T13:10", "2026-11-22T15:00"):
        assert project.run("alarms", now=later).exit_code == 0
    provoke(project)
    project.run("alarms", now="2026-11-22T15:05")
    assert len(project.told()) == 2


def answering(answer: str) -> tuple[Callable[[Project], None], Callable[[Project], None]]:
    """A provider that answers so from now on; one call a message."""
    return written(
        "sms: {plugin: simulator}",
        f"sms: {{plugin: simulator, batch: 1, concurrency: 1, script: [{{share: 1, {answer}}}]}}",
    )


def no_roster(project: Project) -> None:
    (project.folder / "customers.csv").write_bytes(b"PK\x03\x04 no list at all")


def roster(project: Project) -> None:
    (project.folder / "customers.csv").write_text(ROSTER, encoding="utf-8")


def approved(project: Project) -> None:
    assert project.run("approve", "service/birthday", "--by", "周敏").exit_code == 0
    project.change(", approval: workday-before", "")


BIRTHDAY = "service/birthday"
MISWRITTEN = written("sms: {plugin: simulator}", "sms: {plugin: simulator, seeds: 1}")
UNANSWERABLE = written("channels: [sms]", "channels: [sms], params: {greeting: nothing}")
RUNS = [
    ((Kind.EXIT, ""), *MISWRITTEN, (2, "上次运行异常结束，退出码 2")),
    ((Kind.STOPPED, BIRTHDAY), *UNANSWERABLE, (2, f"场合无法安排：{BIRTHDAY}")),
    ((Kind.ROSTER, ""), no_roster, roster, (2, "客户名单无法读取")),
    ((Kind.CREDENTIALS, "sms"), *answering("answer: refuse, reason: bad-credentials"), (2, "通道 sms 拒绝了我们的账号")),
    ((Kind.CREDIT, "sms"), *answering("answer: refuse, reason: no-credit"), (2, "通道 sms 的余额已用完")),
    ((Kind.PROVIDER, "sms"), *answering("answer: lose-reply"), (4, "通道 sms 没有应答，已暂停")),
    (
        (Kind.APPROVAL, f"{BIRTHDAY}@2026-11-22"),
        lambda project: project.change("channels: [sms]", "channels: [sms], approval: workday-before"), approved,
        (3, f"已到发送时间，仍未批准：{BIRTHDAY}@2026-11-22"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "provoke", "mend", "end"), RUNS, ids=[one[0][0].value for one in RUNS])
def test_what_a_run_met_is_told_when_it_ends_and_once(project, name, provoke, mend, end):
    code, words = end
    project.people(5)
    provoke(project)
    assert project.send() == code
    assert project.told() == [words]
    assert name in project.standing()
    for later in ("2026-11-22T12:05", "2026-11-22T12:35"):
        project.send(now=later)
    assert project.told() == [words]
    mend(project)
    for later in ("2026-11-22T12:40", "2026-11-22T15:00"):
        project.send(now=later)
    assert name not in project.standing()
    provoke(project)
    project.people(10)
    project.send(now="2026-11-22T15:05")
    assert [one for one in project.told() if one == words] == [words] * (1 if name[0] is Kind.APPROVAL else 2)


def test_the_end_of_the_known_calendar_is_told_once_in_a_week(project):
    project.change("workdays: every-day", "workdays: china")
    for now in ("2030-11-22T12:00", "2030-11-22T12:05", "2030-11-24T12:00"):
        assert project.send(now=now) == 0
    assert project.told() == ["2031 年的工作日还不清楚"]
    project.send(now="2030-11-29T12:01")
    assert len(project.told()) == 2


def test_what_stays_wrong_is_told_again_after_a_day(project):
    no_roster(project)
    for now in (NOON, "2026-11-23T11:59", "2026-11-23T12:01", "2026-11-23T23:00"):
        project.send(now=now)
    assert project.told() == ["客户名单无法读取"] * 2


def test_what_was_gone_for_less_than_an_hour_is_the_same_alarm(project):
    for minute in range(0, 50, 10):
        (no_roster if minute % 20 == 0 else roster)(project)
        project.send(now=f"2026-11-22T12:{minute:02}")
    assert project.told() == ["客户名单无法读取"]


# Whom, by what, and never twice


def test_a_channel_that_fails_does_not_tell_of_itself(project):
    project.change("trial: {plugin: outbox, folder: outbox}", "trial: {plugin: outbox, folder: customers.csv}")
    project.change("sms: {plugin: simulator}", "other: {plugin: outbox, folder: second}\n  sms: {plugin: simulator}")
    project.change("channels: [sms]", "channels: [email]")
    (project.folder / "customers.csv").write_text(
        ROSTER.replace("phone", "email").replace("13800138000", "wang@example.com"), encoding="utf-8"
    )
    project.send()
    assert ("credentials", "trial") in project.standing()
    assert [letter.name.partition("_")[2][:11] for letter in (project.folder / "second").iterdir()] == ["staff-alarm"]


def test_only_those_who_are_named_are_told(project):
    project.change("to: [ops]", "to: [周敏], channels: [email]")
    no_roster(project)
    project.send()
    letters = list((project.folder / "outbox").iterdir())
    assert len(letters) == 1
    assert "zhou@example.com" in letters[0].read_text(encoding="utf-8")


def test_nobody_is_told_where_nobody_is_named(project):
    project.change("to: [ops]", "to: []")
    no_roster(project)
    assert project.send() == 2
    assert (project.told(), project.standing()) == ([], [("roster", "")])
    assert "alarms: {to: [ops]}" in project.run("alarms").stderr


def test_one_who_is_not_among_our_people_is_refused_with_the_place(project):
    project.change("to: [ops]", "to: [oops]")
    result = project.run("status")
    assert result.exit_code == 2
    assert re.search(
        r"notigate.yaml:\d+:\d+: alarms.to\[0\]: there is neither a group nor a colleague 'oops'", result.stderr
    )


def test_what_was_promised_before_a_crash_goes_out_once_after_it(project):
    no_roster(project)
    project.change("to: [ops]", "to: []")
    project.send()
    project.change("to: []", "to: [ops]")
    with Gateway.open(project.folder, now=datetime.fromisoformat(NOON)) as gateway:
        gateway.stop.set()  # it is promised, and the process ends before it is sent
        gateway.alarms.tell()
    assert project.told() == []
    for later in ("2026-11-22T12:05", "2026-11-22T12:10"):
        project.run("alarms", now=later)
    assert project.told() == ["客户名单无法读取"]


def test_two_that_see_it_at_once_tell_it_once(project):
    no_roster(project)
    project.change("to: [ops]", "to: []")
    project.send()
    project.change("to: []", "to: [ops]")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: _tell(project.folder), range(4)))
    assert project.told() == ["客户名单无法读取"]


def _tell(folder: Path) -> None:
    with Gateway.open(folder, now=datetime.fromisoformat(NOON)) as gateway:
        gateway.alarms.tell()


def test_what_somebody_asks_for_by_name_and_does_not_get_is_no_alarm_but_a_channel_is(project):
    assert project.send() == 0
    asked = ("send", "weather/severe-weather", "--to", "13800138001", "--key", "k", "-p")
    assert [project.run(*asked, f"event={event}").exit_code for event in ("暴雨", "台风")] == [0, 2]
    assert project.standing() == []
    answering("answer: refuse, reason: no-credit")[0](project)
    project.run("send", BIRTHDAY, "--to", "13800138002")
    assert project.standing() == [("credit", "sms")]


def test_a_text_that_is_broken_is_told_and_changes_no_exit_code(project, caplog):
    broken = project.folder / "templates" / "staff" / "alarm"
    broken.mkdir(parents=True)
    (broken / "occasion.yaml").write_text("class: nonsense\n", encoding="utf-8")
    full = written("to: [ops]", "to: [ops], free: 100000000")[0]
    full(project)
    assert project.send() == 0
    assert [line for line in caplog.messages if line.startswith("alarms were not told: ") and "occasion.yaml" in line]


@pytest.mark.parametrize("url", ["sqlite", "postgres"])
def test_both_stores_keep_what_was_told(project, url, request):
    if url == "postgres":
        server = request.getfixturevalue("postgres").fresh("alarms")
        project.change("workdays: every-day", f'ledger: "{server}"\nworkdays: every-day')
    no_roster(project)
    for now in (NOON, "2026-11-22T12:05", "2026-11-23T12:01"):
        project.send(now=now)
    assert project.told() == ["客户名单无法读取"] * 2


def test_a_rehearsal_tells_nobody(project):
    no_roster(project)
    assert project.run("send", "--due", "--dry-run").exit_code == 2
    assert project.run("alarms", "--dry-run").exit_code == 0
    assert not (project.folder / "outbox").exists()


# Every run leaves a record


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _break_off(record: Record, fault: BaseException) -> None:
    record.begin()
    raise fault


@pytest.mark.parametrize(
    ("fault", "code", "trouble"),
    [
        (AudienceError("{file} is no list", file="customers.csv"), 2, ("roster", "customers.csv is no list")),
        (DataMissing("2031 is not known"), 7, ("exit", "2031 is not known")),
        (LedgerError("call 13800138000"), 5, ("exit", "call 138****8000")),
        (KeyError("王芳"), 1, ("exit", "KeyError")),
        (KeyboardInterrupt(), 130, ("exit", "KeyboardInterrupt")),
    ],
)
def test_a_run_that_breaks_off_leaves_how_it_ended_and_no_personal_data(ledger, fault, code, trouble):
    with pytest.raises(type(fault)), Record("due", lambda: ledger, lambda: Times(NOW, NOW)) as record:
        _break_off(record, fault)
    [run] = outlook.due_runs(ledger, 5)
    [(_run, found)] = outlook.troubles(ledger, 0)
    assert (run.exit, run.ended, (found.kind.value, found.detail)) == (code, NOW, trouble)


def test_a_run_that_breaks_off_before_it_begins_leaves_a_record_all_the_same(ledger):
    with pytest.raises(AudienceError), Record("due", lambda: ledger, lambda: Times(NOW, NOW)):
        raise AudienceError("no list")
    assert [run.exit for run in outlook.runs(ledger, 5)] == [2]


@pytest.mark.parametrize("fault", [LedgerBusy("busy"), UsageError("no such occasion")])
def test_a_run_that_did_nothing_leaves_none(ledger, fault):
    with pytest.raises(type(fault)), Record("due", lambda: ledger, lambda: Times(NOW, NOW)):
        raise fault
    assert outlook.runs(ledger, 5) == []


def test_the_time_since_an_alarm_stands_is_kept_until_it_was_gone_for_long(ledger):
    def note(minutes: int, *seen: tuple[Kind, str]) -> set[datetime]:
        at = NOW + timedelta(minutes=minutes)
        return set(alarms.note(ledger, seen, at, timedelta(hours=1)).values())

    disk, sms, mail = (Kind.DISK, ""), (Kind.PROVIDER, "sms"), (Kind.PROVIDER, "email")
    assert note(0, disk, sms) == {NOW}
    assert note(30, sms, mail) == {NOW, NOW + timedelta(minutes=30)}
    assert note(80, disk) == {NOW}
    assert note(85) == set()
    assert note(146, disk, sms) == {NOW + timedelta(minutes=146)}
    assert set(alarms.standing(ledger)) == {disk, sms}


# Without a ledger


def test_that_the_ledger_cannot_be_used_is_told_once_until_it_can_be_used_again(project):
    assert project.send() == 0
    ledger, copy = project.folder / "notigate.db", project.folder / "copy.db"
    for times in (1, 2):
        ledger.rename(copy)
        assert [project.send() for _run in range(3)] == [5, 5, 5]
        assert project.told() == ["台账不能使用，没有发送"] * times
        copy.rename(ledger)
        assert project.send() == 0
        assert not (project.folder / "notigate.db.alarm").exists()


def test_what_cannot_be_remembered_is_not_told_without_a_ledger(project):
    project.send()
    (project.folder / "notigate.db").unlink()
    (project.folder / "notigate.db.alarm").mkdir()
    assert (project.send(), project.told()) == (5, [])


def test_without_a_ledger_the_trial_list_holds(project):
    project.send()
    project.change("patience: 0s", "patience: 0s, only: [nobody]")
    (project.folder / "notigate.db").unlink()
    assert (project.send(), project.told()) == (5, [])


def test_a_channel_that_refuses_does_not_keep_another_from_telling_it(project):
    project.send()
    project.change(
        "trial: {plugin: outbox, folder: outbox}",
        "first: {plugin: outbox, folder: customers.csv}\n  trial: {plugin: outbox, folder: outbox}",
    )
    (project.folder / "notigate.db").unlink()
    assert (project.send(), project.told()) == (5, ["台账不能使用，没有发送"])


def test_a_run_that_was_really_killed_is_told(project):
    project.people(60)
    project.change("sms: {plugin: simulator}", "sms: {plugin: simulator, batch: 1, concurrency: 1, delay: 50ms}")
    command = [sys.executable, "-m", "notigate", "-C", str(project.folder), "--now", NOON, "send", "--due"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as sending:
        while not (project.folder / "simulator" / "simulator.db").exists():
            assert sending.poll() is None
            threading.Event().wait(0.05)
        sending.kill()
    assert ("killed", "1") in project.standing()
    project.run("alarms")
    assert "第 1 次运行被中断" in project.told()


def test_a_ledger_that_has_grown_is_told_wherever_it_stands(project, place):
    url = place("ledger")
    project.change("alarms: {to: [ops]", f"ledger: '{url}'\nalarms: {{ledger: 0, to: [ops]")
    (project.folder / "notigate.yaml").chmod(0o600)
    assert ("ledger", "") in project.standing()
    told = json.loads(project.run("status", "--json").stdout)
    assert told["ledger_bytes"] > 50_000
    assert (told["free_bytes"] is None) == url.startswith("postgresql")
    assert "notigate_ledger_bytes" in project.run("metrics").stdout
    found = [json.loads(line) for line in project.run("doctor", "--offline", "--json").stdout.splitlines()]
    advice = [one.get("advice") for one in found if one["check"] == "ledger" and " MB" in one["detail"]]
    assert advice == ["forget what is older than it must be kept: notigate purge"]
