"""A simulated year of one ledger with two projects: does every report add up to what the provider counts?

    python bench/year.py [--customers 3000] [--weeks 52] [--keep FOLDER] [--short]

Planned and sent day by day with a turned clock, through a provider that refuses, asks to come again, loses requests and
replies, and hands out its receipts days later. It keeps a book of its own: what it took and on which day it was first asked
for it, as how many parts, and what arrived. The reports are made on Sunday evening, and all once more when the last receipt has
come: then each line must be the book's, message by message and fen by fen. `--keep` keeps them as files to be looked at.
"""

from __future__ import annotations

import argparse
import csv
import random
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from notigate import settings
from notigate.edges import Clock
from notigate.gateway import Gateway
from notigate.reports.files import MAKERS
from notigate.reports.spans import month, week

if TYPE_CHECKING:
    from notigate.reports.figures import Figures, Row
    from notigate.reports.spans import Span

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY, SPRING = date(2025, 12, 29), date(2026, 2, 2)
#: of every day: when the crontab runs; in the evening reports go out, too
HOURS = (10, 18)
#: what is made of a report that is kept
KINDS = (".png", ".html", ".xlsx")
PROJECTS = ("青年城", "天府城")
SIGNATURE = "青年城"
PRICE = Decimal("0.045")
#: days after the last one in which receipts and lost requests still come in
AFTER = 5

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000, city: 成都}
ledger: sqlite:///notigate.db
roster: {file: customers.csv}
plugins: [provider.py]
channels:
  sms:
    plugin: provider
    sign_name: 青年城
    price: 0.045
    undelivered: 0.02
    receipt_after: 50h
    script:
      - {share: 0.02, answer: refuse, reason: bad-address}
      - {share: 0.01, answer: busy}
      - {share: 0.01, answer: lose-reply}
      - {share: 0.01, answer: lose-request}
staff:
  - {name: 周敏, title: ms, wecom: zhoumin, groups: [managers]}
occasions:
  service/birthday: {}
  holiday/spring-festival: {approval: none}
  holiday/lantern-festival: {approval: none}
  holiday/labour-day: {approval: none}
  holiday/dragon-boat: {approval: none}
  holiday/mid-autumn: {approval: none}
  holiday/national-day: {approval: none}
  holiday/double-ninth: {approval: none}
  holiday/christmas: {approval: none}
  purchase/subscription-thanks: {}
  staff/weekly-report: {}
  staff/monthly-report: {}
"""
#: the simulator, with a book of when it was first asked for a message, as a provider would keep
PROVIDER = """\
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime

from notigate.plugin import ChannelSpec, hookimpl
from notigate.simulator import Simulator, SimulatorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SimulatorSettings):
    sign_name: str = ""


class Provider(Simulator):
    def __init__(self, settings, tools):
        clock = settings.folder.parent / "clock"
        super().__init__(settings, replace(tools, now=lambda: datetime.fromisoformat(clock.read_text())))

    def send_many(self, messages):
        with sqlite3.connect(self._settings.folder.parent / "book.db", isolation_level=None) as book:
            book.execute("PRAGMA synchronous = OFF")
            book.execute("CREATE TABLE IF NOT EXISTS book (message PRIMARY KEY, day, occasion, medium, address, text)")
            book.execute("BEGIN")
            day = self._tools.now().date().isoformat()
            rows = [(m.id, day, m.occasion, m.medium, m.to, m.text) for m in messages]
            book.executemany("INSERT OR IGNORE INTO book VALUES (?, ?, ?, ?, ?, ?)", rows)
            book.execute("COMMIT")
        book.close()
        return super().send_many(messages)


@hookimpl
def notigate_channels():
    return [ChannelSpec(name="provider", summary="keeps a book", settings=Settings, channel=Provider, media=("*",),
                        reaches_people=False, made=Provider)]
"""
BOOKED = """
SELECT book.day, book.occasion, book.address, book.medium, book.text, taken.arrived
  FROM book JOIN provider.taken ON taken.message = book.message
