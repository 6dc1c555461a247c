"""Reports and logs of a ledger of ten million deliveries.

    python bench/reports.py [--rows 10000000] [--rounds 7] [--ledger FILE] [--short]

The ledger is that of `bench/ledger.py --rows`; with `--ledger` it is kept in FILE, and taken from there the next time. Each figure
is taken in one process, as an application has it, wall and CPU; `status` is a whole process, its start included. Each log is a
page of 200, or all where there is less.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ledger import DAY, NOW, fill
from send import spread

from notigate.ledger import open_ledger, questions
from notigate.model import State
from notigate.reports.figures import figures
from notigate.reports.files import MAKERS
from notigate.reports.spans import month, week

if TYPE_CHECKING:
    from collections.abc import Callable

    from notigate.ledger.questions import Asked
    from notigate.ledger.store import Ledger
    from notigate.model import Delivery
    from notigate.reports.figures import Figures
    from notigate.reports.spans import Span

PAGE = 200
SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000}}
ledger: sqlite:///{ledger}
roster: {{file: customers.csv}}
channels: {{sms: {{plugin: outbox}}}}
"""


def timed(name: str, work: Callable[[], object], rounds: int) -> None:
    """Do it again and again; the first time warms the cache."""
    wall, cpu = [], []
    for number in range(rounds + 1):
        began, used = time.perf_counter(), _used()
        work()
        if number:
            wall.append((time.perf_counter() - began) * 1000)
            cpu.append((_used() - used) * 1000)
    print(f"{name:32} {spread(wall):24} ms   CPU {spread(cpu)} ms", flush=True)


def _used() -> float:
    """Seconds of CPU, of children that have ended, too."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def logs(rows: int) -> dict[str, Asked]:
    """What is asked for: deliveries of a ledger with so many rows; the last of them changed last."""
    last = NOW + timedelta(milliseconds=rows)
    return {
        "log --person": {"person": "p777"},
        "log --phone": {"address": "13810000777"},
        "log --run": {"run": rows // 20_000 + 1, "latest": PAGE},
        "log --occasion": {"occasion": "care/occasion-3", "latest": PAGE},
        "log --occasion --since --until": {
            "occasion": "care/occasion-3",
            "since": NOW,
            "until": NOW + timedelta(milliseconds=rows // 10),
            "latest": PAGE,
        },
        "log --reason": {"reason": "bad-address", "latest": PAGE},
        "log --state accepted": {"state": State.ACCEPTED, "latest": PAGE},
        "log --state failed": {"state": State.FAILED, "latest": PAGE},
        "log --state delivered (none)": {"state": State.DELIVERED, "latest": PAGE},
        "log --since": {"since": last - timedelta(seconds=1), "latest": PAGE},
        "log --state failed --until": {"state": State.FAILED, "until": last - timedelta(seconds=1), "latest": PAGE},
    }


def measure(ledger: Ledger, rows: int, rounds: int) -> None:
    """Reports and logs, in this process."""
    last_week = week(DAY - timedelta(days=7))
    timed("report week, figures", partial(figures, ledger, last_week), rounds)
    timed("report month, figures", partial(figures, ledger, month(DAY - timedelta(days=31))), rounds)
    timed("report week --by-building", partial(figures, ledger, last_week, by_building=True), rounds)
    for ending, make in MAKERS.items():
        timed(f"report week -o {ending}", partial(_made, make, ledger, last_week), rounds)
    for name, asked in logs(rows).items():
        assert "none" in name or any(questions.log(ledger, **asked)), f"{name} found nothing"
        timed(name, partial(_read, ledger, asked), rounds)


def _made(make: Callable[[Figures, str], bytes], ledger: Ledger, span: Span) -> bytes:
    return make(figures(ledger, span), "")


def _read(ledger: Ledger, asked: Asked) -> list[Delivery]:
    return list(questions.log(ledger, **asked))


def status(file: Path, rounds: int) -> None:
    """A whole process."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "notigate.yaml").write_text(SETTINGS.format(ledger=file), encoding="utf-8")
        (Path(folder) / "customers.csv").write_text("id,name,phone\nc1,王芳,13800138000\n", encoding="utf-8")
        command = [sys.executable, "-m", "notigate", "-C", folder, "status"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        timed("status, a whole process", partial(subprocess.run, command, capture_output=True, check=False), rounds)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ledger", type=Path, metavar="FILE")
    parser.add_argument("--short", action="store_true", help="a small ledger, each once: does it work?")
    asked = parser.parse_args()
    rows, rounds = (20_000, 1) if asked.short else (asked.rows, asked.rounds)
    with ExitStack() as stack:
        file = asked.ledger or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "notigate.db"
        if not file.exists():
            fill(file, rows)
        ledger = open_ledger(f"sqlite:///{file}")
        stack.callback(ledger.close)
        measure(ledger, rows, rounds)
        status(file.resolve(), rounds)


if __name__ == "__main__":
    main()
