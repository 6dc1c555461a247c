"""A kill, or a fault of the disk, at every system call by which a small run writes, syncs, sends and receives.

    python bench/syscalls.py [--inject KILL|ENOSPC|EIO] [--after-a-crash] [--batch 1] [--points 0] [--seed 1]
                             [--only SYSCALL] [--order send-then-record|never-unknown|recorded-before-sent]

strace counts the system calls of a run of three messages and strikes at the k-th of each kind, one run a point; then runs
without faults follow until the campaign is at its end, and the provider counts. KILL is `kill -9` before the call. ENOSPC and EIO
are the answers of a full and of a broken disk, from that call on until the end of the run; such a run must end with 5 and no
traceback, or with 0 where it was done already. `--points N` takes a random sample, 0 takes all. Ends with 77 where
strace is missing or not allowed. `--order` plays a wrong order of writing and sending, which must be found: it must end with 1.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import forks
import orders
from campaigns import Campaign, begun, ended
from provider import Provider

import notigate.dispatcher
from notigate.errors import ExitCode

PEOPLE = 3
#: what leaves a trace on the disk
WRITING = ("pwrite64", "ftruncate", "fallocate", "rename", "link", "unlink")
#: what also goes to standard output, and is written to the disk by `bench/disk.py`
PRINTING = ("write",)
SYNCING = ("fsync", "fdatasync")
TALKING = ("connect", "sendto", "sendmsg", "recvfrom", "recvmsg")
#: exit code of a harness that cannot be used here
SKIPPED = 77


@dataclass(frozen=True, slots=True)
class Point:
    """The k-th call of one system call in one thread."""

    syscall: str
    k: int

    def __str__(self) -> str:
        return f"{self.syscall} {self.k}"


@dataclass(frozen=True, slots=True)
class Sweep:
    """Runs of three messages, each struck at one point."""

    folder: Path
    provider: Provider
    inject: str
    batch: int
    after_a_crash: bool
    only: str
    order: str

    @property
    def syscalls(self) -> tuple[str, ...]:
        """Those that are struck: a disk breaks no connection."""
        if self.only:
            return (self.only,)
        return (*WRITING, *PRINTING, *SYNCING, *TALKING) if self.inject == "KILL" else (*WRITING, *SYNCING)

    @property
    def expected(self) -> tuple[int, ...]:
        """Exit codes of a run that was struck, or ended before it could be."""
        return (137 if self.inject == "KILL" else ExitCode.LEDGER, ExitCode.DONE, ExitCode.SOME_UNKNOWN)

    def points(self) -> list[Point]:
        """All points of a run, counted in a run that is left alone."""
        trace = self.folder / "trace"
        campaign = self._prepared("counted")
        self._traced(campaign, "-o", str(trace), "-e", f"trace={','.join(self.syscalls)}")
        made = Counter(
            re.findall(r"^(\d+) +(\w+)\(", trace.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        )
        most: dict[str, int] = {}
        for (_thread, syscall), count in made.items():
            most[syscall] = max(most.get(syscall, 0), count)
        return [Point(syscall, k) for syscall, count in most.items() for k in range(1, count + 1)]

    def strike(self, point: Point) -> tuple[int, list[str]]:
        """Strike one run at `point`: its exit code, and the broken promises."""
        campaign = self._prepared(str(point).replace(" ", "-"))
        means = "signal=KILL" if self.inject == "KILL" else f"error={self.inject}"
        when = str(point.k) if self.inject == "KILL" else f"{point.k}+"
        injection = f"inject={point.syscall}:{means}:when={when}"
        code = self._traced(campaign, "-o", "/dev/null", "-e", f"trace={point.syscall}", "-e", injection)
        codes = campaign.finish()
        faults = campaign.verdict().faults(in_flight=self.batch)
        faults += ended(codes)
        faults += [] if code in self.expected else [f"exit code {code}"]
        if faults:
            self.provider.keep(campaign.folder / "provider.json")
        else:
            shutil.rmtree(campaign.folder)
        return code, faults

    @staticmethod
    def _wait(pipe: int) -> None:
        # A broken disk is tried again after a second; here it stays broken, and there are many points.
        notigate.dispatcher.LAST_WAIT = 0.02
        os.read(pipe, 1)

    def _prepared(self, name: str) -> Campaign:
        self.provider.forget()
        quick = {"first": "50ms", "confirm": "100ms"}
        campaign = begun(
            self.folder / name, self.provider, PEOPLE, self.order, batch=self.batch, concurrency=1, **quick
        )
        if self.after_a_crash:
            several = self.batch < PEOPLE
            self.provider.weather(held_after=1 if several else 0)
            crashed = campaign.start()
            self.provider.wait_for(2 if several else 1)
            crashed.kill()
            self.provider.weather(delay=(0.01, 0.01))
        return campaign

    def _traced(self, campaign: Campaign, *options: str) -> int:
        """A run under strace, from its first system call of notigate's on; its exit code."""
        waits, go = os.pipe()
        child = campaign.start(lambda: self._wait(waits), tells=False)
        command = ["strace", "-f", "-p", str(child.pid), *options]
        strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert strace.stderr
        told = strace.stderr.readline()
        os.write(go, b"!")
        os.close(go)
        os.close(waits)
        child.gone(600.0)
        strace.communicate()
        if "attached" not in told:
            print(f"not possible here: {told.strip()}")
            sys.exit(SKIPPED)
        assert child.code is not None
        return child.code


def sweep(asked: argparse.Namespace, every: Sweep) -> int:
    """Strike at every point, or at a sample; prints the figures, returns how many promises were broken."""
    started = time.monotonic()
    points = every.points()
    dice = random.Random(asked.seed)
    chosen = sorted(dice.sample(points, min(asked.points, len(points))), key=points.index) if asked.points else points
    struck, broken = Counter[int](), 0
    for point in chosen:
        code, faults = every.strike(point)
        struck[code] += 1
        if faults:
            broken += 1
            print(f"{asked.inject} at {point} (exit {code}): {'; '.join(faults)}", file=sys.stderr)
    if struck[every.expected[0]] < len(chosen) / 2:
        broken += 1
        print("too few were struck to prove anything", file=sys.stderr)
    print(
        f"{asked.inject}{' after a crash' if asked.after_a_crash else ''} {asked.order}, calls of {asked.batch}, seed {asked.seed}: "
        f"{len(chosen)} of {len(points)} points ({', '.join(sorted({point.syscall for point in chosen}))}), exit codes "
        f"{dict(struck)}, {broken} with broken promises, {time.monotonic() - started:.0f} s"
    )
    return broken


def main() -> None:
    """Exit with 1 when a promise was broken, 77 when this cannot be tried here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inject", choices=["KILL", "ENOSPC", "EIO"], default="KILL")
    parser.add_argument("--after-a-crash", action="store_true")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--points", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--order", choices=["", *orders.WRONG], default="")
    asked = parser.parse_args()
    if shutil.which("strace") is None:
        print("not possible here: strace is not installed")
        sys.exit(SKIPPED)
    folder = Path(tempfile.mkdtemp(prefix="notigate-syscalls-"))
    with Provider(asked.seed) as provider:
        forks.preload()
        provider.weather(delay=(0.01, 0.01))
        struck = Sweep(folder, provider, asked.inject, asked.batch, asked.after_a_crash, asked.only, asked.order)
        broken = sweep(asked, struck)
    if broken and not asked.order:
        sys.exit(f"ledgers, logs of the runs and logs of the provider are kept in {folder}")
    shutil.rmtree(folder)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
