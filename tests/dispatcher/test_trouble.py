"""Channels that are busy, that are no use, and that break their contract."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from notigate.dispatcher import line
from notigate.dispatcher.decisions import MOST_ATTEMPTS, decide
from notigate.dispatcher.line import UNANSWERED
from notigate.ledger import changes, questions
from notigate.ledger.changes import Change
from notigate.model import (
    Delivery,
    Message,
    Outcome,
    Reason,
    Scope,
    State,
)

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
ACCEPTED = Outcome.accepted("BIZ")
#: seconds after which a test that waits for another thread has failed
SOON = 5.0


# Busy


def test_who_was_busy_is_asked_again_after_its_time(stage):
    channel = stage.channel(stage.first(Outcome.busy(Reason.THROTTLED, retry_after=0.05)))
    stage.promise(1)
    started = time.monotonic()
    result = stage.dispatch(patience=SOON)
    assert time.monotonic() - started >= 0.05
    assert (len(channel.calls), stage.states()) == (2, {State.ACCEPTED: 1})
    assert (+result.counts, result.problems) == ({State.ACCEPTED: 1}, {})
    assert [d.state for d in stage.settled] == [State.ACCEPTED]


def test_who_is_busy_longer_than_our_patience_waits_for_another_run(stage):
    channel = stage.channel(stage.always(Outcome.busy(Reason.THROTTLED, retry_after=60)))
    stage.promise(2)
    started = time.monotonic()
    result = stage.dispatch(patience=SOON)
    assert time.monotonic() - started < 1
    assert (len(channel.calls), stage.states()) == (2, {State.RETRY_WAIT: 2})
    assert +result.counts == {State.RETRY_WAIT: 2}
    assert {d.next_at > NOW + timedelta(seconds=59) for d in stage.deliveries()} == {True}


def test_a_busy_message_that_would_be_stale_by_then_expires(stage):
    stage.channel(stage.always(Outcome.busy(Reason.THROTTLED, retry_after=60)))
    stage.promise(1, expires_at=NOW + timedelta(seconds=30))
    stage.dispatch()
    assert stage.states() == {State.EXPIRED: 1}


def test_another_try_waits_longer_each_time_and_ends(stage):
    (id_,) = stage.promise(1)
    (delivery,) = questions.deliveries(stage.ledger, [id_])
    busy = Outcome.busy(Reason.UNAVAILABLE)
    steps = []
    for attempts in range(1, MOST_ATTEMPTS + 1):
        (tried,) = changes.after([Change([delivery], State.SENDING, cause="x", attempts=attempts)])
        steps.append(decide(tried, busy, NOW, lambda n: min(2.0**n, 300.0)))
    assert [step.to for step in steps] == [State.RETRY_WAIT] * (MOST_ATTEMPTS - 1) + [State.FAILED]
    assert [step.next_at for step in steps[:3]] == [NOW + timedelta(seconds=s) for s in (2, 4, 8)]


def test_what_expires_is_tried_until_it_does_however_long_the_provider_is_away(stage):
    stage.channel(stage.always(Outcome.busy(Reason.UNAVAILABLE)))
    stage.promise(1, expires_at=NOW + timedelta(hours=2))
    for _ in range(20):
        stage.again()
        stage.dispatch()
        stage.now += timedelta(minutes=5, seconds=2)
    assert [(d.state, d.attempts) for d in stage.deliveries()] == [(State.RETRY_WAIT, 20)]
    stage.channel(stage.always(ACCEPTED))
    stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 1}


def test_a_busy_account_rests_as_a_whole(stage):
    calls: list[float] = []

    def script(messages: Sequence[Message]) -> list[Outcome]:
        calls.append(time.monotonic())
        if len(calls) == 1:
            return [Outcome.busy(Reason.THROTTLED, retry_after=0.1, scope=Scope.CHANNEL)]
        return [ACCEPTED] * len(messages)

    stage.channel(script, concurrency=1)
    stage.promise(3)
    stage.dispatch(patience=SOON)
    assert stage.states() == {State.ACCEPTED: 3}
    assert calls[1] - calls[0] >= 0.1


def test_an_account_that_must_rest_longer_than_our_patience_is_set_aside(stage):
    stage.channel(
        stage.always(Outcome.busy(Reason.THROTTLED, "day limit", retry_after=3600, scope=Scope.CHANNEL)), concurrency=1
    )
    stage.promise(5)
    result = stage.dispatch(patience=1)
    assert stage.states() == {State.RETRY_WAIT: 1, State.QUEUED: 4}
    assert {name: outcome.detail for name, outcome in result.aside.items()} == {"sms": "day limit"}


def test_a_provider_that_turns_every_call_away_is_left_to_the_next_run(stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(line, "TURNED_AWAY", 0.3)
    busy = Outcome.busy(Reason.THROTTLED, "slower", retry_after=0.02, scope=Scope.CHANNEL)
    stage.channel(stage.first(busy, busy, ACCEPTED, *[busy] * 9999), concurrency=1)
    stage.promise(60, expires_at=NOW + timedelta(days=1))
    guard = threading.Timer(SOON, stage.stop.set)
    guard.start()
    result = stage.dispatch(patience=0.1)
    guard.cancel()
    assert not stage.stop.is_set()
    assert stage.states().keys() == {State.ACCEPTED, State.QUEUED, State.RETRY_WAIT}
    assert result.aside["sms"].detail == "slower"


# Channels that are no use


def test_a_refusal_of_the_whole_account_sets_the_channel_aside_and_fails_nobody(stage):
    channel = stage.channel(stage.always(Outcome.refused(Reason.NO_CREDIT, "balance")), concurrency=1)
    stage.promise(5)
    result = stage.dispatch(patience=SOON)
    assert (len(channel.calls), stage.states()) == (1, {State.HELD: 1, State.QUEUED: 4})
    assert result.aside["sms"].reason is Reason.NO_CREDIT


def test_the_next_run_takes_up_what_a_refused_account_left(stage):
    stage.channel(stage.first(Outcome.refused(Reason.NO_CREDIT)), concurrency=1)
    stage.promise(5)
    stage.dispatch()
    stage.again()
    stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 5}


def test_a_provider_that_is_not_reached_is_left_alone_after_a_few_calls(stage):
    channel = stage.channel(stage.always(Outcome.busy(Reason.UNAVAILABLE, "not reached")), concurrency=1)
    stage.promise(50)
    result = stage.dispatch()
    assert len(channel.calls) == UNANSWERED
    assert stage.states() == {State.RETRY_WAIT: UNANSWERED, State.QUEUED: 50 - UNANSWERED}
    assert result.aside["sms"].detail == "not reached"


def test_a_provider_that_never_answers_is_left_alone_after_a_few_calls(stage):
    stage.channel(stage.always(Outcome.unknown("HTTP 502")), concurrency=1)
    stage.promise(50)
    stage.dispatch()
    assert stage.states() == {State.UNKNOWN: UNANSWERED, State.QUEUED: 50 - UNANSWERED}


def test_one_answer_in_between_and_the_provider_is_asked_on(stage):
    out = Outcome.busy(Reason.UNAVAILABLE)
    stage.channel(stage.first(out, out, out, out, ACCEPTED, out, out, out, out), concurrency=1)
    stage.promise(20)
    result = stage.dispatch()
    assert stage.states() == {State.RETRY_WAIT: 8, State.ACCEPTED: 12}
    assert result.aside == {}


def test_a_channel_set_aside_gives_back_what_it_holds_at_once(stage):
    gone = threading.Event()

    def wait(messages: Sequence[Message]) -> list[Outcome]:
        assert gone.wait(SOON)
        return [ACCEPTED] * len(messages)

    def refuse(_: Sequence[Message]) -> list[Outcome]:
        threading.Thread(target=watch).start()
        return [Outcome.refused(Reason.BAD_CREDENTIALS)]

    def watch() -> None:
        until = time.monotonic() + SOON
        with contextlib.closing(sqlite3.connect(stage.ledger.path)) as other:
            while time.monotonic() < until:
                if other.execute("SELECT count(*) FROM delivery WHERE state = 'claimed'").fetchone() == (0,):
                    gone.set()
                    return

    stage.channel(refuse, "sms", concurrency=1)
    stage.channel(wait, "email", concurrency=1)
    stage.promise(5)
    stage.promise(["mail"], channel="email")
    stage.dispatch()
    assert stage.states() == {State.HELD: 1, State.QUEUED: 4, State.ACCEPTED: 1}


# Channels that break their contract


@pytest.mark.parametrize("answer", [Outcome.refused, Outcome.busy])
def test_no_address_passes_in_what_a_channel_says(stage, answer):
    stage.channel(stage.always(answer(Reason.BAD_ADDRESS, "13800138000 或 wang@example.com 是空号")))
    stage.promise(1)
    stage.dispatch()
    stage.ledger.close()
    kept = b"".join(file.read_bytes() for file in stage.ledger.path.parent.glob("notigate.db*"))
    assert "是空号".encode() in kept
    assert b"13800138000" not in kept
    assert b"wang@" not in kept


@pytest.mark.parametrize("fault", [ValueError("x"), KeyError("to"), SystemExit(1), KeyboardInterrupt(), MemoryError()])
def test_an_exception_out_of_a_channel_is_unknown_and_sets_it_aside(stage, fault: BaseException):
    def fail(_: Sequence[Message]) -> list[Outcome]:
        raise fault

    channel = stage.channel(fail, concurrency=1)
    stage.promise(3)
    result = stage.dispatch()
    assert (len(channel.calls), stage.states()) == (1, {State.UNKNOWN: 1, State.QUEUED: 2})
    assert result.aside["sms"].detail == f"the channel failed: {type(fault).__name__}"


class Incomparable:
    """What an answer of a broken channel may hold."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        raise RuntimeError


