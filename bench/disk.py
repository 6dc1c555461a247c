"""A disk that is full: what was not promised is not sent, what was answered is not forgotten, nothing is sent twice.

    python bench/disk.py [--form limit|tmpfs] [--people 60] [--steps 40] [--seed 1]

`limit` lets no file of a run grow beyond so many bytes (RLIMIT_FSIZE), step by step from too little for anything to enough for
all. `tmpfs` is a small disk of its own, really full, step by step; it needs the right to mount, and ends with 77 without. After
each step there is room again, runs follow until the campaign is at its end, and the provider counts. A run that meets the limit
exits with 5 and no traceback. Of the answers that came when the ledger had no room, none may be asked for again: they were kept.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import forks
import orders
from campaigns import Campaign, begun, ended
from provider import Provider

import notigate.dispatcher
from notigate.errors import ExitCode
from notigate.ledger.aside import Aside

#: bytes: fewer than a run writes at all, and what it writes for each person
LEAST, EACH = 4 * 1024, 40 * 1024
#: bytes of a disk that holds a project and a new ledger, and of one that holds everything
SMALL, LARGE = 700 * 1024, 64 * 1024 * 1024
#: set in a process that has its disks for itself
AMONG_OURSELVES = "NOTIGATE_BENCH_UNSHARED"
#: calls in flight
CALLS = 4
PROJECT: Mapping[str, Any] = {"concurrency": CALLS, "first": "50ms", "confirm": "100ms"}
#: exit code of a harness that cannot be used here
SKIPPED = 77


@dataclass(slots=True)
class Steps:
    """What came of the steps."""

    codes: Counter[int] = field(default_factory=Counter)
    #: answers that were kept beside the ledger
    kept: int = 0
    #: steps in which some were
    rescued: int = 0
    faults: list[str] = field(default_factory=list)


def _hurry() -> None:
    """A full disk is tried again after a second; here it stays full, and there are many steps."""
    notigate.dispatcher.LAST_WAIT = 0.02


def _limited(size: int) -> None:
    _hurry()
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def limit(asked: argparse.Namespace, folder: Path, provider: Provider) -> Steps:
    """Files that may not grow."""
    done = Steps()
    for step in range(asked.steps):
        size = LEAST + asked.people * EACH * step // asked.steps
        provider.forget()
        one = begun(folder / str(size), provider, asked.people, asked.order, **PROJECT)
        _step(f"{size} bytes", one, done, partial(_limited, size))
    return done


def tmpfs(asked: argparse.Namespace, folder: Path, provider: Provider) -> Steps:
    """Disks that are full."""
    done = Steps()
    for step in range(asked.steps):
        size = SMALL + asked.people * EACH * step // asked.steps // 4096 * 4096
        provider.forget()
        (place := folder / str(size)).mkdir(mode=0o700)
        with _disk(place, size):
            one = begun(place, provider, asked.people, asked.order, **PROJECT)
            _step(f"{size} bytes", one, done, _hurry, partial(_mount, place, f"remount,size={LARGE}"))
    return done


@contextmanager
def _disk(place: Path, size: int) -> Iterator[None]:
    _mount(place, f"size={size},mode=0700")
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)  # noqa: S607 - where the system has it


def _among_ourselves() -> None:
    """Go on in a process whose disks nobody else sees, and which takes them with it when it ends."""
    if os.environ.get(AMONG_OURSELVES):
        return
    private = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None or subprocess.run([*private, "true"], check=False).returncode:
        print("not possible here: no right to mount a disk")
        sys.exit(SKIPPED)
    os.environ[AMONG_OURSELVES] = "1"
    os.execvp("unshare", [*private, sys.executable, *sys.argv])  # noqa: S606, S607 - where the system has it


def _mount(place: Path, options: str) -> None:
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place],  # noqa: S607 - where the system has it
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        print(f"not possible here: {made.stderr.strip()}")
        sys.exit(SKIPPED)


def _step(
    name: str, one: Campaign, done: Steps, prepare: Callable[[], None], relieve: Callable[[], None] = forks.nothing
) -> None:
    code = one.run(prepare)
    done.codes[code] += 1
    faults = [] if code in (ExitCode.DONE, ExitCode.LEDGER) else [f"exit code {code}"]
    relieve()
    aside = Aside(one.ledger.with_name(one.ledger.name + ".aside"))
    kept = len(list(aside.kept()))
    done.kept += kept
    done.rescued += kept > 0
    codes = one.finish()
    verdict = one.verdict()
    faults += [*verdict.faults(in_flight=0 if kept else CALLS), *ended(codes)]
    done.faults += [f"{name}: {fault}" for fault in faults]
    if faults and not one.order:
        one.provider.keep(one.folder / "provider.json")
        shutil.copytree(one.folder, Path(tempfile.mkdtemp(prefix="notigate-disk-kept-")), dirs_exist_ok=True)


def main() -> None:
    """Exit with 1 when a promise was broken, 77 when this cannot be tried here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=["limit", "tmpfs"], default="limit")
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--order", choices=["", *orders.WRONG], default="")
    asked = parser.parse_args()
    started = time.monotonic()
    if asked.form == "tmpfs":
        _among_ourselves()
    with Provider(asked.seed) as provider, tempfile.TemporaryDirectory(prefix="notigate-disk-") as folder:
        forks.preload()
        provider.weather(delay=(0.002, 0.01))
        done = {"limit": limit, "tmpfs": tmpfs}[asked.form](asked, Path(folder), provider)
    print(
        f"{asked.form}, seed {asked.seed}: {asked.steps} sizes, {asked.people} people, exit codes {dict(done.codes)}, "
        f"{done.kept} answers "
        f"kept beside the ledger at {done.rescued} sizes, {time.monotonic() - started:.0f} s"
    )
    if not done.rescued:
        done.faults.append("no answer ever met a full disk: too few sizes to prove anything")
    if done.faults:
        sys.exit("\n".join(done.faults))


if __name__ == "__main__":
    main()
