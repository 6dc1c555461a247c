"""A project with every fault that an occasion can have: each is named with file, line and column, and the others go on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli

HEAD = "title: t\nclass: service\nchannels: [sms]\n"
STAFF = "title: t\nclass: staff\nchannels: [wecom]\nreaders: consultant\nmoment: daily\n"
#: name → (its file, the fault that is told)
BROKEN = {
    "impossible-date": (HEAD + 'moment: {date: "02-30"}\n', r":4:9: moment: date: '02-30' is not a date"),
    "impossible-day": (HEAD + "moment: {date: 2026-13-01}\n", r":4:9: moment: date: "),
    "lunar-31st": (HEAD + 'moment: {lunar: "8-31"}\n', r":4:9: moment: lunar: "),
    "lunar-13th-month": (HEAD + 'moment: {lunar: "13-1"}\n', r":4:9: moment: lunar: "),
    "window-backwards": (HEAD + 'moment: daily\nat: "11:00-10:00"\n', r":5:5: at: "),
    "window-never-opens": (HEAD.replace("service", "marketing") + 'moment: daily\nat: "22:30-23:30"\n', r":5:5: at: never opens"),
    "missing-column": (HEAD + "moment: {day_of: nowhere_on}\n", r":4:\d+: the roster has no column 'nowhere_on'"),
    "missing-in-who": (HEAD + "moment: daily\nwho: nowhere\n", r":5:6: the roster has no column 'nowhere'"),
    "missing-first": (HEAD + "moment: daily\nwho: signed and not handed_over\n", r":5:6: the roster has no column 'signed_on'"),
    "missing-in-rule": (HEAD + "moment: [{weekly: saturday, who: nowhere}]\n", r":4:\d+: the roster has no column 'nowhere'"),
    "missing-until": (HEAD + "moment: {day_of: since_on, until: nowhere}\n", r":4:\d+: the roster has no column 'nowhere'"),
    "same-level-twice": (
        STAFF + "escalate: {from: since_on, until: done, levels: [{after: 1d}, {after: 1d}]}\n",
        r":6:\d+: escalate\.levels\[1\]: another level says the same",
    ),
    "escalation-without-end": (
        STAFF + "escalate: {from: since_on, until: fact answer, levels: [{after: 1d}]}\n", r":6:\d+: escalate",
    ),
    "same-rule-twice": (HEAD + "moment: [{day_of: since_on}, {day_of: since_on}]\n", r":4:\d+: moment: two of its rules are the same"),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, (text, _) in {**BROKEN, "well": (HEAD + "moment: daily\n", "")}.items():
        home = tmp_path / "templates" / "care" / name
        home.mkdir(parents=True)
        (home / "occasion.yaml").write_text(text, encoding="utf-8")
        (home / ("zh_Hans.wecom.md" if "staff" in text else "zh_Hans.sms.txt")).write_text("您好。", encoding="utf-8")
    occasions = ", ".join(f"care/{name}: {{}}" for name in [*BROKEN, "well"])
    (tmp_path / "notigate.yaml").write_text(
        "project: {name: 青年城, hotline: 400-600-0000}\nroster: {file: customers.csv}\nchannels: {trial: {plugin: outbox}}\n"
        f"staff: [{{name: 李娜, wecom: lina}}]\noccasions: {{{occasions}}}\n",
        encoding="utf-8",
    )
    rows = "id,name,phone,consultant,since_on,done,lunar_birthday\n"
    rows += "c1,王芳,13800138000,李娜,2026-11-01,,\nc2,李雷,13800138001,李娜,2026-02-30,,\nc3,赵敏,13800138002,李娜,,,二月三十一\n"
    (tmp_path / "customers.csv").write_text(rows, encoding="utf-8")
    return tmp_path


def send(project: Path, code: int = 1) -> dict:
    told = CliRunner().invoke(cli, ["-C", str(project), "--now", "2026-11-21T10:05", "send", "--due", "--json"])
    assert told.exit_code == code, told.output
    return json.loads(told.stdout)


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_of_an_occasion_is_named_with_file_line_and_column(project: Path, name: str):
    told = [
        one["detail"]
        for one in send(project)["problems"]
        if f"care/{name}" in one["detail"] or one["occasion"] == f"care/{name}"
    ]
    assert any(re.search(rf"care/{name}/occasion\.yaml{BROKEN[name][1]}", one) for one in told), told


def test_the_other_occasions_and_the_good_rows_go_on(project: Path):
    told = send(project)
    assert told["counts"]["accepted"] >= 1
    invalid = {one["person"]: one["detail"].partition(":")[0] for one in told["problems"] if one["state"] == "invalid"}
    assert invalid == {"row 3": "since_on", "row 4": "lunar_birthday"}


def test_a_column_that_only_a_text_asks_for_is_named_with_file_and_line(project: Path):
    home = project / "templates" / "care" / "well"
    (home / "occasion.yaml").write_text(HEAD + "moment: daily\nparams: {day: nowhere_on | date}\n", encoding="utf-8")
    (home / "zh_Hans.sms.txt").write_text("您好：{{ day }}。", encoding="utf-8")
    told = [one["detail"] for one in send(project, code=2)["problems"] if one["occasion"] == "care/well"]
    assert told[0].startswith(
        "templates/care/well/occasion.yaml:5: the text asks for 'nowhere_on', and the roster has no"
    )


def test_an_occasion_that_is_named_twice_stops_itself_alone(project: Path):
    file = project / "notigate.yaml"
    lines = ["occasions:", "  care/well: {}", "  service/news: {at: '10:00-12:00'}", "  service/news: {}", ""]
    file.write_text(file.read_text(encoding="utf-8").partition("occasions:")[0] + "\n".join(lines), encoding="utf-8")
    told = send(project)
    assert told["counts"]["accepted"] == 1
    assert "notigate.yaml:8:3: occasions.service/news: this key stands here already, at line 7" in [
        one["detail"] for one in told["problems"]
    ]


def test_an_occasion_that_two_plugins_bring_is_told_at_the_line_that_names_it(project: Path):
    for plugin in ("one", "two"):
        home = project / plugin / "care" / "theirs"
        home.mkdir(parents=True)
        (home / "occasion.yaml").write_text(HEAD + "moment: daily\n", encoding="utf-8")
        (project / f"{plugin}.py").write_text(
            "from pathlib import Path\n\nfrom notigate.plugin import hookimpl\n\n\n@hookimpl\n"
            f"def notigate_template_folders():\n    return [Path(__file__).parent / {plugin!r}]\n",
            encoding="utf-8",
        )
    file = project / "notigate.yaml"
    lines = ["plugins: [one.py, two.py]", "occasions:", "  care/well: {}", "  care/theirs: {}", ""]
    file.write_text(file.read_text(encoding="utf-8").partition("occasions:")[0] + "\n".join(lines), encoding="utf-8")
    told = send(project)
    assert told["counts"]["accepted"] == 1
    [fault] = [one["detail"] for one in told["problems"] if one["state"] == "stopped"]
    assert fault.startswith("notigate.yaml:8:3: occasions.care/theirs: there are two occasions care/theirs: in ")
