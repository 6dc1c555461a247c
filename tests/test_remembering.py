"""The second run of a day plans nothing when nothing can be new, and always when something may be."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import notigate
from notigate.ledger import open_ledger, remembered
from notigate.ledger.store import Ledger
from notigate.model import State

SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000}}
ledger: sqlite:///notigate.db
roster: {{file: customers.csv}}
channels: {{trial: {{plugin: outbox}}}}
policy: {{per_person: {{}}{policy}}}
plugins: [{plugins}]
staff: [{{name: 李娜, wecom: lina, groups: [sales]}}]
occasions:
{occasions}"""
COLUMNS = ("id", "name", "phone", "signed_on", "visit_at", "consultant")


class World:
    """A project whose parts a test changes, and whose clock it moves."""

    def __init__(self, folder: Path, *, forgets: bool = False) -> None:
        self.folder = folder
        #: a fresh plan every time, to compare with
        self.forgets = forgets
        self.people: dict[str, dict[str, str]] = {}
        self.occasions: dict[str, str] = {}
        self.policy = self.plugins = ""

    def occasion(self, name: str, text: str = "{{ greeting }}，您好。", medium: str = "sms", **keys: str) -> None:
        home = self.folder / "templates" / "care" / name
        home.mkdir(parents=True, exist_ok=True)
        written = {"title": name, "class": "service", "channels": f"[{medium}]", "params": "{greeting: name}", **keys}
        told = "".join(f"{key}: {value}\n" for key, value in written.items())
        (home / "occasion.yaml").write_text(told, encoding="utf-8")
        (home / f"zh_Hans.{medium}.{'txt' if medium == 'sms' else 'md'}").write_text(text, encoding="utf-8")
        self.occasions[f"care/{name}"] = "{}"

    def person(self, identity: str, **facts: str) -> None:
        row = {"id": identity, "name": "王芳", "phone": f"138{len(self.people):08}"}
        self.people[identity] = self.people.get(identity, row) | facts

    def open(self, now: str) -> notigate.Gateway:
        occasions = "".join(f"  {name}: {keys}\n" for name, keys in self.occasions.items())
        told = SETTINGS.format(policy=self.policy, plugins=self.plugins, occasions=occasions)
        (self.folder / "notigate.yaml").write_text(told, encoding="utf-8")
        with (self.folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(self.people.values())
        return notigate.open(self.folder, now=datetime.fromisoformat(now))

    def run(self, now: str) -> notigate.Run:
        with self.open(now) as gateway:
            if self.forgets:
                with gateway.ledger.write() as tx:
                    remembered.forget(tx)
            return gateway.send_due()

    def plans(self, now: str) -> bool:
        """Would the next run plan?"""
        with self.open(now) as gateway:
            return gateway.remembering().recall() is None

    def log(self) -> list[tuple[str, str, str, str]]:
        with self.open("2026-11-16T00:00") as gateway:
            return sorted((d.person, d.occasion, d.occurrence, d.state.value) for d in gateway.log())


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One who signed on Monday is thanked on that day from ten o'clock on."""
    made = World(tmp_path)
    made.occasion("thanks", moment="{day_of: signed_on}", at='"10:00-11:00"', late="drop")
    made.person("c1", signed_on="2026-11-16")
    made.person("c2", signed_on="2026-11-17")
    return made


def told(run: notigate.Run) -> object:
    """All that a run tells, but for the numbers of deliveries."""
    problems = [(one.occasion, one.person, one.state, one.reason, one.detail) for one in run.problems]
    return run.counts, sorted(problems), run.exit_code


# What goes on without a plan


def test_the_second_run_of_a_day_plans_nothing(world: World):
    assert world.plans("2026-11-16T09:00")
    assert world.run("2026-11-16T09:00").counts == {State.HELD: 1}
    assert not world.plans("2026-11-16T09:05")
    assert told(world.run("2026-11-16T09:05")) == ({}, [], 0)


def test_what_waits_goes_when_its_hour_comes(world: World):
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T10:05")
    assert world.run("2026-11-16T10:05").counts == {State.ACCEPTED: 1}


def test_what_waits_expires(world: World):
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T12:00")
    assert world.run("2026-11-16T12:00").counts == {State.EXPIRED: 1}


def test_what_a_person_lets_go_goes(world: World):
    world.occasion("wish", moment='{date: "11-17"}', approval="workday-before", at='"10:00-11:00"')
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T09:05")
    with world.open("2026-11-16T09:10") as gateway:
        gateway.approve("care/wish@2026-11-17", approved=True, by="boss")
    world.run("2026-11-16T09:15")
    world.run("2026-11-17T09:00")
    assert world.run("2026-11-17T10:05").counts[State.ACCEPTED] == 3


def test_a_bad_row_and_an_occasion_that_cannot_be_told_are_told_by_every_run(world: World):
    world.person("c3", phone="139")
    world.occasion("lost", moment="{day_of: lost_on}")
    first = world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T09:05")
    again = world.run("2026-11-16T09:05")
    faults = [one for one in told(first)[1] if one[2] in ("stopped", "invalid")]
    assert len(faults) == 2
    assert told(again)[1:] == (faults, first.exit_code)


# What makes it plan


def _fact(world: World) -> None:
    with world.open("2026-11-16T09:01") as gateway:
        gateway.fact("payment", person="c1", key="p1")


def _withdrawn(world: World) -> None:
    with world.open("2026-11-16T09:01") as gateway:
        gateway.facts.withdraw("payment", "before")


def _opted_out(world: World) -> None:
    with world.open("2026-11-16T09:01") as gateway:
        gateway.consent.add("c1", source="phone", by="李娜")


def _sent_by_name(world: World) -> None:
    with world.open("2026-11-16T09:01") as gateway:
        gateway.send("care/thanks", to="13900000000", key="k")


def _write(file: str, content: str):
    def change(world: World) -> None:
        path = world.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    return change


CHANGES = {
    "a person comes": lambda world: world.person("c3", signed_on="2026-11-16"),
    "a day is put right": lambda world: world.person("c2", signed_on="2026-11-16"),
    "a rule of the settings": lambda world: setattr(world, "policy", ", guard: 7"),
    "an occasion": lambda world: world.occasion(
        "thanks", moment="{day_of: signed_on}", at='"10:00-12:00"', late="drop"
    ),
    "an occasion is switched on": lambda world: world.occasion("more", moment="daily"),
    "a text": _write("templates/care/thanks/zh_Hans.sms.txt", "{{ greeting }}，谢谢。"),
    "another language": _write("templates/care/thanks/en.sms.txt", "{{ greeting }}, thank you."),
    "a calendar": _write("workdays.yaml", "rest: [2026-11-18]\n"),
    "a fact is told": _fact,
    "a fact is withdrawn": _withdrawn,
    "somebody opts out": _opted_out,
    "something is sent by name": _sent_by_name,
    "a plugin": _write("own.py", "# of another day\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_planned_for(world: World, change: str):
    world.plugins = "own.py"
    _write("own.py", "")(world)
    _write("workdays.yaml", "rest: [2026-11-19]\n")(world)
    with world.open("2026-11-16T08:00") as gateway:
        gateway.fact("payment", person="c1", key="before")
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T09:05")
    CHANGES[change](world)
    assert world.plans("2026-11-16T09:05")


def test_a_new_day_is_planned(world: World):
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T23:59")
    assert world.plans("2026-11-17T00:00")
    assert world.run("2026-11-17T09:00").counts == {State.HELD: 1, State.EXPIRED: 1}


def test_a_variable_that_the_settings_name_is_looked_up(world: World, monkeypatch):
    world.policy = ", only: ['${env:TRIAL}']"
    monkeypatch.setenv("TRIAL", "c1")
    world.people.pop("c2")
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T09:05")
    monkeypatch.setenv("TRIAL", "c2")
    assert world.plans("2026-11-16T09:05")


def test_another_language_tells_its_own_words(world: World, monkeypatch):
    world.run("2026-11-16T09:00")
    monkeypatch.setenv("NOTIGATE_LANG", "zh_CN")
    assert world.plans("2026-11-16T09:05")


def test_what_a_trial_leaves_out_is_told_by_every_run(world: World):
    world.policy = ", only: [c2]"
    first = world.run("2026-11-16T09:00")
    assert world.plans("2026-11-16T09:05")
    assert told(world.run("2026-11-16T09:05")) == told(first)


def test_what_colleagues_read_at_an_hour_is_planned_at_that_hour(world: World):
    world.occasion(
        "call", "{{ customers[0].name }}", "wecom", **{"class": "staff"}, moment='{hours_before: "visit_at 1"}',
        readers="consultant", params="{}",
    )  # fmt: skip
    world.person("c2", visit_at="2026-11-16 15:00", consultant="李娜")
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T13:59")
    assert world.plans("2026-11-16T14:00")
    assert world.run("2026-11-16T14:00").counts[State.ACCEPTED] == 1
    assert not world.plans("2026-11-16T14:01")


def test_a_report_is_planned_at_its_hour(world: World):
    world.occasion(
        "figures", "{{ report.name }}", "wecom", **{"class": "staff"}, moment="daily", readers="group sales", report="week",
        at='"18:00-20:00"', params="{}",
    )  # fmt: skip
    world.run("2026-11-16T09:00")
    assert not world.plans("2026-11-16T17:59")
    assert world.run("2026-11-16T18:05").counts[State.ACCEPTED] == 1


def test_what_was_called_off_comes_back_with_its_reader(world: World):
    world.occasion("other", moment="manual")
    world.run("2026-11-16T09:00")
    world.person("c1", signed_on="2026-11-10")
    with world.open("2026-11-16T09:05") as gateway:
        assert gateway.send("care/other").counts[State.CANCELLED] == 1
    world.person("c1", signed_on="2026-11-16")
    assert world.run("2026-11-16T09:10").counts == {State.HELD: 1}


def test_a_run_that_calls_something_off_is_followed_by_one_that_plans(world: World):
    world.run("2026-11-16T09:00")
    world.person("c1", signed_on="2026-11-10")
    assert world.run("2026-11-16T09:05").counts == {State.CANCELLED: 1}
    assert world.plans("2026-11-16T09:10")
    world.run("2026-11-16T09:10")
    assert not world.plans("2026-11-16T09:15")


def test_a_rehearsal_neither_remembers_nor_is_spared(world: World):
    with world.open("2026-11-16T09:00") as gateway:
        assert gateway.send_due(dry_run=True).counts == {State.HELD: 1}
    assert world.plans("2026-11-16T09:05")


# The same as planning every time

HOURS = ("08:00", "09:30", "10:05", "10:50", "12:00", "14:00", "18:05")
DAYS = st.sampled_from(["", "2026-11-15", "2026-11-16", "2026-11-17"])
VISITS = st.sampled_from(["", "2026-11-16 11:00", "2026-11-16 15:00", "2026-11-17 09:00"])
PERSON = st.tuples(st.sampled_from(["c1", "c2", "c3"]), DAYS, VISITS, st.sampled_from(["", "李娜", "周敏"]))
STEP = st.one_of(
    st.tuples(st.just("person"), PERSON),
    st.tuples(st.just("gone"), st.sampled_from(["c1", "c3"])),
    st.tuples(st.just("phone"), st.sampled_from(["139", "13911112222", ""])),
    st.tuples(st.just("rule"), st.sampled_from(["", ", only: [c1]", ", guard: 9"])),
    st.tuples(st.just("fact"), st.sampled_from(["c1", "c9"])),
    st.tuples(st.just("opt out"), st.sampled_from(["c1", "c2"])),
    st.tuples(st.just("wait"), st.none()),
)


def change(world: World, now: str, kind: str, what) -> None:
    match kind:
        case "person":
            identity, signed, visit, consultant = what
            world.person(identity, signed_on=signed, visit_at=visit, consultant=consultant)
        case "gone":
            world.people.pop(what, None)
        case "phone":
            world.person("c2", phone=what)
        case "rule":
            world.policy = what
        case "fact":
            with world.open(now) as gateway:
                gateway.fact("payment", person=what, key=f"{now} {what}")
        case "opt out":
            with world.open(now) as gateway:
                gateway.consent.add(what, source="phone", by="李娜")


def furnished(folder: str, *, forgets: bool) -> World:
    world = World(Path(folder), forgets=forgets)
    world.occasion("thanks", moment="{day_of: signed_on}", at='"10:00-11:00"', late="drop")
    world.occasion("visit", moment='{hours_before: "visit_at 1"}')
    world.occasion("paid", moment="{on_fact: payment}")
    world.occasion(
        "call", "{{ customers[0].name }}", "wecom", **{"class": "staff"}, moment='{hours_before: "visit_at 2"}',
        readers="head of consultant", params="{}",
    )  # fmt: skip
    world.person("c1", signed_on="2026-11-16")
    world.person("c2", signed_on="2026-11-17", visit_at="2026-11-16 11:00", consultant="李娜")
    return world


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(STEP, min_size=3, max_size=6), st.lists(st.sampled_from(HOURS), min_size=6, max_size=6), st.integers(2, 6)
)
def test_a_run_that_remembers_does_what_a_fresh_plan_would(steps, hours, first_day):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        remembers, forgets = furnished(one, forgets=False), furnished(other, forgets=True)
        times = [f"2026-11-16T{hour}" for hour in sorted(hours[:first_day])]
        times += [f"2026-11-17T{hour}" for hour in sorted(hours[first_day:])]
        for n, (time, (kind, what)) in enumerate(zip(times, steps, strict=False)):
            # Clocks go on while a project is opened: what is told in one minute has happened before the next.
            now, later = (f"{datetime.fromisoformat(time) + timedelta(minutes=2 * n + more)}" for more in (0, 1))
            for again in (now, now):
                assert told(remembers.run(again)) == told(forgets.run(again))
            for world in (remembers, forgets):
                change(world, now, kind, what)
            assert told(remembers.run(later)) == told(forgets.run(later))
        assert remembers.log() == forgets.log()


# The same on either store


@pytest.fixture
def ledger(place) -> Iterator[Ledger]:
    with closing(open_ledger(place("notigate"))) as opened:
        yield opened


def test_a_plan_is_known_by_its_digest_until_its_hour_or_until_it_is_forgotten(ledger: Ledger):
    now = datetime.fromisoformat("2026-11-16T09:00+08:00")
    until = now.replace(hour=14)
    made = remembered.Plan(digest=b"1", day=now.date(), until=until, told=(notigate.Problem(state="stopped"),))
    remembered.remember(ledger, made, 1, 0)
    assert remembered.recall(ledger, b"1", now) == made.told
    assert remembered.recall(ledger, b"1", until) is None
    assert remembered.recall(ledger, b"2", now) is None
    assert remembered.marks(ledger) == remembered.marks(ledger)
    with ledger.write() as tx:
        remembered.forget(tx)
    assert remembered.recall(ledger, b"1", now) is None
