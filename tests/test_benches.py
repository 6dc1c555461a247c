"""The benches run and count right; what they measure is no test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.mark.parametrize("name", ["send.py --delays 0", "ledger.py", "memory.py"])
def test_a_bench_works_in_its_short_form(name: str):
    script, *options = name.split()
    told = subprocess.run(
        [sys.executable, BENCH / script, *options, "--short"], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert "messages/s" in told.stdout
