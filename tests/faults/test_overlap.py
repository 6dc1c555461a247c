"""Many runs and callers at once: each message once, and nobody waits long for nothing."""

from __future__ import annotations


def test_of_twenty_runs_that_start_at_once_one_sends_and_the_others_leave(harness):
    assert harness("overlap.py", "starts", "--rounds", 2, "--soon", 0).returncode == 0


def test_single_messages_beside_a_long_campaign_come_back_with_their_outcome(harness):
    assert harness("overlap.py", "singles", "--people", 600, "--each", 3, "--timeout", 600).returncode == 0
