"""An export for auditors holds everything of its days, adds up with the report, and shows nobody who is not meant to be seen."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
import tracemalloc
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.export import export, writers
from notigate.ledger import open_ledger, plan, runs
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft
from notigate.model import Category, Content

NOON = "2026-11-22T12:00"
SPAN = ("--since", "2026-11-22", "--until", "2026-11-22")
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
policy: {windows: ["00:00-24:00"], per_person: {day: 2}}
occasions:
  service/birthday: {at: "00:00-24:00"}
  purchase/subscription-thanks: {at: "00:00-24:00", moment: {days_after: subscribed_on 2}, approval: workday-before}
"""
ROSTER = """\
id,name,title,phone,birthday,subscribed_on,opted_out,building
c1,王芳,女士,13800138000,1990-11-22,2020-11-01,,1
c2,李雷,先生,+85261234567,1991-11-22,2020-11-01,,-1+B
c3,韩梅梅,女士,13800138002,1992-11-22,2020-11-01,是,1
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", NOON, *arguments])

    assert invoke("send", "--due").exit_code == 0
    return invoke


def lines(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_delivery_of_the_days_is_in_it_with_its_changes_and_requests(run, tmp_path):
    run("export", *SPAN, "-o", str(tmp_path / "day.jsonl"))
    found = lines(tmp_path / "day.jsonl")
    assert [(one["record"], one["person"], one["state"]) for one in found] == [
        ("delivery", "c1", "accepted"), ("delivery", "c2", "accepted"), ("delivery", "c3", "suppressed"),
    ]  # fmt: skip
    assert [event["state"] for event in found[0]["events"]] == ["queued", "claimed", "sending", "accepted"]
    assert [tried["status"] for tried in found[0]["tries"]] == ["accepted"]
    assert found[2]["reason"] == "opted-out"


def test_a_rehearsed_export_counts_and_leaves_nothing(run, tmp_path):
    before = sorted(tmp_path.iterdir())
    done = run("export", *SPAN, "-o", str(tmp_path / "day.xlsx"), "--dry-run")
    assert (done.exit_code, "deliveries 3" in done.stderr) == (0, True)
    assert sorted(tmp_path.iterdir()) == before
    assert "export" not in run("accesses", "--json").stdout


def test_days_outside_of_the_span_are_not_in_it(run, tmp_path):
    done = run("export", "--since", "2026-11-23", "--until", "2026-11-30", "-o", str(tmp_path / "week.csv"))
    assert (done.exit_code, len((tmp_path / "week.csv").read_text().splitlines())) == (0, 1)


def test_what_was_decided_is_in_it_with_who_said_so(run, tmp_path):
    run("send", "service/birthday", "--to", "13800138009", "--key", "k")
    batch = CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", "2026-11-02T09:00", "send", "--due"])
    assert batch.exit_code in (0, 3)
    (tmp_path / "customers.csv").write_text(ROSTER + "c9,张伟,先生,13800138003,,2026-11-23,,1\n", encoding="utf-8")
    CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", "2026-11-24T09:00", "send", "--due"])
    refused = run("refuse", "purchase/subscription-thanks", "--by", "Zhou Min", "--because", "ask 13800138000 first")
    assert refused.exit_code == 0, refused.output
    run("export", "--since", "2026-11-01", "--until", "2026-12-30", "-o", str(tmp_path / "month.jsonl"))
    said = [one for one in lines(tmp_path / "month.jsonl") if one["record"] == "decision"]
    assert [(one["word"], one["who"]) for one in said][-1] == ("refused", "Zhou Min")
    assert said[-1]["because"] == "ask 138****8000 first"
    of_batch = [one for one in lines(tmp_path / "month.jsonl") if one.get("person") == "c9"]
    assert [one["batch"] for one in of_batch] == [said[-1]["batch"]]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_nobody_can_be_reached_by_what_is_in_it_unless_it_was_asked_for_with_a_reason(run, tmp_path, suffix):
    masked, full = tmp_path / f"masked.{suffix}", tmp_path / f"full.{suffix}"
    assert run("export", *SPAN, "-o", str(masked)).exit_code == 0
    refused = run("export", *SPAN, "-o", str(full), "--show-pii")
    assert (refused.exit_code, full.exists()) == (2, False)
    assert "--because" in refused.stderr
    assert run("export", *SPAN, "-o", str(full), "--show-pii", "--because", "complaint 4711").exit_code == 0
    assert ("13800138000" in everything(masked), "王女士" in everything(masked)) == (False, False)
    assert ("13800138000" in everything(full), "王女士" in everything(full)) == (True, True)


def everything(file):
    if file.suffix != ".xlsx":
        return file.read_text(encoding="utf-8")
    return repr([[list(row) for row in sheet.values] for sheet in openpyxl.load_workbook(file)])


def test_who_took_it_out_and_why_is_recorded_with_the_digest_of_the_file(run, tmp_path):
    file = tmp_path / "day.csv"
    told = json.loads(run("export", *SPAN, "-o", str(file), "--show-pii", "--because", "court order", "--json").stdout)
    assert told == {
        "file": str(file), "from": "2026-11-22", "to": "2026-11-22", "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "masked": False, "deliveries": 3, "events": 9, "tries": 2, "decisions": 0,
    }  # fmt: skip
    [access] = [json.loads(line) for line in run("accesses", "--json").stdout.splitlines()]
    assert access["act"] == f"export 2026-11-22..2026-11-22 --show-pii sha256:{told['sha256']} because: court order"
    assert access["people"] == 3


def test_an_auditor_can_check_by_the_printed_line_that_the_file_is_unchanged(run, tmp_path):
    line = run("-q", "export", *SPAN, "-o", str(tmp_path / "day.csv")).stdout
    check = ["sha256sum", "--check", "--strict", "-"]
    assert subprocess.run(check, input=line.encode(), capture_output=True, check=False).returncode == 0
    with (tmp_path / "day.csv").open("ab") as file:
        file.write(b"\n")
    assert subprocess.run(check, input=line.encode(), capture_output=True, check=False).returncode == 1


def test_no_cell_is_ever_taken_for_a_formula(run, tmp_path):
    for suffix in ("csv", "xlsx"):
        run("export", *SPAN, "-o", str(tmp_path / f"day.{suffix}"), "--show-pii", "--because", "test")
    with (tmp_path / "day.csv").open(encoding="utf-8-sig", newline="") as file:
        buildings = [row["building"] for row in csv.DictReader(file) if row["record"] == "delivery"]
    assert buildings == ["1", "'-1+B", "1"]
    cells = openpyxl.load_workbook(tmp_path / "day.xlsx")["deliveries"]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n", "inlineStr"}


def test_every_kind_of_file_holds_the_same(run, tmp_path):
    for suffix in ("csv", "jsonl", "xlsx"):
        run("export", *SPAN, "-o", str(tmp_path / f"day.{suffix}"))
    book = openpyxl.load_workbook(tmp_path / "day.xlsx")
    with (tmp_path / "day.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, one in enumerate(lines(tmp_path / "day.jsonl")):
        deliveries = [row for row in rows if row["record"] == "delivery"]
        names = [name for name in one if name not in ("record", "events", "tries")]
        assert [deliveries[number][name].removeprefix("'") for name in names] == [
            "" if one[name] is None else str(one[name]) for name in names
        ]
        sheet = list(book["deliveries"].values)
        assert sheet[number + 1] == tuple(one[name] or (0 if one[name] == 0 else None) for name in names)
    assert book["events"].max_row - 1 == sum(row["record"] == "event" for row in rows) == 9


def test_it_is_for_its_owner_alone_and_never_in_the_place_of_another(run, tmp_path):
    file = tmp_path / "day.csv"
    assert run("export", *SPAN, "-o", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    again = run("export", *SPAN, "-o", str(file))
    assert (again.exit_code, file.read_bytes()) == (2, before)
    assert "is there already" in again.stderr


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_a_disk_that_is_full_leaves_no_half_file(run, tmp_path, suffix):
    assert run("-q", "report", "week").exit_code == 0
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from notigate.cli import main; import notigate.export as room; whole = room.export;"
        "limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "room.export = lambda *given, **named: (limit(), whole(*given, **named))[1]; main()"
    )
    file = tmp_path / f"day.{suffix}"
    command = [sys.executable, "-c", limited, "-C", str(tmp_path), "export", *SPAN, "-o", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "cannot be written: File too large" in done.stderr) == (2, True), done.stderr
    assert [one.name for one in tmp_path.iterdir() if "day" in one.name] == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--since", "2026-11-22", "--until", "2026-11-21", "-o", "a.csv"], "the last day is before the first"),
        (["--since", "2026-02-30", "--until", "2026-11-21", "-o", "a.csv"], "2026-02-30"),
        ([*SPAN, "-o", "a.pdf"], "ends in .csv, .jsonl, .xlsx"),
        ([*SPAN, "-o", "nowhere/a.csv"], "cannot be written"),
        ([*SPAN], "--output"),
    ],
)
def test_what_cannot_be_exported_is_told_in_words(run, wrong, told):
    done = run("export", *wrong)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_sheet_that_is_full_goes_on_in_the_next(run, tmp_path, monkeypatch):
    monkeypatch.setattr(writers, "SHEET", 3)
    run("export", *SPAN, "-o", str(tmp_path / "day.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "day.xlsx")
    assert book.sheetnames[-1] == "events 5"
    assert [sheet.max_row for sheet in book if sheet.title.startswith("deliveries")] == [3, 2]


def test_it_is_streamed_on_either_store(place, tmp_path):
    """Of four thousand deliveries, no more than some hundred are in memory at a time."""
    ledger = open_ledger(place("extracted"))
    times = Times(datetime(2026, 11, 21, 10, 5, tzinfo=UTC), datetime(2026, 11, 21, 10, 5, tzinfo=UTC))
    made = {
        "occasion": "service/birthday", "occurrence": "2026", "day": date(2026, 11, 21), "category": Category.CARE,
        "channel": "sms", "medium": "sms", "to": "13800138000", "locale": "zh_Hans",
    }  # fmt: skip
    number = runs.start(ledger, "send", times)
    content = Content(text="生日快乐" * 1000)
    plan.promise(ledger, number, [Draft(person=f"p{n}", content=content, **made) for n in range(4000)], times)
    with (tmp_path / "all.jsonl").open("w+b") as out:
        tracemalloc.start()
        done = export(
            ledger,
            date(2026, 11, 21),
            date(2026, 11, 21),
            out,
            suffix=".jsonl",
            zone=ZoneInfo("Asia/Shanghai"),
            in_full=True,
        )
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    ledger.close()
    assert done.counts == {"deliveries": 4000, "events": 4000, "tries": 0, "decisions": 0}
    assert (tmp_path / "all.jsonl").stat().st_size > 4000 * 12_000
    assert peak < 24_000_000
