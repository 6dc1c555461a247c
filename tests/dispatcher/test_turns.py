"""Whose turn it is: hours, channels side by side, and what was asked for by name."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from notigate.dispatcher import intake
from notigate.ledger import open_ledger
from notigate.model import (
    Delivery,
    Drop,
    Go,
    Hold,
    Message,
    Outcome,
    Reason,
    State,
    Verdict,
)

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
ACCEPTED = Outcome.accepted("BIZ")
#: seconds after which a test that waits for another thread has failed
SOON = 5.0


# Hours


def test_what_went_stale_expires_unsent_and_is_told(stage):
    channel = stage.channel(stage.always(ACCEPTED))
    stage.promise(["stale"], expires_at=NOW)
    stage.promise(["stale when it wakes"], state=State.HELD, next_at=NOW, expires_at=NOW)
    result = stage.dispatch()
    assert (channel.calls, stage.states()) == ([], {State.EXPIRED: 2})
    assert (+result.counts, len(result.problems), len(stage.settled)) == ({State.EXPIRED: 2}, 2, 2)


def test_what_is_in_hand_for_minutes_is_judged_again(stage):
    """The machine was asleep, or the provider was slow: the hours of greetings may be over."""

    def slow(messages: Sequence[Message]) -> list[Outcome]:
        stage.now += timedelta(minutes=6)
        return [ACCEPTED] * len(messages)

    def hours(_: Delivery) -> Verdict:
        return Go() if stage.now < NOW + timedelta(minutes=10) else Hold(None, "window")

    stage.channel(slow, concurrency=1)
    stage.promise(5)
    stage.dispatch(judge=hours)
    assert stage.states() == {State.ACCEPTED: 2, State.HELD: 3}


@pytest.mark.parametrize(("rate", "claimed"), [(0.5, 30), (2.0, 120), (None, 200)])
def test_no_more_is_picked_than_goes_out_in_a_minute(stage, rate: float | None, claimed: int):
    def script(messages: Sequence[Message]) -> list[Outcome]:
        seen.append(stage.states()[State.CLAIMED] + 1)
        stage.stop.set()
        return [ACCEPTED] * len(messages)

    seen: list[int] = []
    stage.channel(script, concurrency=1, rate=rate)
    stage.promise(300)
    stage.dispatch()
    assert seen == [claimed]


def test_the_hour_is_judged_again_before_sending(stage):
    tomorrow = NOW + timedelta(days=1)
    verdicts: dict[str, Verdict] = {
        "go": Go(), "hold": Hold(tomorrow, "window"), "ask": Hold(None, "late"), "late": Drop("late", State.EXPIRED),
        "gone": Drop("opted-out"),
    }  # fmt: skip
    stage.channel(stage.always(ACCEPTED))
    stage.promise(verdicts)
    result = stage.dispatch(judge=lambda delivery: verdicts[delivery.person])
    assert stage.receivers() == ["to-go"]
    assert {d.person: (d.state, d.reason, d.next_at) for d in stage.deliveries() if d.person in ("hold", "ask")} == {
        "hold": (State.HELD, "window", tomorrow),
        "ask": (State.HELD, "late", None),
    }
    assert {d.person: (d.state, d.reason) for d in stage.deliveries() if d.person in ("late", "gone")} == {
        "late": (State.EXPIRED, "late"),
        "gone": (State.SUPPRESSED, "opted-out"),
    }
    assert +result.counts == {State.ACCEPTED: 1, State.HELD: 2, State.EXPIRED: 1, State.SUPPRESSED: 1}


def test_what_is_held_goes_out_when_its_hour_has_come(stage):
    stage.channel(stage.always(ACCEPTED))
    stage.promise(2, state=State.HELD, reason="window", next_at=NOW + timedelta(hours=1))
    stage.dispatch()
    assert stage.states() == {State.HELD: 2}
    stage.now += timedelta(hours=1)
    stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 2}


def test_what_has_lost_its_content_is_invalid_and_stops_nobody(stage):
    stage.channel(stage.always(ACCEPTED))
    stage.promise(["erased"], content=None)
    stage.promise(["other"])
    stage.dispatch()
    assert {d.person: d.state for d in stage.deliveries()} == {"erased": State.INVALID, "other": State.ACCEPTED}


# Together


def test_a_slow_channel_does_not_hold_up_another(stage):
    done = threading.Event()

    def slow(messages: Sequence[Message]) -> list[Outcome]:
        assert done.wait(SOON)
        return [ACCEPTED] * len(messages)

    def quick(messages: Sequence[Message]) -> list[Outcome]:
        if len(stage.channels["email"].calls) == 300:
            done.set()
        return [ACCEPTED] * len(messages)

    stage.channel(slow, "sms", concurrency=1)
    stage.channel(quick, "email")
    stage.promise(2)
    stage.promise((f"m{n}" for n in range(300)), channel="email")
    stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 302}


def test_no_more_calls_are_in_flight_than_the_channel_allows(stage):
    running, most = Counter[str](), []
    lock = threading.Lock()

    def count(messages: Sequence[Message]) -> list[Outcome]:
        with lock:
            running["now"] += 1
            most.append(running["now"])
        with lock:
            running["now"] -= 1
        return [ACCEPTED] * len(messages)

    stage.channel(count, concurrency=3)
    stage.promise(200)
    stage.dispatch()
    assert max(most) <= 3
    assert len(stage.lines["sms"].crew._threads) <= 3


def test_what_was_asked_for_by_name_overtakes_a_campaign(stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "LOOK", 0.0)
    stage.promise(50)

    def promise_one(messages: Sequence[Message]) -> list[Outcome]:
        if len(stage.channels["sms"].calls) == 1:
            with contextlib.closing(open_ledger(f"sqlite:///{stage.ledger.path}")) as other:
                replace(stage, ledger=other).promise(["asked"], asked=True)
        return [ACCEPTED] * len(messages)

    stage.channel(promise_one, concurrency=1)
    stage.dispatch()
    assert stage.receivers().index("to-asked") <= 2
    assert stage.states() == {State.ACCEPTED: 51}


def test_a_single_send_carries_only_what_was_asked_for(stage):
    stage.channel(stage.always(ACCEPTED))
    stage.promise(3)
    stage.promise(["asked"], asked=True)
    stage.dispatch(asked_only=True)
    assert (stage.receivers(), stage.states()) == (["to-asked"], {State.QUEUED: 3, State.ACCEPTED: 1})


def test_a_single_send_does_not_wait_for_another_try_of_a_campaign(stage):
    stage.channel(stage.always(Outcome.busy(Reason.THROTTLED, retry_after=1)))
    stage.promise(1)
    stage.dispatch()
    started = time.monotonic()
    stage.dispatch(asked_only=True, patience=SOON)
    assert time.monotonic() - started < 1
