"""A harness that lets a wrong order of writing and sending pass proves nothing: each of them finds both."""

from __future__ import annotations

import pytest

HARNESSES = [
    ("kill.py", "--people", 80, "--kills", 10),
    ("overlap.py", "starts", "--rounds", 1, "--starts", 4, "--people", 40, "--soon", 0),
    ("overlap.py", "singles", "--people", 40, "--callers", 4, "--each", 1, "--timeout", 600),
    ("replies.py", "--form", "spoiled", "--people", 30),
    ("replies.py", "--form", "accepted-late", "--people", 8),
    ("replies.py", "--form", "unreached", "--people", 8),
    ("replies.py", "--form", "tls", "--people", 8),
    ("disk.py", "--form", "limit", "--people", 20, "--steps", 2),
    ("disk.py", "--form", "tmpfs", "--people", 20, "--steps", 2),
    ("syscalls.py", "--inject", "KILL", "--points", 3),
    ("syscalls.py", "--inject", "EIO", "--points", 3),
]
#: each with what it comes to; where nothing reaches the provider, it is found by what is missing
WRONG = {"send-then-record": {"sent without an intent"}, "recorded-before-sent": {"answered before asked", "lost"}}


@pytest.mark.parametrize("order", WRONG)
@pytest.mark.parametrize("asked", HARNESSES, ids=lambda asked: " ".join(map(str, asked[:3])))
def test_every_harness_finds_the_wrong_orders_of_writing_and_sending(finds, asked, order):
    assert finds(WRONG[order], *asked, "--order", order)


@pytest.mark.parametrize(
    ("order", "faults"),
    [
        ("send-then-record", {"sent twice"}),
        ("recorded-before-sent", {"lost"}),
        ("never-unknown", {"sent twice"}),
    ],
)
def test_what_wrong_orders_do_is_counted(finds, order, faults):
    assert finds(faults, "kill.py", "--order", order, "--people", 80, "--kills", 10) == faults


def test_a_wrong_order_is_found_at_the_system_call_that_shows_it(finds):
    found = finds({"sent twice"}, "syscalls.py", "--only", "recvfrom", "--order", "never-unknown")
    assert found == {"sent twice"}
