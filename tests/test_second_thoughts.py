"""What is promised and waits is judged once more before it goes: by the roster, the register and the rules of that moment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import notigate
from notigate.cli import cli

MORNING, NOON, LATER = "2026-11-22T09:00", "2026-11-22T12:05", "2026-11-22T12:06"
SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000}}
ledger: "{ledger}"
roster: {{file: customers.csv}}
channels: {{trial: {{plugin: outbox}}}}
policy: {{windows: ["00:00-24:00"], {policy}}}
occasions:
{occasions}
"""
BIRTHDAY, INVITATION, SALE = "service/birthday", "handover/invitation", "holiday/mid-autumn"
OCCASIONS = {
    BIRTHDAY: 'who: "", at: "12:00-13:00"',
    INVITATION: 'class: service, moment: birthday, who: "", approval: none, at: "12:00-13:00"',
    SALE: 'class: marketing, moment: birthday, who: "", approval: none, at: "12:00-13:00"',
}
COLUMNS = (
    "id", "name", "phone", "email", "birthday", "do_not_greet", "opted_out", "less_often", "marketing_consent_on", "building",
    "home", "handover_on", "handover_slot", "handover_place",
)  # fmt: skip
BORN = {"birthday": "1990-11-22", "handover_on": "2026-12-05", "handover_slot": "9:00", "handover_place": "大堂"}
GONE, STOPPED = "accepted", "suppressed opted-out"


