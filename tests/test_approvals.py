"""Approval as frozen batches (F06, S08): drafted the workday before, signed by digest, void when anything changes."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import notigate
from notigate import approvals, audience
from notigate.approvals import Stage
from notigate.cli import cli
from notigate.drafting.comparing import Comparison
from notigate.errors import UsageError
from notigate.ledger import batches, open_ledger, questions
from notigate.ledger.changes import Times
from notigate.model import Person
from notigate.planner.wish import Wish
from notigate.testing.aliyun import FakeAliyun

OCCASION = "holiday/mid-autumn"
#: Mid-Autumn 2026 is a Friday; the day before is a workday
BATCH = "holiday/mid-autumn@2026-09-25"
EVE, DAY = "2026-09-24", "2026-09-25"
PEOPLE = {
    "c1": {"name": "王芳", "title": "女士", "phone": "13800138001"},
    "c2": {"name": "李雷", "title": "先生", "phone": "13800138002"},
    "c3": {"name": "张伟", "title": "先生", "phone": "13800138003"},
}
COLUMNS = ("id", "name", "title", "phone", "subscribed_on", "opted_out")
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  trial: {plugin: outbox, price: 0.05, folder: outbox}
policy: {windows: ["10:00-11:30"]}
occasions: {holiday/mid-autumn: {}}
"""
TEXT = "{{ greeting }}，中秋快乐！{{ project_name }}祝您团圆。{{ hotline }}\n"


