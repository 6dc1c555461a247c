"""Calls that never end, and runs that end early."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

import notigate.dispatcher
from notigate.dispatcher.crew import Crew
from notigate.dispatcher.reconcile import resolve
from notigate.errors import LedgerError
from notigate.ledger import changes, claim
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.model import (
    Message,
    Outcome,
    Reason,
    State,
    Status,
)

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
ACCEPTED = Outcome.accepted("BIZ")
#: seconds after which a test that waits for another thread has failed
SOON = 5.0


# Calls that hang


def test_a_call_that_hangs_is_unknown_after_its_deadline_and_its_late_answer_changes_nothing(stage):
    back = threading.Event()
    stage.channel(stage.hanging(back, SOON), concurrency=1, deadline=1.0)
    stage.promise(1)
    result = stage.dispatch()
    assert (stage.states(), +result.counts) == ({State.UNKNOWN: 1}, {State.UNKNOWN: 1})
    back.set()
    late = stage.answers.get(timeout=SOON)
    assert not stage.lines["sms"].crew.done(late.call)
    assert stage.states() == {State.UNKNOWN: 1}


def test_a_channel_whose_every_call_hangs_does_not_hold_up_the_run(stage):
    back = threading.Event()
    stage.channel(stage.hanging(back, SOON), concurrency=2, deadline=1.0)
    stage.promise(10)
    started = time.monotonic()
    result = stage.dispatch()
    back.set()
    assert time.monotonic() - started < SOON
    assert stage.states() == {State.UNKNOWN: 2, State.QUEUED: 8}
    assert result.aside["sms"].detail == "no answer in time"


def test_a_call_that_would_begin_after_its_deadline_is_not_made(stage):
    channel = stage.channel(stage.always(ACCEPTED))
    crew = Crew(channel, 1, stage.answers)
    crew.take(Call("R", "sms", ()), ["not read"], deadline=-1.0)
    assert [outcome.status for outcome in stage.answers.get(timeout=SOON).outcomes] == [Status.UNKNOWN]
    assert channel.calls == []
    crew.dismiss()


def test_a_call_that_comes_back_late_gives_its_place_free(stage):
    back = threading.Event()

    def late(messages: Sequence[Message]) -> list[Outcome]:
        back.wait(SOON)
        return [ACCEPTED] * len(messages)

    stage.channel(late, concurrency=1, deadline=1.0)
    stage.promise(1)
    stage.dispatch()
    crew = stage.lines["sms"].crew
    assert (crew.free, crew.lost) == (0, True)
    back.set()
    crew.done(stage.answers.get(timeout=SOON).call)
    assert (crew.free, crew.lost) == (1, False)


def test_a_call_that_hangs_keeps_its_place_and_the_others_go_on(stage):
    back = threading.Event()
    together: list[int] = []
    running = Counter[str]()

    def one_hangs(messages: Sequence[Message]) -> list[Outcome]:
        running["now"] += 1
        together.append(running["now"])
        if messages[0].to == "to-p0":
            back.wait(SOON)
        running["now"] -= 1
        return [ACCEPTED] * len(messages)

    stage.channel(one_hangs, concurrency=2, deadline=0.2)
    stage.promise(30)
    stage.dispatch()
    back.set()
    assert stage.states() == {State.UNKNOWN: 1, State.ACCEPTED: 29}
    assert max(together) <= 2


@pytest.fixture
def late(stage):
    """A dispatch in which the call for p0 is given up, and answered late with `outcome`, once `meanwhile` was called with it."""

    def dispatched(outcome: Outcome, meanwhile=lambda _unknown: None):
        back, answered, rounds = threading.Event(), threading.Event(), iter(range(5))

        def play(messages: Sequence[Message]) -> list[Outcome]:
            if messages[0].to == "to-p0":
                back.wait(SOON)
                answered.set()
                return [outcome]
            (p0,) = (d for d in stage.deliveries() if d.person == "p0")
            if p0.state is State.UNKNOWN and not back.is_set():
                meanwhile(p0)
                back.set()
            # The run lives on, until it has surely heard of it.
            over = answered.is_set() and next(rounds, None) is None
            return [ACCEPTED if over else Outcome.busy(Reason.THROTTLED, retry_after=0.05)]

        stage.channel(play, concurrency=2, deadline=0.3)
        stage.promise(["p0", "p1"])
        result = stage.dispatch(patience=2 * SOON)
        return result, {d.person: d.state for d in stage.deliveries()}

    return dispatched


def test_a_late_word_that_it_was_accepted_settles_what_was_unknown_while_the_run_lives(stage, late):
    result, states = late(ACCEPTED)
    assert states == {"p0": State.ACCEPTED, "p1": State.ACCEPTED}
    assert (+result.counts, result.problems, result.suspected) == ({State.ACCEPTED: 2}, {}, [])
    assert sorted(d.person for d in stage.settled) == ["p0", "p1"]
    (p0,) = (d for d in stage.deliveries() if d.person == "p0")
    assert (p0.provider_id, p0.attempts) == ("BIZ", 1)


@pytest.mark.parametrize(
    "outcome", [Outcome.refused(Reason.BLOCKED), Outcome.busy(Reason.THROTTLED), Outcome.unknown("?")]
)
def test_any_other_late_word_changes_nothing(late, outcome: Outcome):
    result, states = late(outcome)
    assert states == {"p0": State.UNKNOWN, "p1": State.ACCEPTED}
    assert +result.counts == {State.UNKNOWN: 1, State.ACCEPTED: 1}


@pytest.mark.parametrize(("decision", "state"), [("give-up", State.CANCELLED), ("sent", State.ACCEPTED)])
def test_a_late_word_changes_nothing_of_what_a_person_has_decided(stage, late, decision: str, state: State):
    result, states = late(ACCEPTED, lambda unknown: resolve(stage.ledger, unknown, decision, "me", Times(NOW, NOW)))
    assert states == {"p0": state, "p1": State.ACCEPTED}
    assert [d.person for d in result.suspected] == (["p0"] if decision == "give-up" else [])


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
def test_a_late_word_of_what_was_sent_again_is_a_suspected_duplicate_and_settles_nothing(stage, late, state: State):
    def send_again(unknown):
        times = Times(NOW, NOW)
        decided = resolve(stage.ledger, unknown, "resend", "me", times)
        with stage.ledger.write() as tx:
            (claimed,) = changes.after(changes.apply(tx, [Change([decided], State.CLAIMED, cause="claimed")], times))
            (call,) = claim.begin(tx, stage.run, [Call("R2", "sms", (claimed,))], times)
            if state is State.UNKNOWN:
                changes.apply(tx, [Change(call.deliveries, state, cause="no answer in time")], times)

    result, states = late(ACCEPTED, send_again)
    assert states["p0"] is state
    assert [d.person for d in result.suspected] == ["p0"]


# Ends


def test_a_stop_lets_calls_in_flight_finish_and_queues_the_rest(stage):
    def stop(messages: Sequence[Message]) -> list[Outcome]:
        stage.stop.set()
        return [ACCEPTED] * len(messages)

    channel = stage.channel(stop, concurrency=1)
    stage.promise(50)
    stage.dispatch(patience=SOON)
    assert (len(channel.calls), stage.states()) == (1, {State.ACCEPTED: 1, State.QUEUED: 49})


def test_a_stop_before_the_start_sends_nothing(stage):
    channel = stage.channel(stage.always(ACCEPTED))
    stage.promise(3)
    stage.stop.set()
    stage.dispatch()
    assert (channel.calls, stage.states()) == ([], {State.QUEUED: 3})


def test_a_stop_ends_the_wait_for_another_try(stage):
    stage.channel(stage.always(Outcome.busy(Reason.THROTTLED, retry_after=SOON)))
    stage.promise(1)
    threading.Timer(0.2, stage.stop.set).start()
    started = time.monotonic()
    stage.dispatch(patience=2 * SOON)
    assert time.monotonic() - started < SOON


def test_what_does_not_finish_within_the_grace_is_unknown(stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notigate.dispatcher, "GRACE", 0.05)
    back = threading.Event()

    def hang(messages: Sequence[Message]) -> list[Outcome]:
        stage.stop.set()
        back.wait(SOON)
        return [ACCEPTED] * len(messages)

    stage.channel(hang, concurrency=1)
    stage.promise(3)
    stage.dispatch()
    back.set()
    assert stage.states() == {State.UNKNOWN: 1, State.QUEUED: 2}


def test_a_stopped_run_is_resumed_by_the_next(stage):
    def stop_once(messages: Sequence[Message]) -> list[Outcome]:
        stage.stop.set()
        return [ACCEPTED] * len(messages)

    stage.channel(stop_once, concurrency=1)
    stage.promise(5)
    while stage.states() != {State.ACCEPTED: 5}:
        stage.stop.clear()
        stage.again()
        stage.dispatch()
    assert sorted(stage.receivers()) == sorted(f"to-p{n}" for n in range(5))


def fail_commits(stage, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The disk is full whenever answers are to be committed, for so many times."""
    left = [times]

    def check(*_: object) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise sqlite3.OperationalError("full")

    connection = stage.ledger._connections.mine()
    connection.create_function("check_space", 0, check)
    connection.execute("CREATE TEMP TRIGGER full BEFORE UPDATE ON attempt BEGIN SELECT check_space(); END")
    monkeypatch.setattr(notigate.dispatcher, "LAST_WAIT", 0.0)


