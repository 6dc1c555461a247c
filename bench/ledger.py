"""The ledger alone: messages a second through it, and one week's count on millions of deliveries.

    python bench/ledger.py [--messages 20000] [--rounds 5] [--rows 1000000]... [--short]

A message's way is its promise, its claim, its intent and its answer, each a change with its event and its tally, a thousand
to a durable commit (WAL, synchronous=FULL); the collector of garbage is set as the program sets it. "Plan and two changes"
leaves the claim out of the reckoning. Rows for the count are made by SQL, without waiting for the disk, and counted into the
tally by the ledger's own statement.
"""

from __future__ import annotations

import argparse
import gc
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from send import spread

from notigate.ledger import changes, claim, open_ledger, plan, runs, settle, tally
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.ledger.store import to_ms
from notigate.model import Category, Content, Delivery, Outcome, State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from notigate.ledger.store import Ledger

T = TypeVar("T")

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 2, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
#: messages in one transaction, and in one call
TOGETHER, BATCH = 1000, 100
STEPS = ("promise", "claim", "intent", "answer")

#: two years of 20 occasions on 2 channels in 5 projects with 20 buildings each
FILL = """
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)
INSERT INTO delivery (id, key, version, run, occasion, occurrence, day, person, project, building, category, channel, medium,
                      address, locale, asked, content, digest, state, reason, detail, attempts, planned_at, changed_at, next_at,
                      parts)
SELECT i, CAST(printf('%016x', i) AS BLOB), 4, i / 10000 + 1, 'care/occasion-' || (i % 20), '2026',
       date(:day, '-' || (i * 730 / :rows) || ' days'), 'p' || (i % 100000), 'project-' || (i / 20 % 5), (i / 100 % 20) || '号楼',
       'care', iif(i / 2000 % 3, 'sms', 'email'), 'sms', '138' || (10000000 + i % 100000), 'zh_Hans', 0,
       '{"text":"王女士，祝您生日快乐！"}', x'00', iif(i / 6000 % 50, 'accepted', 'failed'), iif(i / 6000 % 50, '', 'bad-address'), '',
       1, :now + i, :now + i, :now + i, i / 2000 % 3 > 0
  FROM n
"""
COUNTED = """
SELECT day, occasion, channel, project, building, state, reason, count(*) FROM delivery
 GROUP BY day, occasion, channel, project, building, state, reason
"""
PAID = """
SELECT day, occasion, channel, project, building, 'CNY', sum(parts), sum(parts) * 45000 FROM delivery
 WHERE state = 'accepted' AND parts > 0
 GROUP BY day, occasion, channel, project, building
"""
#: rows made in one go
SOME = 500_000


def drafts(ledger: Ledger, n: int) -> list[Draft]:
    """Birthday greetings as a plan hands them over: with the keys under which it looked for earlier ones."""
    return [
        Draft(
            occasion="service/birthday", occurrence="2026", day=DAY, person=f"p{i}", project="青年城", building=f"{i % 20}号楼",
            category=Category.CARE, channel="sms", medium="sms", to=str(13800000000 + i), locale="zh_Hans", next_at=NOW,
            content=Content(text=f"王女士，祝您生日快乐！{i}", params={"greeting": "王女士", "number": str(i)}),
            key=plan.key(ledger, "service/birthday", "2026", f"p{i}"),
        )
        for i in range(n)
    ]  # fmt: skip


