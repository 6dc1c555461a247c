"""`notigate plan` over any span, and the guard against runs that are far larger than usual."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from notigate.cli import cli, tables

TODAY = "2026-09-21"
NOW = f"{TODAY}T08:00"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  sms: {plugin: outbox, price: 0.045}
policy: {windows: ["10:00-11:30"], per_person: {day: 1, week: 2}}
occasions:
  service/birthday: {at: "10:00-10:30"}
  holiday/mid-autumn: {}
  purchase/subscription-thanks: {moment: daily, at: "15:00-16:00", who: vip}
"""
COLUMNS = ("id", "name", "title", "phone", "birthday", "subscribed_on", "vip")
#: two with a birthday in that week, one who gets something every day
PEOPLE = [
    ["c1", "王芳", "女士", "13800138001", "1990-09-22", "2020-03-01", ""],
    ["c2", "李雷", "先生", "13800138002", "1991-09-26", "2020-03-01", ""],
    ["c3", "张伟", "先生", "13800138003", "1992-03-01", "2020-03-01", "是"],
    ["c4", "赵六", "先生", "", "1993-09-22", "2020-03-01", ""],
]


class Project:
    """A project folder and the real command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(SETTINGS)
        self.roster(PEOPLE)

    def write(self, settings: str) -> None:
        (self.folder / "notigate.yaml").write_text(settings, encoding="utf-8")

    def roster(self, people: list[list[str]]) -> None:
        with (self.folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *people])

    def run(self, *arguments: str, now: str = NOW) -> Result:
        result = CliRunner().invoke(cli, ["-C", str(self.folder), "--now", now, *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def plan(self, *options: str, now: str = NOW) -> list[dict]:
        return [json.loads(line) for line in self.run("plan", "--json", *options, now=now).stdout.splitlines()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def days(planned: list[dict]) -> list[str]:
    return sorted({item["date"] for item in planned})


@pytest.mark.parametrize(
    ("span", "first", "last", "told"),
    [
        (["--days", "2"], "2026-09-21", "2026-09-22", 2), (["--on", "2026-09-25"], "2026-09-25", "2026-09-25", 1),
        (["--from", "2026-09-24", "--to", "2026-09-26"], "2026-09-24", "2026-09-26", 3),
        (["--from", "2026-09-24", "--days", "2"], "2026-09-24", "2026-09-25", 2),
        (["--to", "2026-09-23"], "2026-09-21", "2026-09-23", 3), ([], "2026-09-21", "2026-10-20", 30),
    ],
)  # fmt: skip
def test_a_span_is_named_as_people_name_it(project, span, first, last, told):
    assert (days(project.plan(*span))[0], days(project.plan(*span))[-1]) == (first, last)
    assert f"days {told}: " in project.run("plan", *span).stderr


@pytest.mark.parametrize(
    "span",
    [["--on", "2026-09-25", "--days", "2"], ["--days", "2", "--to", "2026-09-25"], ["--to", "2026-09-20"],
     ["--from", "2026-09-25", "--to", "2028-09-25"], ["--days", "401"], ["--on", "Friday"]],
)  # fmt: skip
def test_a_span_that_cannot_be_meant_is_told(project, span):
    assert project.run("plan", *span).exit_code == 2


def test_the_caps_count_what_the_plan_itself_sends_on_earlier_days(project):
    """Two a week: c3, who would get something every day, gets it on Monday and Tuesday, and on the next Monday again."""
    planned = {item["date"][-2:]: item["rule"] for item in project.plan("--days", "8", "--person", "c3") if
               item["occasion"].startswith("purchase")}  # fmt: skip
    assert planned == {
        "21": "window", "22": "window", "23": "cap-week", "24": "cap-week", "25": "cap-week", "26": "cap-week",
        "27": "cap-week", "28": "window",
    }  # fmt: skip


def test_a_plan_of_many_days_sends_what_sending_day_by_day_would(project):
    project.write(SETTINGS.replace("holiday/mid-autumn: {}", "holiday/mid-autumn: {approval: none}"))
    planned = [(i["date"], i["occasion"], i["person"]) for i in project.plan("--days", "7") if i["verdict"] != "drop"]
    for day in range(21, 28):
        for hour in ("10:05", "15:05"):
            project.run("send", "--due", now=f"2026-09-{day}T{hour}")
    log = [json.loads(line) for line in project.run("log", "--json").stdout.splitlines()]
    sent = [(i["planned_at"][:10], i["occasion"], i["person"]) for i in log if i["state"] == "accepted"]
    assert sorted(planned) == sorted(sent) != []


def test_each_message_tells_its_hour_and_what_holds_it(project):
    found = {(i["date"], i["occasion"], i["person"]): i for i in project.plan("--days", "7")}
    birthday = found["2026-09-22", "service/birthday", "c1"]
    assert (birthday["at"], birthday["verdict"], birthday["until"]) == ("10:00", "hold", "2026-09-22T10:00+08:00")
    greeting = found["2026-09-25", "holiday/mid-autumn", "c1"]
    assert (greeting["at"], greeting["verdict"], greeting["rule"], greeting["until"]) == (
        "10:00",
        "hold",
        "approval",
        None,
    )
    lost = found["2026-09-22", "service/birthday", "c4"]
    assert (lost["at"], lost["verdict"], lost["rule"]) == (None, "drop", "unreachable")


def test_what_is_drafted_already_is_in_the_plan_and_once(project):
    before = Counter(i["person"] for i in project.plan("--on", "2026-09-25", now="2026-09-24T08:00"))
    project.run("send", "--due", now="2026-09-24T08:00")
    drafted = project.plan("--on", "2026-09-25", now="2026-09-24T08:05")
    assert Counter(i["person"] for i in drafted) == before
    assert {i["rule"] for i in drafted if i["occasion"] == "holiday/mid-autumn" and i["verdict"] == "hold"} == {
        "approval"
    }
    project.run("approve", "holiday/mid-autumn", now="2026-09-24T09:00")
    approved = [i for i in project.plan("--on", "2026-09-25", now="2026-09-24T09:05") if i["person"] == "c1"]
    assert [(i["rule"], i["at"], i["until"]) for i in approved] == [("window", "10:00", "2026-09-25T10:00+08:00")]


def test_one_person_is_shown_alone_be_it_one_of_our_own(project):
    assert {i["person"] for i in project.plan("--days", "10", "--person", "c2")} == {"c2"}
    assert project.plan("--days", "10", "--person", "nobody") == []
    gifts = "  staff/birthday-gifts: {moment: {monthly: 22}}\nstaff: [{name: 李娜, email: lina@example.com}]\n"
    project.write(SETTINGS + gifts)
    project.roster([[*row, "李娜"] for row in PEOPLE])
    with (project.folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*COLUMNS, "consultant"], *([*row, "李娜"] for row in PEOPLE)])
    assert [i["occasion"] for i in project.plan("--days", "10", "--person", "李娜")] == ["staff/birthday-gifts"]


# Files


def test_a_csv_holds_a_line_for_each_message_with_its_cost(project):
    project.run("plan", "--days", "7", "-o", str(project.folder / "plan.csv"))
    text = (project.folder / "plan.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(project.plan("--days", "7"))
    assert {(row["verdict"], row["cost"], row["currency"]) for row in rows} == {
        ("hold", "0.045", "CNY"), ("drop", "", ""),
    }  # fmt: skip


def test_a_cell_is_no_formula(project):
    project.roster([["@c1", *row[1:]] for row in PEOPLE[:1]])
    project.run("plan", "--days", "7", "-o", str(project.folder / "plan.csv"))
    assert "'@c1" in (project.folder / "plan.csv").read_text("utf-8-sig")


def test_a_json_file_is_one_document_with_its_sums(project):
    project.run("plan", "--days", "7", "-o", str(project.folder / "plan.json"))
    told = json.loads((project.folder / "plan.json").read_text("utf-8"))
    lines = project.plan("--days", "7")
    assert (told["from"], told["to"], len(told["lines"])) == ("2026-09-21", "2026-09-27", len(lines))
    going = [line for line in lines if line["verdict"] != "drop"]
    assert told["total"] == {
        "messages": len(going), "not_sent": len(lines) - len(going), "segments": sum(line["segments"] for line in going),
        "cost": {"CNY": f"{0.045 * len(going):.3f}"},
    }  # fmt: skip


def entries(text: str) -> list[dict[str, str]]:
    """The entries of a calendar, as a reader of RFC 5545 unfolds them."""
    lines = text.replace("\r\n ", "").split("\r\n")
    found: list[dict[str, str]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and ":" in line:
            name, _, value = line.partition(":")
            found[-1].setdefault(name, value)
    return found


def test_a_calendar_has_an_entry_for_all_who_get_the_same(project):
    file = project.folder / "plan.ics"
    project.write(SETTINGS.replace("mid-autumn: {}", f"mid-autumn: {{title: {'中秋' * 30}}}"))
    project.run("plan", "--days", "7", "-o", str(file))
    raw = file.read_bytes()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    found = {(entry["DTSTART"], entry["CATEGORIES"]): entry for entry in entries(raw.decode())}
    greeting = found["20260925T020000Z", "holiday/mid-autumn"]
    assert greeting["SUMMARY"].endswith(": 2")
    assert greeting["DESCRIPTION"] == "sms: waits for approval\\n2 SMS parts\\n0.09 CNY"
    assert not any("c1" in entry["SUMMARY"] + entry["DESCRIPTION"] for entry in found.values())
    project.run("plan", "--days", "7", "-o", str(file), now=f"{TODAY}T09:00")
    again = {entry["UID"] for entry in entries(file.read_bytes().decode())}
    assert again == {entry["UID"] for entry in found.values()}


def test_what_is_no_kind_of_file_is_told_before_anything_is_planned(project):
    result = project.run("plan", "-o", str(project.folder / "plan.docx"))
    assert (result.exit_code, ".csv, .ics, .json" in result.stderr) == (2, True)


def test_a_file_that_cannot_be_written_leaves_what_stood_there(project):
    result = project.run("plan", "-o", str(project.folder / "nowhere" / "plan.csv"))
    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)
    assert list(project.folder.glob(".plan*")) == []


def test_the_table_ends_with_what_each_occasion_comes_to(project, monkeypatch):
    monkeypatch.setattr(tables, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    shown = project.run("plan", "--days", "7").stdout.splitlines()
    total = shown[-1].split()
    assert (total[0], total[1], total[-2:]) == ("total", "4", ["0.27", "CNY"])
    assert any(line.split()[:3] == ["holiday/mid-autumn", "1", "2"] for line in shown[-5:])


# The guard


CROWD = [[f"n{i}", "王芳", "女士", f"139{i:08}", "1990-09-23", "2020-03-01", ""] for i in range(300)]


@pytest.fixture
def used(project: Project) -> Project:
    """Two birthdays were sent; then somebody fills the column of birthdays with one day."""
    assert project.run("send", "--due", now="2026-09-22T10:05").exit_code == 0
    project.roster(PEOPLE + CROWD)
    return project


def test_a_run_that_is_far_larger_than_usual_stops_and_says_how_it_can_go(used):
    stopped = used.run("send", "--due", now="2026-09-23T10:05")
    assert stopped.exit_code == 3
    assert "service/birthday would go out 300 times, and was sent 1 times at most" in stopped.stderr
    assert "--max 301" in stopped.stderr
    states = [json.loads(line)["person"] for line in used.run("log", "--json").stdout.splitlines()]
    assert not any(person.startswith("n") for person in states)
    assert used.run("send", "--due", "--max", "301", now="2026-09-23T10:10").exit_code == 0


@pytest.mark.parametrize("guard", ["0", "500"])
def test_the_guard_is_set_by_the_policy(used, guard):
    used.write(SETTINGS.replace("policy: {", f"policy: {{guard: {guard}, "))
    assert used.run("send", "--due", now="2026-09-23T10:05").exit_code == 0


def test_a_first_campaign_is_nobodys_surprise(project):
    project.roster(CROWD)
    assert project.run("send", "--due", now="2026-09-23T10:05").exit_code == 0


def test_up_to_a_hundred_are_never_too_many(used):
    used.roster(PEOPLE + CROWD[:100])
    assert used.run("send", "--due", now="2026-09-23T10:05").exit_code == 0


def test_what_a_person_lets_go_is_not_guarded(used):
    used.write(
        SETTINGS.replace('birthday: {at: "10:00-10:30"}', 'birthday: {at: "10:00-10:30", approval: workday-before}')
    )
    assert used.run("send", "--due", now="2026-09-22T11:00").exit_code == 0
    assert used.run("approve", "service/birthday@2026-09-23", now="2026-09-22T12:00").exit_code == 0
    assert used.run("send", "--due", now="2026-09-23T10:05").exit_code == 0


def test_what_is_drafted_too_late_waits_and_is_not_guarded(used):
    used.write(
        SETTINGS.replace('birthday: {at: "10:00-10:30"}', 'birthday: {at: "10:00-10:30", approval: workday-before}')
    )
    late = json.loads(used.run("send", "--due", "--json", now="2026-09-23T10:05").stdout)
    assert late["counts"]["held"] > 300


def test_a_rehearsal_is_guarded_too(used):
    assert used.run("send", "--due", "--dry-run", now="2026-09-23T10:05").exit_code == 3


def test_a_large_run_is_told_each_bad_row_once(used):
    used.write(SETTINGS.replace("policy: {", "policy: {guard: 500, "))
    used.roster([*PEOPLE, *CROWD, ["bad", "王五", "", "139", "1990-09-23", "2020-03-01", ""]])
    told = json.loads(used.run("send", "--due", "--json", now="2026-09-23T10:05").stdout)
    assert len([p for p in told["problems"] if p["reason"] == "row"]) <= 1


def test_a_large_plan_that_is_counted_goes_whole(used):
    used.write(SETTINGS.replace("policy: {", "policy: {guard: 5000, "))
    used.roster(PEOPLE + [[f"m{i}", *row[1:3], f"137{i:08}", *row[4:]] for i in range(2400) for row in CROWD[:1]])
    gone = json.loads(used.run("send", "--due", "--json", now="2026-09-23T10:05").stdout)
    assert gone["counts"]["accepted"] == 2401
    again = json.loads(used.run("send", "--due", "--json", "--max", "0", now="2026-09-23T10:06").stdout)
    assert again["counts"] == {}


def test_a_lunar_day_in_the_column_of_birthdays_is_a_birthday(project):
    project.roster([["c1", "王芳", "女士", "13800138001", "农历八月十三", "2020-03-01", ""]])  # 2026-09-23
    assert [
        item["person"] for item in project.plan("--on", "2026-09-23") if item["occasion"] == "service/birthday"
    ] == ["c1"]
    assert project.run("send", "--due", now="2026-09-23T10:05").exit_code == 0
    assert '"state": "accepted"' in project.run("log", "--person", "c1", "--json").stdout