def test_an_answer_survives_a_commit_that_fails(stage, monkeypatch: pytest.MonkeyPatch):
    fail_commits(stage, monkeypatch, times=2)
    stage.channel(stage.always(ACCEPTED), concurrency=1)
    stage.promise(3)
    with pytest.raises(LedgerError):
        stage.dispatch()
    assert stage.states()[State.ACCEPTED] == 1
    assert stage.states()[State.SENDING] == 0


def test_an_answer_that_cannot_be_committed_is_unknown_in_the_next_run(stage, monkeypatch: pytest.MonkeyPatch):
    fail_commits(stage, monkeypatch, times=99)
    channel = stage.channel(stage.always(ACCEPTED), concurrency=1)
    stage.promise(3)
    with pytest.raises(LedgerError):
        stage.dispatch()
    claim.recover(stage.ledger, Times(NOW, NOW))
    assert stage.states() == {State.UNKNOWN: len(channel.calls), State.QUEUED: 3 - len(channel.calls)}


# After a crash


def test_after_a_crash_in_a_call_the_next_run_sends_the_rest_and_never_repeats_it(stage):
    stage.channel(stage.always(ACCEPTED))
    ids = stage.promise(3)
    picked = claim.claim(stage.ledger, "sms", Times(NOW, NOW), 2, asked=False)
    with stage.ledger.write() as tx:
        claim.begin(tx, stage.run, [claim.Call("R", "sms", (picked[0],))], Times(NOW, NOW))
    claim.recover(stage.ledger, Times(NOW, NOW))
    stage.dispatch()
    assert {d.id: d.state for d in stage.deliveries()} == dict(
        zip(ids, [State.UNKNOWN, State.ACCEPTED, State.ACCEPTED], strict=True)
    )
    assert stage.receivers() == ["to-p1", "to-p2"]
