"""Staff occasions: who of our own people reads, who is told next while nothing is answered, and what ends it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from notigate.cli import cli
from notigate.moments import MomentError
from notigate.moments.readers import Readers, read

MONDAY = "2026-11-23"
STAFF = [
    {"name": "李娜", "wecom": "lina", "head": "陈晨", "groups": ["sales"]},
    {"name": "周敏", "wecom": "zhoumin", "head": "陈晨", "groups": ["sales"]},
    {"name": "陈晨", "wecom": "chenchen", "head": "王总", "groups": ["heads"]},
    {"name": "王总", "wecom": "wang", "groups": ["heads"]},
]
#: S05, as the working rules name it
COMPLAINT = {
    "title": "Complaint deadline",
    "class": "staff",
    "moment": {"minutes_after": "complained_at 0"},
    "who": "not answered_at",
    "readers": "consultant",
    "channels": ["wecom"],
    "escalate": {
        "from": "complained_at",
        "until": "answered_at",
        "levels": [
            {"after": "15m", "who": "kind == 'soft'"},
            {"after": "30m", "who": "kind == 'soft'", "to": "head of consultant"},
            {"after": "1h", "who": "kind == 'hard'"},
            {"after": "3h", "who": "kind == 'hard'", "to": "head of consultant"},
            {"after": "10m", "who": "kind == 'major'", "to": "head 2 of consultant"},
            {"after": "3 workdays", "to": "group heads"},
        ],
    },
}
TEXT = "{{ name }}: {% for customer in customers %}{{ customer.name }} {% endfor %}level {{ level | default(0) }}"


class Project:
    """A folder whose colleagues are written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.occasions = {"staff/complaint-deadline": COMPLAINT}
        self.staff = STAFF
        self.rows = ["c1,王芳,李娜,soft,2026-11-23 09:00,", "c2,吴刚,周敏,hard,2026-11-23 09:00,"]
        self.heading = "id,name,consultant,kind,complained_at,answered_at"

    def run(self, now: str, *arguments: str):
        settings = {
            "project": {"name": "青年城", "hotline": "400-600-0000"}, "ledger": "sqlite:///notigate.db",
            "roster": {"file": "customers.csv"}, "channels": {"trial": {"plugin": "outbox"}}, "staff": self.staff,
            "workdays": "every-day", "occasions": dict.fromkeys(self.occasions, None),
            "policy": {"windows": ["09:00-18:00"]},
        }  # fmt: skip
        file = self.folder / "notigate.yaml"
        file.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        file.chmod(0o600)
        for name, said in self.occasions.items():
            folder = self.folder / "templates" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "occasion.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
            (folder / "zh_Hans.wecom.md").write_text(TEXT, encoding="utf-8")
        (self.folder / "customers.csv").write_text(
            "\n".join([f"phone,{self.heading}", *(f"13800138000,{row}" for row in self.rows), ""]), encoding="utf-8"
        )
        return CliRunner().invoke(cli, ["-C", str(self.folder), "--now", now, *arguments])

    def send(self, now: str) -> list[tuple[str, str]]:
        """Who was told what by this run."""
        before = set((self.folder / "outbox").glob("*"))
        result = self.run(now, "send", "--due", "--json")
        assert result.exit_code == 0, result.output
        texts = [file.read_text(encoding="utf-8") for file in set((self.folder / "outbox").glob("*")) - before]
        return sorted(told for text in texts for told in re.findall(r"^(\S+): (.*)$", text.partition("\n\n")[2]))

    def day(self, times: str) -> dict[str, list[tuple[str, str]]]:
        return {time: found for time in times.split() if (found := self.send(f"{MONDAY}T{time}"))}


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


EVERY_FIVE = " ".join(f"{(datetime(2026, 11, 23, 8, 55) + timedelta(minutes=5 * n)):%H:%M}" for n in range(10))  # noqa: DTZ001 - of any zone


def test_s05_a_soft_complaint_goes_up_after_15_and_30_minutes_and_a_hard_one_after_1_and_3_hours(project):
    assert project.day(f"{EVERY_FIVE} 10:00 12:00 17:00") == {
        "09:00": [("周敏", "吴刚 level 0"), ("李娜", "王芳 level 0")],
        "09:15": [("李娜", "王芳 level 1")],
        "09:30": [("陈晨", "王芳 level 2")],
        "10:00": [("周敏", "吴刚 level 3")],
        "12:00": [("陈晨", "吴刚 level 4")],
    }


