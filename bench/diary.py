"""A small project and its year, day by day: who hears of what. `docs/diary.md` is what it prints.

The world is that of `town.py`. One gateway stays open, as in an application, and its clock is turned; the channel writes
files. What comes of it must be exactly what `expected.py` tells.

    python bench/diary.py            the year, printed, and a word on each message that is missing or too many
    python bench/diary.py --write    the same, into docs/diary.md
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path

import expected
import town
from expected import Message
from town import ZONE

from notigate import settings
from notigate.catalogue import Catalogue
from notigate.edges import Clock
from notigate.gateway import Gateway
from notigate.model import Delivery, State

#: alarms are raised by what goes wrong, not by a day
ELSEWHERE = frozenset({"staff/alarm"})
PAGE = Path(__file__).parents[1] / "docs" / "diary.md"
#: on every workday the same: not on the page
DAILY = "staff/daily-round"
#: a day of each month on which tests look whether a quiet one stays quiet, and the daily round is sent
QUIET = 8
#: of the page: readers who are named, characters of a text
NAMED, WORDS = 3, 24
HEAD = """\
# A year of a small project

Written by `bench/diary.py --write`: all that {customers} invented customers in {buildings} buildings and their five colleagues
got from {first} to {last}, {messages} messages, with the occasions as they come and no cap. `c07-open` is a customer of
row C07 of the occasions, `n001` a neighbour. Left out is the daily round (S06), at 09:05 on every workday. One batch, the
greeting of 18 October, is never approved: it does not go out. What must come of the year is told by `bench/expected.py`,
from tables of dates and without notigate; the tests live the year and compare.

"""

SETTINGS = """\
project: {{name: {project}, hotline: 400-600-0000, city: {city}}}
ledger: sqlite:///notigate.db
roster: {{file: customers.csv}}
channels: {{trial: {{plugin: outbox}}}}
plugins: [sky.py]
weather:
  cities:
    成都: {{latitude: 30.57, longitude: 104.07}}
    绵阳: {{latitude: 31.47, longitude: 104.68}}
    柏林: {{latitude: 52.52, longitude: 13.4}}
policy: {{per_person: {{}}, guard: 0}}
approval: {{approvers: [{manager}]}}
staff:
  - {{name: {manager}, title: ms, wecom: manager, groups: [managers]}}
{staff}
occasions: {{{occasions}}}
"""
#: one rain storm in the whole year, in one of the cities
SKY = """\
from datetime import date

from notigate.plugin import hookimpl


@hookimpl
def notigate_weather(city, day):
    if (city, day) == ({city!r}, {day!r}):
        return {{"event": {event!r}, "level": {level!r}, "text": "明天有暴雨。", "source": "成都市气象台"}}
    return {{}}