"""


class Year:
    """The project in a folder, its clock, and the provider's book."""

    def __init__(self, folder: Path, customers: int, first: date, weeks: int) -> None:
        self._folder = folder
        self.days = [first + timedelta(days=n) for n in range(7 * weeks)]
        self._set = datetime.combine(first, datetime.min.time(), ZONE)
        self._project: dict[str, str] = {}
        self._roster(customers)
        (folder / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
        (folder / "provider.py").write_text(PROVIDER, encoding="utf-8")
        self.gateway = Gateway(settings.load(folder / "notigate.yaml"), Clock(ZONE, real=self._now))

    def live(self, day: date) -> None:
        """All runs of a day."""
        for hour in HOURS:
            self._set = datetime(day.year, day.month, day.day, hour, 5, tzinfo=ZONE) - timedelta(
                seconds=time.monotonic()
            )
            (self._folder / "clock").write_text(self._now().isoformat(), encoding="utf-8")
            self.gateway.send_due()

    def _now(self) -> datetime:
        return self._set + timedelta(seconds=time.monotonic())

    def book(self) -> dict[tuple[date, str, str], Counter[str]]:
        """(day, occasion, project) → what the provider took, what of it arrived, and as how many parts."""
        lines: dict[tuple[date, str, str], Counter[str]] = {}
        with closing(sqlite3.connect(self._folder / "book.db")) as book:
            book.execute("ATTACH ? AS provider", [str(self._folder / "simulator" / "simulator.db")])
            for day, occasion, address, medium, text, arrived in book.execute(BOOKED):
                line = date.fromisoformat(day), occasion, self._project.get(address, PROJECTS[0])
                parts = _parts(text) if medium == "sms" else 0
                lines.setdefault(line, Counter()).update(taken=1, arrived=arrived, parts=parts, paid=max(parts, 1))
        return lines

    def _roster(self, customers: int) -> None:
        chosen = random.Random(1)
        with (self._folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(
                ["id", "name", "title", "phone", "project", "building", "birthday", "subscribed_on", "opted_out"]
            )
            for n in range(customers):
                project, phone = PROJECTS[n % 3 == 0], str(13800000000 + n)
                self._project[phone] = project
                born = date(1960, 1, 1) + timedelta(days=chosen.randrange(15_000))
                since = MONDAY - timedelta(days=200) + timedelta(days=chosen.randrange(500))
                name = chosen.choice("王李张刘陈杨赵黄周吴") + chosen.choice("芳伟敏静强磊洋艳勇军")
                writer.writerow([
                    f"c{n}", name, chosen.choice(("先生", "女士")), phone, project, f"{n % 7 + 1}号楼", born.isoformat(),
                    since.isoformat(), "是" if n % 50 == 7 else "",
                ])  # fmt: skip


class Check:
    """Reports against the book; what does not add up is kept in words."""

    def __init__(self, year: Year, keep: Path | None) -> None:
        self._year = year
        self._keep = keep
        self.faults: list[str] = []

    def on_sunday(self, sunday: date) -> None:
        """The first print: what the provider took is sent or unknown."""
        made = self._figures(week(sunday))
        taken = sum(line["taken"] for line in self._booked(week(sunday)).values())
        if not made.total.accepted <= taken <= made.total.accepted + made.total.unknown:
            self.faults.append(f"{made.span.name}, first print: {made.total}, the provider has {taken}")

    def at_the_end(self, span: Span) -> Figures:
        """Line by line, when nothing is open any more."""
        made, booked = self._figures(span), self._booked(span)
        lines = {(row.occasion, row.project): _told(row) for row in made.rows if row.accepted}
        wanted = {line: _wanted(counted) for line, counted in booked.items()}
        self.faults += [
            f"{span.name} {line}: the report says {lines.get(line)}, the book {wanted.get(line)}"
            for line in sorted({*lines, *wanted})
            if lines.get(line) != wanted.get(line)
        ]
        if _told(made.total) != _wanted(sum(booked.values(), Counter())) or made.total.unknown or made.total.waiting:
            self.faults.append(f"{span.name}: {made.total}")
        if self._keep:
            for kind in KINDS:
                (self._keep / f"{span.name}{kind}").write_bytes(MAKERS[kind](made, ""))
        return made

    def _figures(self, span: Span) -> Figures:
        return self._year.gateway.report("week" if "W" in span.name else "month", span.name)

    def _booked(self, span: Span) -> dict[tuple[str, str], Counter[str]]:
        lines: dict[tuple[str, str], Counter[str]] = {}
        for (day, *line), counted in self._year.book().items():
            if span.first <= day <= span.last:
                lines.setdefault((line[0], line[1]), Counter()).update(counted)
        return lines


def _told(row: Row) -> tuple[int, int, int, int, Decimal]:
    cost = sum((one.amount for one in row.cost), Decimal(0))
    return row.accepted, row.delivered, row.undelivered, row.parts, cost


def _wanted(counted: Counter[str]) -> tuple[int, int, int, int, Decimal]:
    taken, arrived = counted["taken"], counted["arrived"]
    return taken, arrived, taken - arrived, counted["parts"], counted["paid"] * PRICE


def _parts(text: str) -> int:
    """By the mainland's rule, reckoned here once more: 70 characters, or 67 each."""
    length = len(f"【{SIGNATURE}】{text}".encode("utf-16-le")) // 2
    return 1 if length <= 70 else -(-length // 67)


def live(folder: Path, customers: int, first: date, weeks: int, keep: Path | None) -> list[str]:
    """Live the year and look at its reports; returns what does not add up."""
    year = Year(folder, customers, first, weeks)
    check = Check(year, keep)
    begun = time.process_time()
    for day in chain(year.days, (year.days[-1] + timedelta(days=n) for n in range(1, AFTER + 1))):
        year.live(day)
        if day.weekday() == 6:
            check.on_sunday(day)
            print(f"{week(day).name} lived, {time.process_time() - begun:.0f} s of CPU", flush=True)
    spans = {week(day): None for day in year.days} | {
        month(day): None for day in year.days if month(day).last <= year.days[-1]
    }
    made = [check.at_the_end(span) for span in spans]
    whole = Counter({name: sum(getattr(one.total, name) for one in made if one.kind == "week") for name in (
        "planned", "accepted", "delivered", "undelivered", "failed", "suppressed", "parts")})  # fmt: skip
    year.gateway.close()
    print(f"{len(made)} reports of {customers:,} customers: " + ", ".join(f"{name} {n:,}" for name, n in whole.items()))
    print(f"{len(check.faults)} do not add up; {time.process_time() - begun:.0f} s of CPU")
    return check.faults


def main() -> None:
    """Live it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--short", action="store_true", help="100 customers, five weeks")
    asked = parser.parse_args()
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        customers, first, weeks = (100, SPRING, 5) if asked.short else (asked.customers, MONDAY, asked.weeks)
        faults = live(Path(folder), customers, first, weeks, asked.keep)
    for fault in faults[:20]:
        print(fault)
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