@pytest.mark.parametrize(
    "garbage",
    [
        [],
        [None],
        [True],
        ["accepted"],
        [ACCEPTED],
        [ACCEPTED] * 3,
        [ACCEPTED, 1],
        None,
        7,
        [Incomparable(), Incomparable()],
    ],
)
def test_garbage_out_of_a_channel_is_unknown(stage, garbage):
    stage.channel(lambda _: garbage, batch=2)
    stage.promise(2)
    result = stage.dispatch()
    assert stage.states() == {State.UNKNOWN: 2}
    assert "sms" in result.aside


def test_a_channel_that_fails_while_grouping_takes_nobody_down(stage, monkeypatch: pytest.MonkeyPatch):
    channel = stage.channel(stage.always(ACCEPTED), batch=2)
    monkeypatch.setattr(channel, "group", lambda message: 1 // len(message.subject))
    stage.channel(stage.always(ACCEPTED), "email")
    stage.promise(3)
    stage.promise(["mail"], channel="email")
    result = stage.dispatch()
    assert stage.states() == {State.QUEUED: 3, State.ACCEPTED: 1}
    assert result.aside["sms"].detail == "the channel failed: ZeroDivisionError"


def test_what_settles_is_told_to_others_after_the_calls_are_made(stage):
    channel = stage.channel(stage.always(ACCEPTED), concurrency=1)
    stage.promise(2)

    def fail(_: Sequence[Delivery]) -> None:
        raise RuntimeError

    stage.settled = type("Failing", (list,), {"extend": staticmethod(fail)})()
    with pytest.raises(RuntimeError):
        stage.dispatch()
    assert stage.states()[State.SENDING] == 0
    assert stage.states()[State.ACCEPTED] == len(channel.calls)
