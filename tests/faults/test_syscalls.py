"""A kill, or a fault of the disk, at the system calls by which a run writes, syncs, sends and receives."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("way", [(), ("--after-a-crash",), ("--batch", 3)], ids=["first run", "after a crash", "batch"])
def test_a_kill_at_any_system_call_breaks_no_promise(harness, way):
    assert harness("syscalls.py", "--inject", "KILL", "--points", 8, *way).returncode == 0


@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_fault_of_the_disk_at_any_system_call_breaks_no_promise(harness, fault):
    assert harness("syscalls.py", "--inject", fault, "--points", 8).returncode == 0
