"""What is in a call, and what comes out of it: the intent is committed first, and whatever is answered is recorded."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import notigate.dispatcher
from notigate.dispatcher.decisions import MOST_ATTEMPTS, decide
from notigate.ledger import changes, questions
from notigate.ledger.changes import Change
from notigate.model import (
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


# Intent before act


def test_nothing_is_called_before_its_intent_is_committed(stage):
    seen = []

    def look(messages: Sequence[Message]) -> list[Outcome]:
        with contextlib.closing(sqlite3.connect(stage.ledger.path)) as other:
            for message in messages:
                sql = """SELECT d.state, a.status FROM call c JOIN attempt a ON a.call = c.id
                         JOIN delivery d ON d.id = a.delivery WHERE c.reference = ? AND d.address = ?"""
                seen.extend(other.execute(sql, (message.reference, message.to)).fetchall())
        return [ACCEPTED] * len(messages)

    stage.channel(look, batch=3)
    stage.promise(10)
    stage.dispatch()
    assert seen == [("sending", None)] * 10


def test_nothing_is_called_when_the_intent_cannot_be_committed(stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notigate.dispatcher, "LAST_WAIT", 0.0)
    channel = stage.channel(stage.always(ACCEPTED))
    stage.promise(1)
    stage.ledger._connections.mine().execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(ABORT, 'x'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        stage.dispatch()
    assert channel.calls == []
    assert stage.states() == {State.CLAIMED: 1}


def test_what_is_accepted_is_accepted_once_and_told(stage):
    stage.channel(stage.always(ACCEPTED))
    ids = stage.promise(20)
    result = stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 20}
    assert sorted(stage.receivers()) == sorted(set(stage.receivers()))
    assert (+result.counts, result.problems, result.aside) == ({State.ACCEPTED: 20}, {}, {})
    assert sorted(d.id for d in stage.settled) == ids
    assert {(d.state, d.provider_id) for d in stage.deliveries()} == {(State.ACCEPTED, "BIZ")}


def test_a_message_keeps_its_id_over_attempts_and_gets_a_new_reference(stage):
    channel = stage.channel(stage.first(Outcome.busy(Reason.THROTTLED, retry_after=0.01)))
    stage.promise(1)
    stage.dispatch(patience=SOON)
    (one,), (two,) = channel.calls
    assert one.id == two.id
    assert one.reference != two.reference


# Batches


def test_a_call_takes_no_more_than_the_limit(stage):
    stage.channel(stage.always(ACCEPTED), batch=4)
    stage.promise(10)
    stage.dispatch()
    assert sorted(stage.sizes()) == [2, 4, 4]
    assert stage.states() == {State.ACCEPTED: 10}


def test_what_is_in_another_group_is_in_another_call(stage):
    channel = stage.channel(stage.always(ACCEPTED), batch=10)
    stage.promise(["a", "c"])
    stage.promise(["b", "d"], occasion="holiday/mid-autumn")
    stage.dispatch()
    assert sorted({message.occasion for message in call} for call in channel.calls) == [
        {"service/birthday"},
        {"holiday/mid-autumn"},
    ]


def test_a_number_is_never_twice_in_a_call(stage):
    channel = stage.channel(stage.always(ACCEPTED), batch=10)
    stage.promise(["a", "b", "c"], to="13800138000")
    stage.promise(["d", "e"])
    stage.dispatch()
    assert all(len({message.to for message in call}) == len(call) for call in channel.calls)
    assert stage.states() == {State.ACCEPTED: 5}


def test_the_messages_of_a_call_share_its_reference(stage):
    channel = stage.channel(stage.always(ACCEPTED), batch=5)
    stage.promise(10)
    stage.dispatch()
    assert [len({message.reference for message in call}) for call in channel.calls] == [1, 1]
    assert len({call[0].reference for call in channel.calls}) == 2


@pytest.mark.parametrize("culprits", [{"to-p3"}, {"to-p0", "to-p15"}, {"to-p4", "to-p5", "to-p6"}])
def test_a_whole_call_refused_for_somebody_is_narrowed_down_to_them(stage, culprits: set[str]):
    accepted: Counter[str] = Counter()

    def somebody(messages: Sequence[Message]) -> list[Outcome]:
        if any(message.to in culprits for message in messages):
            return [Outcome.refused(Reason.BAD_ADDRESS, scope=Scope.CALL)] * len(messages)
        accepted.update(message.to for message in messages)
        return [ACCEPTED] * len(messages)

    stage.channel(somebody, batch=16)
    stage.promise(16)
    stage.dispatch()
    assert {d.to for d in stage.deliveries() if d.state is State.FAILED} == culprits
    assert stage.states()[State.ACCEPTED] == 16 - len(culprits)
    assert set(accepted.values()) == {1}


def test_asking_in_smaller_calls_fails_nobody_who_was_tried_often(stage):
    (id_,) = stage.promise(1)
    (delivery,) = questions.deliveries(stage.ledger, [id_])
    (often,) = changes.after([Change([delivery], State.SENDING, cause="x", attempts=MOST_ATTEMPTS + 1)])
    refused = Outcome.refused(Reason.BAD_ADDRESS, scope=Scope.CALL)
    assert decide(often, refused, NOW, lambda _: 9.0, alone=False).to is State.RETRY_WAIT
    assert decide(often, refused, NOW, lambda _: 9.0, alone=True).to is State.FAILED


# Answers that are hard to write down


NO_CHARACTER = "code \udcff\ud800"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.accepted(f"BIZ {NO_CHARACTER}"), State.ACCEPTED),
        (Outcome.refused(Reason.BAD_ADDRESS, NO_CHARACTER), State.FAILED),
        (Outcome.unknown(NO_CHARACTER), State.UNKNOWN),
        (Outcome.busy(Reason.THROTTLED, NO_CHARACTER, retry_after=9e99), State.RETRY_WAIT),
    ],
)
def test_an_answer_that_is_no_text_is_recorded_all_the_same(stage, outcome: Outcome, state: State):
    stage.channel(stage.always(outcome))
    stage.promise(1)
    stage.dispatch()
    [delivery] = stage.deliveries()
    assert (delivery.state, "??" in f"{delivery.detail}{delivery.provider_id}") == (state, True)


@pytest.mark.parametrize(
    "outcome",
    [
        replace(ACCEPTED, provider_id=17),
        replace(ACCEPTED, detail=None),
        replace(ACCEPTED, status="accepted"),
        replace(Outcome.refused(Reason.BAD_ADDRESS), reason="bad"),
        Outcome.busy(Reason.THROTTLED, retry_after=-1.0),
        Outcome.busy(Reason.THROTTLED, retry_after=float("nan")),
        Outcome.busy(Reason.THROTTLED, retry_after="soon"),
    ],
)
def test_an_outcome_that_is_none_is_unknown_and_takes_nobody_down(stage, outcome: Outcome):
    stage.channel(stage.always(outcome), concurrency=1)
    stage.promise(1)
    stage.dispatch()
    assert stage.states() == {State.UNKNOWN: 1}
