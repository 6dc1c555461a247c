"""The fault harnesses of `bench/`, in their short forms: real processes, real kills, and a provider that counts.

They wait for facts and judge no time, so that a busy machine makes them slower and nothing else. They take minutes, and run
when they are asked for: `pytest tests/faults`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
#: exit code of a harness that cannot be used here
SKIPPED = 77
#: seconds after which a harness hangs
HANGS = 1200

Harness = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def harness() -> Harness:
    """Runs a harness: `harness("kill.py", "--kills", 60)`. It ends with 0 when every promise was kept."""

    def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(BENCH / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
        if done.returncode == SKIPPED:
            pytest.skip(done.stdout.strip())
        print(done.stdout, done.stderr)  # noqa: T201 - figures and seeds, shown when it fails
        return done

    return run


@pytest.fixture
def finds(harness: Harness) -> Callable[..., set[str]]:
    """Runs a harness on a run that is broken on purpose: which of these faults does it name?"""

    def found(faults: set[str], name: str, *arguments: object) -> set[str]:
        done = harness(name, *arguments)
        assert done.returncode == 1
        return {fault for fault in faults if fault in done.stderr}

    return found
