"""Whole processes against each other: notigate, Apprise and the official SDK, sending to N people in one run.

    python bench/send.py [--people 10000] [--peers 1000] [--delay 0.05] [--rounds 5] [--batch 100] [--concurrency 8]

Every round runs each client once, as a process from start to exit, in turn; what is compared is messages per second. notigate
reads its roster, plans, renders, promises (synchronous=FULL), signs, sends and settles; the others only send. The peers send to
fewer people, so that a round ends today: their rate does not depend on it, beyond their start, which is measured and taken off.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import projects

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


@contextmanager
def sink(delay: float) -> Iterator[int]:
    """A provider in its own process; yields its port."""
    process = subprocess.Popen([sys.executable, HERE / "sink.py", str(delay)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def received(port: int) -> int:
    """Messages that the provider has got so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/messages") as answer:
        return int(answer.read())


def timed(command: list[str | Path]) -> tuple[float, float]:
    """Wall and CPU seconds of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def notigate(port: int, people: int, batch: int, concurrency: int) -> tuple[float, float]:
    """One campaign in a fresh project."""
    with tempfile.TemporaryDirectory() as folder:
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        projects.write(Path(folder), port, people, day=today, batch=batch, concurrency=concurrency)
        before = received(port)
        spent = timed([sys.executable, "-m", "notigate", "-C", folder, "send", "--due"])
        assert received(port) - before == people, "not every message arrived exactly once"
        return spent


def peer(name: str, port: int, people: int) -> tuple[float, float]:
    """One peer, without what it takes to start (a run for one person)."""
    command: list[str | Path] = [sys.executable, HERE / "peers.py", name, str(port)]
    whole, one = timed([*command, str(people + 1)]), timed([*command, "1"])
    return max(whole[0] - one[0], 0.001), max(whole[1] - one[1], 0.0)


def main() -> None:
    """Run the rounds and print rates and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--peers", type=int, default=1_000)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--concurrency", type=int, default=8)
    asked = parser.parse_args()
    rates: dict[str, list[float]] = {"notigate": [], "apprise": [], "sdk": []}
    cpu: dict[str, list[float]] = {"notigate": [], "apprise": [], "sdk": []}
    with sink(asked.delay) as port:
        for _ in range(asked.rounds):
            for name, measured in rates.items():
                n = asked.people if name == "notigate" else asked.peers
                spent = notigate(port, n, asked.batch, asked.concurrency) if name == "notigate" else peer(name, port, n)
                measured.append(n / spent[0])
                cpu[name].append(spent[1] / n * 1e6)
    show(rates, cpu)


def show(rates: dict[str, list[float]], cpu: dict[str, list[float]]) -> None:
    """Medians, and ratios round by round with their spread."""
    print("client      messages/s             CPU µs/message")
    for name, values in rates.items():
        print(f"{name:10}  {spread(values):22} {spread(cpu[name])}")
    for name in ("apprise", "sdk"):
        ratios = [mine / theirs for mine, theirs in zip(rates["notigate"], rates[name], strict=True)]
        print(f"notigate ÷ {name}: {spread(ratios)}")


def spread(values: list[float]) -> str:
    """Median [min-max]."""
    form = ",.0f" if statistics.median(values) >= 100 else ".1f"
    return f"{statistics.median(values):{form}} [{min(values):{form}}-{max(values):{form}}]"


if __name__ == "__main__":
    main()
