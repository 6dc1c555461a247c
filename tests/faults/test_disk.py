"""A full disk: nothing is sent without a promise, and no answer is forgotten."""

from __future__ import annotations


def test_files_that_may_not_grow_break_no_promise(harness):
    assert harness("disk.py", "--form", "limit", "--people", 40, "--steps", 8).returncode == 0


def test_answers_that_meet_a_full_disk_are_kept_and_need_not_be_asked_for(harness):
    assert harness("disk.py", "--form", "tmpfs", "--people", 40, "--steps", 8).returncode == 0
