"""The fault harnesses of `bench/`, in their short forms: real processes, real kills, and a provider that counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
#: exit code of a harness that cannot be used here
SKIPPED = 77

Harness = Callable[..., subprocess.CompletedProcess[str]]

ASKED_FOR = os.environ.get("NOTIGATE_FAULTS") == "1"
QUIET = "the fault sweeps want a machine of their own for two minutes; run them with NOTIGATE_FAULTS=1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A machine that is busy with the other tests makes their kills miss and their time-outs strike."""
    for item in items:
        if not ASKED_FOR and item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=QUIET))


@pytest.fixture
def harness() -> Harness:
    """Runs a harness: `harness("kill.py", "--kills", 60)`. It ends with 0 when every promise was kept."""

    def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(BENCH / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode == SKIPPED:
            pytest.skip(done.stdout.strip())
        print(done.stdout, done.stderr)  # noqa: T201 - figures and seeds, shown when it fails
        return done

    return run
