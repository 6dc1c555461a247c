"""A run that is killed or stopped at any moment: nobody is lost, nobody gets a message twice."""

from __future__ import annotations

import pytest


def test_sixty_kills_lose_nobody_and_send_nothing_twice(harness):
    assert harness("kill.py", "--people", 240, "--kills", 60).returncode == 0


def test_kills_between_calls_for_many_lose_nobody_and_send_nothing_twice(harness):
    assert harness("kill.py", "--people", 150, "--kills", 10, "--concurrency", 4, "--batch", 5).returncode == 0


@pytest.mark.parametrize("signal", ["TERM", "INT"])
def test_a_run_that_is_asked_to_end_leaves_nothing_in_doubt_and_goes_on_next_time(harness, signal):
    assert harness("kill.py", "--signal", signal, "--people", 100, "--kills", 8).returncode == 0


@pytest.mark.parametrize(
    ("order", "faults"),
    [
        ("send-then-record", {"sent without an intent", "sent twice"}),
        ("never-unknown", {"sent twice"}),
        ("recorded-before-sent", {"lost"}),
    ],
)
def test_the_harness_finds_wrong_orders_of_writing_and_sending(harness, order, faults):
    found = harness("kill.py", "--order", order, "--people", 80, "--kills", 10)
    assert (found.returncode, {fault for fault in faults if fault in found.stderr}) == (1, faults)