"""


class Year:
    """The project in a folder, and its clock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._to_write = sorted(town.WRITTEN)
        self._to_tell = list(town.TOLD)
        self._now = datetime.combine(town.FIRST, time(0), ZONE)
        #: (day, occasion, reason, detail): what runs had to say
        self.problems: list[tuple[date, str, str, str]] = []
        (folder / "notigate.yaml").write_text(_settings(), encoding="utf-8")
        event, level, day = town.STORM
        sky = SKY.format(city=town.CITY, day=day, event=event, level=level).replace("datetime.date", "date")
        (folder / "sky.py").write_text(sky, encoding="utf-8")
        self._write()
        self.gateway = self._open()

    def live(self, hours: Iterable[datetime]) -> list[Delivery]:
        """Run at these hours; what became of everything, in the order of going out."""
        for hour in sorted(hours):
            self._news(hour)
            self._now = hour
            run = self.gateway.send_due()
            self.problems += [(hour.date(), one.occasion, one.reason, one.detail) for one in run.problems]
            for batch in self.gateway.approvals():
                if batch.occasion != town.FORGOTTEN:
                    self.gateway.approve(batch.name, approved=True, by=town.MANAGER)
        return sorted(self.gateway.log(), key=lambda one: (one.changed_at, one.occasion, one.person))

    def _open(self) -> Gateway:
        return Gateway(settings.load(self._folder / "notigate.yaml"), Clock(ZONE, real=lambda: self._now))

    def _news(self, hour: datetime) -> None:
        """What was written and told since the last run; a fact carries the hour it is told at."""
        notice = self._folder / "workdays.yaml"
        if hour.date() >= town.NOTICE_ON and not notice.exists():
            notice.write_text(town.NOTICE, encoding="utf-8")
            self.gateway.close()
            self.gateway = self._open()
        if self._to_write and town.at(self._to_write[0]) <= hour:
            self._to_write = [when for when in self._to_write if town.at(when) > hour]
            self._write(hour)
        while self._to_tell and town.at(self._to_tell[0][0]) <= hour:
            when, kind, said = self._to_tell.pop(0)
            self._now = town.at(when)
            self.gateway.fact(kind, key=when, **said)

    def _write(self, hour: datetime | None = None) -> None:
        people = town.people(hour)
        columns = dict.fromkeys(["id", *town.COLUMNS, *(column for row in people.values() for column in row)])
        with (self._folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows({"id": name, **row} for name, row in people.items())


def _settings() -> str:
    groups = {name: ", groups: [rounds]" if name in town.ROUNDS else "" for name in town.CONSULTANTS}
    staff = [
        f"  - {{name: {name}, title: ms, wecom: w{number}, head: {town.MANAGER}{group}}}"
        for number, (name, group) in enumerate(groups.items())
    ]
    written = {
        name: f"{{author: {town.AUTHOR}}}" if name == town.FORGOTTEN else "{}" for name in Catalogue.open([]).names()
    }
    return SETTINGS.format(
        project=town.PROJECT, city=town.CITY, manager=town.MANAGER, staff="\n".join(staff),
        occasions=", ".join(f"{name}: {keys}" for name, keys in written.items()),
    )  # fmt: skip


def stirring_hours() -> set[datetime]:
    """Those at which something must go out, or is told; of the daily rounds and of quiet days, some."""
    every = town.every_hour()
    sampled = {hour for hour in every if hour.time() in town.HOURS[:2] and hour.day == QUIET}
    due = {one.at for one in expected.messages(every) if one.occasion != DAILY}
    return due | sampled | set(map(town.at, town.MORE_HOURS))


def went(year: Iterable[Delivery]) -> list[Message]:
    """What went out, as `expected` tells it."""
    return sorted(Message(_hour(one), one.occasion, one.person) for one in year if one.state is State.ACCEPTED)


def differences(year: Iterable[Delivery], hours: Collection[datetime]) -> list[str]:
    """Each message that is missing, and each that is one too many."""
    found, wanted = Counter(went(year)), Counter(expected.messages(hours))
    return [
        *(
            f"missing: {one.at:%Y-%m-%d %H:%M} {one.occasion} {one.reader}"
            for one in sorted((wanted - found).elements())
        ),
        *(
            f"too many: {one.at:%Y-%m-%d %H:%M} {one.occasion} {one.reader}"
            for one in sorted((found - wanted).elements())
        ),
    ]


def page(year: Iterable[Delivery]) -> str:
    """The diary."""
    sent = [one for one in year if one.state is State.ACCEPTED and one.occasion != DAILY]
    head = HEAD.format(
        customers=town.CUSTOMERS, buildings=town.BUILDINGS, first=town.FIRST, last=town.LAST, messages=f"{len(sent):,}"
    )
    return head + "\n".join(_month(list(ones)) for _, ones in groupby(sent, key=lambda one: f"{_hour(one):%Y-%m}"))


def _month(sent: list[Delivery]) -> str:
    lines = [
        f"| {number} | {entry} |"
        for day, ones in groupby(sent, key=lambda one: _hour(one).date())
        for number, entry in zip([f"{day:%m-%d %a}", *[""] * len(sent)], _entries(list(ones)), strict=False)
    ]
    head = (
        f"## {_hour(sent[0]):%B %Y}\n\n| day | hour | occasion | to | whom | first words |\n|---|---|---|---|---|---|"
    )
    return "\n".join([head, *lines, ""])


def _hour(one: Delivery) -> datetime:
    return one.changed_at.astimezone(ZONE)


def _entries(sent: list[Delivery]) -> list[str]:
    """One day: each occasion with its hour, how many got it, who they are, and the first words that the first of them reads."""
    told = []
    for (hour, occasion), found in groupby(sent, key=lambda one: (f"{_hour(one):%H:%M}", one.occasion)):
        ones = list(found)
        people = list(dict.fromkeys(one.person for one in ones))
        who = ", ".join(people[:NAMED]) + (" …" if len(people) > NAMED else "")
        text = ones[0].content.text.splitlines()[0] if ones[0].content else ""
        told.append(f"{hour} | `{occasion}` | {len(ones)} | {who} | {text.replace('*', '').replace('|', ' ')[:WORDS]}…")
    return told


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        hours = town.every_hour()
        lived = Year(Path(folder)).live(hours)
    wrong = differences(lived, hours)
    sys.stderr.write("\n".join([*wrong, f"{len(wrong)} differences from what is expected\n"]))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(lived), encoding="utf-8")
    else:
        sys.stdout.write(page(lived))
    sys.exit(bool(wrong))
