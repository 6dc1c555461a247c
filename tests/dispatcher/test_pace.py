"""How fast a channel is asked, and how much at once."""

from __future__ import annotations

import time

import pytest

from notigate.dispatcher import narrowed
from notigate.dispatcher.line import Pace
from notigate.model import (
    Outcome,
    State,
)
from notigate.plugin import Limits
from notigate.settings import Timeout

ACCEPTED = Outcome.accepted("BIZ")


# Pace


class Ticking:
    """A clock that is moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def calls_in(pace: Pace, clock: Ticking, seconds: float, step: float) -> list[float]:
    made, end = [], clock.now + seconds
    while clock.now < end:
        while pace.wait() == 0:
            pace.made()
            made.append(clock.now)
        clock.now += step
    return made


@pytest.mark.parametrize(("rate", "seconds", "most"), [(5, 10, 50), (2.5, 10, 20), (20 / 60, 600, 200), (0.5, 120, 60)])
def test_no_more_calls_are_made_than_the_rate_allows(rate: float, seconds: float, most: int):
    clock = Ticking()
    assert len(calls_in(Pace(rate, clock), clock, seconds, 0.125)) == most


@pytest.mark.parametrize(("rate", "window", "most"), [(5, 1, 5), (20 / 60, 60, 20), (0.001, 1000, 1)])
def test_no_window_of_time_sees_more_than_the_rate(rate: float, window: float, most: int):
    clock = Ticking()
    made = calls_in(Pace(rate, clock), clock, 5 * window, window / 64)
    assert max(sum(start <= other < start + window for other in made) for start in made) == most


def test_without_a_rate_nobody_waits():
    pace = Pace(None, Ticking())
    for _ in range(1000):
        assert pace.wait() == 0
        pace.made()


def test_a_rest_is_kept_and_never_shortened():
    clock = Ticking()
    pace = Pace(None, clock)
    pace.rest(10)
    pace.rest(1)
    assert pace.wait() == 10
    clock.now += 10
    assert pace.wait() == 0


def test_the_wait_told_is_the_time_until_the_next_call():
    clock = Ticking()
    pace = Pace(2, clock)
    calls_in(pace, clock, 0.25, 0.25)
    assert pace.wait() == 0.75
    clock.now += 0.75
    assert pace.wait() == 0


def test_a_paced_channel_sends_all(stage):
    channel = stage.channel(stage.always(ACCEPTED), rate=100)
    stage.promise(120)
    started = time.monotonic()
    stage.dispatch()
    assert (len(channel.calls), stage.states()) == (120, {State.ACCEPTED: 120})
    assert time.monotonic() - started >= 1


# Limits


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, {"batch": 100, "rate": 10.0}),
        ({"batch": 20}, {"batch": 20}),
        ({"batch": 500}, {"batch": 100}),
        ({"rate": 5.0}, {"rate": 5.0}),
        ({"rate": 50.0}, {"rate": 10.0}),
        ({"longest": 60.0}, {"deadline": 125.0}),
        ({"longest": 10.0}, {"deadline": 30.0}),
    ],
)
def test_settings_narrow_the_providers_limits_and_never_widen_them(asked: dict, kept: dict):
    limits = narrowed(
        Limits(batch=100, rate=10.0), **{"batch": None, "concurrency": None, "rate": None, "longest": 1.0} | asked
    )
    assert {name: getattr(limits, name) for name in kept} == kept


def test_no_call_is_given_up_before_its_own_time_outs_end_it():
    slow = Timeout(connect=3.0, read=60.0, total=15.0)
    limits = narrowed(Limits(), batch=None, concurrency=None, rate=None, longest=slow.longest)
    assert limits.deadline > 2 * (slow.connect + max(slow.read, slow.total))


def test_how_many_calls_are_in_flight_is_for_the_settings_to_say():
    asked = {"batch": None, "rate": None, "longest": 1.0}
    assert narrowed(Limits(concurrency=8), **asked, concurrency=32).concurrency == 32
    assert narrowed(Limits(concurrency=8), **asked, concurrency=None).concurrency == 8
