"""A small project and its year, day by day: who hears of what. `docs/diary.md` is what it prints.

The people of a row are made by hand (`c07-open` is one of row C07); the others are neighbours, alike but for their buildings
and birthdays. One gateway stays open, as in an application, and its clock is turned; the channel writes files.

    python bench/diary.py            the year, printed
    python bench/diary.py --write    the same, into docs/diary.md
"""

from __future__ import annotations

import csv
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from notigate import settings
from notigate.catalogue import Catalogue
from notigate.edges import Clock
from notigate.gateway import Gateway
from notigate.model import Delivery, State

PAGE = Path(__file__).parents[1] / "docs" / "diary.md"
ZONE = ZoneInfo("Asia/Shanghai")
#: only on the last day does an occasion ask for the workdays of 2027, which nobody knows yet
FIRST, LAST = date(2025, 12, 31), date(2026, 12, 25)
#: of every day: when the crontab runs; after each run a manager approves what it drafted
HOURS = (time(10, 5), time(16, 5))
#: but this batch is forgotten
FORGOTTEN = "holiday/double-ninth"
MANAGER = "周敏"
NEIGHBOURS = 20
#: work of our own people in minutes and hours, reports and alarms: another year's matter
ELSEWHERE = frozenset(
    {"staff/complaint-deadline", "staff/daily-round", "staff/weekly-report", "staff/monthly-report", "staff/alarm"}
)