@pytest.mark.parametrize("who", ["not answered_at", ""])
def test_an_answer_stops_it(project, who):
    project.occasions = {"staff/complaint-deadline": {**COMPLAINT, "who": who}}
    project.send(f"{MONDAY}T09:00")
    project.send(f"{MONDAY}T09:15")
    project.rows[0] += "2026-11-23 09:20"
    assert project.day("09:30 10:00") == {"10:00": [("周敏", "吴刚 level 3")]}


def test_nothing_is_promised_before_its_hour_for_it_may_be_answered_by_then(project):
    project.rows = ["c1,王芳,李娜,soft,2026-11-23 09:00,"]
    project.send(f"{MONDAY}T09:05")
    project.rows = ["c1,王芳,李娜,soft,2026-11-23 09:00,2026-11-23 09:10"]
    assert project.day("09:15 09:30 17:00") == {}
    assert len(project.run(f"{MONDAY}T17:00", "log", "--json").stdout.splitlines()) == 1


def test_the_head_of_the_head_is_told_of_what_is_major_and_all_heads_after_three_workdays(project):
    project.rows = ["c3,何静,李娜,major,2026-11-23 09:00,"]
    assert project.day("09:00 09:10 17:00") == {
        "09:00": [("李娜", "何静 level 0")], "09:10": [("王总", "何静 level 5")],
    }  # fmt: skip
    assert project.send("2026-11-26T09:00") == [("王总", "何静 level 6"), ("陈晨", "何静 level 6")]


def test_two_complaints_of_one_minute_are_two_messages_though_one_is_known_later(project):
    project.send(f"{MONDAY}T09:00")
    project.rows.append("c5,孙莉,李娜,soft,2026-11-23 09:00,")
    assert project.send(f"{MONDAY}T09:05") == [("李娜", "孙莉 level 0")]


