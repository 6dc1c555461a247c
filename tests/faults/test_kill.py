"""A run that is killed or stopped at any moment: nobody is lost, nobody gets a message twice."""

from __future__ import annotations

import pytest


def test_sixty_kills_lose_nobody_and_send_nothing_twice(harness):
    assert harness("kill.py", "--people", 480, "--kills", 60).returncode == 0


def test_kills_between_calls_for_many_lose_nobody_and_send_nothing_twice(harness):
    assert harness("kill.py", "--people", 150, "--kills", 10, "--concurrency", 4, "--batch", 5).returncode == 0


@pytest.mark.parametrize("signal", ["TERM", "INT"])
def test_a_run_that_is_asked_to_end_leaves_nothing_in_doubt_and_goes_on_next_time(harness, signal):
    assert harness("kill.py", "--signal", signal, "--people", 100, "--kills", 8).returncode == 0


def test_killed_workers_and_a_crashed_server_lose_nothing_and_repeat_nothing(harness):
    """On PostgreSQL; and two wrong orders of writing and sending are found out by the same verdict."""
    ran = harness("kill_postgres.py", "--messages", 1000, "--kills", 15, "--crashes", 1, "--self-check")
    assert ran.returncode == 0
    assert "lost=0, twice=0, kills=15" in ran.stdout


def test_a_run_that_is_asked_to_end_while_calls_hang_gives_them_up_in_time_and_says_what_it_does_not_know(harness):
    assert harness("grace.py").returncode == 0