class Project:
    """A project folder and the real command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.people = {id_: dict(person) for id_, person in PEOPLE.items()}
        self.write(SETTINGS)
        self.roster()
        texts = folder / "templates" / OCCASION
        texts.mkdir(parents=True)
        packaged = Path(__file__).parents[1] / "templates" / OCCASION / "occasion.yaml"
        (texts / "occasion.yaml").write_text(packaged.read_text(encoding="utf-8"), encoding="utf-8")
        self.text = texts / "zh_Hans.sms.txt"
        self.text.write_text(TEXT, encoding="utf-8")

    def write(self, settings: str) -> None:
        file = self.folder / "notigate.yaml"
        file.write_text(settings, encoding="utf-8")
        file.chmod(0o600)

    def roster(self, **changed: dict[str, str] | None) -> None:
        """Write the roster anew; a person of None is taken out."""
        self.people = {id_: person for id_, person in (self.people | changed).items() if person is not None}
        with (self.folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows({"id": i, "subscribed_on": "2026-03-01", **p} for i, p in self.people.items())

    def at(self, now: str, *arguments: str) -> Result:
        result = CliRunner().invoke(cli, ["-C", str(self.folder), "--now", now, *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def send(self, now: str) -> tuple[int, dict[str, int]]:
        result = self.at(now, "send", "--due", "--json")
        return result.exit_code, json.loads(result.stdout)["counts"]

    def batches(self, *options: str) -> dict[str, dict]:
        shown = self.at(f"{EVE}T09:30", "approvals", "--json", *options).stdout.splitlines()
        return {batch["batch"]: batch for batch in map(json.loads, shown)}

    def states(self) -> dict[str, str]:
        shown = self.at(f"{EVE}T09:30", "log", "--json").stdout.splitlines()
        return {item["person"]: item["state"] for item in map(json.loads, shown)}

    def outbox(self) -> list[Path]:
        return [file for name in ("outbox", "elsewhere") for file in (self.folder / name).rglob("*") if file.is_file()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def approved(project: Project) -> Project:
    """The eve: drafted and approved."""
    project.send(f"{EVE}T08:00")
    assert project.at(f"{EVE}T16:00", "approve", BATCH, "--by", "周敏").exit_code == 0
    return project


# Drafted the workday before


def test_what_waits_for_an_approval_stands_on_the_screen_of_the_project(project):
    project.send(f"{EVE}T08:00")
    assert "Batches that wait for approval: 1; see notigate approvals" in project.at(f"{EVE}T08:10", "status").output


def test_it_is_drafted_on_the_workday_before_and_not_earlier(project):
    assert project.send("2026-09-23T17:00") == (0, {})
    assert project.send(f"{EVE}T00:05") == (0, {"held": 3})
    assert project.batches()[BATCH] | {"digest": "", "author": "", "example": ""} == {
        "batch": BATCH, "occasion": OCCASION, "day": DAY, "number": 3, "channels": {"trial": 3}, "example": "",
        "state": "waiting", "rule": "approval", "opens": f"{DAY}T10:00+08:00", "closes": f"{DAY}T11:30+08:00", "segments": 3,
        "cost": {"CNY": "0.15"}, "left_out": {}, "author": "", "drafted_at": f"{EVE}T00:05:00+08:00", "digest": "",
    }  # fmt: skip
    assert project.send(f"{EVE}T00:10") == (0, {})


@pytest.mark.parametrize(("phone", "parts"), [("13800138001", 2), ("+14155550123", 1)])
def test_a_draft_and_its_plan_count_the_parts_of_the_readers_country(project, phone, parts):
    """100 Latin letters are two parts in the mainland, and one abroad."""
    project.text.write_text("Moon cakes for you" + "!" * 82, encoding="utf-8")
    project.roster(c1={**PEOPLE["c1"], "phone": phone}, c2=None, c3=None)
    project.send(f"{EVE}T12:00")
    planned = json.loads(project.at(f"{EVE}T12:05", "plan", "--on", DAY, "--json").stdout)
    assert (project.batches()[BATCH]["segments"], planned["segments"]) == (parts, parts)


@pytest.mark.parametrize(
    ("workdays", "monday", "drafted"),
    [("china", "2026-03-09", "2026-03-06"), ("every-day", "2026-03-09", "2026-03-08"),
     # the State Council's rest days of 1 to 7 October 2026
     ("china", "2026-10-08", "2026-09-30"),
     # a company that closes for four weeks
     ("{rule: china, file: own.yaml}", "2026-05-29", "2026-04-30")],
)  # fmt: skip
def test_rest_days_are_those_of_the_calendar(project, workdays, monday, drafted):
    moment = f'occasions: {{holiday/mid-autumn: {{moment: {{date: "{monday}"}}}}}}\nworkdays: {workdays}\n'
    (project.folder / "own.yaml").write_text("rest: [2026-05-01..2026-05-29]", encoding="utf-8")
    project.write(SETTINGS.replace("occasions: {holiday/mid-autumn: {}}\n", moment))
    before = date.fromordinal(date.fromisoformat(drafted).toordinal() - 1).isoformat()
    assert project.send(f"{before}T12:00") == (0, {})
    assert project.send(f"{drafted}T12:00") == (0, {"held": 3})
    assert list(project.batches()) == [f"{OCCASION}@{monday}"]


def test_a_cron_that_slept_on_the_workday_drafts_on_the_rest_day(project):
    moment = 'occasions: {holiday/mid-autumn: {moment: {date: "2026-03-09"}}}\n'
    project.write(SETTINGS.replace("occasions: {holiday/mid-autumn: {}}\n", moment))
    assert project.send("2026-03-08T12:00") == (0, {"held": 3})


def test_a_day_that_was_missed_and_whose_greeting_is_dropped_asks_nobody_for_an_approval(project):
    project.send("2026-09-20T12:00")
    assert project.send("2026-09-28T12:00") == (1, {"expired": 3})
    assert project.batches() == {}


def test_a_rehearsal_shows_the_draft_and_leaves_none(project):
    told = json.loads(project.at(f"{EVE}T08:00", "send", "--due", "--dry-run", "--json").stdout)
    assert (told["run"], told["counts"]) == (None, {"held": 3})
    assert project.batches() == {}


def test_the_list_tells_who_is_left_out_and_why(project):
    project.roster(
        c4={"name": "赵六", "phone": "", "title": ""}, c5={"name": "钱七", "phone": "13800138005", "opted_out": "是"}
    )
    project.send(f"{EVE}T08:00")
    assert project.batches()[BATCH]["left_out"] == {"unreachable": 1, "opted-out": 1}
    shown = project.at(f"{EVE}T09:00", "approvals").stdout
    assert "1 wants no messages (c5)" in shown
    assert "王女士，中秋快乐" in shown


def test_a_batch_is_shown_whole_and_masked(project):
    project.text.write_text(TEXT.strip() + "{{ phone }}\n", encoding="utf-8")
    (project.text.parent / "occasion.yaml").write_text(
        (project.text.parent / "occasion.yaml")
        .read_text(encoding="utf-8")
        .replace("params: {", "params: {phone: phone, ", 1),
        encoding="utf-8",
    )
    project.send(f"{EVE}T08:00")
    shown = project.at(f"{EVE}T09:00", "approvals", OCCASION, "--json")
    members = [json.loads(line) for line in shown.stdout.splitlines()]
    assert {item["person"]: item["to"] for item in members}["c1"] == "138****8001"
    assert ["138****8001" in item["text"] for item in members if item["person"] == "c1"] == [True]
    for command in (["approvals"], ["approvals", BATCH], ["approvals", BATCH, "--json"], ["approvals", "--json"]):
        assert "1380013800" not in project.at(f"{EVE}T09:00", *command).output


# Approved, refused, missed


def test_what_is_approved_goes_in_its_hours(approved):
    assert approved.send(f"{EVE}T16:05") == (0, {})
    assert approved.send(f"{DAY}T09:55") == (0, {})
    assert approved.send(f"{DAY}T10:05") == (0, {"accepted": 3})
    assert len(approved.outbox()) == 3
    assert approved.batches("--all")[BATCH]["state"] == "released"
    assert approved.send(f"{DAY}T10:10") == (0, {})


def test_what_is_not_approved_does_not_go_and_that_is_told_until_its_hours_are_over(project):
    project.send(f"{EVE}T08:00")
    assert project.send(f"{DAY}T09:55") == (0, {})
    for now in ("10:00", "10:05"):
        waiting = project.at(f"{DAY}T{now}", "send", "--due")
        assert (waiting.exit_code, f"{BATCH}: messages 3, nothing of it was sent" in waiting.stdout) == (3, True)
    assert project.send(f"{DAY}T11:30")[0] == 3
    assert project.states() == dict.fromkeys(PEOPLE, "expired")
    assert project.send(f"{DAY}T11:35") == (0, {})
    assert project.outbox() == []
    assert project.at(f"{DAY}T11:40", "approve", BATCH).exit_code == 2


def test_what_is_refused_never_goes_nor_does_who_comes_later(project):
    project.send(f"{EVE}T08:00")
    refused = project.at(f"{EVE}T09:00", "refuse", OCCASION, "--by", "周敏", "--because", "wrong year")
    assert refused.stdout == f"3 messages of {OCCASION} are called off.\n"
    project.roster(c9={"name": "孙九", "title": "女士", "phone": "13800138009"})
    assert project.send(f"{DAY}T10:05") == (0, {"suppressed": 1})
    assert project.states() == {**dict.fromkeys(PEOPLE, "cancelled"), "c9": "suppressed"}


def test_every_word_is_kept_with_name_time_and_digest(approved):
    approved.send(f"{DAY}T10:05")
    ledger = open_ledger(f"sqlite:///{approved.folder / 'notigate.db'}")
    with ledger.read() as tx:
        said = tx.rows("SELECT word, who, digest = (SELECT digest FROM batch), at FROM decision ORDER BY number")
    causes = {d.person: d.detail for d in questions.log(ledger)}
    with ledger.read() as tx:
        told = Counter(cause for (cause,) in tx.rows("SELECT cause FROM event WHERE state = 'queued'"))
    ledger.close()
    assert [(word, same) for word, _, same, _ in said] == [("drafted", 1), ("approved", 1), ("released", 1)]
    signed = datetime.fromtimestamp(said[1][3] / 1000, UTC).isoformat(timespec="minutes")
    assert (said[1][1], signed) == ("周敏", f"{EVE}T08:00+00:00")
    assert (told, set(causes)) == ({"approved by 周敏": 3}, set(PEOPLE))


@pytest.mark.parametrize("name", ["", OCCASION, f"{OCCASION}@2026", f"{OCCASION}@2025", BATCH])
def test_a_batch_that_does_not_wait_is_told(project, name):
    result = project.at(f"{EVE}T09:00", "approve", name)
    assert (result.exit_code, "no batch" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", [OCCASION, f"{OCCASION}@2026", BATCH])
def test_the_only_batch_of_an_occasion_needs_no_whole_name(project, name):
    project.send(f"{EVE}T08:00")
    assert project.at(f"{EVE}T09:00", "approve", name, "--dry-run").stdout.startswith("3 messages of ")
    assert project.batches()[BATCH]["state"] == "waiting"
    assert project.at(f"{EVE}T09:00", "approve", name).exit_code == 0
    assert project.at(f"{EVE}T09:01", "approve", name).exit_code == 2


def test_only_what_was_looked_at_is_approved(project):
    project.send(f"{EVE}T08:00")
    digest = project.batches()[BATCH]["digest"]
    assert project.at(f"{EVE}T09:00", "approve", BATCH, "--digest", "0" * 12).exit_code == 3
    assert project.at(f"{EVE}T09:00", "approve", BATCH, "--digest", digest[:12]).exit_code == 0


# Void


def hotline(project: Project) -> None:
    project.write(SETTINGS.replace("400-600-0000", "400-600-1111"))


def hours(project: Project) -> None:
    project.write(SETTINGS.replace("holiday/mid-autumn: {}", 'holiday/mid-autumn: {at: "10:00-11:00"}'))


def channel(project: Project) -> None:
    project.write(SETTINGS.replace("folder: outbox", "folder: elsewhere"))


def text(project: Project) -> None:
    project.text.write_text(TEXT.replace("团圆", "圆满"), encoding="utf-8")


def phone(project: Project) -> None:
    project.roster(c1=PEOPLE["c1"] | {"phone": "13800138099"})


def name(project: Project) -> None:
    project.roster(c2=PEOPLE["c2"] | {"name": "韩雷"})


def less(project: Project) -> None:
    project.roster(c3=None)


CHANGES = [hotline, hours, channel, text, phone, name, less]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_voids_the_approval_and_drafts_anew(approved, change):
    before = approved.batches("--all")[BATCH]["digest"]
    change(approved)
    result = approved.at(f"{EVE}T17:00", "send", "--due", "--json")
    problems = [(p["state"], p["detail"].split(":")[0]) for p in json.loads(result.stdout)["problems"]]
    assert problems == [("changed", BATCH)]
    batch = approved.batches()[BATCH]
    assert (batch["state"], batch["digest"] != before) == ("waiting", True)
    code, counts = approved.send(f"{DAY}T10:05")
    assert (code, counts.get("accepted", 0), approved.outbox()) == (3, 0, [])
    assert approved.at(f"{DAY}T10:06", "approve", BATCH).exit_code == 0
    assert approved.send(f"{DAY}T10:10") == (0, {"accepted": 2 if change is less else 3})


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_goes_by_an_approval_of_something_else(approved, change):
    """Changed in the last minute: the run that would let it go finds it."""
    change(approved)
    assert approved.send(f"{DAY}T10:05")[0] == 3
    assert approved.outbox() == []


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_approves_what_would_no_longer_be_drafted(project, change):
    project.send(f"{EVE}T08:00")
    change(project)
    result = project.at(f"{EVE}T09:00", "approve", BATCH)
    assert (result.exit_code, "is no longer what was drafted" in result.stderr) == (3, True)
    assert project.at(f"{EVE}T09:01", "approve", BATCH).exit_code == 0


def test_what_is_changed_back_is_what_was_signed(approved):
    """A roster that was half written for a minute costs nobody their greeting, and nobody their sleep."""
    approved.roster(c2=None, c3=None)
    approved.send(f"{DAY}T09:50")
    assert approved.batches()[BATCH]["number"] == 1
    approved.roster(c2=PEOPLE["c2"], c3=PEOPLE["c3"])
    assert approved.send(f"{DAY}T10:05") == (0, {"accepted": 3})


def test_the_order_of_the_roster_and_a_new_time_stamp_change_nothing(approved):
    approved.people = dict(reversed(approved.people.items()))
    approved.roster()
    approved.write(SETTINGS + "# a remark\n")
    assert approved.send(f"{EVE}T17:00") == (0, {})
    assert approved.send(f"{DAY}T10:05") == (0, {"accepted": 3})


def test_a_no_of_the_reader_takes_no_approval_back(approved):
    approved.roster(c2=PEOPLE["c2"] | {"opted_out": "是"})
    assert approved.send(f"{DAY}T10:05")[1] == {"accepted": 2}
    assert approved.states() == {"c1": "accepted", "c2": "suppressed", "c3": "accepted"}


def test_a_no_that_no_file_knows_of_is_heard_too(approved):
    assert approved.at(f"{EVE}T18:00", "optout", "add", "13800138002").exit_code == 0
    assert approved.send(f"{DAY}T10:05")[1] == {"accepted": 2}
    assert approved.states()["c2"] == "suppressed"


def test_a_crash_while_it_is_written_anew_leaves_nothing_approved(approved):
    text(approved)
    now = datetime(2026, 9, 24, 9, tzinfo=UTC)
    with notigate.open(approved.folder, now=now) as gateway:
        (batch,) = batches.standing(gateway.ledger)
        due = gateway.agenda.again(OCCASION, batch.day, batch.recipe)
        wish = Wish(day=batch.day, now=now, due=due, again=True)
        people = [one for one in audience.read(gateway.settings) if isinstance(one, Person)]
        planned = gateway.planner.plan(wish, people)
        found = Comparison(gateway.ledger, batch, Times(now, now), mend=True).of(planned)
        assert found.changed == 3
        (standing,) = batches.standing(gateway.ledger)
        assert (standing.state, standing.digest) == (Stage.WAITING, "")
        with pytest.raises(UsageError, match="has just changed"):
            approvals.decide(gateway.ledger, approvals.find(gateway.ledger, BATCH), approved=True, who="li", login="li",
                             times=Times(now, now))  # fmt: skip
    approved.send(f"{EVE}T17:05")
    assert approved.batches()[BATCH]["digest"] != ""


def test_nobody_approves_what_somebody_else_has_just_changed(project):
    project.send(f"{EVE}T08:00")
    now = datetime(2026, 9, 24, 9, tzinfo=UTC)
    with notigate.open(project.folder, now=now) as gateway:
        looked_at = approvals.find(gateway.ledger, BATCH)
        text(project)
        project.send(f"{EVE}T09:00")
        with pytest.raises(UsageError, match="has just changed"):
            approvals.decide(gateway.ledger, looked_at, approved=True, who="li", login="li", times=Times(now, now))
    assert project.batches()[BATCH]["state"] == "waiting"


def test_who_comes_after_the_approval_waits_for_one_of_their_own(approved):
    approved.roster(c9={"name": "孙九", "title": "女士", "phone": "13800138009"})
    assert approved.send(f"{EVE}T17:00") == (0, {"held": 1})
    assert {name: batch["number"] for name, batch in approved.batches().items()} == {f"{BATCH}+2": 1}
    assert approved.send(f"{DAY}T10:05") == (3, {"accepted": 3})
    approved.at(f"{DAY}T10:06", "approve", OCCASION)
    assert approved.send(f"{DAY}T10:10") == (0, {"accepted": 1})


def test_who_comes_before_the_approval_joins_the_batch(project):
    project.send(f"{EVE}T08:00")
    project.roster(c9={"name": "孙九", "title": "女士", "phone": "13800138009"})
    project.send(f"{EVE}T08:05")
    assert {name: batch["number"] for name, batch in project.batches().items()} == {BATCH: 4}


def test_a_home_whose_other_owner_reads_it_now_is_a_change(project):
    project.write(SETTINGS.replace("mid-autumn: {}", "mid-autumn: {once_per: home}"))
    rows = "id,name,phone,subscribed_on,project,building,home\n{}c2,李雷,13800138002,2026-03-01,青年城,3,1203\n"
    roster = project.folder / "customers.csv"
    roster.write_text(rows.format("c1,王芳,13800138001,2026-03-01,青年城,3,1203\n"), encoding="utf-8")
    assert project.send(f"{EVE}T08:00") == (0, {"held": 1})
    project.at(f"{EVE}T09:00", "approve", BATCH)
    roster.write_text(rows.format(""), encoding="utf-8")
    assert project.send(f"{DAY}T10:05")[0] == 3
    project.at(f"{DAY}T10:06", "approve", BATCH)
    assert project.send(f"{DAY}T10:10") == (0, {"accepted": 1})
    assert project.states() == {"c2": "accepted"}


def test_a_broken_text_lets_nothing_go_and_takes_nothing_back(approved):
    approved.text.write_text("{{ nobody_knows }}", encoding="utf-8")
    assert approved.send(f"{DAY}T10:05") == (2, {})
    assert approved.batches("--all")[BATCH]["state"] == "approved"
    approved.text.write_text(TEXT, encoding="utf-8")
    assert approved.send(f"{DAY}T10:10") == (0, {"accepted": 3})


def test_what_is_switched_off_after_the_approval_does_not_go(approved):
    approved.write(SETTINGS.replace("{holiday/mid-autumn: {}}", "{}"))
    assert approved.send(f"{DAY}T10:05") == (2, {})
    assert "is not due on" in approved.at(f"{DAY}T10:06", "send", "--due").stdout


def test_what_is_sent_by_name_is_frozen_with_what_was_said(project):
    manual = SETTINGS.replace("holiday/mid-autumn: {}", "holiday/mid-autumn: {moment: manual, late: next-window}")
    project.write(manual)
    project.text.write_text(TEXT.strip() + "{{ event }}\n", encoding="utf-8")
    occasion = project.text.parent / "occasion.yaml"
    occasion.write_text(
        occasion.read_text("utf-8").replace("params: {", "params: {event: event, ", 1), encoding="utf-8"
    )
    asked = project.at(f"{EVE}T15:00", "send", OCCASION, "-p", "event=灯会", "--on", DAY)
    assert asked.exit_code == 3
    assert "灯会" in project.batches()[BATCH]["example"]
    project.at(f"{EVE}T15:05", "approve", BATCH)
    assert project.send(f"{EVE}T15:10") == (0, {})
    project.text.write_text(TEXT.strip().replace("团圆", "圆满") + "{{ event }}\n", encoding="utf-8")
    assert project.send(f"{DAY}T10:05")[0] == 3
    assert "灯会" in project.batches()[BATCH]["example"]
    assert "圆满" in project.batches()[BATCH]["example"]


def test_a_single_message_that_needs_an_approval_waits_in_a_batch_too(project):
    asked = project.at(f"{DAY}T10:05", "send", OCCASION, "--to", "13900139000", "--json")
    assert (asked.exit_code, json.loads(asked.stdout)["counts"]) == (3, {"held": 1})
    assert project.outbox() == []
    (name,) = project.batches()
    assert project.at(f"{DAY}T10:06", "approve", name).exit_code == 0
    assert project.send(f"{DAY}T10:10")[1]["accepted"] == 1


def test_what_has_an_hour_of_its_own_is_not_let_go_by_it_and_keeps_it(project):
    moment = 'occasions: {holiday/mid-autumn: {moment: {hours_before: "visit_at 1"}, at: "08:00-20:00"}}\n'
    project.write(SETTINGS.replace("occasions: {holiday/mid-autumn: {}}\n", moment))
    with (project.folder / "customers.csv").open("w", encoding="utf-8") as file:
        file.write(f"id,name,phone,subscribed_on,visit_at\nc1,王芳,13800138001,2026-03-01,{DAY} 16:00\n")
    assert project.send(f"{EVE}T09:00") == (0, {"held": 1})
    assert project.send(f"{DAY}T15:05")[0] == 3
    assert project.outbox() == []
    assert project.at(f"{DAY}T10:00", "approve", OCCASION).exit_code == 0
    assert project.send(f"{DAY}T11:00")[1].get("accepted", 0) == 0
    assert project.send(f"{DAY}T15:05") == (0, {"accepted": 1})


# Who may approve


def test_four_eyes_are_two_people(project):
    project.write(SETTINGS.replace("mid-autumn: {}", "mid-autumn: {author: 李娜}") + "approval: {four_eyes: true}\n")
    project.send(f"{EVE}T08:00")
    alone = project.at(f"{EVE}T09:00", "approve", BATCH, "--by", "李娜")
    assert (alone.exit_code, "李娜 is the author" in alone.stderr) == (3, True)
    assert project.at(f"{EVE}T09:00", "approve", BATCH, "--by", "周敏").exit_code == 0


def test_who_sits_at_the_authors_account_is_the_author(project, monkeypatch):
    monkeypatch.setenv("LOGNAME", "lina")
    staff = "approval: {four_eyes: true}\nstaff: [{name: 李娜, login: lina}]\n"
    project.write(SETTINGS + staff)
    project.send(f"{EVE}T08:00")
    assert project.batches()[BATCH]["author"] == "李娜"
    assert project.at(f"{EVE}T09:00", "approve", BATCH).exit_code == 3
    assert project.at(f"{EVE}T09:00", "approve", BATCH, "--by", "周敏").exit_code == 3
    monkeypatch.setenv("LOGNAME", "zhoumin")
    assert project.at(f"{EVE}T09:00", "approve", BATCH).exit_code == 0


def test_only_approvers_approve_and_everyone_may_refuse(project):
    project.write(SETTINGS + "approval: {approvers: [周敏]}\n")
    project.send(f"{EVE}T08:00")
    other = project.at(f"{EVE}T09:00", "approve", BATCH, "--by", "李娜")
    assert (other.exit_code, "these are: 周敏" in other.stderr) == (3, True)
    assert project.at(f"{EVE}T09:00", "refuse", BATCH, "--by", "李娜", "--dry-run").exit_code == 0
    assert project.at(f"{EVE}T09:00", "approve", BATCH, "--by", "周敏").exit_code == 0


STAFF = """\
approval: {approvers: [周敏]}
staff:
  - {name: 周敏, email: zhoumin@example.com, title: ms}
  - {name: 李娜, email: lina@example.com, title: ms}