def test_a_plan_shows_what_would_come(project):
    lines = [
        json.loads(line) for line in project.run(f"{MONDAY}T08:00", "plan", "--days", "1", "--json").stdout.splitlines()
    ]
    assert [(line["person"], line["at"]) for line in sorted(lines, key=lambda line: line["at"])] == [
        ("李娜", "09:00"), ("周敏", "09:00"), ("李娜", "09:15"), ("陈晨", "09:30"), ("周敏", "10:00"), ("陈晨", "12:00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "staff", "fault"),
    [
        (
            ["c1,王芳,赵强,soft,2026-11-23 09:00,"],
            STAFF,
            "赵强 has no `head` under `staff`, so nobody is told of 1 customers",
        ),
        (
            ["c1,王芳,,soft,2026-11-23 09:00,"],
            STAFF,
            "the column consultant is empty, so nobody is told of 1 customers",
        ),
    ],
)
def test_what_reaches_nobody_is_told_to_the_operator(project, rows, staff, fault):
    project.rows, project.staff = rows, staff
    result = project.run(f"{MONDAY}T09:30", "send", "--due", "--json")
    assert fault in [one["detail"] for one in json.loads(result.stdout)["problems"]]
    assert result.exit_code in (1, 2)


def changed(**levels):
    return {**COMPLAINT, "escalate": {**COMPLAINT["escalate"], **levels}}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (changed(levels=[{"after": "15m", "to": "group bosses"}]), "is of the group 'bosses'; there are: heads, sales"),
        (changed(levels=[{"after": "15m", "to": "group head"}]), "there are: heads"),
        (changed(levels=[{"after": "15m", "to": "boss of consultant"}]), "to: 'boss of consultant' is not a column"),
        (changed(levels=[{"after": "soon"}]), "after: 'soon' is not a distance such as 15m"),
        (changed(levels=[{"after": "1h"}, {"after": "1h"}]), "levels[1]: another level says the same"),
        (changed(levels=[{"after": "1h", "who": "kind ="}]), "who: "),
        (changed(levels=[{"aftr": "1h"}]), "did you mean after?"),
        (changed(levels=[]), "levels: name at least one"),
        (changed(until="fact answered"), "goes with `from: fact"),
        (changed(**{"from": "when ever"}), "from: 'when ever' is not a column, or 'fact KIND'"),
        (changed(**{"from": "complained_on"}), "from: 'complained_on' is not a column with a time, whose name ends in _at"),
        ({key: value for key, value in COMPLAINT.items() if key != "readers"}, "escalate: goes with `readers`"),
        ({**COMPLAINT, "readers": "group bosses"}, "readers: nobody under `staff` is of the group 'bosses'"),
        ({**COMPLAINT, "readers": "manager"}, "the roster has no column 'manager'"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named_with_its_place(project, said, fault):
    project.occasions = {
        "staff/complaint-deadline": said,
        "staff/other": {**COMPLAINT, "moment": "daily", "escalate": None},
    }
    result = project.run(f"{MONDAY}T09:00", "send", "--due", "--json")
    (problem,) = (one for one in json.loads(result.stdout)["problems"] if one["state"] == "stopped")
    assert fault in problem["detail"]
    assert re.search(r"occasion\.yaml:\d+:\d+: ", problem["detail"])
    assert json.loads(result.stdout)["counts"]["accepted"] >= 2


@pytest.mark.parametrize(
    ("heads", "fault"),
    [
        ({"李娜": "陈晨", "陈晨": "李娜"}, "goes round in a circle: 李娜 → 陈晨 → 李娜"),
        ({"李娜": "李娜"}, "goes round in a circle: 李娜 → 李娜"),
        ({"李娜": "陈辰"}, "there is no colleague '陈辰' under `staff`; there are: 李娜, 周敏, 陈晨, 王总"),
    ],
)
def test_a_circle_of_heads_is_named_with_its_place_and_the_others_go_on(project, heads, fault):
    project.staff = [{**one, "head": heads.get(one["name"], "")} for one in STAFF]
    assert fault in project.run(f"{MONDAY}T08:55", "doctor", "--offline").stdout
    result = project.run(f"{MONDAY}T09:00", "send", "--due", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["counts"]["accepted"] == 2
    assert any(
        re.match(rf"notigate\.yaml:\d+:\d+: staff\[\d\]\.head: {re.escape(fault)}", one["detail"])
        for one in told["problems"]
    )


def test_in_a_circle_of_heads_nobody_is_told_of_what_they_left_themselves_and_others_are(project):
    heads = {"李娜": "李娜", "周敏": "陈晨"}
    project.staff = [{**one, "head": heads.get(one["name"], "")} for one in STAFF]
    project.rows = ["c1,王芳,李娜,soft,2026-11-23 09:00,", "c2,吴刚,周敏,soft,2026-11-23 09:00,"]
    result = project.run(f"{MONDAY}T09:30", "send", "--due", "--json")
    told = json.loads(result.stdout)
    assert "the heads of 李娜 under `staff` go round in a circle, so nobody is told of 1 customers" in [
        one["detail"] for one in told["problems"]
    ]
    [to_head] = [
        file.read_text(encoding="utf-8")
        for file in (project.folder / "outbox").glob("*")
        if "level 2" in file.read_text(encoding="utf-8")
    ]
    assert "陈晨: 吴刚 level 2" in to_head


def test_a_circle_of_heads_is_nothing_to_who_asks_for_no_head(project):
    project.staff = [{**one, "head": one["name"]} for one in STAFF]
    project.occasions = {"staff/complaint-deadline": {**COMPLAINT, "escalate": None}}
    assert project.send(f"{MONDAY}T09:00") == [("周敏", "吴刚 level 0"), ("李娜", "王芳 level 0")]


def test_s06_a_group_is_told_about_no_customer(project):
    project.occasions = {
        "staff/daily-round": {
            "title": "Daily round", "class": "staff", "moment": "workdays", "at": "09:30-10:00", "readers": "group sales",
            "channels": ["wecom"],
        },
    }  # fmt: skip
    assert project.day("09:00 09:30 09:35 10:05") == {"09:30": [("周敏", "level 0"), ("李娜", "level 0")]}


def test_a_group_reads_about_customers(project):
    project.occasions["staff/complaint-deadline"] = {
        **COMPLAINT,
        "moment": "daily",
        "readers": "group heads",
        "escalate": None,
    }
    assert project.send(f"{MONDAY}T09:00") == [("王总", "王芳 吴刚 level 0"), ("陈晨", "王芳 吴刚 level 0")]


def test_s02_a_call_is_due_within_seven_days_of_signing_and_then_the_head_is_told(project):
    project.heading, project.rows = "id,name,consultant,signed_on,called_on", ["c1,王芳,李娜,2026-11-23,"]
    project.occasions = {
        "staff/signing-call": {
            "title": "Call", "class": "staff", "readers": "consultant", "channels": ["wecom"], "who": "not called",
            "moment": {"every": "2 days", "since": "signed_on", "times": 3, "until": "called"},
            "escalate": {"from": "signed_on", "until": "called", "levels": [{"after": "7d", "to": "head of consultant"}]},
        },
    }  # fmt: skip
    told = {day: project.send(f"2026-11-{day}T09:30") for day in range(24, 31)}
    assert {day: [name for name, _ in found] for day, found in told.items() if found} == {
        25: ["李娜"], 27: ["李娜"], 29: ["李娜"], 30: ["陈晨"],
    }  # fmt: skip
    project.rows = ["c2,吴刚,周敏,2026-11-23,2026-11-24"]
    assert project.send("2026-11-30T09:30") == []


def test_s04_callers_are_looked_after_the_same_day_within_three_and_then_weekly_until_the_visit(project):
    project.heading, project.rows = "id,name,consultant,vip,called_on,visited_on", ["c1,王芳,李娜,,2026-11-01,"]
    project.occasions = {
        "staff/callers": {
            "title": "Callers", "class": "staff", "readers": "consultant", "channels": ["wecom"], "who": "not visited",
            "moment": [
                {"day_of": "called_on"}, {"days_after": "called_on 3"},
                {"every": "1 week", "since": "called_on", "who": "not vip"}, {"every": "3 days", "since": "called_on", "who": "vip"},
            ],
        },
    }  # fmt: skip
    told = [day for day in range(1, 31) if project.send(f"2026-11-{day:02}T10:00")]
    assert told == [1, 4, 8, 15, 22, 29]


def test_s07_records_are_due_the_next_day_and_papers_within_three(project):
    project.heading, project.rows = "id,name,consultant,closed_on,reported_on", ["c1,王芳,李娜,2026-11-20,"]
    project.occasions = {
        "staff/records-due": {
            "title": "Records", "class": "staff", "readers": "consultant", "channels": ["wecom"], "who": "not reported",
            "moment": {"days_after": "closed_on 1"},
            "escalate": {
                "from": "closed_on", "until": "reported",
                "levels": [{"after": "3d"}, {"after": "4 workdays", "to": "head of consultant"}],
            },
        },
    }  # fmt: skip
    told = {day: project.send(f"2026-11-{day}T10:00") for day in range(20, 27)}
    assert {day: found for day, found in told.items() if found} == {
        21: [("李娜", "王芳 level 0")], 23: [("李娜", "王芳 level 1")], 24: [("陈晨", "王芳 level 2")],
    }  # fmt: skip


def test_s05_a_complaint_that_another_system_tells_goes_up_until_its_answer_is_told(project):
    project.heading, project.rows = "id,name,consultant", ["c1,王芳,李娜", "c2,吴刚,周敏"]
    project.occasions["staff/complaint-deadline"] = {
        "title": "Complaint", "class": "staff", "moment": {"on_fact": "complaint"}, "readers": "consultant", "channels": ["wecom"],
        "escalate": {
            "from": "fact complaint", "until": "fact answer",
            "levels": [{"after": "15m"}, {"after": "30m", "to": "head of consultant"}, {"after": "1 workday", "to": "group heads"}],
        },
    }  # fmt: skip
    for key, person in (("k1", "c1"), ("k2", "c2")):
        project.run(f"{MONDAY}T08:58", "fact", "add", "complaint", "--person", person, "--key", key)
    told = project.day("09:00 09:15")
    project.run(f"{MONDAY}T09:20", "fact", "add", "answer", "--person", "c2", "--key", "k2")
    assert told | project.day("09:30 12:00") == {
        "09:00": [("周敏", "吴刚 level 0"), ("李娜", "王芳 level 0")],
        "09:15": [("周敏", "吴刚 level 1"), ("李娜", "王芳 level 1")],
        "09:30": [("陈晨", "王芳 level 2")],
    }
    assert project.send("2026-11-24T09:00") == [("王总", "王芳 level 3"), ("陈晨", "王芳 level 3")]


@pytest.mark.parametrize(
    ("text", "readers"),
    [
        ("consultant", Readers(column="consultant")),
        ("group 客服 中心", Readers(group="客服 中心")),
        ("head of consultant", Readers(column="consultant", head=1)),
        ("head 3 of 顾问", Readers(column="顾问", head=3)),
    ],
)
def test_readers_are_read(text, readers):
    assert read("readers", text) == readers


@pytest.mark.parametrize("text", ["", "two words", "head of", "head 0 of consultant", "a-b"])
def test_readers_that_cannot_be_read_are_refused(text):
    with pytest.raises(MomentError):
        read("readers", text)
