"""The ledger under everything that may happen to it, in any order.

Two workers with values that may be stale, answers of every kind, crashes, receipts, decisions and a clock that jumps. A
run of HYPOTHESIS_PROFILE=long looks at ten times as many and longer sequences.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from notigate.dispatcher.decisions import decide
from notigate.ledger import changes, claim, open_ledger, plan, questions, runs, settle, transitions
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.model import Category, Content, Delivery, Outcome, Reason, Scope, State, Status

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
PEOPLE = st.lists(st.sampled_from([f"p{n}" for n in range(1, 9)]), min_size=1, max_size=5)
MINUTES = st.integers(-3000, 3000).map(lambda n: timedelta(minutes=n))
#: mostly for ever
LIVES = st.sampled_from([None, None, None, timedelta(minutes=-1), timedelta(minutes=1), timedelta(days=1)])
OUTCOMES = st.sampled_from(
    [
        Outcome.accepted("BIZ"),
        Outcome.busy(Reason.THROTTLED, retry_after=60),
        Outcome.busy(Reason.UNAVAILABLE),
        Outcome.refused(Reason.BAD_ADDRESS),
        Outcome.refused(Reason.BAD_ADDRESS, scope=Scope.CALL),
        Outcome.refused(Reason.NO_CREDIT),
        Outcome.unknown("no answer"),
    ]
)
#: who has such a value in hand can do something with it
UNDER_WAY = (State.CLAIMED, State.SENDING, State.UNKNOWN, State.ACCEPTED, State.UNDELIVERED)
#: these prove that the message was not sent
NOT_SENT = {Status.BUSY, Status.REFUSED}


def begin_anew(url: str) -> None:
    ledger = open_ledger(url)
    runs.start(ledger, "send", Times(NOW, NOW))
    ledger.close()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Callable[[], str]:
    """Each call gives an empty ledger, in which one run has begun."""
    template, folder = tmp_path / "template", tmp_path / "folder"
    template.mkdir()
    begin_anew(f"sqlite:///{template / 'notigate.db'}")

    def empty() -> str:
        # Copied: making one takes longer than most sequences.
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)
        return f"sqlite:///{folder / 'notigate.db'}"

    return empty


@pytest.fixture
def on_postgres(postgres) -> Callable[[], str]:
    """As on SQLite."""
    url = postgres.fresh("machine")
    open_ledger(url).close()

    def empty() -> str:
        postgres.execute(
            "TRUNCATE notigate.run, notigate.delivery, notigate.call, notigate.attempt, notigate.event, notigate.tally "
            "RESTART IDENTITY",
            database="machine",
        )
        begin_anew(url)
        return url

    return empty


def idle_or_third(machine: LedgerMachine) -> bool:
    """What is no part of plain sending happens at every third step, so that most deliveries get somewhere."""
    idle = not (machine.standing(State.QUEUED, State.RETRY_WAIT) or machine.in_hand(*UNDER_WAY))
    return idle or machine.steps % 3 == 0


class LedgerMachine(RuleBasedStateMachine):
    """Plays the users of one ledger; `truth` is what it must hold, `seen` what anybody may still have in hand."""

    def __init__(self, empty: Callable[[], str]) -> None:
        super().__init__()
        self.url = empty()
        self.now = NOW
        self.steps = 0
        self.truth: dict[int, Delivery] = {}
        self.seen: list[Delivery] = []
        self.people: set[str] = set()
        #: deliveries of which no request can exist: never tried, proven not sent, or sent again by decision
        self.safe: set[int] = set()
        self.open()

    def open(self) -> None:
        self.ledger = open_ledger(self.url)
        # Whether commits survive a loss of power is not asked here, and waiting for the disk is most of the time.
        off = "PRAGMA synchronous = OFF" if self.url.startswith("sqlite") else "SET synchronous_commit = off"
        self.ledger._connections.mine().execute(off)

    def teardown(self) -> None:
        self.ledger.close()

    # What may happen

    @precondition(idle_or_third)
    @rule(people=PEOPLE, held=st.booleans(), asked=st.booleans(), lives=LIVES)
    def promise(self, people: list[str], *, held: bool, asked: bool, lives: timedelta | None) -> None:
        expires = None if lives is None else self.now + lives
        state = State.HELD if held else State.QUEUED
        drafts = [
            Draft(
                occasion="service/birthday", occurrence="2026", day=date(2026, 11, 21), person=person, channel="sms",
                medium="sms", to=person, locale="zh_Hans", category=Category.CARE, content=Content(text="生日快乐"),
                state=state, asked=asked, expires_at=expires, next_at=self.now if held else None,
            )
            for person in people
        ]  # fmt: skip
        promised = plan.promise(self.ledger, 1, drafts, self.times())
        assert len(promised.new) == len(set(people) - self.people)
        assert not promised.conflicting
        self.people |= set(people)
        self.safe |= set(promised.new)
        for delivery in questions.deliveries(self.ledger, promised.new):
            assert delivery.version == 1
            self.learn(delivery)

    @initialize()
    def begin_with_some(self) -> None:
        self.promise(["p1", "p2", "p3", "p4"], held=False, asked=False, lives=None)

    @precondition(lambda self: self.standing(State.QUEUED, State.RETRY_WAIT))
    @rule(limit=st.integers(1, 5), asked=st.sampled_from([False, False, True]))
    def pick(self, limit: int, *, asked: bool) -> None:
        for delivery in claim.claim(self.ledger, "sms", self.times(), limit, asked=asked):
            before = self.truth[delivery.id]
            assert before.state in (State.QUEUED, State.RETRY_WAIT)
            assert delivery.version == before.version + (2 if self.over(before) else 1)
            assert before.next_at is None or before.next_at <= self.now
            assert delivery.state is (State.EXPIRED if self.over(before) else State.CLAIMED)
            self.learn(delivery)

    @precondition(lambda self: self.in_hand(State.CLAIMED))
    @rule(data=st.data(), together=st.booleans())
    def begin(self, data: st.DataObject, *, together: bool) -> None:
        hand = self.draw(data, State.CLAIMED)
        groups = [hand] if together else [[delivery] for delivery in hand]
        calls = [Call(claim.new_reference(), "sms", tuple(group)) for group in groups]
        with self.ledger.write() as tx:
            begun = claim.begin(tx, 1, calls, self.times())
        sending = [delivery for call in begun for delivery in call.deliveries]
        assert {d.id for d in sending} == self.fresh(hand)
        assert {d.id for d in sending} <= self.safe, "sent again although the first attempt may have gone out"
        self.safe -= {d.id for d in sending}
        for delivery in sending:
            self.learn(delivery)

    @precondition(lambda self: self.in_hand(State.SENDING))
    @rule(data=st.data(), outcome=OUTCOMES, alone=st.booleans())
    def answer(self, data: st.DataObject, outcome: Outcome, *, alone: bool) -> None:
        hand = self.draw(data, State.SENDING)
        steps = [decide(delivery, outcome, self.now, lambda attempts: 2.0**attempts, alone=alone) for delivery in hand]
        if outcome.status is Status.ACCEPTED:
            steps = [steps[0]._replace(deliveries=hand)]
        fresh = self.fresh(hand)
        with self.ledger.write() as tx:
            won = settle.settle(tx, [Settlement(outcome, step) for step in steps], self.times())
        assert {delivery.id for change in won for delivery in change.deliveries} == fresh
        self.safe |= {d.id for change in won for d in change.deliveries if outcome.status in NOT_SENT}
        self.reread()

    @precondition(idle_or_third)
    @precondition(lambda self: self.in_hand(State.CLAIMED))
    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        hand = self.draw(data, State.CLAIMED)
        fresh = self.fresh(hand)
        with self.ledger.write() as tx:
            claim.release(tx, hand, self.times())
        assert {d.id for d in self.reread()} == fresh

    @precondition(lambda self: self.in_hand(State.UNKNOWN))
    @rule(data=st.data(), to=st.sampled_from(sorted(transitions.LEGAL[State.UNKNOWN])))
    def resolve(self, data: st.DataObject, to: State) -> None:
        resolved = self.step(self.draw(data, State.UNKNOWN), to)
        self.safe |= resolved if to is State.QUEUED else set()

    @precondition(lambda self: self.in_hand(State.ACCEPTED, State.UNDELIVERED))
    @rule(data=st.data(), arrived=st.booleans())
    def receipt(self, data: st.DataObject, *, arrived: bool) -> None:
        to = State.DELIVERED if arrived else State.UNDELIVERED
        hand = self.draw(data, State.ACCEPTED, State.UNDELIVERED)
        self.step([d for d in hand if to in transitions.LEGAL[d.state]], to)

    @precondition(idle_or_third)
    @precondition(lambda self: self.in_hand(State.QUEUED, State.HELD, State.RETRY_WAIT))
    @rule(data=st.data(), to=st.sampled_from([State.CANCELLED, State.SUPPRESSED, State.EXPIRED]))
    def call_off(self, data: st.DataObject, to: State) -> None:
        self.step(self.draw(data, State.QUEUED, State.HELD, State.RETRY_WAIT)[:1], to)

    @precondition(idle_or_third)
    @precondition(lambda self: self.standing(State.HELD))
    @rule()
    def wake(self) -> None:
        due = {d.id for d in self.standing(State.HELD) if d.next_at and d.next_at <= self.now}
        expired = claim.wake(self.ledger, "sms", self.times())
        changed = self.reread()
        assert {d.id for d in changed} == due
        assert {d.id for d in expired} == {d.id for d in changed if self.over(d)}

    @precondition(idle_or_third)
    @rule(by=MINUTES)
    def jump(self, by: timedelta) -> None:
        self.now += by

    @precondition(idle_or_third)
    @precondition(lambda self: self.standing(State.CLAIMED, State.SENDING))
    @rule()
    def crash(self) -> None:
        sending = {d.id for d in self.standing(State.SENDING)}
        picked = {d.id for d in self.standing(State.CLAIMED)}
        self.ledger.close()
        self.open()
        claim.recover(self.ledger, self.times())
        changed = {d.id: d.state for d in self.reread()}
        assert changed == dict.fromkeys(sending, State.UNKNOWN) | dict.fromkeys(picked, State.QUEUED)

    @invariant()
    def a_step_is_taken(self) -> None:
        self.steps += 1

    # What must always hold

    @invariant()
    def nothing_is_lost_and_nobody_is_in_two_states(self) -> None:
        assert {d.id: d for d in questions.log(self.ledger)} == self.truth

    @invariant()
    def every_change_has_its_event_and_every_step_is_legal(self) -> None:
        with self.ledger.read() as tx:
            events = tx.rows("SELECT delivery, version, state FROM event ORDER BY delivery, version")
        steps: dict[int, list[State]] = {}
        for delivery, version, state in events:
            steps.setdefault(delivery, []).append(State(state))
            assert version == len(steps[delivery])
        assert {id_: (len(taken), taken[-1]) for id_, taken in steps.items()} == {
            id_: (d.version, d.state) for id_, d in self.truth.items()
        }
        for taken in steps.values():
            assert taken[0] in transitions.FIRST
            assert all(new in transitions.LEGAL[old] for old, new in pairwise(taken))

    @invariant()
    def the_tally_is_a_recount(self) -> None:
        counted: Counter[tuple[str, ...]] = Counter()
        for d in self.truth.values():
            ((day, *place),) = changes.cells([d], d.state, d.reason)
            counted[day.isoformat(), *place] += 1
        with self.ledger.read() as tx:
            assert {tuple(cell): n for *cell, n in tx.rows("SELECT * FROM tally") if n} == counted

    @invariant()
    def every_attempt_stands_in_one_call_and_all_but_the_last_are_answered_or_given_up(self) -> None:
        with self.ledger.read() as tx:
            rows = tx.rows("SELECT a.delivery, a.number FROM attempt a JOIN call c ON c.id = a.call ORDER BY 1, 2")
        assert rows == [(id_, number + 1) for id_, d in sorted(self.truth.items()) for number in range(d.attempts)]

    # Hands

    def times(self) -> Times:
        return Times(self.now, self.now)

    def over(self, delivery: Delivery) -> bool:
        return delivery.expires_at is not None and delivery.expires_at <= self.now

    def learn(self, delivery: Delivery) -> None:
        (self.truth[delivery.id],) = questions.deliveries(self.ledger, [delivery.id])
        self.seen.append(self.truth[delivery.id])

    def reread(self) -> list[Delivery]:
        """What has changed since we looked last, each by one step."""
        changed = [d for d in questions.log(self.ledger) if d != self.truth[d.id]]
        assert all(d.version == self.truth[d.id].version + 1 for d in changed)
        for delivery in changed:
            self.learn(delivery)
        return changed

    def standing(self, *states: State) -> list[Delivery]:
        return [delivery for delivery in self.truth.values() if delivery.state in states]

    def in_hand(self, *states: State) -> list[Delivery]:
        return [delivery for delivery in self.seen if delivery.state in states]

    def draw(self, data: st.DataObject, *states: State) -> list[Delivery]:
        """Some values that somebody has in hand, stale or not; one of a delivery at most."""
        hand = self.in_hand(*states)
        fresh = [delivery for delivery in hand if delivery.id in self.fresh([delivery])]
        if fresh and data.draw(st.integers(0, 3)):
            hand = fresh
        values = st.lists(st.sampled_from(hand), min_size=1, max_size=4, unique_by=lambda delivery: delivery.id)
        return data.draw(values)

    def fresh(self, hand: list[Delivery]) -> set[int]:
        return {d.id for d in hand if d.version == self.truth[d.id].version}

    def step(self, hand: list[Delivery], to: State) -> set[int]:
        fresh = self.fresh(hand)
        with self.ledger.write() as tx:
            won = changes.apply(tx, [Change(hand, to, cause="decided", reason="decided")], self.times())
        assert {delivery.id for change in won for delivery in change.deliveries} == fresh
        self.reread()
        return fresh


def play(empty: Callable[[], str], examples: int) -> None:
    long = settings(
        max_examples=10 * examples if LONG else examples,
        stateful_step_count=50 if LONG else 16,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(lambda: LedgerMachine(empty), settings=long)


def test_the_promises_hold_in_any_order(on_sqlite: Callable[[], str]):
    play(on_sqlite, 200)


def test_the_promises_hold_on_postgres_too(on_postgres: Callable[[], str]):
    play(on_postgres, 20)
