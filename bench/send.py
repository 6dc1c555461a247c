"""Whole processes against each other: notigate, Apprise and the official SDK, sending to N people in one run.

    python bench/send.py [--forms batch single16 single32] [--delays 0 0.05] [--people 10000] [--peers 400] [--rounds 5] [--short]

Every round runs each client once, as a process from start to exit, in turn; ratios are taken round by round. notigate reads its
roster, plans, renders, promises (synchronous=FULL), signs, sends and settles; the others only send. The peers send to fewer
people, so that a round ends today: their rate does not depend on it, beyond their start, which is measured and taken off.
notigate's start is not, but in the last column: what one message more costs it. Of what calls in flight and the delay allow, two
shares are told: of the whole process without its start, and of the time between its first call and the last answer, as the provider
saw it: all is planned and promised before the first.

Processors are often shared with others whom this machine does not see. So the CPU time of a fixed loop is told, as it was around each
round: where it is the same all the time, and the least that was ever seen, the round had its processors to itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import projects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
#: bytecode is kept beside the sources, as wherever a program is installed: compiling is no part of sending
AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
PEERS = {"apprise": "Apprise, own pool", "sdk": "Aliyun SDK, 32 threads"}


@dataclass(frozen=True, slots=True)
class Form:
    """How notigate calls the provider."""

    #: messages in a call
    batch: int
    #: calls in flight
    concurrency: int


FORMS = {"batch": Form(100, 16), "single16": Form(1, 16), "single32": Form(1, 32)}


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took."""

    #: seconds
    wall: float
    cpu: float
    #: MiB
    memory: float
    #: seconds from its first message's arrival at the provider to its last one's answer
    calls: float = 0.0

    def without(self, start: Spent) -> Spent:
        """What was left of it behind its start."""
        return Spent(max(self.wall - start.wall, 0.001), max(self.cpu - start.cpu, 0.0), self.memory, self.calls)


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


def told(port: int, what: str) -> float:
    """What the provider has seen: `messages` that it has got so far, or the `span` of those that it was not asked of yet."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}") as answer:
        return float(answer.read())


def run(command: Sequence[str | Path]) -> Spent:
    """Run one process to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=AS_INSTALLED)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def notigate(port: int, people: int, form: Form) -> Spent:
    """One campaign in a fresh project."""
    with tempfile.TemporaryDirectory() as folder:
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        projects.write(Path(folder), port, people, day=today, batch=form.batch, concurrency=form.concurrency)
        before, _ = told(port, "messages"), told(port, "span")
        spent = run([sys.executable, "-m", "notigate", "-C", folder, "send", "--due"])
        assert told(port, "messages") - before == people, "not every message arrived exactly once"
        return replace(spent, calls=told(port, "span"))


def peer(name: str, port: int, people: int) -> Spent:
    """One peer, without what it takes to start (a run for one person)."""
    command: list[str | Path] = [sys.executable, HERE / "peers.py", name, str(port)]
    return run([*command, str(people + 1)]).without(run([*command, "1"]))


def loop() -> float:
    """Milliseconds of CPU that a fixed loop takes now."""
    start = time.process_time()
    sum(i * i % 7 for i in range(1_000_000))
    return (time.process_time() - start) * 1000


class Rounds:
    """What the rounds against one provider brought."""

    def __init__(self, delay: float, forms: Sequence[str], people: int, peers: int) -> None:
        self._delay = delay
        # One by one goes slower: fewer people, the same number of seconds.
        self._people = {form: people if FORMS[form].batch > 1 else max(people // 5, 1) for form in forms}
        self._peers = dict.fromkeys(PEERS if peers else (), peers)
        self._whole: dict[str, list[Spent]] = {name: [] for name in (*forms, *self._peers)}
        self._more: dict[str, list[Spent]] = {name: [] for name in forms}
        self._loops: list[float] = []

    def go(self, port: int) -> None:
        """One round: everybody once."""
        self._loops.append(loop())
        for form, n in self._people.items():
            whole, start = notigate(port, n, FORMS[form]), notigate(port, 1, FORMS[form])
            self._whole[form].append(whole)
            self._more[form].append(whole.without(start))
        for name, n in self._peers.items():
            self._whole[name].append(peer(name, port, n))
        self._loops.append(loop())

    def show(self) -> None:
        """Medians and ratios."""
        print(f"\nthe provider answers after {self._delay * 1000:.0f} ms; a loop took {spread(self._loops)} ms of CPU")
        print(f"{'client':24} {'messages/s':24} {'CPU µs/message':24} one message more: CPU µs")
        for name, n in {**self._people, **self._peers}.items():
            rate, cpu = self._rates(name), spread([spent.cpu / n * 1e6 for spent in self._whole[name]])
            more = spread([spent.cpu / n * 1e6 for spent in self._more[name]]) if name in self._more else ""
            print(f"{PEERS.get(name, name):24} {spread(rate):24} {cpu:24} {more}")
        for form in self._people:
            self._compare(form)

    def _rates(self, name: str) -> list[float]:
        n = {**self._people, **self._peers}[name]
        return [n / spent.wall for spent in self._whole[name]]

    def _compare(self, form: str) -> None:
        for name in self._peers:
            ratios = [mine / theirs for mine, theirs in zip(self._rates(form), self._rates(name), strict=True)]
            print(f"{form} ÷ {PEERS[name]}: {spread(ratios)}")
        if self._delay:
            least = self._people[form] / FORMS[form].batch / FORMS[form].concurrency * self._delay * 100
            print(
                f"{form}: of calls in flight ÷ delay {spread([least / spent.wall for spent in self._more[form]])} %, start taken off;"
                f" {spread([least / spent.calls for spent in self._more[form]])} % from the first call to the last answer"
            )


def spread(values: Sequence[float]) -> str:
    """Median [min-max]."""
    form = ",.0f" if statistics.median(values) >= 100 else ".1f"
    return f"{statistics.median(values):{form}} [{min(values):{form}}-{max(values):{form}}]"


def main() -> None:
    """Run the rounds and print rates and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    parser.add_argument("--delays", nargs="+", type=float, default=[0.0, 0.05])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--peers", type=int, default=400, help="people whom the peers send to; 0 leaves them out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--short", action="store_true", help="one small round without peers: does it work, are the counts right?"
    )
    asked = parser.parse_args()
    people, peers, rounds = (200, 0, 1) if asked.short else (asked.people, asked.peers, asked.rounds)
    for delay in asked.delays:
        measured = Rounds(delay, asked.forms, people, peers)
        with sink(delay) as port:
            for _ in range(rounds):
                measured.go(port)
        measured.show()


if __name__ == "__main__":
    main()
