"""What one command takes, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

#: a process counts the memory of the one that it was forked from: a small one is in between
LAUNCHER = """
import os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
_pid, status, usage = os.wait4(process.pid, 0)
wall, cpu = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
print(wall, cpu, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a process and those that it waited for took."""

    #: seconds
    wall: float
    cpu: float
    #: megabytes of the largest of them
    memory: float
    code: int
    out: str


def measured(*command: object) -> Figures:
    """Run `notigate` with these arguments."""
    launched = [sys.executable, "-c", LAUNCHER, sys.executable, "-m", "notigate", *map(str, command)]
    done = subprocess.run(launched, capture_output=True, text=True, check=True)
    wall, cpu, memory, code = map(float, done.stderr.split())
    return Figures(wall, cpu, memory, int(code), done.stdout)
