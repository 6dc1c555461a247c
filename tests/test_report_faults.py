"""What can go wrong with a report is told in words, and costs neither the file that stood there nor the first print."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from notigate.cli import cli, tables
from notigate.cli.pages import width

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
policy: {windows: ["00:00-24:00"]}
occasions: {service/birthday: {at: "00:00-24:00"}}
"""
ROSTER = """\
id,name,title,phone,birthday,subscribed_on,project,building
c1,王芳,女士,13800138000,1990-11-18,2020-11-01,@SUM(A1),-1+1
c2,李雷,先生,13800138001,1991-11-18,2020-11-01,青年城,3
"""
ENDINGS = [".csv", ".xlsx", ".html", ".svg", ".png"]


@pytest.fixture
def run(tmp_path: Path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str, now: str = "2026-11-23T10:05"):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, *arguments])

    assert invoke("send", "--due", now="2026-11-18T10:05").exit_code == 0
    return invoke


@pytest.mark.parametrize(("kind", "wrong"), [("week", "2026-W54"), ("week", "2025-W53"), ("month", "2026-13")])
def test_a_span_that_does_not_exist_is_told(run, tmp_path, kind, wrong):
    done = run("report", kind, "--of", wrong, "-o", str(tmp_path / "report.csv"))
    assert (done.exit_code, f"there is no {kind} '{wrong}'; write it like 2026-" in done.stderr) == (2, True)
    assert not (tmp_path / "report.csv").exists()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_span_without_messages_is_a_report_all_the_same(run, tmp_path, ending):
    file = tmp_path / f"report{ending}"
    assert run("report", "week", "--of", "2020-W10", "-o", str(file)).exit_code == 0
    assert file.stat().st_size > 0


def test_a_span_without_messages_counts_nothing(run):
    told = json.loads(run("report", "week", "--of", "2020-W10", "--json").stdout)
    assert (told["rows"], told["total"]["planned"]) == ([], 0)


def test_a_project_that_the_ledger_does_not_know_is_told_with_those_it_does(run):
    done = run("report", "week", "--of", "2026-W47", "--project", "天府城")
    assert done.exit_code == 0
    assert done.stderr == "There is nothing of 天府城 in 2026-W47; the ledger has: @SUM(A1), 青年城\n"


@pytest.mark.usefixtures("run")
def test_the_ledger_of_another_project_is_not_reported(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    assert CliRunner().invoke(cli, ["-C", str(other), "report", "week"]).exit_code == 0
    (other / "notigate.db").write_bytes((tmp_path / "notigate.db").read_bytes())
    done = CliRunner().invoke(cli, ["-C", str(other), "report", "week"])
    assert (done.exit_code, "is another one than notigate.db.stamp names" in done.stderr) == (5, True)


def test_a_report_that_cannot_be_written_is_no_first_print(run):
    done = run("report", "week", "--of", "2026-W47", "-o", "/nowhere/week.csv")
    assert (done.exit_code, "/nowhere/week.csv cannot be written: No such" in done.stderr) == (2, True)
    one = ("send", "service/birthday", "--to", "13900139000", "-p", "name=李雷")
    assert run(*one, now="2026-11-22T10:05").exit_code == 0
    assert run("report", "week", "--of", "2026-W47").stderr == ""


def test_a_span_without_messages_is_told(run):
    told = run("report", "week", "--of", "2020-W10")
    assert (told.exit_code, told.stderr) == (0, "There are no messages in 2020-W10.\n")


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_disk_that_is_full_leaves_what_stood_there(tmp_path, ending):
    file = tmp_path / f"week{ending}"
    file.write_text("of last week", encoding="utf-8")
    limited = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from notigate.edges import files; from notigate.cli import main; whole = files.write;"
        "limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        "files.write = lambda *given: (limit(), whole(*given)); main()"
    )
    command = [
        sys.executable,
        "-c",
        limited,
        "-C",
        str(tmp_path),
        "report",
        "week",
        "--of",
        "2026-W47",
        "-o",
        str(file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "cannot be written: File too large" in done.stderr) == (2, True), done.stderr
    assert file.read_text(encoding="utf-8") == "of last week"
    assert [one.name for one in tmp_path.iterdir() if "week" in one.name] == [file.name]


def test_a_name_that_begins_like_a_formula_is_text_in_every_file(run, tmp_path):
    files = [tmp_path / f"week{ending}" for ending in ENDINGS]
    outputs = [part for file in files for part in ("-o", str(file))]
    assert run("report", "week", "--of", "2026-W47", "--by-building", *outputs).exit_code == 0
    table = files[0].read_text(encoding="utf-8")
    assert ("'@SUM(A1)" in table, "'-1+1" in table) == (True, True)
    sheet = openpyxl.load_workbook(io.BytesIO(files[1].read_bytes())).worksheets[0]
    types = {cell.value: cell.data_type for row in sheet.rows for cell in row}
    assert (types["@SUM(A1)"], types["-1+1"]) == ("s", "s")
    assert "@SUM(A1)" in files[2].read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [40, 100, 200])
def test_a_terminal_that_is_too_narrow_for_a_column_tells_its_total_below(run, monkeypatch, columns):
    monkeypatch.setattr(tables, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    told = run("report", "week", "--of", "2026-W47").stdout
    assert max(map(width, told.splitlines())) <= columns
    below = told.split("\n\n")[-1]
    assert ("SMS parts: 2" in below, "SMS parts: 2" in told) == (columns == 40, columns == 40)