#: customers who only a row is about: id → columns
BY_HAND: dict[str, dict[str, object]] = {
    "c01-solar": {"subscribed_on": "2025-06-01", "birthday": "1988-05-20"},
    "c01-lunar": {"subscribed_on": "2025-06-01", "birthday": "1990-01-19", "lunar_birthday": "八月十五"},
    "c01-leap-day": {"subscribed_on": "2025-06-01", "birthday": "1992-02-29"},
    "c01-prospect": {"stage": "prospect", "class": "A", "birthday": "1985-05-20"},
    "c02-friday": {"subscribed_on": "2026-03-06", "signed_on": "2026-03-08"},
    "c02-saturday": {"subscribed_on": "2026-03-07", "signed_on": "2026-03-08"},
    "c02-monday": {"subscribed_on": "2026-03-09", "signed_on": "2026-03-10"},
    "c02-holiday": {"subscribed_on": "2026-04-30", "signed_on": "2026-05-01"},
    "c04-buyer": {"subscribed_on": "2025-06-01", "interests": "A2;学区"},
    "c04-prospect": {"stage": "prospect", "interests": "A2;B1"},
    "c04-other-layout": {"stage": "prospect", "interests": "B1"},
    "c04-opted-out": {"stage": "prospect", "interests": "A2;学区", "opted_out": "是"},
    "c07-open": {"subscribed_on": "2026-06-01", "signing_due_on": "2026-06-08"},
    "c07-signed": {"subscribed_on": "2026-06-01", "signing_due_on": "2026-06-08", "signed_on": "2026-06-05"},
    "c10-elsewhere": {"subscribed_on": "2025-06-01", "city": "绵阳"},
    "c11-finished": {"subscribed_on": "2025-06-01", "paid_on": "2026-04-07", "finished_on": "2025-12-01"},
    "c11-building": {"subscribed_on": "2025-06-01"},
    "c12-column": {"subscribed_on": "2025-06-01", "filed_on": "2026-03-18"},
    "c12-fact": {"subscribed_on": "2025-06-01"},
    "c13-single": {"subscribed_on": "2025-06-01", "moved_in_on": "2026-06-10", "news": "会所开放"},
    "c13-collective": {
        "subscribed_on": "2025-06-01", "moved_in_on": "2026-06-10", "collective_handover_ended_on": "2026-06-14",
        "news": "会所开放",
    },
    "c14-column": {"complaint_answered_on": "2026-02-03", "complaint_answer": "单元门禁已更换"},
    "c14-fact": {},
    "c15-column": {"company_visited_on": "2026-06-16", "next_step": "下周三前送上方案"},
    "c15-fact": {},
    "c17-buyer": {
        "subscribed_on": "2025-06-01", "signed_on": "2025-06-03", "handover_on": "2026-10-28",
        "handover_slot": "10:00-11:00", "handover_place": "5号楼大堂",
    },
    "c17-handed-over": {
        "subscribed_on": "2025-06-01", "signed_on": "2025-06-03", "handed_over_on": "2026-10-20",
        "handover_on": "2026-10-28", "handover_slot": "11:00-12:00", "handover_place": "5号楼大堂",
    },
    "c18-open": {
        "due_1_on": "2026-03-16", "instalment_1": "第一期（60%）", "amount_due_1": "720000",
        "due_2_on": "2026-05-07", "instalment_2": "第二期（35%）", "amount_due_2": "420000",
    },
    "c18-pays": {"due_1_on": "2026-03-16", "instalment_1": "第一期（60%）", "amount_due_1": "720000"},
    "c19-visit": {"visitor": "维修师傅李明", "appointment_at": "2026-05-20T15:00"},
    "c19-moved": {"visitor": "维修师傅李明", "appointment_at": "2026-05-22T09:00"},
    "c20-order": {"subscribed_on": "2026-07-20", "signed_on": "2026-07-21"},
    "c21-a": {"stage": "prospect", "class": "A", "news": "会所开放"},
    "c21-c": {"stage": "prospect", "news": "会所开放"},
    "c21-d": {"stage": "prospect", "class": "D", "news": "会所开放"},
    "c21-vip": {"vip": "是", "class": "C", "news": "会所开放", "title": ""},
    "c22-follows": {"stage": "prospect", "interests": "学区"},
    "s02-called": {"signed_on": "2026-04-13", "consultant": "陈晨"},
    "s03-usual": {"installed_on": "2026-02-10", "consultant": "陈晨"},
    "s03-key": {"installed_on": "2026-02-10", "key_account": "是", "sold_on": "2026-03-02", "consultant": "李娜"},
    "s04-usual": {"called_on": "2026-03-17", "consultant": "陈晨"},
    "s04-key": {"called_on": "2026-03-17", "key_account": "是", "consultant": "李娜"},
    "s07-slow": {"visited_on": "2026-05-11", "consultant": "陈晨"},
}  # fmt: skip
#: what a clerk writes into the roster in the course of the year: before the runs of the day
WRITTEN: dict[date, Sequence[tuple[str, str, str]]] = {
    date(2026, 3, 1): [("c21-c", "class", "C")],
    date(2026, 3, 12): [("c18-pays", "instalment_paid_1_on", "2026-03-12")],
    date(2026, 3, 28): [
        *((f"s04-{who}", column, "2026-03-28") for who in ("usual", "key") for column in ("recorded_on", "papers_on")),
        *((f"s04-{who}", "visited_on", "2026-03-28") for who in ("usual", "key")),
    ],
    date(2026, 4, 1): [("c21-c", "class", "")],
    date(2026, 4, 16): [("s02-called", "signing_called_on", "2026-04-16")],
    date(2026, 5, 21): [("c19-moved", "appointment_at", "2026-05-22T11:00"), ("c19-moved", "visitor", "维修师傅陈刚")],
    date(2026, 5, 13): [("s07-slow", "recorded_on", "2026-05-13")],
}
#: what other systems tell: when, kind, and the rest
_TOLD: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("2026-03-23T10:05", "contract-filed", {"person": "c12-fact"}),
    ("2026-04-09T17:00", "paid-in-full", {"person": "c11-building"}),
    ("2026-04-10T10:05", "showflat-opens",
     {"everyone": True, "values": {"layout": "A2", "area_m2": 118, "opens_on": "2026-04-18"}}),
    ("2026-04-14T19:30", "news",
     {"everyone": True, "values": {"subject": "学区", "news": "小学划片方案公布", "source": "区教育局网站"}}),
    ("2026-04-15T23:30", "news",
     {"everyone": True, "values": {"subject": "学区", "news": "划片方案更正", "source": "区教育局网站"}}),
    ("2026-05-14T10:05", "major-change",
     {"building": "2号楼", "values": {"change": "南侧景观调整", "choice": "5月31日前可提意见"}}),
    ("2026-05-21T18:00", "appointment-changed",
     {"person": "c19-moved", "values": {"visitor": "维修师傅陈刚", "appointment_at": "2026-05-22T11:00"}}),
    ("2026-05-19T10:05", "event",
     {"everyone": True, "at": datetime(2026, 5, 30, 14, 30, tzinfo=ZONE),
      "values": {"event": "业主烘焙课", "event_place": "会所二层"}}),
    ("2026-06-12T10:05", "company-visited", {"person": "c15-fact", "values": {"next_step": "月底前寄出合同"}}),
    ("2026-08-04T09:00", "complaint-answered", {"person": "c14-fact", "values": {"complaint_answer": "路灯已修好"}}),
    ("2026-08-20T15:00", "milestone", {"building": "3号楼", "values": {"milestone": "主体结构封顶"}}),
    ("2026-10-15T10:05", "showflat-closes",
     {"everyone": True, "values": {"layout": "A2", "area_m2": 118, "closes_on": "2026-10-25"}}),
)  # fmt: skip
TOLD = sorted(_TOLD, key=itemgetter(0))
#: further runs: when something was told, an hour before the appointments, the morning after news that came at night, and the
#: afternoon after the batch that nobody approved
MORE_HOURS = (
    *(when for when, _, _ in TOLD),
    "2026-04-16T08:05", "2026-05-20T13:55", "2026-05-20T14:05", "2026-05-22T08:05", "2026-05-22T10:00",
    "2026-10-18T16:05",
)  # fmt: skip
#: columns that occasions ask for and nobody of this year fills, and those that are filled in its course
COLUMNS = (
    "complained_on", "complaint_answered", "milestone_on", "milestone", "collective_handover_ended_on",
    *dict.fromkeys(column for rows in WRITTEN.values() for _, column, _ in rows),
)  # fmt: skip
#: of the page: readers who are named, characters of a text
NAMED, WORDS = 3, 16
HEAD = """\
# A year of a small project

Written by `bench/diary.py --write`: everything that 63 invented people and their three colleagues got from 2025-12-31 to
2026-12-25, with the occasions as they come and no cap. `c07-open` is a customer of row C07 of the occasions, `n01` a
neighbour. One batch, the greeting of 18 October, is never approved: it does not go out. The tests live the same year.

| day | hour, occasion, who, first words |
|---|---|"""

SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000, city: 成都}}
ledger: sqlite:///notigate.db
roster: {{file: customers.csv}}
channels: {{trial: {{plugin: outbox}}}}
plugins: [sky.py]
weather: {{cities: {{成都: {{latitude: 30.57, longitude: 104.07}}, 绵阳: {{latitude: 31.47, longitude: 104.68}}}}}}
policy: {{per_person: {{}}, guard: 0}}
approval: {{approvers: [周敏]}}
staff:
  - {{name: 李娜, title: ms, wecom: lina}}
  - {{name: 陈晨, title: mr, wecom: chenchen}}
  - {{name: 周敏, title: ms, wecom: zhoumin}}
occasions: {{{occasions}}}
"""
#: one rain storm in the whole year, in one of the two cities
SKY = """\
from datetime import date

from notigate.plugin import hookimpl


@hookimpl
def notigate_weather(city, day):
    if (city, day) == ("成都", date(2026, 7, 12)):
        return {"event": "暴雨", "level": "橙色", "text": "明天有暴雨。", "source": "成都市气象台"}
    return {}
"""


def people() -> dict[str, dict[str, object]]:
    """Everybody: id → columns."""
    found = {f"n{number:02}": _neighbour(number) for number in range(NEIGHBOURS)} | BY_HAND
    return {
        name: {
            "name": "王芳", "title": "女士", "phone": 13800138000 + number, "consultant": "李娜",
            "building": "9号楼", "building_progress": "主体已施工至18层", "signing_called_on": row.get("signed_on", ""),
        } | dict(row) | ({"signing_called_on": ""} if name.startswith("s02") else {})
        for number, (name, row) in enumerate(found.items())
    }  # fmt: skip


def _neighbour(number: int) -> dict[str, object]:
    """Four buildings, ten birthdays; those of building 4 live there."""
    building = number % 4 + 1
    lives = {"handed_over_on": "2025-08-01", "moved_in_on": "2025-08-10", "news": "会所开放"} if building == 4 else {}
    return {
        "name": ("王芳", "李雷", "赵敏", "欧阳锋")[building - 1], "title": ("女士", "先生", "", "先生")[building - 1],
        "building": f"{building}号楼", "birthday": f"{1970 + number}-{number % 10 + 1:02}-12",
        "subscribed_on": "2025-03-01", "signed_on": "2025-03-05", "email": f"n{number:02}@example.com", **lives,
    }  # fmt: skip


class Year:
    """The project in a folder, and its clock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._people = people()
        self._to_write = sorted(WRITTEN)
        self._to_tell = list(TOLD)
        self._now = datetime.combine(FIRST, time(0), ZONE)
        #: (day, occasion, reason, detail): what runs had to say
        self.problems: list[tuple[date, str, str, str]] = []
        occasions = ", ".join(f"{name}: {{}}" for name in Catalogue.open([]).names() if name not in ELSEWHERE)
        (folder / "notigate.yaml").write_text(SETTINGS.format(occasions=occasions), encoding="utf-8")
        (folder / "sky.py").write_text(SKY, encoding="utf-8")
        self._write()
        self.gateway = Gateway(settings.load(folder / "notigate.yaml"), Clock(ZONE, real=lambda: self._now))

    def live(self, hours: Iterable[datetime]) -> list[Delivery]:
        """Run at these hours; what became of everything, in the order of going out."""
        for hour in sorted(hours):
            self._news(hour)
            self._now = hour
            run = self.gateway.send_due()
            self.problems += [(hour.date(), one.occasion, one.reason, one.detail) for one in run.problems]
            for batch in self.gateway.approvals():
                if batch.occasion != FORGOTTEN:
                    self.gateway.approve(batch.name, approved=True, by=MANAGER)
        return sorted(self.gateway.log(), key=lambda one: (one.changed_at, one.occasion, one.person))

    def _news(self, hour: datetime) -> None:
        """What was written and told since the last run; a fact carries the hour it is told at."""
        while self._to_write and self._to_write[0] <= hour.date():
            for person, column, value in WRITTEN[self._to_write.pop(0)]:
                self._people[person][column] = value
            self._write()
        while self._to_tell and _at(self._to_tell[0][0]) <= hour:
            when, kind, said = self._to_tell.pop(0)
            self._now = _at(when)
            self.gateway.fact(kind, key=when, **said)

    def _write(self) -> None:
        columns = dict.fromkeys(["id", *COLUMNS, *(column for row in self._people.values() for column in row)])
        with (self._folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows({"id": name, **row} for name, row in self._people.items())


def _at(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=ZONE)


def every_hour() -> set[datetime]:
    """All hours of the crontab in the whole year."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    return {datetime.combine(day, hour, ZONE) for day in days for hour in HOURS} | set(map(_at, MORE_HOURS))


def stirring_hours() -> set[datetime]:
    """Those at which something goes out, as the page has it, or is told; of quiet days the first hour of every third."""
    told = {hour for hour in every_hour() if hour.time() == HOURS[0] and hour.day % 3 == 1} | set(map(_at, MORE_HOURS))
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if day := re.match(r"\| (\d{4}-\d\d-\d\d) ", line):
            told |= {_at(f"{day[1]}T{hour}") for hour in re.findall(r"(\d\d:\d\d) `", line)}
    return told


def page(year: Iterable[Delivery]) -> str:
    """The diary."""
    sent = [one for one in year if one.state is State.ACCEPTED]
    days = [
        f"| {day:%Y-%m-%d %a} | {_entries(list(ones))} |"
        for day, ones in groupby(sent, key=lambda one: _hour(one).date())
    ]
    return "\n".join([HEAD, *days, ""])


def _hour(one: Delivery) -> datetime:
    return one.changed_at.astimezone(ZONE)


def _entries(sent: list[Delivery]) -> str:
    """One day: each occasion with its hour, its readers and the first words that the first of them reads."""
    told = []
    for (hour, occasion), found in groupby(sent, key=lambda one: (f"{_hour(one):%H:%M}", one.occasion)):
        ones = list(found)
        who = ", ".join(one.person for one in ones) if len(ones) <= NAMED else f"{len(ones)} people"
        text = " ".join(ones[0].content.text.split()) if ones[0].content else ""
        told.append(f"{hour} `{occasion}` {who}: {text.replace('*', '').replace('|', ' ')[:WORDS]}…")
    return "<br>".join(told)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        written = page(Year(Path(folder)).live(every_hour()))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(written, encoding="utf-8")
    else:
        sys.stdout.write(written)
