"""Calls that are made again as they were, to a provider that drops repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from notigate.dispatcher import intake
from notigate.ledger import changes, claim
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import REPEATED
from notigate.model import (
    Hold,
    Message,
    Outcome,
    Reason,
    State,
)
from notigate.plugin import Limits

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
ACCEPTED = Outcome.accepted("BIZ")
WINDOW = timedelta(seconds=60)


def to_be_repeated(stage, calls: Sequence[Sequence[Message]]) -> None:
    for number, call in enumerate(calls):
        wanted = {message.to for message in call}
        steps = [
            Change([d], State.QUEUED, cause="again", reason=REPEATED, detail=f"call {number}", next_at=NOW)
            for d in stage.deliveries()
            if d.to in wanted
        ]
        with stage.ledger.write() as tx:
            changes.apply(tx, steps, Times(NOW, NOW))
    stage.again()


def test_calls_that_are_to_be_repeated_are_made_again_as_they_were(stage, monkeypatch: pytest.MonkeyPatch):
    channel = stage.channel(stage.always(Outcome.unknown("no answer")), batch=3, repeat_window=60)
    for age in range(8):
        changed = {"occasion": "holiday/mid-autumn"} if age % 2 else {}
        stage.promise([f"p{age}"], next_at=NOW - timedelta(minutes=age), **changed)
    stage.dispatch()
    before = [[message.id for message in call] for call in channel.calls]
    to_be_repeated(stage, list(channel.calls))
    monkeypatch.setattr(intake, "CLAIM", 2)
    stage.dispatch()
    assert sorted(before) == sorted([message.id for message in call] for call in channel.calls[len(before) :])


@pytest.mark.parametrize("batch", [1, 2])
def test_a_call_is_repeated_whole_though_the_settings_ask_for_smaller_ones_now(stage, batch: int):
    channel = stage.channel(stage.always(Outcome.unknown("no answer")), batch=5, repeat_window=60)
    stage.promise(5)
    stage.dispatch()
    channel.limits = Limits(batch=batch, repeat_window=60)
    to_be_repeated(stage, list(channel.calls))
    stage.dispatch()
    assert stage.sizes() == [5, 5]


def test_what_is_to_be_repeated_is_picked_with_its_call_only(stage):
    stage.promise(2, reason=REPEATED)
    assert claim.claim(stage.ledger, "sms", Times(NOW, NOW), 1, asked=False) == []
    assert len(claim.repeated(stage.ledger, "sms", Times(NOW, NOW), WINDOW)) == 2


def test_a_repetition_waits_for_no_hour_and_does_not_expire(stage):
    channel = stage.channel(stage.always(Outcome.unknown("no answer")), repeat_window=60)
    stage.promise(1, expires_at=NOW + timedelta(seconds=30))
    stage.dispatch()
    to_be_repeated(stage, channel.calls[:1])
    stage.now += timedelta(seconds=40)
    stage.dispatch(judge=lambda _: Hold(None, "window"))
    assert (len(channel.calls), stage.states()) == (2, {State.UNKNOWN: 1})


def test_a_repetition_that_is_put_back_is_still_one(stage):
    stage.channel(stage.always(ACCEPTED), repeat_window=60)
    stage.promise(1, reason=REPEATED, detail="call 7")
    claim.repeated(stage.ledger, "sms", Times(NOW, NOW), WINDOW)
    claim.recover(stage.ledger, Times(NOW, NOW))
    assert [(d.state, d.reason, d.detail) for d in stage.deliveries()] == [(State.QUEUED, REPEATED, "call 7")]


@pytest.mark.parametrize("window", [60, None])
def test_a_repetition_that_would_come_too_late_is_not_made_and_stays_unknown(stage, window: float | None):
    channel = stage.channel(stage.always(Outcome.unknown("no answer")), batch=2, repeat_window=60)
    stage.promise(2)
    stage.dispatch()
    to_be_repeated(stage, list(channel.calls))
    channel.limits = Limits(repeat_window=window)
    stage.now += timedelta(minutes=1) if window else timedelta(0)
    stage.again()
    told = stage.dispatch()
    assert (len(channel.calls), stage.states(), told.counts[State.UNKNOWN]) == (1, {State.UNKNOWN: 2}, 2)


@pytest.mark.parametrize(
    "outcome", [Outcome.busy(Reason.THROTTLED), Outcome.refused(Reason.BAD_ADDRESS), Outcome.unknown("?")]
)
def test_a_repetition_that_is_not_accepted_stays_unknown(stage, outcome: Outcome):
    stage.channel(stage.always(outcome), repeat_window=60)
    stage.promise(1, reason=REPEATED)
    stage.dispatch()
    assert stage.states() == {State.UNKNOWN: 1}
