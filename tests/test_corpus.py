"""Made-up exports are read as expected, and broken ones refused: the short forms of two harnesses in `bench/`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.mark.parametrize(
    "command",
    [
        ("corpus.py", "--files", "36", "--seed", "7"),
        ("mutate.py", "--inputs", "200", "--seed", "7", "--longest", "300"),
    ],
    ids=["corpus", "mutations"],
)
def test_a_harness_finds_nothing(command):
    done = subprocess.run(
        [sys.executable, BENCH / command[0], *command[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
