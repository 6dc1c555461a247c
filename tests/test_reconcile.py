"""Unknown outcomes: what is asked, what is proven, what is repeated, what is left to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest

from notigate.dispatcher import Line, reconcile
from notigate.dispatcher.receipts import TOO_OLD
from notigate.dispatcher.reconcile import Patience
from notigate.errors import UsageError
from notigate.ledger import changes, claim, open_ledger, plan, questions, runs, settle
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import REPEATED, Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.ledger.store import Ledger
from notigate.model import Attempt, Category, Content, Delivery, Finding, Message, Outcome, Reason, State
from notigate.plugin import Channel, Limits

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PATIENCE = Patience(first=10 * MINUTE, confirm=30 * MINUTE)
UNKNOWN = Outcome.unknown("no answer")


class Mute(Channel):
    """Never answers, and cannot be asked; may drop repetitions."""

    def __init__(self, repeat_window: float | None = None) -> None:
        self.limits = Limits(batch=10, repeat_window=repeat_window)

    def send(self, message: Message) -> Outcome:
        del message
        return UNKNOWN


class Asked(Mute):
    """Answers look-ups by a script, and remembers them."""

    def __init__(self, script: Callable[[Attempt], Finding]) -> None:
        super().__init__()
        self.asked: list[Attempt] = []
        self._script = script

    def lookup(self, attempt: Attempt) -> Finding:
        self.asked.append(attempt)
        return self._script(attempt)


@dataclass
class Desk:
    """A ledger with deliveries, and the questions put about them."""

    ledger: Ledger
    sent: list[Delivery] = field(default_factory=list)

    def send(self, *groups: int, outcome: Outcome = UNKNOWN, to: State = State.UNKNOWN, at: datetime = NOW) -> None:
        """Calls of so many deliveries, each answered alike."""
        times = Times(at, at)
        for size in groups:
            number = len(self.sent)
            drafts = [
                Draft(
                    occasion="service/birthday", occurrence="2026", day=date(2026, 11, 21), person=f"p{n}", to=f"to-{n}",
                    category=Category.CARE, channel="sms", medium="sms", locale="zh_Hans", content=Content(text="!"),
                )
                for n in range(number, number + size)
            ]  # fmt: skip
            plan.promise(self.ledger, 1, drafts, times)
            picked = claim.claim(self.ledger, "sms", times, size, asked=False)
            self.sent += picked
            self.begin(picked, outcome, to, at)

    def begin(self, picked: list[Delivery], outcome: Outcome, to: State, at: datetime) -> None:
        times = Times(at, at)
        with self.ledger.write() as tx:
            (call,) = claim.begin(tx, 1, [Call(claim.new_reference(), "sms", tuple(picked))], times)
        steps = [Change([d], to, cause="answer", reason="unclear") for d in call.deliveries]
        with self.ledger.write() as tx:
            settle.settle(tx, [Settlement(outcome, step) for step in steps], times)

    def reconcile(self, channel: Channel, after: timedelta) -> Counter[str]:
        line = Line("sms", channel, channel.limits, SimpleQueue())
        return reconcile.reconcile(self.ledger, line, PATIENCE, Times(NOW + after, NOW + after))

    def deliveries(self) -> list[Delivery]:
        return list(questions.log(self.ledger))

    def states(self) -> Counter[State]:
        return Counter(delivery.state for delivery in self.deliveries())


@pytest.fixture
def desk(tmp_path: Path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'notigate.db'}")
    runs.start(ledger, "send", Times(NOW, NOW))
    yield Desk(ledger)
    ledger.close()


def says(finding: Finding) -> Asked:
    return Asked(lambda _: finding)


# Asked


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        (Finding.found("BIZ"), State.ACCEPTED),
        (Finding.found("BIZ", arrived=True), State.DELIVERED),
        (Finding.found("BIZ", arrived=False, reason=Reason.BLOCKED), State.UNDELIVERED),
    ],
)
def test_what_is_found_was_sent(desk: Desk, finding: Finding, state: State):
    desk.send(1)
    assert desk.reconcile(says(finding), HOUR) == {"found": 1}
    (delivery,) = desk.deliveries()
    assert (delivery.state, delivery.provider_id, delivery.reason) == (state, "BIZ", finding.reason or "")


def test_nobody_is_asked_before_the_quiet_period_is_over(desk: Desk):
    desk.send(1)
    channel = says(Finding.absent())
    assert desk.reconcile(channel, 9 * MINUTE) == {"waiting": 1}
    assert channel.asked == []


def test_absent_once_proves_nothing(desk: Desk):
    desk.send(1)
    assert desk.reconcile(says(Finding.absent()), HOUR) == {"waiting": 1}
    assert desk.states() == {State.UNKNOWN: 1}


def test_absent_twice_is_sent_again(desk: Desk):
    desk.send(1)
    desk.reconcile(says(Finding.absent()), 10 * MINUTE)
    assert desk.reconcile(says(Finding.absent()), 30 * MINUTE) == {"absent": 1}
    (delivery,) = desk.deliveries()
    assert (delivery.state, delivery.reason) == (State.QUEUED, "")


def test_absent_twice_too_early_proves_nothing(desk: Desk):
    desk.send(1)
    for after in (10 * MINUTE, 20 * MINUTE, 29 * MINUTE):
        assert desk.reconcile(says(Finding.absent()), after) == {"waiting": 1}
    assert desk.states() == {State.UNKNOWN: 1}


def test_absence_of_one_attempt_does_not_count_for_the_next(desk: Desk):
    desk.send(1)
    for after in (10 * MINUTE, 30 * MINUTE):
        desk.reconcile(says(Finding.absent()), after)
    again = claim.claim(desk.ledger, "sms", Times(NOW + HOUR, NOW + HOUR), 1, asked=False)
    desk.begin(again, UNKNOWN, State.UNKNOWN, NOW + HOUR)
    assert desk.reconcile(says(Finding.absent()), 2 * HOUR) == {"waiting": 1}


def test_found_after_absent_was_sent(desk: Desk):
    desk.send(1)
    desk.reconcile(says(Finding.absent()), 10 * MINUTE)
    assert desk.reconcile(says(Finding.found("BIZ")), HOUR) == {"found": 1}


@pytest.mark.parametrize("after", [timedelta(days=1), timedelta(days=20)])
def test_no_proof_either_way_waits(desk: Desk, after: timedelta):
    desk.send(1)
    assert desk.reconcile(says(Finding.inconclusive("busy")), after) == {"waiting": 1}
    assert desk.states() == {State.UNKNOWN: 1}


def test_what_is_too_old_is_left_to_a_person(desk: Desk):
    desk.send(1)
    channel = says(Finding.absent())
    assert desk.reconcile(channel, TOO_OLD + MINUTE) == {"waiting": 1}
    assert channel.asked == []


def test_a_run_that_has_no_more_time_to_ask_leaves_the_rest_for_the_next(desk: Desk):
    desk.send(3)
    channel = Asked(lambda _: Finding.found())
    line, later = Line("sms", channel, channel.limits, SimpleQueue()), NOW + HOUR
    told = reconcile.reconcile(desk.ledger, line, PATIENCE, Times(later, later), seconds=0)
    assert (told, channel.asked) == (Counter(waiting=3), [])


def test_a_look_up_that_fails_takes_nobody_down(desk: Desk):
    desk.send(1, 1)

    def script(attempt: Attempt) -> Finding:
        if attempt.to == "to-0":
            raise RuntimeError
        return Finding.found("BIZ")

    assert desk.reconcile(Asked(script), HOUR) == {"waiting": 1, "found": 1}


def test_the_provider_is_asked_for_the_attempt_as_it_was_made(desk: Desk):
    desk.send(2)
    channel = says(Finding.inconclusive(""))
    desk.reconcile(channel, HOUR)
    assert [attempt.to for attempt in channel.asked] == ["to-0", "to-1"]
    assert {(len(attempt.reference), attempt.started_at) for attempt in channel.asked} == {(26, NOW)}


# Repeated


def test_inside_the_window_whole_calls_are_repeated(desk: Desk):
    desk.send(3, 2)
    assert desk.reconcile(Mute(repeat_window=3600), 59 * MINUTE) == {"repeated": 5}
    assert {(d.state, d.reason) for d in desk.deliveries()} == {(State.QUEUED, REPEATED)}
    assert Counter(d.detail for d in desk.deliveries()) == {"call 1": 3, "call 2": 2}


def test_outside_the_window_it_is_left_to_a_person(desk: Desk):
    desk.send(3)
    assert desk.reconcile(Mute(repeat_window=3600), HOUR) == {"waiting": 3}
    assert desk.states() == {State.UNKNOWN: 3}


def test_without_any_power_it_is_left_to_a_person(desk: Desk):
    desk.send(3)
    assert desk.reconcile(Mute(), HOUR) == {"waiting": 3}
    assert desk.reconcile(Mute(), 99 * HOUR) == {"waiting": 3}


def test_a_call_that_is_no_longer_whole_is_not_repeated(desk: Desk):
    desk.send(3, 1)
    (first, *_) = desk.deliveries()
    reconcile.resolve(desk.ledger, first, "give-up", "wang", Times(NOW, NOW))
    assert desk.reconcile(Mute(repeat_window=3600), MINUTE) == {"waiting": 2, "repeated": 1}


def test_the_window_counts_from_the_first_attempt_and_not_from_its_repetition(desk: Desk):
    desk.send(1)
    channel = Mute(repeat_window=3600)
    assert desk.reconcile(channel, 40 * MINUTE) == {"repeated": 1}
    at = NOW + 40 * MINUTE
    desk.begin(claim.repeated(desk.ledger, "sms", Times(at, at), HOUR), UNKNOWN, State.UNKNOWN, at)
    assert desk.reconcile(channel, 59 * MINUTE) == {"repeated": 1}
    at = NOW + 59 * MINUTE
    desk.begin(claim.repeated(desk.ledger, "sms", Times(at, at), HOUR), UNKNOWN, State.UNKNOWN, at)
    assert desk.reconcile(channel, 61 * MINUTE) == {"waiting": 1}


def test_what_is_put_back_for_a_repetition_and_not_sent_in_time_is_unknown_again(desk: Desk):
    desk.send(2)
    assert desk.reconcile(Mute(repeat_window=3600), 59 * MINUTE) == {"repeated": 2}
    at = NOW + HOUR
    claim.repeated(desk.ledger, "sms", Times(at, at), HOUR)
    assert desk.states() == {State.UNKNOWN: 2}
    assert desk.reconcile(Mute(repeat_window=3600), HOUR) == {"waiting": 2}


def test_a_try_that_was_proven_not_sent_does_not_open_the_window(desk: Desk):
    desk.send(1, outcome=Outcome.busy(Reason.THROTTLED), to=State.RETRY_WAIT)
    at = NOW + 50 * MINUTE
    desk.begin(claim.claim(desk.ledger, "sms", Times(at, at), 1, asked=False), UNKNOWN, State.UNKNOWN, at)
    assert desk.reconcile(Mute(repeat_window=3600), 90 * MINUTE) == {"repeated": 1}


# Decided


@pytest.mark.parametrize(
    ("decision", "state"), [("sent", State.ACCEPTED), ("resend", State.QUEUED), ("give-up", State.CANCELLED)]
)
def test_a_person_decides(desk: Desk, decision: str, state: State):
    desk.send(1)
    (delivery,) = desk.deliveries()
    decided = reconcile.resolve(desk.ledger, delivery, decision, "wang", Times(NOW, NOW))
    assert (decided.state, desk.states()) == (state, {state: 1})


def test_a_decision_is_recorded_with_its_author(desk: Desk):
    desk.send(1)
    reconcile.resolve(desk.ledger, desk.deliveries()[0], "resend", "wang", Times(NOW, NOW))
    with desk.ledger.read() as tx:
        (cause,) = tx.rows("SELECT cause FROM event ORDER BY version")[-1]
    assert cause == "resend: decided by wang"
    assert desk.deliveries()[0].detail == "possible duplicate: sent again by decision"


def test_a_rehearsed_decision_changes_nothing(desk: Desk):
    desk.send(1)
    times = Times(NOW, NOW)
    told = reconcile.resolve(desk.ledger, desk.deliveries()[0], "give-up", "wang", times, dry_run=True)
    assert (told.state, desk.states()) == (State.CANCELLED, {State.UNKNOWN: 1})


def test_only_what_is_unknown_is_decided(desk: Desk):
    desk.send(1, outcome=Outcome.accepted("BIZ"), to=State.ACCEPTED)
    with pytest.raises(UsageError, match="is accepted, not unknown"):
        reconcile.resolve(desk.ledger, desk.deliveries()[0], "resend", "wang", Times(NOW, NOW))


def test_of_two_decisions_the_first_holds(desk: Desk):
    desk.send(1)
    (seen,) = desk.deliveries()
    with desk.ledger.write() as tx:
        changes.apply(tx, [Change([seen], State.ACCEPTED, cause="receipt")], Times(NOW, NOW))
    with pytest.raises(UsageError, match="settled by somebody else"):
        reconcile.resolve(desk.ledger, seen, "resend", "wang", Times(NOW, NOW))
    assert desk.states() == {State.ACCEPTED: 1}