"""


def told(project: Project) -> list[tuple[str, str]]:
    shown = project.at(f"{EVE}T09:30", "log", "--json").stdout.splitlines()
    found = [item for item in map(json.loads, shown) if item["occasion"] == "staff/approval-waiting"]
    return [(item["person"], item["planned_at"][:16]) for item in found]


def test_approvers_are_told_what_waits_and_with_the_author_what_did_not_go(project):
    told_too = "{holiday/mid-autumn: {author: 李娜}, staff/approval-waiting: {}}"
    project.write(SETTINGS.replace("{holiday/mid-autumn: {}}", told_too) + STAFF)
    assert project.send(f"{EVE}T08:00") == (0, {"held": 3, "accepted": 1})
    assert told(project) == [("周敏", f"{EVE}T08:00")]
    project.send(f"{EVE}T08:05")
    text(project)
    project.send(f"{EVE}T12:00")
    assert told(project)[1:] == [("周敏", f"{EVE}T12:00")]
    project.send(f"{DAY}T10:00")
    project.send(f"{DAY}T10:05")
    assert sorted(told(project)[2:]) == [("周敏", f"{DAY}T10:00"), ("李娜", f"{DAY}T10:00")]


def test_that_nobody_can_be_told_is_told(project):
    project.write(SETTINGS.replace("mid-autumn: {}", "mid-autumn: {}, staff/approval-waiting: {}"))
    shown = project.at(f"{EVE}T08:00", "send", "--due").stdout
    assert "nobody under `staff` is an approver" in shown


# With a provider that counts


def test_three_hundred_approved_greetings_reach_the_provider_once(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIGATE_ALLOW_NOW", "1")
    project = Project(tmp_path)
    people = {f"c{i}": {"name": "王芳", "title": "女士", "phone": f"138{i:08}"} for i in range(300)}
    project.people = {}
    project.roster(**people)
    approved = "${greeting}，中秋快乐！${project_name}祝您团圆。${hotline}"
    with FakeAliyun(keys={"id": "secret"}, signs=["青年城"], templates={"SMS_1": approved}) as account:
        sms = f"""sms: {{plugin: sms_aliyun, access_key_id: id, access_key_secret: secret, sign_name: 青年城, price: 0.045,
        endpoint: "{account.endpoint}", templates: {{holiday/mid-autumn: SMS_1}}}}"""
        project.write(SETTINGS.replace("trial: {plugin: outbox, price: 0.05, folder: outbox}", sms))
        assert project.send(f"{EVE}T08:00") == (0, {"held": 300})
        assert project.batches()[BATCH]["cost"] == {"CNY": "13.500"}
        assert project.send(f"{DAY}T10:00")[0] == 3
        assert account.sent == []
        project.at(f"{DAY}T10:01", "approve", BATCH)
        assert project.send(f"{DAY}T10:05") == (0, {"accepted": 300})
        assert project.send(f"{DAY}T10:10") == (0, {})
        assert Counter(sent.phone for sent in account.sent) == dict.fromkeys((p["phone"] for p in people.values()), 1)


# On both stores


def test_both_stores_keep_batches_alike(project, place):
    with_ledger = SETTINGS + f'ledger: "{place("notigate")}"\n'
    project.write(with_ledger)
    assert project.send(f"{EVE}T08:00") == (0, {"held": 3})
    assert project.at(f"{EVE}T09:00", "approve", BATCH, "--by", "周敏").exit_code == 0
    project.roster(c2=PEOPLE["c2"] | {"opted_out": "是"}, c9={"name": "孙九", "title": "女士", "phone": "13800138009"})
    project.write(with_ledger.replace("400-600-0000", "400-600-1111"))
    assert project.send(f"{EVE}T10:00")[0] == 0
    assert {name: batch["number"] for name, batch in project.batches().items()} == {BATCH: 3}
    project.roster(c3=None)
    assert project.send(f"{DAY}T10:00")[0] == 3
    assert {name: batch["number"] for name, batch in project.batches().items()} == {BATCH: 2}
    project.roster(c3=PEOPLE["c3"])
    project.send(f"{DAY}T10:05")
    assert project.at(f"{DAY}T10:06", "approve", BATCH, "--by", "周敏").exit_code == 0
    assert project.send(f"{DAY}T10:10") == (0, {"accepted": 3})
    assert project.states() == {"c1": "accepted", "c2": "suppressed", "c3": "accepted", "c9": "accepted"}
    assert project.at(f"{DAY}T10:15", "refuse", BATCH).exit_code == 2
