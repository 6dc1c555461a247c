"""What is late, changed or missed; facts that are told; run day by day with a moved clock against the outbox."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import notigate
from notigate.cli import cli
from notigate.errors import UsageError
from notigate.model import State

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000, city: 成都}
ledger: sqlite:///notigate.db
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
policy: POLICY
occasions:
"""
COLUMNS = (
    "id",
    "name",
    "phone",
    "building",
    "birthday",
    "subscribed_on",
    "signed_on",
    "handover_on",
    "visit_at",
    "visited_on",
)
TEXT = "{{ greeting }}，您好。"


class World:
    """A project whose roster and occasions a test writes, and whose clock it moves."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.people: dict[str, dict[str, object]] = {}
        self.columns = COLUMNS
        self.occasions: dict[str, str] = {}
        self.policy = "{per_person: {}}"

    def occasion(self, name: str, **keys: str) -> None:
        home = self.folder / "templates" / "care" / name
        home.mkdir(parents=True)
        written = {"title": name, "class": "service", "channels": "[sms]", "params": "{greeting: name}", **keys}
        text = "".join(f"{key.rstrip('_')}: {value}\n" for key, value in written.items())
        (home / "occasion.yaml").write_text(text, encoding="utf-8")
        (home / "zh_Hans.sms.txt").write_text(TEXT, encoding="utf-8")
        self.occasions[f"care/{name}"] = "{}"

    def person(self, identity: str, **facts: object) -> None:
        row = {"id": identity, "name": "王芳", "phone": 13800000000 + len(self.people), **facts}
        self.people[identity] = self.people.get(identity, row) | facts

    def open(self, now: str) -> notigate.Gateway:
        occasions = "".join(f"  {name}: {keys}\n" for name, keys in self.occasions.items())
        (self.folder / "notigate.yaml").write_text(
            SETTINGS.replace("POLICY", self.policy) + occasions, encoding="utf-8"
        )
        with (self.folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(self.people.values())
        return notigate.open(self.folder, now=datetime.fromisoformat(now))

    def run(self, now: str) -> notigate.Run:
        with self.open(now) as gateway:
            return gateway.send_due()

    def log(self) -> list[tuple[str, str, str, str]]:
        with self.open("2026-11-21T00:00") as gateway:
            return [(d.person, d.occasion.removeprefix("care/"), d.occurrence, d.state.value) for d in gateway.log()]

    def cli(self, now: str, *arguments: str):
        self.open(now).close()
        return CliRunner().invoke(cli, ["-C", str(self.folder), "--now", now, *arguments])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def told(run: notigate.Run, state: str) -> list[notigate.Problem]:
    return [problem for problem in run.problems if problem.state == state]


# Conditions at sending


def test_who_has_signed_before_the_message_goes_is_not_reminded(world: World):
    world.occasion("signing", moment='{nth_day: "subscribed_on 5"}', who="not signed", at='"16:00-17:00"')
    world.person("c1", subscribed_on="2026-11-17")
    world.person("c2", subscribed_on="2026-11-17")
    assert world.run("2026-11-21T09:00").counts == {State.HELD: 2}
    world.person("c1", signed_on="2026-11-21")
    run = world.run("2026-11-21T16:05")
    assert run.counts == {State.ACCEPTED: 1, State.CANCELLED: 1}
    assert [(p.person, p.reason) for p in told(run, "cancelled")] == [("c1", "condition")]
    assert run.exit_code == 0


def test_what_waits_for_a_person_s_word_because_it_is_late_goes_to_those_only_whom_it_still_concerns(world: World):
    world.occasion("wish", moment='{date: "11-20"}', who="not signed", late="ask", at='"10:00-11:00"')
    world.person("c1")
    world.person("c2")
    world.run("2026-11-19T09:00")
    world.run("2026-11-21T09:00")
    with world.open("2026-11-21T09:30") as gateway:
        gateway.approve(gateway.approvals()[0].name, approved=True, by="boss")
    world.person("c2", signed_on="2026-11-01")
    world.run("2026-11-21T10:05")
    assert [(person, state) for person, _, _, state in world.log()] == [("c1", "accepted"), ("c2", "cancelled")]


def test_a_roster_that_lacks_the_column_calls_nothing_off(world: World):
    world.occasion("signing", moment='{nth_day: "subscribed_on 5"}', who="not signed", at='"16:00-17:00"')
    world.person("c1", subscribed_on="2026-11-17")
    world.run("2026-11-21T09:00")
    world.columns = ("id", "name", "phone")
    run = world.run("2026-11-21T16:05")
    assert (State.CANCELLED in run.counts, run.counts[State.ACCEPTED]) == (False, 1)


def test_what_somebody_sends_by_name_is_not_called_off_by_its_moment(world: World):
    world.occasion("visit", moment="{day_of: handover_on}", at='"10:00-11:00"')
    world.person("c1", handover_on="2026-12-24")
    with world.open("2026-11-21T09:00") as gateway:
        assert gateway.send("care/visit", key="extra").counts == {State.HELD: 1}
    assert world.run("2026-11-21T10:30").counts == {State.ACCEPTED: 1}


# Words that change while a message waits


def test_what_waits_for_its_hours_says_what_the_roster_says_when_it_goes(world: World):
    world.occasion("visit", moment="{day_of: handover_on}", at='"10:00-11:00"', params="{greeting: building}")
    for identity in ("c1", "c2"):
        world.person(identity, handover_on="2026-11-21", building="3号楼")
    assert world.run("2026-11-21T09:00").counts == {State.HELD: 2}
    world.person("c1", building="5号楼")
    assert world.run("2026-11-21T09:30").counts == {}
    world.person("c2", building="7号楼")
    assert world.run("2026-11-21T10:05").counts == {State.ACCEPTED: 2}
    with world.open("2026-11-21T11:00") as gateway:
        assert [d.content.text for d in gateway.log()] == ["5号楼，您好。", "7号楼，您好。"]


def test_of_two_homes_of_one_owner_each_keeps_its_own_words_when_they_are_written_anew(world: World):
    world.columns = (*COLUMNS, "home")
    world.occasion(
        "visit",
        moment="{day_of: handover_on}",
        at='"10:00-11:00"',
        once_per="home",
        params='{greeting: "name ~ building"}',
    )
    for identity, building in (("c1", "3号楼"), ("its second home", "5号楼")):
        world.person(identity, id="c1", phone=13800000000, building=building, home="101", handover_on="2026-11-21")
    assert world.run("2026-11-21T09:00").counts == {State.HELD: 2}
    for identity in world.people:
        world.person(identity, name="王小芳")
    assert world.run("2026-11-21T10:05").counts == {State.ACCEPTED: 2}
    with world.open("2026-11-21T11:00") as gateway:
        assert [d.content.params["greeting"] for d in gateway.log()] == ["王小芳3号楼", "王小芳5号楼"]


def test_what_waits_for_its_hours_says_what_its_text_says_when_it_goes(world: World):
    world.occasion("visit", moment="{day_of: handover_on}", at='"10:00-11:00"')
    world.person("c1", handover_on="2026-11-21")
    world.run("2026-11-21T09:00")
    (world.folder / "templates/care/visit/zh_Hans.sms.txt").write_text("{{ greeting }}，您早。", encoding="utf-8")
    world.run("2026-11-21T10:05")
    with world.open("2026-11-21T11:00") as gateway:
        assert [d.content.text for d in gateway.log()] == ["王芳，您早。"]


@pytest.mark.parametrize(("first", "then"), [(15, 18), (18, 15)], ids=["later", "sooner"])
def test_an_appointment_of_another_system_that_is_told_anew_goes_at_its_new_hour_with_its_new_words(
    world: World, first: int, then: int
):
    world.occasion("visit", moment="{on_fact: visit, hours_before: 2}", params="{greeting: place}")
    world.person("c1")
    for now, hour, place in (("08", first, "大堂"), ("09", then, "会所")):
        with world.open(f"2026-11-21T{now}:00") as gateway:
            if place == "会所":
                gateway.facts.withdraw("visit", "k")
            at = datetime.fromisoformat(f"2026-11-21T{hour}:00+08:00")
            gateway.fact("visit", person="c1", at=at, key="k", values={"place": place})
        world.run(f"2026-11-21T{now}:30")
    for hour in range(10, 20):
        world.run(f"2026-11-21T{hour}:05")
    with world.open("2026-11-21T20:00") as gateway:
        (sent,) = (one for one in gateway.log() if one.state is not State.CANCELLED)
        hour = sent.changed_at.astimezone(gateway.settings.timezone).hour
    assert (sent.state, sent.content.text, hour) == (State.ACCEPTED, "会所，您好。", then - 2)


# Dates that move


def test_a_day_that_moves_calls_the_old_plan_off_and_makes_a_new_one(world: World):
    world.occasion("invitation", moment='{days_before: "handover_on 1"}', at='"10:00-11:00"')
    world.person("c1", handover_on="2026-11-22")
    world.run("2026-11-21T09:00")
    world.person("c1", handover_on="2026-11-24")
    world.run("2026-11-21T10:05")
    world.run("2026-11-23T10:05")
    assert world.log() == [
        ("c1", "invitation", "2026-11-22", "cancelled"),
        ("c1", "invitation", "2026-11-24", "accepted"),
    ]


def test_a_day_that_moves_back_again_is_planned_again(world: World):
    world.occasion("invitation", moment='{days_before: "handover_on 1"}', at='"10:00-11:00"')
    for now, day in (
        ("09:00", "2026-11-22"),
        ("09:10", "2026-11-29"),
        ("09:20", "2026-11-22"),
        ("10:05", "2026-11-22"),
    ):
        world.person("c1", handover_on=day)
        world.run(f"2026-11-21T{now}")
    assert [state for *_, state in world.log()] == ["cancelled", "accepted"]


@pytest.mark.parametrize("hour", ["09:00", "18:00"], ids=["for its window", "late"])
def test_what_waits_about_one_of_somebody_s_homes_is_not_called_off_because_of_the_others(world: World, hour: str):
    world.occasion("handed", moment="{day_of: handover_on}", at='"10:00-11:00"', late="next-window", who="not signed")
    world.person("c1", handover_on="2026-12-30", signed_on="2026-11-01")
    world.person("its second home", id="c1", phone=13800000000, handover_on="2026-11-20")
    world.run("2026-11-19T10:05")
    world.run(f"2026-11-20T{hour}")
    for now in ("2026-11-21T08:00", "2026-11-21T08:05", "2026-11-21T10:05"):
        world.person("c1", building=now)
        assert State.CANCELLED not in world.run(now).counts
    assert world.log() == [("c1", "handed", "2026-11-20", "accepted")]


def test_what_announced_the_day_of_one_home_is_not_to_be_corrected_because_of_another(world: World):
    world.occasion("invitation", moment='{days_before: "handover_on 14"}', at='"10:00-11:00"')
    world.person("c1", handover_on="2027-03-01")
    world.person("its second home", id="c1", phone=13800000000, handover_on="2026-12-05")
    world.run("2026-11-21T10:05")
    world.person("c1", building="3号楼")
    assert told(world.run("2026-11-22T10:05"), "to correct") == []


def test_what_announced_a_day_that_has_moved_is_listed_until_somebody_has_told_the_reader(world: World):
    world.occasion("invitation", moment='{days_before: "handover_on 14"}', at='"10:00-11:00"')
    for identity in ("c1", "c2"):
        world.person(identity, handover_on="2026-12-05")
    world.run("2026-11-21T10:05")
    world.person("c1", handover_on="2026-12-20")
    world.person("c2", handover_on="")
    run = world.run("2026-11-22T10:05")
    assert [(p.person, p.detail) for p in told(run, "to correct")] == [
        ("c1", "it said 2026-12-05, and it is 2026-12-20 now"),
        ("c2", "it said 2026-12-05, and that is no more"),
    ]
    assert run.exit_code == 1
    assert told(world.run("2026-11-22T10:10"), "to correct") == []
    listed = [json.loads(line) for line in world.cli("2026-11-22T10:15", "corrections", "--json").output.splitlines()]
    assert [(one["person"], one["said"], one["now_on"]) for one in listed] == [
        ("c1", "2026-12-05", "2026-12-20"),
        ("c2", "2026-12-05", None),
    ]
    rest = world.cli("2026-11-22T10:16", "corrections", str(listed[0]["delivery"]), "--json").stdout
    assert [json.loads(line)["person"] for line in rest.splitlines() if line.startswith("{")] == ["c2"]
    world.person("c2", handover_on="2026-12-05")
    world.run("2026-11-22T10:20")
    assert "Nothing" in world.cli("2026-11-22T10:25", "corrections").output


def test_a_day_that_is_past_needs_no_correction(world: World):
    world.occasion("reminder", moment="{day_of: handover_on}", at='"10:00-11:00"')
    world.person("c1", handover_on="2026-11-21")
    world.run("2026-11-21T10:05")
    world.person("c1", handover_on="2027-03-01")
    assert told(world.run("2026-11-22T10:05"), "to correct") == []


def test_an_appointment_that_moves_is_reminded_of_at_its_new_hour(world: World):
    world.occasion("visit", moment='{hours_before: "visit_at 1"}')
    world.person("c1", visit_at="2026-11-21 15:00")
    assert world.run("2026-11-21T09:00").counts == {State.HELD: 1}
    world.person("c1", visit_at="2026-11-21 17:00")
    world.run("2026-11-21T14:05")
    assert world.run("2026-11-21T16:05").counts == {State.ACCEPTED: 1}
    assert [(key, state) for _, _, key, state in world.log()] == [
        ("2026-11-21T15:00", "cancelled"),
        ("2026-11-21T17:00", "accepted"),
    ]


def test_nobody_is_reminded_of_an_appointment_that_has_begun(world: World):
    world.occasion("visit", moment='{hours_before: "visit_at 1"}', late="next-window")
    world.person("c1", visit_at="2026-11-21 15:00")
    world.run("2026-11-21T09:00")
    run = world.run("2026-11-21T15:30")
    assert [state for *_, state in world.log()] == ["expired"]
    assert run.exit_code == 1


def test_what_has_an_hour_of_its_own_goes_in_the_morning_of_a_reader_abroad(world: World):
    world.columns = (*COLUMNS, "timezone")
    world.occasion("thanks", moment='{hours_after: "visit_at 1"}')
    world.person("c1", visit_at="2026-11-21 22:00", timezone="America/Los_Angeles")
    assert world.run("2026-11-21T23:05").counts == {State.HELD: 1}
    # midnight in China, eight in California
    assert world.run("2026-11-22T00:05").counts == {State.ACCEPTED: 1}


def test_what_waits_for_a_group_is_not_called_off_for_want_of_an_address(world: World):
    world.occasion("visit", moment="{day_of: handover_on}", at='"10:00-11:00"', channels="[wecom]")
    (world.folder / "templates/care/visit/zh_Hans.wecom.md").write_text("{{ greeting }}", encoding="utf-8")
    world.person("c1", handover_on="2026-11-21")
    world.run("2026-11-21T09:00")
    world.person("c1", building="3号楼")
    assert world.run("2026-11-21T10:05").counts == {State.ACCEPTED: 1}


def test_two_instalments_of_one_day_are_two_messages(world: World):
    world.columns = ("id", "name", "phone", "due_1_on", "amount_1", "due_2_on", "amount_2")
    world.occasion("pay", moment="{day_of: due_*_on}", at='"10:00-11:00"', params="{greeting: amount}")
    world.person("c1", due_1_on="2026-11-21", amount_1="60", due_2_on="2026-11-21", amount_2="35")
    for now in ("2026-11-21T09:00", "2026-11-21T10:05"):
        world.run(now)
    with world.open("2026-11-21T11:00") as gateway:
        assert [(d.occurrence, d.state.value, d.content.params["greeting"]) for d in gateway.log()] == [
            ("2026-11-21", "accepted", "60"),
            ("2026-11-21#2", "accepted", "35"),
        ]


def test_a_reminder_is_repeated_until_the_column_is_filled(world: World):
    world.occasion("visit", moment='{every: "3 days", since: subscribed_on, until: visited_on}', at='"10:00-11:00"')
    world.person("c1", subscribed_on="2026-11-01")
    for day in range(1, 14):
        if day == 9:
            world.person("c1", visited_on="2026-11-08")
        world.run(f"2026-11-{day:02}T10:05")
    assert [key for _, _, key, state in world.log() if state == "accepted"] == ["2026-11-04", "2026-11-07"]


# Days that were missed


def due_world(world: World) -> None:
    world.occasion("wish", moment="birthday", late="drop", at='"10:00-11:00"')
    world.occasion("payment", moment='{days_before: "handover_on 3"}', late="next-window", at='"10:00-11:00"')
    world.occasion("question", moment='{days_after: "subscribed_on 1"}', late="ask", at='"10:00-11:00"')
    for number in range(1, 9):
        world.person(
            f"c{number}", birthday=f"1980-11-{number:02}", subscribed_on=f"2026-11-{number:02}", handover_on=f"2026-11-{number + 3:02}"
        )  # fmt: skip


def test_a_cron_that_slept_for_days_catches_up_as_each_occasion_says(world: World):
    due_world(world)
    world.run("2026-11-01T10:05")
    run = world.run("2026-11-05T10:05")
    assert [(p.state, p.detail) for p in told(run, "caught up")] == [
        ("caught up", "no run has finished since 2026-11-01; what was due in between (days: 3) follows late: now")
    ]
    # Within the windows of the policy a late payment reminder goes at once; a question waits for a person.
    found = {(occasion, person): state for person, occasion, _, state in world.log()}
    assert [found["wish", f"c{n}"] for n in range(1, 6)] == ["accepted", "expired", "expired", "expired", "accepted"]
    assert [found["payment", f"c{n}"] for n in range(1, 6)] == ["accepted"] * 5
    assert [found["question", f"c{n}"] for n in range(1, 5)] == ["held", "held", "held", "accepted"]


def test_what_was_to_be_told_before_a_day_is_not_told_after_it(world: World):
    world.occasion("invitation", moment='{days_before: "handover_on 3"}', late="next-window", at='"10:00-11:00"')
    world.person("c1", handover_on="2026-11-06")
    world.run("2026-11-02T10:05")
    world.run("2026-11-07T10:05")
    assert [(person, state) for person, _, _, state in world.log()] == [("c1", "expired")]


# What waits past the day that it announces


def invited(world: World, **keys: str) -> None:
    world.occasion("reminder", moment='{days_before: "handover_on 1"}', at='"10:00-11:00"', late="next-window", **keys)
    for identity in ("c1", "c2"):
        world.person(identity, handover_on="2026-11-06")


def end_of(world: World) -> list[tuple[str, str]]:
    with world.open("2026-11-21T00:00") as gateway:
        return [(d.state.value, d.reason) for d in gateway.log()]


def test_what_an_approval_has_held_past_the_day_it_announces_expires_though_it_is_approved_then(world: World):
    invited(world, approval="workday-before")
    world.run("2026-11-04T10:05")
    world.run("2026-11-05T10:05")
    with world.open("2026-11-06T18:00") as gateway:
        gateway.approve(gateway.approvals()[0].name, approved=True, by="boss")
    world.run("2026-11-07T10:05")
    assert end_of(world) == [("expired", "late")] * 2


def test_what_nobody_approves_until_the_day_it_announces_is_over_expires_and_that_is_told_once(world: World):
    invited(world, approval="workday-before")
    world.run("2026-11-04T10:05")
    assert world.run("2026-11-06T10:05").exit_code == 3
    assert [p.state for p in told(world.run("2026-11-07T10:05"), "expired")] == ["expired"]
    assert end_of(world) == [("expired", "late")] * 2
    assert world.run("2026-11-07T10:10").exit_code == 0


def test_what_waits_for_its_window_past_the_day_it_announces_expires(world: World):
    invited(world)
    assert world.run("2026-11-05T09:00").counts == {State.HELD: 2}
    assert world.run("2026-11-07T10:05").counts == {State.EXPIRED: 2}
    assert end_of(world) == [("expired", "late")] * 2


def test_what_a_channel_that_refused_us_has_held_past_the_day_it_announces_expires(world: World):
    invited(world)
    in_the_way = world.folder / "outbox"
    in_the_way.write_text("no folder", encoding="utf-8")
    assert world.run("2026-11-05T10:05").counts[State.HELD]
    in_the_way.unlink()
    assert world.run("2026-11-07T10:05").counts == {State.EXPIRED: 2}
    assert end_of(world) == [("expired", "late")] * 2
    assert not in_the_way.exists()


def test_it_still_goes_on_the_day_itself(world: World):
    invited(world)
    world.run("2026-11-05T09:00")
    assert world.run("2026-11-06T10:05").counts == {State.ACCEPTED: 2}


# What is mended after it could not go


@pytest.mark.parametrize(
    ("missing", "told_first"), [({"phone": ""}, "unreachable"), ({"building": ""}, "text")], ids=["address", "text"]
)
def test_what_could_not_go_for_a_gap_in_the_roster_goes_once_it_is_filled_and_only_once(
    world: World, missing, told_first
):
    world.occasion("visit", moment="{day_of: handover_on}", at='"10:00-18:00"', params="{greeting: building}")
    complete = {"phone": 13800000000, "building": "3号楼", "handover_on": "2026-11-21"}
    world.person("c1", **complete | missing)
    assert [p.reason for p in world.run("2026-11-21T10:05").problems] == [told_first]
    world.person("c1", name="王小芳")
    assert world.run("2026-11-21T10:10").problems == (), "it is told once"
    world.person("c1", **complete)
    assert world.run("2026-11-21T10:15").counts == {State.ACCEPTED: 1}
    world.person("c1", name="王芳")
    assert world.run("2026-11-21T10:20").counts == {}


def test_another_fault_in_the_place_of_one_that_was_mended_is_told_too(world: World):
    world.occasion("visit", moment="{day_of: handover_on}", at='"10:00-18:00"', params='{greeting: "building ~ name"}')
    world.person("c1", handover_on="2026-11-21")
    first = world.run("2026-11-21T10:05").problems
    world.person("c1", building="3号楼", name="")
    second = world.run("2026-11-21T10:10").problems
    assert [len(first), len(second)] == [1, 1]
    assert first[0].detail != second[0].detail


# Lists for colleagues


def calls(world: World, **keys: str) -> None:
    world.columns = (*COLUMNS, "consultant")
    said = {"class": "staff", "readers": "consultant", "channels": "[wecom]", "at": '"10:00-11:00"', "params": "{}"}
    said["moment"] = '{days_after: "subscribed_on 1", until: visited_on}'
    world.occasion("call", **said | keys)
    text = world.folder / "templates/care/call/zh_Hans.wecom.md"
    text.write_text("{{ name }}{% for one in customers %} {{ one.id }}{% endfor %}", encoding="utf-8")
    for identity in ("c1", "c2"):
        world.person(identity, subscribed_on="2026-11-04", consultant="李娜")


def lists(world: World) -> list[str]:
    files = sorted((world.folder / "outbox").glob("*")) if (world.folder / "outbox").exists() else []
    return [file.read_text(encoding="utf-8").rstrip().rpartition("\n")[2] for file in files]


def test_a_list_is_made_at_its_hour_and_holds_what_is_true_then(world: World):
    calls(world)
    world.run("2026-11-05T09:00")
    world.person("c1", visited_on="2026-11-05")
    world.run("2026-11-05T10:05")
    assert lists(world) == ["李娜 c2"]


def test_a_list_whose_hour_is_over_is_looked_for_until_its_next_window_has_come(world: World):
    calls(world, late="next-window")
    world.run("2026-11-04T18:00")
    for hour in ("06T18:00", "07T08:00", "07T09:00"):
        world.run(f"2026-11-{hour}")
        assert lists(world) == []
    world.run("2026-11-07T10:05")
    assert lists(world) == ["李娜 c1 c2"]
    world.run("2026-11-07T10:10")
    world.run("2026-11-08T10:10")
    assert len(lists(world)) == 1


def test_a_list_that_waits_for_a_person_is_called_off_once_nobody_is_on_it(world: World):
    calls(world, late="ask")
    world.run("2026-11-04T18:00")
    assert world.run("2026-11-05T18:00").counts == {State.HELD: 1}
    world.person("c1", visited_on="2026-11-06")
    assert State.CANCELLED not in world.run("2026-11-06T09:00").counts
    world.person("c2", visited_on="2026-11-06")
    run = world.run("2026-11-06T09:05")
    assert [(p.person, p.reason) for p in told(run, "cancelled")] == [("李娜", "condition")]


def test_a_list_is_not_called_off_by_a_roster_that_cannot_tell(world: World):
    calls(world, late="ask")
    world.run("2026-11-04T18:00")
    world.run("2026-11-05T18:00")
    world.columns = COLUMNS
    assert State.CANCELLED not in world.run("2026-11-06T09:05").counts


def test_a_list_that_somebody_asked_for_by_name_is_not_taken_for_one_of_its_moment(world: World):
    calls(world)
    with world.open("2026-11-05T09:00") as gateway:
        assert gateway.send("care/call", key="once more").counts == {State.HELD: 1}
    assert world.run("2026-11-05T10:05").counts == {State.ACCEPTED: 2}
    assert lists(world) == ["李娜 c1 c2"] * 2


def test_birthdays_of_different_days_are_different_lists(world: World):
    calls(world, moment="birthday")
    for number in (5, 5, 6):
        world.person(f"b{len(world.people)}", birthday=f"1980-11-{number:02}", consultant="李娜")
    for day in (5, 6, 7):
        world.run(f"2026-11-{day:02}T10:05")
    assert lists(world) == ["李娜 b2 b3", "李娜 b4"]


# What is drafted ahead


def test_a_greeting_that_is_drafted_ahead_leaves_the_day_s_only_room_to_what_goes_before_it(world: World):
    world.policy = "{per_person: {day: 1}}"
    said = {"class": "care", "at": '"10:00-11:00"'}
    world.occasion("festival", moment='{date: "11-06"}', approval="workday-before", **said)
    world.occasion("wish", moment="birthday", importance="1", **said)
    world.person("born", birthday="1980-11-06")
    world.person("other", birthday="1980-11-07")
    world.run("2026-11-05T10:05")
    with world.open("2026-11-05T11:00") as gateway:
        gateway.approve(gateway.approvals()[0].name, approved=True, by="boss")
    world.run("2026-11-06T10:05")
    assert [(person, occasion) for person, occasion, _, state in world.log() if state == "accepted"] == [
        ("other", "festival"), ("born", "wish"),
    ]  # fmt: skip


# Days that are caught up


def test_who_was_not_concerned_on_a_day_is_not_written_to_when_it_is_caught_up(world: World):
    world.occasion("report", moment="{monthly: 5}", who="subscribed", late="next-window", at='"10:00-11:00"')
    world.person("early", subscribed_on="2026-11-05")
    world.person("late", subscribed_on="2026-11-06")
    world.run("2026-11-04T10:05")
    world.run("2026-11-07T10:05")
    assert [person for person, *_ in world.log()] == ["early"]


def test_catching_up_promises_what_daily_runs_would_have_promised(tmp_path: Path):
    logs = []
    for number, days in enumerate([range(1, 9), [1, 8], [1, 3, 4, 8], [1, 2, 7, 8]]):
        world = World(tmp_path / str(number))
        due_world(world)
        for day in days:
            world.run(f"2026-11-{day:02}T10:05")
        logs.append(sorted(entry[:3] for entry in world.log()))
    assert logs[1:] == [logs[0]] * 3
    assert len(set(logs[0])) == len(logs[0]) == 23


@pytest.mark.parametrize("times", [2, 5])
def test_a_plan_does_not_depend_on_how_often_it_is_asked(tmp_path: Path, times: int):
    often, once = World(tmp_path / "often"), World(tmp_path / "once")
    for one, hours in ((often, range(10, 10 + times)), (once, [10 + times - 1])):
        due_world(one)
        for day in range(1, 9):
            for hour in hours:
                one.run(f"2026-11-{day:02}T{hour}:00")
    assert {entry[:3] for entry in often.log()} == {entry[:3] for entry in once.log()}


def test_a_new_project_does_not_look_back(world: World):
    due_world(world)
    run = world.run("2026-11-05T10:05")
    assert sorted(p for p, *_ in world.log()) == ["c4", "c5", "c5"]
    assert told(run, "caught up") == []


def greetings(world: World) -> None:
    """Three greetings on the 20th, one on the 21st, and room for one a day."""
    world.policy = "{per_person: {day: 1}}"
    for name, moment in [*((name, '{date: "11-20"}') for name in ("a", "b", "c")), ("d", '{date: "11-21"}')]:
        world.occasion(name, moment=moment, at='"10:00-11:00"', late="next-window", **{"class": "care"})
    world.person("c1")


@pytest.mark.parametrize("runs", [["10:05"], ["08:00", "09:00", "10:05"]], ids=["at once", "waiting"])
def test_days_that_are_caught_up_bring_nobody_more_than_the_caps_of_one_day_allow(world: World, runs: list[str]):
    greetings(world)
    world.run("2026-11-18T10:05")
    for number, hour in enumerate(runs):
        world.person("c1", building=number)
        world.run(f"2026-11-21T{hour}")
    assert [(name, state) for _, name, _, state in world.log() if state != "suppressed"] == [("a", "accepted")]


def test_what_waits_from_yesterday_counts_for_yesterday_however_often_it_is_looked_at(world: World):
    greetings(world)
    world.run("2026-11-20T18:00")
    for number, hour in enumerate(("08:00", "09:00", "10:05")):
        world.person("c1", building=number)
        world.run(f"2026-11-21T{hour}")
    assert [name for _, name, _, state in world.log() if state == "accepted"] == ["a", "d"]


def test_what_is_left_over_from_yesterday_goes_another_way_when_its_own_is_not_wanted_any_more(world: World):
    world.policy = '{per_person: {}, windows: ["10:00-11:30"]}'
    world.columns = (*COLUMNS, "email")
    world.occasion(
        "visit", moment="{day_of: handover_on}", at='"10:00-11:00"', late="next-window", channels="[sms, email]"
    )
    mail = world.folder / "templates/care/visit/zh_Hans.email.txt"
    mail.write_text("Subject: {{ greeting }}\n\n您好。", encoding="utf-8")
    world.person("c1", handover_on="2026-11-20", email="wang@example.com")
    world.run("2026-11-20T18:00")
    world.run("2026-11-21T08:00")
    world.cli("2026-11-21T08:30", "optout", "add", "c1", "--channel", "sms")
    for now in ("09:00", "09:30", "10:05"):
        world.run(f"2026-11-21T{now}")
    with world.open("2026-11-21T11:00") as gateway:
        assert [(d.medium, d.state.value) for d in gateway.log()] == [("sms", "cancelled"), ("email", "accepted")]


def test_days_are_caught_up_once(world: World):
    due_world(world)
    world.run("2026-11-01T10:05")
    world.run("2026-11-05T10:05")
    before = world.log()
    assert told(world.run("2026-11-05T10:10"), "caught up") == []
    assert world.log() == before


def test_what_is_written_down_after_the_last_run_of_a_day_is_found_on_the_next(world: World):
    world.occasion("thanks", moment='{days_after: "subscribed_on 1"}', at='"10:00-11:00"')
    world.person("c1")
    world.run("2026-11-21T23:00")
    world.person("c1", subscribed_on="2026-11-20")
    run = world.run("2026-11-22T10:05")
    assert [entry[2] for entry in world.log()] == ["2026-11-20"]
    assert told(run, "caught up") == []


def test_a_rehearsal_of_another_day_does_not_make_the_real_one_miss_any(world: World):
    due_world(world)
    world.run("2026-12-24T10:05")
    world.run("2026-11-01T10:05")
    world.run("2026-11-03T10:05")
    assert ("c2", "payment", "2026-11-05", "accepted") in world.log()


# Facts


def fact_world(world: World) -> None:
    world.occasion(
        "paid",
        moment="{on_fact: payment, days_after: 1}",
        at='"10:00-11:00"',
        params="{greeting: name, sum: amount | money}",
    )
    (world.folder / "templates/care/paid/zh_Hans.sms.txt").write_text(
        "{{ greeting }}，{{ sum }}已到账。", encoding="utf-8"
    )
    world.person("c1", building="3号楼")
    world.person("c2", building="3号楼")
    world.person("c3", building="5号楼")


def test_a_payment_is_thanked_for_on_the_day_after_with_its_amount(world: World):
    fact_world(world)
    with world.open("2026-11-20T15:00") as gateway:
        gateway.fact("payment", person="c2", values={"amount": "12000"}, key="R-881")
    assert world.run("2026-11-20T16:00").counts == {}
    assert world.run("2026-11-21T10:05").counts == {State.ACCEPTED: 1}
    assert world.run("2026-11-22T10:05").counts == {}
    assert world.log() == [("c2", "paid", "R-881", "accepted")]
    (message,) = [file.read_text(encoding="utf-8") for file in (world.folder / "outbox").iterdir()]
    assert "王芳，¥12,000.00已到账。" in message


def test_a_fact_needs_no_column_where_the_rule_that_reads_one_is_optional(world: World):
    fact_world(world)
    home = world.folder / "templates/care/paid/occasion.yaml"
    told = home.read_text(encoding="utf-8").replace(
        "{on_fact: payment, days_after: 1}",
        "[{on_fact: payment, days_after: 1}, {days_after: 'paid_on 1', optional: true}]",
    )
    home.write_text(told, encoding="utf-8")
    with world.open("2026-11-20T15:00") as gateway:
        gateway.fact("payment", person="c2", values={"amount": "12000"}, key="R-881")
    run = world.run("2026-11-21T10:05")
    assert (run.counts, run.exit_code, run.problems) == ({State.ACCEPTED: 1}, 0, ())
    home.write_text(told.replace(", optional: true", ""), encoding="utf-8")
    run = world.run("2026-11-22T10:05")
    (problem,) = (p for p in run.problems if p.state == "stopped")
    assert "the roster has no column 'paid_on'" in problem.detail


def test_an_occasion_whose_optional_rules_all_lack_their_columns_is_stopped(world: World):
    world.occasion("visits", moment="[{day_of: nowhere_on, optional: true}, {day_of: neither_on, optional: true}]")
    world.person("c1")
    (problem,) = told(world.run("2026-11-20T10:05"), "stopped")
    assert "the roster has no column 'nowhere_on'" in problem.detail


def test_telling_the_same_fact_again_changes_nothing_and_another_under_its_key_is_refused(world: World):
    fact_world(world)
    with world.open("2026-11-20T15:00") as gateway:
        first = gateway.fact("payment", person="c1", values={"amount": 1}, key="R-1")
        assert gateway.fact("payment", person="c1", values={"amount": 1}, key="R-1") == first
        assert gateway.fact("payment", person="c1", values={"amount": 1}) == gateway.fact(
            "payment", person="c1", values={"amount": 1}
        )
        with pytest.raises(UsageError, match="payment R-1 was told before and said something else"):
            gateway.fact("payment", person="c1", values={"amount": 2}, key="R-1")
        assert len(gateway.facts.told()) == 2
    with world.open("2026-11-21T15:00") as gateway:
        assert gateway.fact("payment", person="c1", values={"amount": 1}, key="R-1") == first


def test_a_fact_of_somebody_whom_the_roster_does_not_know_is_named_and_the_others_go_on(world: World):
    fact_world(world)
    with world.open("2026-11-20T15:00") as gateway:
        for person in ("c1", "c-1"):
            gateway.fact("payment", person=person, values={"amount": 1})
    run = world.run("2026-11-21T10:05")
    assert (run.counts, run.exit_code) == ({State.ACCEPTED: 1}, 1)
    assert [p.person for p in told(run, "invalid")] == ["c-1"]


@pytest.mark.parametrize(
    ("day", "told_then"), [(15, "it is 2026-12-15 now"), (9, "it is 2026-12-09 now"), (None, "that is no more")]
)
def test_what_announced_an_event_that_has_moved_is_to_be_corrected_to_its_new_day(world: World, day, told_then):
    world.occasion("event", moment="{on_fact: event, days_before: 14}", at='"10:00-11:00"')
    world.person("c1")
    with world.open("2026-11-20T09:00") as gateway:
        gateway.fact("event", person="c1", on=date(2026, 12, 12), key="party")
    world.run("2026-11-28T10:05")
    with world.open("2026-11-29T09:00") as gateway:
        gateway.facts.withdraw("event", "party")
        if day:
            gateway.fact("event", person="c1", on=date(2026, 12, day), key="party")
    (problem,) = told(world.run("2026-11-29T10:05"), "to correct")
    assert problem.detail.endswith(told_then)


def test_a_gateway_that_stays_open_sees_in_each_run_what_was_told_meanwhile(world: World):
    world.occasion("paid", moment="{on_fact: payment, days_after: 1}", at='"10:00-11:00"')
    world.person("c1")
    with world.open("2026-11-21T09:00") as gateway:
        gateway.fact("payment", person="c1", on=date(2026, 11, 20), key="one")
        gateway.fact("payment", person="nobody", on=date(2026, 11, 20), key="other")
        assert gateway.send_due().counts == {State.HELD: 1}
        gateway.fact("payment", person="c1", on=date(2026, 11, 20), key="third")
        assert gateway.send_due().counts == {State.HELD: 1}
        for key in ("one", "other"):
            gateway.facts.withdraw("payment", key)
        run = gateway.send_due()
    assert [(problem.person, problem.reason) for problem in run.problems] == [("c1", "moved")]


@pytest.mark.parametrize("whom", [{"building": "3号"}, {"project": "青年"}, {"building": "3号楼", "project": "别的"}])
def test_a_fact_of_a_building_or_project_where_nobody_lives_is_told_when_it_is_told(world: World, whom: dict[str, str]):
    world.occasion("topped", moment="{on_fact: milestone, days_after: 3}", at='"10:00-11:00"')
    world.person("c1", building="3号楼")
    with world.open("2026-11-20T15:00") as gateway:
        gateway.fact("milestone", on=date(2026, 11, 20), **whom)
        gateway.fact("milestone", on=date(2026, 11, 20), building="3号楼", project="青年城")
    (problem,) = told(world.run("2026-11-20T16:00"), "invalid")
    assert all(f"{column}={value}" in problem.detail for column, value in whom.items())


def test_a_fact_of_a_whole_project_is_not_looked_for_by_its_building(world: World):
    world.occasion("topped", moment="{on_fact: milestone, for: project}", at='"10:00-11:00"')
    world.person("c1", building="3号楼")
    with world.open("2026-11-20T15:00") as gateway:
        gateway.fact("milestone", on=date(2026, 11, 20), building="9号楼", project="青年城")
    assert told(world.run("2026-11-20T16:00"), "invalid") == []


def test_a_fact_that_is_withdrawn_in_time_sends_nothing(world: World):
    fact_world(world)
    with world.open("2026-11-20T15:00") as gateway:
        gateway.fact("payment", building="3号楼", values={"amount": 1}, key="R-1")
    assert world.run("2026-11-21T09:00").counts == {State.HELD: 2}
    with world.open("2026-11-21T09:30") as gateway:
        gateway.facts.withdraw("payment", "R-1")
    assert world.run("2026-11-21T10:05").counts == {State.CANCELLED: 2}


def test_news_goes_at_once_to_those_who_follow_it_and_not_when_it_is_old(world: World):
    world.columns = (*COLUMNS, "interests")
    world.occasion("news", moment="{on_fact: news, within: 1h}", who="subject in interests")
    world.person("c1", interests="学区，户型")
    world.person("c2", interests="户型")
    with world.open("2026-11-20T12:10") as gateway:
        gateway.fact("news", everyone=True, values={"subject": "学区"}, key="n1")
    assert world.run("2026-11-20T12:15").counts == {State.ACCEPTED: 1}
    with world.open("2026-11-20T13:00") as gateway:
        gateway.fact("news", everyone=True, values={"subject": "户型"}, key="n2")
    assert world.run("2026-11-20T14:05").counts == {State.EXPIRED: 2}


def test_a_deadline_passes_quietly_once_the_answer_is_told(world: World):
    world.occasion("deadline", moment="{on_fact: complaint, minutes_after: 15, unless: complaint-answered}")
    world.person("c1")
    world.person("c2")
    with world.open("2026-11-20T12:00") as gateway:
        for person in ("c1", "c2"):
            gateway.fact("complaint", person=person, key=f"T-{person}")
        gateway.fact("complaint-answered", person="c1", key="T-c1")
    assert world.run("2026-11-20T12:05").counts == {State.HELD: 1}
    assert world.run("2026-11-20T12:16").counts == {State.ACCEPTED: 1}
    assert [person for person, *_ in world.log()] == ["c2"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "Payment"}, "no kind of fact"),
        ({"person": None}, "say whom it concerns"),
        ({"everyone": True}, "say whom it concerns"),
        ({"values": {"a b": 1}}, "no name that a text could use"),
        ({"values": {"a": [1]}}, "a value is a text"),
        ({"key": "k" * 201}, "at most 200"),
        ({"on": date(2026, 11, 1), "at": datetime(2026, 11, 2, 9)}, "is not on 2026-11-01"),  # noqa: DTZ001 - as people say it
    ],
)
def test_a_fact_that_cannot_be_understood_is_refused_with_the_reason(world: World, said, why):
    with world.open("2026-11-20T12:00") as gateway, pytest.raises(UsageError, match=why):
        gateway.fact(**{"kind": "payment", "person": "c1"} | said)


def test_the_command_tells_lists_and_withdraws(world: World):
    fact_world(world)
    now = "2026-11-20T12:00"
    args = ("fact", "add", "payment", "--person", "c1", "-p", "amount=12000", "--key", "R-1")
    assert "rehearsal" in world.cli(now, *args, "--dry-run").output
    assert "No fact" in world.cli(now, "fact", "list").output
    added = json.loads(world.cli(now, *args, "--json").stdout)
    assert (added["kind"], added["key"], added["on"], added["concerns"], added["values"]) == (
        "payment", "R-1", "2026-11-20", {"id": "c1"}, {"amount": "12000"},
    )  # fmt: skip
    assert world.cli(now, *args).exit_code == 0
    assert world.cli(now, *args, "-p", "more=1").exit_code == 2
    assert [json.loads(line)["key"] for line in world.cli(now, "fact", "list", "--json").stdout.splitlines()] == ["R-1"]
    assert world.cli(now, "fact", "withdraw", "payment", "R-1").exit_code == 0
    assert world.cli(now, "fact", "withdraw", "payment", "R-1").exit_code == 2
    assert world.cli(now, "fact", "add", "event", "--all", "--at", "2026-12-05T14:30").exit_code == 0


def test_a_kind_of_fact_that_nothing_waits_for_is_pointed_out(world: World):
    fact_world(world)
    assert "waits for" not in world.cli("2026-11-20T09:00", "fact", "add", "payment", "--person", "c1").stderr
    told = world.cli("2026-11-20T09:00", "fact", "add", "payement", "--person", "c1")
    assert told.stderr.splitlines() == ["Nothing that is switched on waits for payement; it waits for: payment"]
    assert told.exit_code == 0