class Way:
    """The way of messages through one ledger; what each step takes, in seconds of wall and CPU."""

    def __init__(self, ledger: Ledger, n: int) -> None:
        self._ledger = ledger
        self._n = n
        self._run = runs.start(ledger, "send", TIMES)
        self.wall = dict.fromkeys(STEPS, 0.0)
        self.cpu = dict.fromkeys(STEPS, 0.0)

    def go(self) -> None:
        """Promise all, then claim, begin and answer group by group."""
        waiting = drafts(self._ledger, self._n)
        for start in range(0, self._n, TOGETHER):
            some = waiting[start : start + TOGETHER]
            self._timed("promise", partial(plan.promise, self._ledger, self._run, some, TIMES))
        pick = partial(claim.claim, self._ledger, "sms", TIMES, TOGETHER, asked=False)
        while claimed := self._timed("claim", pick):
            begun = self._timed("intent", partial(self._begin, claimed))
            self._timed("answer", partial(self._settle, begun))

    def rate(self, steps: Sequence[str]) -> float:
        """Messages a second through these steps."""
        return self._n / sum(self.wall[step] for step in steps)

    def _begin(self, claimed: Sequence[Delivery]) -> list[Call]:
        groups = [tuple(claimed[i : i + BATCH]) for i in range(0, len(claimed), BATCH)]
        calls = [Call(claim.new_reference(), "sms", group) for group in groups]
        with self._ledger.write() as tx:
            return claim.begin(tx, self._run, calls, TIMES)

    def _settle(self, begun: Sequence[Call]) -> None:
        outcome = Outcome.accepted("607300000000000000^0")
        made = [
            Settlement(outcome, Change(call.deliveries, State.ACCEPTED, "accepted", provider_id=outcome.provider_id))
            for call in begun
        ]
        with self._ledger.write() as tx:
            settle.settle(tx, made, TIMES)

    def _timed(self, step: str, work: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        done = work()
        self.wall[step] += time.perf_counter() - wall
        self.cpu[step] += time.process_time() - cpu
        return done


def rates(messages: int, rounds: int) -> None:
    """Send `messages` through a new ledger, again and again."""
    ways = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            ledger = open_ledger(f"sqlite:///{folder}/notigate.db")
            way = Way(ledger, messages)
            way.go()
            (count,) = tally.counts(ledger, DAY, DAY)
            assert (count.state, count.n) == ("accepted", messages), "not every message came to its end"
            ledger.close()
        ways.append(way)
    for name, steps in (("plan and two changes", ("promise", "intent", "answer")), ("with its claim", STEPS)):
        cpu = [sum(way.cpu[step] for step in steps) / messages * 1e6 for way in ways]
        print(f"{name:22} {spread([way.rate(steps) for way in ways]):24} messages/s   CPU {spread(cpu)} µs/message")
    for step in STEPS:
        print(f"  {step:20} CPU {spread([way.cpu[step] / messages * 1e6 for way in ways])} µs/message")


def fill(path: Path, rows: int) -> None:
    """Put `rows` deliveries into a new ledger, and count them into its tally."""
    open_ledger(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for first in range(1, rows + 1, SOME):
            last = min(first + SOME - 1, rows)
            connection.execute(
                FILL, {"first": first, "last": last, "rows": rows, "day": DAY.isoformat(), "now": to_ms(NOW)}
            )
        connection.executemany(changes.TALLY, connection.execute(COUNTED).fetchall())
        connection.executemany(changes.SPENDING, connection.execute(PAID).fetchall())


def week(rows: int, rounds: int) -> None:
    """Ask for one week's count of a ledger of so many rows."""
    monday = DAY - timedelta(days=DAY.weekday() + 7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notigate.db"
        fill(path, rows)
        ledger = open_ledger(f"sqlite:///{path}")
        with ledger.read() as tx:
            ((cells,),) = tx.rows("SELECT count(*) FROM tally")
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            counted = tally.counts(ledger, monday, monday + timedelta(days=6))
            times.append((time.perf_counter() - start) * 1000)
        everything = tally.counts(ledger, date.min, date.max)
        ledger.close()
    assert sum(count.n for count in everything) == rows, "the tally lost some"
    found = sum(count.n for count in counted)
    size = f"{rows:,} rows, {cells:,} cells"
    print(
        f"one week of {size}: {statistics.median(times):.1f} [{min(times):.1f}-{max(times):.1f}] ms ({found:,} messages)"
    )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--short", action="store_true", help="a small one of each: does it work, are the counts right?")
    asked = parser.parse_args()
    gc.set_threshold(100_000, 20, 20)
    rates(2_000 if asked.short else asked.messages, 1 if asked.short else asked.rounds)
    for rows in [20_000] if asked.short else asked.rows:
        week(rows, asked.rounds)


if __name__ == "__main__":
    main()