class Project:
    """A project folder that is written anew before each command."""

    def __init__(self, folder: Path, ledger: str = "sqlite:///notigate.db") -> None:
        self.folder = folder
        self.ledger = ledger
        self.policy = "per_person: {day: 9}"
        self.occasions: Mapping[str, str] = {BIRTHDAY: OCCASIONS[BIRTHDAY]}
        self.columns = COLUMNS
        self.people = {
            "c1": BORN | {"id": "c1", "name": "王芳", "phone": "13800138000", "email": "wang@example.com"},
            "c2": BORN | {"id": "c2", "name": "李雷", "phone": "13800138001", "email": "li@example.com"},
        }

    def run(self, *arguments: str, now: str = MORNING):
        occasions = "\n".join(f"  {name}: {{{keys}}}" for name, keys in self.occasions.items())
        settings = SETTINGS.format(policy=self.policy, occasions=occasions, ledger=self.ledger)
        (self.folder / "notigate.yaml").write_text(settings, encoding="utf-8")
        (self.folder / "notigate.yaml").chmod(0o600)
        rows = [self.columns, *([one.get(column, "") for column in self.columns] for one in self.people.values())]
        (self.folder / "customers.csv").write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
        result = CliRunner().invoke(cli, ["-C", str(self.folder), "--now", now, *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def promise(self) -> None:
        """In the morning, for noon."""
        self.run("send", "--due")
        assert {told["state"] for told in self.log()} == {"held"}

    def send(self, now: str = NOON) -> list[tuple[str, str, str]]:
        """At noon; returns person, occasion, and what became of it."""
        self.run("send", "--due", now=now)
        return sorted((d["person"], d["occasion"], f"{d['state']} {d['reason']}".strip()) for d in self.log())

    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.run("log", "--json", now=NOON).stdout.splitlines()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


# A no, by whom and of what it was said


@pytest.mark.parametrize("name", ["c1", "13800138000", "wang@example.com"])
@pytest.mark.parametrize("medium", ["sms", "email"])
def test_a_no_by_any_name_of_a_reader_stops_what_waits_for_them_at_whatever_address(
    project: Project, name: str, medium: str
):
    project.occasions = {BIRTHDAY: OCCASIONS[BIRTHDAY] + f", channels: [{medium}]", INVITATION: OCCASIONS[INVITATION]}
    project.promise()
    project.run("optout", "add", name)
    assert project.send() == [
        ("c1", INVITATION, STOPPED), ("c1", BIRTHDAY, STOPPED), ("c2", INVITATION, GONE), ("c2", BIRTHDAY, GONE),
    ]  # fmt: skip


def test_a_no_to_a_class_stops_what_waits_of_that_class(project: Project):
    project.occasions = OCCASIONS
    project.promise()
    project.run("optout", "add", "wang@example.com", "--class", "marketing")
    project.run("optout", "add", "c2", "--class", "care")
    assert project.send() == [
        ("c1", INVITATION, GONE), ("c1", SALE, STOPPED), ("c1", BIRTHDAY, GONE),
        ("c2", INVITATION, GONE), ("c2", SALE, STOPPED), ("c2", BIRTHDAY, STOPPED),
    ]  # fmt: skip


def test_a_no_to_a_channel_sends_what_waits_by_the_next(project: Project):
    project.occasions = {BIRTHDAY: OCCASIONS[BIRTHDAY] + ", channels: [sms, email]"}
    project.people["c2"]["email"] = ""
    project.promise()
    for person in project.people:
        project.run("optout", "add", person, "--channel", "sms")
    assert project.send() == [
        ("c1", BIRTHDAY, GONE), ("c1", BIRTHDAY, "cancelled opted-out"),
        ("c2", BIRTHDAY, "cancelled opted-out"), ("c2", BIRTHDAY, STOPPED),
    ]  # fmt: skip
    assert [file.suffix for file in project.folder.glob("outbox/*")] == [".eml"]


def test_either_store_keeps_what_was_promised_and_is_not_wanted_any_more(tmp_path: Path, place):
    project = Project(tmp_path, place("thoughts"))
    project.occasions = OCCASIONS | {BIRTHDAY: OCCASIONS[BIRTHDAY] + ", channels: [sms, email], once_per: home"}
    for one in project.people.values():
        one |= {"building": "1", "home": "101"}
    project.promise()
    project.run("optout", "add", "wang@example.com", "--class", "care")
    project.run("optout", "add", "c2", "--channel", "sms")
    assert project.send() == [
        ("c1", INVITATION, GONE), ("c1", SALE, STOPPED), ("c1", BIRTHDAY, STOPPED),
        ("c2", INVITATION, GONE), ("c2", INVITATION, "cancelled opted-out"),
        ("c2", SALE, GONE), ("c2", SALE, "cancelled opted-out"), ("c2", BIRTHDAY, GONE),
    ]  # fmt: skip


def test_a_no_to_one_channel_stops_nothing_that_waits_for_another(project: Project):
    project.occasions = {BIRTHDAY: OCCASIONS[BIRTHDAY] + ", channels: [email]"}
    project.promise()
    project.run("optout", "add", "13800138000", "--channel", "sms")
    assert project.send() == [("c1", BIRTHDAY, GONE), ("c2", BIRTHDAY, GONE)]


def test_a_no_that_is_taken_back_in_time_stops_nothing(project: Project):
    project.promise()
    project.run("optout", "add", "c1")
    project.run("optout", "remove", "c1")
    assert project.send() == [("c1", BIRTHDAY, GONE), ("c2", BIRTHDAY, GONE)]


def test_the_next_owner_of_a_home_gets_what_the_first_does_not_want_any_more(project: Project):
    project.occasions = {BIRTHDAY: OCCASIONS[BIRTHDAY] + ", once_per: home"}
    for one in project.people.values():
        one |= {"building": "1", "home": "101"}
    project.promise()
    assert [told["person"] for told in project.log()] == ["c1"]
    project.run("optout", "add", "13800138000")
    assert project.send() == [("c1", BIRTHDAY, STOPPED), ("c2", BIRTHDAY, GONE)]


# What the roster says by then


@pytest.mark.parametrize(
    ("column", "rule", "invited"), [("do_not_greet", "do-not-greet", GONE), ("opted_out", "opted-out", STOPPED)]
)
def test_what_the_roster_says_meanwhile_counts(project: Project, column: str, rule: str, invited: str):
    project.occasions = {name: OCCASIONS[name] for name in (BIRTHDAY, INVITATION)}
    project.promise()
    project.people["c1"][column] = "是"
    assert project.send() == [
        ("c1", INVITATION, invited), ("c1", BIRTHDAY, f"suppressed {rule}"), ("c2", INVITATION, GONE), ("c2", BIRTHDAY, GONE),
    ]  # fmt: skip


@pytest.mark.parametrize("medium", ["sms", "email"])
def test_a_number_or_address_that_is_mended_meanwhile_is_the_one_that_is_written_to(project: Project, medium: str):
    project.occasions = {BIRTHDAY: OCCASIONS[BIRTHDAY] + f", channels: [{medium}]"}
    project.promise()
    project.people["c1"] |= {"phone": "13900139000", "email": "new@example.com"}
    assert project.send() == [
        ("c1", BIRTHDAY, GONE), ("c1", BIRTHDAY, "cancelled new-address"), ("c2", BIRTHDAY, GONE),
    ]  # fmt: skip
    (sent,) = (told["to"] for told in project.log() if (told["person"], told["state"]) == ("c1", "accepted"))
    assert sent in {"139****9000", "n***@example.com"}
    project.people["c1"] |= {"phone": "13900139001", "email": "newer@example.com"}
    assert len(project.send()) == 3, "what went out is not sent again"


def test_a_consent_that_is_withdrawn_or_gone_from_the_roster_stops_selling(project: Project):
    project.occasions = {SALE: OCCASIONS[SALE]}
    project.policy += ", marketing_consent: required"
    project.people["c1"]["marketing_consent_on"] = "2026-01-01"
    project.run("consent", "add", "c2")
    project.promise()
    project.people["c1"]["marketing_consent_on"] = ""
    project.run("consent", "remove", "c2")
    assert project.send() == [("c1", SALE, "suppressed no-consent"), ("c2", SALE, "suppressed no-consent")]


def test_a_roster_that_lacks_the_column_takes_no_consent_back(project: Project):
    project.occasions = {SALE: OCCASIONS[SALE]}
    project.policy += ", marketing_consent: required"
    for one in project.people.values():
        one["marketing_consent_on"] = "2026-01-01"
    project.promise()
    project.columns = tuple(column for column in COLUMNS if column != "marketing_consent_on")
    assert project.send() == [("c1", SALE, GONE), ("c2", SALE, GONE)]


def test_who_is_not_in_the_roster_any_more_keeps_what_was_promised(project: Project):
    project.promise()
    del project.people["c1"]
    assert project.send() == [("c1", BIRTHDAY, GONE), ("c2", BIRTHDAY, GONE)]


# Caps


def test_a_cap_that_is_lowered_leaves_the_more_important(project: Project):
    project.occasions = {BIRTHDAY: OCCASIONS[BIRTHDAY], SALE: OCCASIONS[SALE] + ", importance: 5"}
    project.promise()
    project.policy = "per_person: {day: 1}"
    del project.people["c2"]
    told = project.send()
    assert [one for one in told if one[0] == "c1"] == [("c1", SALE, GONE), ("c1", BIRTHDAY, "suppressed cap-day")]


def test_who_wants_fewer_meanwhile_gets_fewer(project: Project):
    project.occasions = {name: OCCASIONS[name] for name in (BIRTHDAY, INVITATION, SALE)}
    project.promise()
    project.run("optout", "add", "13800138000", "--less-often")
    assert [one for one in project.send() if one[0] == "c1"] == [
        ("c1", INVITATION, GONE), ("c1", SALE, "suppressed cap-day"), ("c1", BIRTHDAY, GONE),
    ]  # fmt: skip


def test_caps_that_have_not_changed_stop_nothing_that_was_promised_under_them(project: Project):
    project.policy = "per_person: {day: 2, month: 2}"
    project.occasions = {name: OCCASIONS[name] for name in (BIRTHDAY, SALE)}
    project.promise()
    assert {state for *_, state in project.send()} == {GONE}


# Every run looks again


def test_a_trial_holds_what_was_promised_to_others_until_it_is_over(project: Project):
    project.promise()
    project.policy = "only: [c2]"
    assert project.send() == [("c1", BIRTHDAY, "held only"), ("c2", BIRTHDAY, GONE)]
    project.policy = "only: []"
    project.run("send", "--due", now="2026-11-22T12:30")
    assert {told["state"] for told in project.log()} == {"accepted"}


def test_a_run_that_sends_something_by_name_looks_again_too(project: Project):
    project.promise()
    project.people["c1"]["do_not_greet"] = "是"
    project.run("optout", "add", "li@example.com")
    project.run("send", INVITATION, "--on", "2026-11-22", now=NOON)
    found = {(told["person"], told["state"]) for told in project.log() if told["occasion"] == BIRTHDAY}
    assert found == {("c1", "suppressed"), ("c2", "suppressed")}


def test_a_rehearsal_tells_what_would_be_stopped_and_stops_nothing(project: Project):
    project.promise()
    project.run("optout", "add", "13800138000")
    told = project.run("send", "--due", "--dry-run", "--json", now=NOON)
    assert json.loads(told.stdout)["counts"]["suppressed"] == 1
    assert {one["state"] for one in project.log()} == {"held"}


def test_a_run_that_was_stopped_goes_on_with_a_roster_that_was_changed_meanwhile_and_nobody_gets_it_twice(
    project: Project,
):
    project.people = {
        f"c{n}": BORN | {"id": f"c{n}", "name": "王芳", "phone": str(13800138000 + n), "email": f"c{n}@example.com"}
        for n in range(600)
    }
    project.run("log")
    with notigate.open(project.folder, now=datetime.fromisoformat(NOON)) as gateway:
        gateway.progress = lambda done, _known: gateway.stop.set() if done >= 50 else None
        first = gateway.send_due()
    assert 0 < first.counts["accepted"] < 600
    sent = {told["person"] for told in project.log() if told["state"] == "accepted"}
    for person in [*sorted(sent)[:5], *sorted(project.people.keys() - sent)[:5]]:
        project.people[person] |= {"phone": f"139{project.people[person]['phone'][3:]}", "name": "王小芳"}
    del project.people[min(sent)]
    project.people["new"] = project.people["c1"] | {"id": "new", "phone": "13700137000", "email": "new@example.com"}
    outcomes = Counter(project.send(LATER))
    gone = Counter(person for person, _occasion, state in outcomes.elements() if state == GONE)
    assert (len(gone), set(gone.values())) == (601, {1})
    assert len(list(project.folder.glob("outbox/*"))) == 601
