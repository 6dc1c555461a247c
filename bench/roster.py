"""How long large rosters take, and how much memory: each figure from whole processes.

    python bench/roster.py [--rounds 3]

100,000 rows with one bad one are planned (promised, held for a later hour) and planned again; 200,000 rows of ten columns are
checked, as CSV and as .xlsx. Memory is the largest of the process and of its reader of workbooks.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import tempfile
from pathlib import Path

import xlsxwriter
from processes import measured

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
occasions: {service/birthday: {at: "23:50-24:00", channels: [sms]}}
policy: {windows: ["00:00-24:00"]}
"""
HEADINGS = ["客户编号", "姓名", "称呼", "手机", "生日", "楼栋", "房号", "签约日期", "备注", "退订"]


def row(n: int, day: str) -> list[str]:
    """One customer."""
    return [
        f"C{n:06d}", "王芳", "女士", f"138{n:08d}", day, f"{n % 20 + 1}栋", str(n % 3000), "2026年3月1日", "some text", "否",
    ]  # fmt: skip


def planning(folder: Path) -> None:
    """100,000 rows, one bad: 99,999 are promised, one is named; again: nothing new."""
    (folder / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(row(n, "1988/11/21") for n in range(100_000) if n != 50_000)
        writer.writerow([*row(50_000, "1988/11/21")[:3], "1.38E+10", "1988/11/21"])
    for again in (False, True):
        now = ("--now", "2026-11-21T10:00")
        took = measured("-C", folder, *now, "send", "--due", "--json")
        told = json.loads(took.out)
        planned = sum(told["counts"].values())
        named = [problem["person"] for problem in told["problems"] if problem["reason"] == "row"]
        assert (planned, named) == (0 if again else 99_999, ["row 100001"]), (planned, named)
        print(
            f"plan 100,000{' again' if again else ''}: {took.wall:.1f} s, CPU {took.cpu:.1f} s, {took.memory:.0f} MB; "
            f"{planned} new, 1 named"
        )


def checking(folder: Path, suffix: str, rounds: int) -> None:
    """200,000 rows of ten columns."""
    path = folder / f"large{suffix}"
    days = ("1988/9/5", "1990-10-01", "1975年3月2日")
    if suffix == ".csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            writer.writerows(row(n, days[n % 3]) for n in range(200_000))
    else:
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, HEADINGS)
            for n in range(200_000):
                page.write_row(n + 1, 0, row(n, days[n % 3]))
    figures = [measured("roster", "check", path) for _ in range(rounds)]
    assert all(one.code == 0 for one in figures)
    walls = [one.wall for one in figures]
    print(
        f"check 200,000 {suffix}: {statistics.median(walls):.1f} s [{min(walls):.1f}–{max(walls):.1f}], "
        f"CPU {statistics.median(one.cpu for one in figures):.1f} s, {max(one.memory for one in figures):.0f} MB"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        planning(Path(folder))
        for suffix in (".csv", ".xlsx"):
            checking(Path(folder), suffix, chosen.rounds)


if __name__ == "__main__":
    main()
