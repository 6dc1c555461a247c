"""Replies that are lost, late, broken, foreign or misdirected, and connections that cannot be trusted."""

from __future__ import annotations


def test_every_spoiled_reply_is_unknown_then_found_and_nobody_gets_a_message_twice(harness):
    assert harness("replies.py", "--form", "spoiled", "--people", 200, "--share", 0.25).returncode == 0


def test_calls_that_are_carried_out_after_their_time_out_are_not_made_again(harness):
    assert harness("replies.py", "--form", "accepted-late", "--people", 24).returncode == 0


def test_the_harness_finds_a_quiet_period_that_is_too_short(harness):
    found = harness("replies.py", "--form", "too-hasty", "--people", 8)
    assert found.returncode == 1
    assert "sent twice" in found.stderr


def test_a_provider_that_is_not_reached_leaves_nothing_in_doubt(harness):
    assert harness("replies.py", "--form", "unreached", "--people", 12).returncode == 0


def test_untrusted_tls_sends_nothing_and_tls_that_breaks_after_the_request_is_unknown(harness):
    assert harness("replies.py", "--form", "tls", "--people", 20).returncode == 0
