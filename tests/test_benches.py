"""The benches run and count right; what they measure is no test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.mark.parametrize(
    ("name", "measured"),
    [("send.py --delays 0", "messages/s"), ("ledger.py", "messages/s"), ("memory.py", "messages/s"), ("plan.py", "MB")],
)
def test_a_bench_works_in_its_short_form(name: str, measured: str):
    script, *options = name.split()
    told = subprocess.run(
        [sys.executable, BENCH / script, *options, "--short"], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert measured in told.stdout


@pytest.mark.parametrize(("name", "last"), [("reports.py", "status, a whole process"), ("year.py", "0 do not add up")])
def test_reports_and_their_year_are_right_in_short_forms(name: str, last: str):
    told = subprocess.run([sys.executable, BENCH / name, "--short"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[-1].startswith(last)
