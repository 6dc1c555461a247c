"""How long a day's plan takes, and how much memory: each figure from a whole process.

    python bench/plan.py [--people 100000 1000000] [--rounds 3] [--parts day forecast cron] [--short]

Forty of the packaged occasions are switched on, for a roster of 45 columns whose people were born on all days of the year
and bought, moved in and called over twenty years. *day*: `plan` of one day. *forecast*: `plan` of a year for 1,000 people.
*cron*: `send --due` three times on that day: the first promises what the day brings, the second finds it promised, the third is a
run as a crontab starts it every few minutes. Memory is the largest of all processes of a command.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from processes import Figures, measured

from notigate.catalogue import Catalogue

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
workdays: every-day
staff:
  - {name: 李娜, wecom: lina, head: 陈晨, groups: [rounds]}
  - {name: 周敏, wecom: zhoumin, head: 陈晨}
  - {name: 陈晨, wecom: chenchen, groups: [managers]}
occasions:
"""
#: what comes without a roster: a batch that waits, the weather, what went out
WITHOUT_PEOPLE = {"staff/approval-waiting", "staff/monthly-report", "weather/severe-weather"}
#: columns of days → days back from today over which they are spread, and the share of people that have one
DAYS = {
    "birthday": (25_000, 1.0), "subscribed_on": (7_300, 0.9), "signed_on": (7_300, 0.7), "handover_on": (7_300, 0.6),
    "moved_in_on": (7_300, 0.5), "filed_on": (7_300, 0.5), "paid_on": (7_300, 0.5), "due_1_on": (7_300, 0.3),
    "installed_on": (3_650, 0.2), "called_on": (730, 0.1), "visited_on": (730, 0.1), "sold_on": (730, 0.1),
    "milestone_on": (730, 0.02), "collective_handover_ended_on": (730, 0.02), "company_visited_on": (730, 0.02),
    "complaint_answered_on": (730, 0.02), "appointment_at": (730, 0.02), "complained_at": (730, 0.02),
    "complaint_solved_on": (730, 0.02), "complaint_called_back_on": (730, 0.01),
}  # fmt: skip
#: what tells of the person and the home, row by row; and what is the same in all rows
OWN = ("客户编号", "姓名", "称呼", "手机", "邮箱", "楼栋", "房号", "class", "vip", "consultant", "interests")
SAME = {
    "signing_called_on": "2026-11-01", "signing_due_on": "2026-11-20", "papers_on": "", "recorded_on": "", "key_account": "",
    "instalment_paid": "", "instalment": "二期", "amount_due": "12000", "milestone": "封顶", "visitor": "王芳",
    "complaint_answered": "", "complaint_level": "soft", "complaint_answer": "已更换", "next_step": "签约",
    "handover_slot": "9:00-10:00", "handover_place": "物业服务中心",
}  # fmt: skip
FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "芳伟静磊敏洋艳勇娟涛明超霞平刚桂英秀丽强军杰鹏宇浩佳欣怡婷雪梅兰竹菊红玉珍琴云飞"
#: a Tuesday
TODAY = date(2026, 11, 17)


def write(folder: Path, people: int) -> Path:
    """A project with its roster."""
    names = [name for name in Catalogue.open([]).names() if name not in WITHOUT_PEOPLE]
    occasions = "".join(f"  {name}: {{}}\n" for name in names)
    (folder / "notigate.yaml").write_text(SETTINGS + occasions, encoding="utf-8")
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*OWN, *SAME, *DAYS])
        writer.writerows(rows(people))
    return folder


def rows(people: int) -> Iterator[Sequence[str]]:
    """Invented customers; the same ones for the same number."""
    chance = random.Random(people)
    for n in range(people):
        days = [_day(chance, name, back) if chance.random() < share else "" for name, (back, share) in DAYS.items()]
        yield [
            f"C{n:07d}", _name(chance), ("女士", "先生", "")[n % 3], str(13800000000 + n), f"c{n}@example.com" if n % 3 else "",
            f"{n % 20 + 1}号楼", str(n % 3000), "ABCD"[n % 4], "是" if n % 50 == 0 else "", ("李娜", "周敏")[n % 2],
            "学区、户型" if n % 7 == 0 else "", *SAME.values(), *days,
        ]  # fmt: skip


def _name(chance: random.Random) -> str:
    """One of 64,000."""
    return chance.choice(FAMILIES) + chance.choice(GIVEN) + chance.choice(GIVEN)


def _day(chance: random.Random, name: str, back: int) -> str:
    found = (TODAY - timedelta(days=chance.randrange(back))).isoformat()
    return f"{found} {chance.randrange(9, 18):02d}:00" if name.endswith("_at") else found


def day(folder: Path) -> Figures:
    """All that one day brings."""
    return measured("-C", folder, "plan", "--on", TODAY, "-o", folder / "plan.json")


def forecast(folder: Path, days: int) -> Figures:
    """All that so many days bring."""
    return measured("-C", folder, "plan", "--from", TODAY, "--days", days, "-o", folder / "plan.json")


def due(folder: Path, hour: str) -> Figures:
    """A run of cron on that day."""
    return measured("-C", folder, "--now", f"{TODAY}T{hour}", "send", "--due", "--json")


def told(name: str, runs: Sequence[Figures]) -> None:
    """Print what came of several runs."""
    walls, cpu = sorted(run.wall for run in runs), [run.cpu for run in runs]
    print(
        f"{name}: {statistics.median(walls):.2f} s [{walls[0]:.2f}–{walls[-1]:.2f}], CPU {statistics.median(cpu):.2f} s, "
        f"{max(run.memory for run in runs):.0f} MB"
    )


def repeated(name: str, rounds: int, ask: Callable[[], Figures]) -> Figures:
    """Run the same several times; returns the first."""
    runs = [ask() for _ in range(rounds)]
    told(name, runs)
    return runs[0]


def cron(folder: Path, people: int, rounds: int) -> None:
    """The runs of one day."""
    first = due(folder, "08:00")
    told(f"first run of the day, {people:,} people", [first])
    again = due(folder, "08:01")
    told(f"second run of the day, {people:,} people", [again])
    third = repeated(f"nothing new, {people:,} people", rounds, partial(due, folder, "08:02"))
    assert sum(json.loads(first.out)["counts"].values()) > 0
    assert not json.loads(again.out)["counts"]
    assert not json.loads(third.out)["counts"]


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", default=["day", "forecast", "cron"], choices=["day", "forecast", "cron"])
    parser.add_argument("--short", action="store_true", help="a small one: does it work, are the counts right?")
    asked = parser.parse_args()
    rounds = 1 if asked.short else asked.rounds
    with tempfile.TemporaryDirectory() as home:
        for people in [1_000] if asked.short else asked.people:
            folder = Path(home) / str(people)
            folder.mkdir()
            write(folder, people)
            if "day" in asked.parts:
                repeated(f"a day for {people:,} people", rounds, partial(day, folder))
                planned = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
                print(f"  {len(planned['lines'])} lines")
            if "cron" in asked.parts:
                cron(folder, people, rounds)
        if "forecast" in asked.parts:
            folder = Path(home) / "forecast"
            folder.mkdir()
            people, days = (100, 30) if asked.short else (1_000, 365)
            write(folder, people)
            repeated(f"{days} days for {people:,} people", rounds, partial(forecast, folder, days))


if __name__ == "__main__":
    main()
