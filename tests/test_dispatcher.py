"""What the dispatcher promises, with a real ledger and channels that play a script."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import pytest

import notigate.dispatcher
from notigate.dispatcher import Dispatched, Dispatcher, Line, intake, narrowed
from notigate.dispatcher.crew import Crew
from notigate.dispatcher.decisions import MOST_ATTEMPTS, decide
from notigate.dispatcher.line import UNANSWERED, Pace
from notigate.edges import Clock
from notigate.errors import LedgerError
from notigate.ledger import changes, claim, open_ledger, plan, questions, runs
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import REPEATED, Call
from notigate.ledger.plan import Draft
from notigate.ledger.sqlite import SqliteLedger
from notigate.model import (
    Category,
    Content,
    Delivery,
    Drop,
    Go,
    Hold,
    Message,
    Outcome,
    Reason,
    Scope,
    State,
    Status,
    Verdict,
)
from notigate.plugin import Channel, Limits

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
DAY = date(2026, 11, 21)
ACCEPTED = Outcome.accepted("BIZ")
#: seconds after which a test that waits for another thread has failed
SOON = 5.0

Script = Callable[[Sequence[Message]], Sequence[Outcome]]


class Scripted(Channel):
    """Plays a script for each call and remembers the calls."""

    def __init__(self, script: Script, limits: Limits) -> None:
        self.limits = limits
        self.calls: list[list[Message]] = []
        self._script = script
        self._writing = threading.Lock()

    def send(self, message: Message) -> Outcome:
        return self.send_many([message])[0]

    def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        with self._writing:
            self.calls.append(list(messages))
        return self._script(messages)

    def group(self, message: Message) -> str:
        return message.occasion


def always(outcome: Outcome) -> Script:
    return lambda messages: [outcome] * len(messages)


def first(*outcomes: Outcome) -> Script:
    """These outcomes for the first calls, then all is accepted."""
    left = list(outcomes)
    return lambda messages: [left.pop(0) if left else ACCEPTED] * len(messages)


def go(_: Delivery) -> Verdict:
    return Go()


@dataclass
class Stage:
    """A ledger, its channels, and a dispatch over them."""

    ledger: SqliteLedger
    run: int
    now: datetime = NOW
    started: float = field(default_factory=time.monotonic)
    channels: dict[str, Scripted] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    answers: SimpleQueue = field(default_factory=SimpleQueue)
    stop: threading.Event = field(default_factory=threading.Event)
    settled: list[Delivery] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(ZoneInfo("UTC"), real=lambda: self.now + timedelta(seconds=time.monotonic() - self.started))

    def channel(self, script: Script, name: str = "sms", **limits) -> Scripted:
        channel = self.channels[name] = Scripted(script, Limits(**limits))
        self.lines[name] = Line(name, channel, channel.limits, self.answers)
        return channel

    def promise(self, people: int | Iterable[str], **changed) -> list[int]:
        names = [f"p{n}" for n in range(people)] if isinstance(people, int) else people
        given = {
            "occasion": "service/birthday", "occurrence": "2026", "day": DAY, "category": Category.CARE,
            "channel": "sms", "medium": "sms", "locale": "zh_Hans", "content": Content(text="生日快乐"),
        }  # fmt: skip
        drafts = [Draft(**{"person": name, "to": f"to-{name}"} | given | changed) for name in names]
        return list(plan.promise(self.ledger, self.run, drafts, Times(self.now, self.now)).new)

    def dispatch(
        self, *, judge: Callable[[Delivery], Verdict] = go, patience: float = 0.0, asked_only: bool = False
    ) -> Dispatched:
        return Dispatcher(
            self.ledger, self.run, self.lines, self.answers, self.clock(), judge=judge, settled=self.settled.append,
            stop=self.stop, patience=patience, asked_only=asked_only,
        ).dispatch()  # fmt: skip

    def again(self) -> None:
        """Another run: the same channels and ledger, fresh lines."""
        self.lines = {name: Line(name, c, c.limits, self.answers) for name, c in self.channels.items()}

    def states(self) -> Counter[State]:
        return Counter(d.state for d in self.deliveries())

    def deliveries(self) -> list[Delivery]:
        return list(questions.log(self.ledger))

    def sizes(self, name: str = "sms") -> list[int]:
        return [len(call) for call in self.channels[name].calls]

    def receivers(self, name: str = "sms") -> list[str]:
        return [message.to for call in self.channels[name].calls for message in call]


@pytest.fixture
def stage(tmp_path: Path):
    ledger = open_ledger(f"sqlite:///{tmp_path / 'notigate.db'}")
    assert isinstance(ledger, SqliteLedger)
    yield Stage(ledger, runs.start(ledger, "send", Times(NOW, NOW)))
    ledger.close()


# Intent before act


def test_nothing_is_called_before_its_intent_is_committed(stage: Stage):
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


def test_nothing_is_called_when_the_intent_cannot_be_committed(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notigate.dispatcher, "LAST_WAIT", 0.0)
    channel = stage.channel(always(ACCEPTED))
    stage.promise(1)
    stage.ledger._connections.mine().execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(ABORT, 'x'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        stage.dispatch()
    assert channel.calls == []
    assert stage.states() == {State.CLAIMED: 1}


def test_what_is_accepted_is_accepted_once_and_told(stage: Stage):
    stage.channel(always(ACCEPTED))
    ids = stage.promise(20)
    result = stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 20}
    assert sorted(stage.receivers()) == sorted(set(stage.receivers()))
    assert (+result.counts, result.problems, result.aside) == ({State.ACCEPTED: 20}, {}, {})
    assert sorted(d.id for d in stage.settled) == ids
    assert {(d.state, d.provider_id) for d in stage.deliveries()} == {(State.ACCEPTED, "BIZ")}


def test_a_message_keeps_its_id_over_attempts_and_gets_a_new_reference(stage: Stage):
    channel = stage.channel(first(Outcome.busy(Reason.THROTTLED, retry_after=0.01)))
    stage.promise(1)
    stage.dispatch(patience=SOON)
    (one,), (two,) = channel.calls
    assert one.id == two.id
    assert one.reference != two.reference


# Batches


def test_a_call_takes_no_more_than_the_limit(stage: Stage):
    stage.channel(always(ACCEPTED), batch=4)
    stage.promise(10)
    stage.dispatch()
    assert sorted(stage.sizes()) == [2, 4, 4]
    assert stage.states() == {State.ACCEPTED: 10}


def test_what_is_in_another_group_is_in_another_call(stage: Stage):
    channel = stage.channel(always(ACCEPTED), batch=10)
    stage.promise(["a", "c"])
    stage.promise(["b", "d"], occasion="holiday/mid-autumn")
    stage.dispatch()
    assert sorted({message.occasion for message in call} for call in channel.calls) == [
        {"service/birthday"},
        {"holiday/mid-autumn"},
    ]


def test_a_number_is_never_twice_in_a_call(stage: Stage):
    channel = stage.channel(always(ACCEPTED), batch=10)
    stage.promise(["a", "b", "c"], to="13800138000")
    stage.promise(["d", "e"])
    stage.dispatch()
    assert all(len({message.to for message in call}) == len(call) for call in channel.calls)
    assert stage.states() == {State.ACCEPTED: 5}


def test_the_messages_of_a_call_share_its_reference(stage: Stage):
    channel = stage.channel(always(ACCEPTED), batch=5)
    stage.promise(10)
    stage.dispatch()
    assert [len({message.reference for message in call}) for call in channel.calls] == [1, 1]
    assert len({call[0].reference for call in channel.calls}) == 2


@pytest.mark.parametrize("culprits", [{"to-p3"}, {"to-p0", "to-p15"}, {"to-p4", "to-p5", "to-p6"}])
def test_a_whole_call_refused_for_somebody_is_narrowed_down_to_them(stage: Stage, culprits: set[str]):
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


def test_asking_in_smaller_calls_fails_nobody_who_was_tried_often(stage: Stage):
    (id_,) = stage.promise(1)
    (delivery,) = questions.deliveries(stage.ledger, [id_])
    often = changes.after(Change(delivery=delivery, to=State.SENDING, cause="x", attempts=MOST_ATTEMPTS + 1))
    refused = Outcome.refused(Reason.BAD_ADDRESS, scope=Scope.CALL)
    assert decide(often, refused, NOW, lambda _: 9.0, alone=False).to is State.RETRY_WAIT
    assert decide(often, refused, NOW, lambda _: 9.0, alone=True).to is State.FAILED


# Busy


def test_who_was_busy_is_asked_again_after_its_time(stage: Stage):
    channel = stage.channel(first(Outcome.busy(Reason.THROTTLED, retry_after=0.05)))
    stage.promise(1)
    started = time.monotonic()
    result = stage.dispatch(patience=SOON)
    assert time.monotonic() - started >= 0.05
    assert (len(channel.calls), stage.states()) == (2, {State.ACCEPTED: 1})
    assert (+result.counts, result.problems) == ({State.ACCEPTED: 1}, {})
    assert [d.state for d in stage.settled] == [State.ACCEPTED]


def test_who_is_busy_longer_than_our_patience_waits_for_another_run(stage: Stage):
    channel = stage.channel(always(Outcome.busy(Reason.THROTTLED, retry_after=60)))
    stage.promise(2)
    started = time.monotonic()
    result = stage.dispatch(patience=SOON)
    assert time.monotonic() - started < 1
    assert (len(channel.calls), stage.states()) == (2, {State.RETRY_WAIT: 2})
    assert +result.counts == {State.RETRY_WAIT: 2}
    assert {d.next_at > NOW + timedelta(seconds=59) for d in stage.deliveries()} == {True}


def test_a_busy_message_that_would_be_stale_by_then_expires(stage: Stage):
    stage.channel(always(Outcome.busy(Reason.THROTTLED, retry_after=60)))
    stage.promise(1, expires_at=NOW + timedelta(seconds=30))
    stage.dispatch()
    assert stage.states() == {State.EXPIRED: 1}


def test_another_try_waits_longer_each_time_and_ends(stage: Stage):
    (id_,) = stage.promise(1)
    (delivery,) = questions.deliveries(stage.ledger, [id_])
    busy = Outcome.busy(Reason.UNAVAILABLE)
    steps = []
    for attempts in range(1, MOST_ATTEMPTS + 1):
        tried = changes.after(Change(delivery=delivery, to=State.SENDING, cause="x", attempts=attempts))
        steps.append(decide(tried, busy, NOW, lambda n: 2.0**n))
    assert [step.to for step in steps] == [State.RETRY_WAIT] * (MOST_ATTEMPTS - 1) + [State.FAILED]
    assert [step.next_at for step in steps[:3]] == [NOW + timedelta(seconds=s) for s in (2, 4, 8)]


def test_a_busy_account_rests_as_a_whole(stage: Stage):
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


def test_an_account_that_must_rest_longer_than_our_patience_is_set_aside(stage: Stage):
    stage.channel(
        always(Outcome.busy(Reason.THROTTLED, "day limit", retry_after=3600, scope=Scope.CHANNEL)), concurrency=1
    )
    stage.promise(5)
    result = stage.dispatch(patience=1)
    assert stage.states() == {State.RETRY_WAIT: 1, State.QUEUED: 4}
    assert {name: outcome.detail for name, outcome in result.aside.items()} == {"sms": "day limit"}


# Channels that are no use


def test_a_refusal_of_the_whole_account_sets_the_channel_aside_and_fails_nobody(stage: Stage):
    channel = stage.channel(always(Outcome.refused(Reason.NO_CREDIT, "balance")), concurrency=1)
    stage.promise(5)
    result = stage.dispatch(patience=SOON)
    assert (len(channel.calls), stage.states()) == (1, {State.HELD: 1, State.QUEUED: 4})
    assert result.aside["sms"].reason is Reason.NO_CREDIT


def test_the_next_run_takes_up_what_a_refused_account_left(stage: Stage):
    stage.channel(first(Outcome.refused(Reason.NO_CREDIT)), concurrency=1)
    stage.promise(5)
    stage.dispatch()
    stage.again()
    stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 5}


def test_a_provider_that_is_not_reached_is_left_alone_after_a_few_calls(stage: Stage):
    channel = stage.channel(always(Outcome.busy(Reason.UNAVAILABLE, "not reached")), concurrency=1)
    stage.promise(50)
    result = stage.dispatch()
    assert len(channel.calls) == UNANSWERED
    assert stage.states() == {State.RETRY_WAIT: UNANSWERED, State.QUEUED: 50 - UNANSWERED}
    assert result.aside["sms"].detail == "not reached"


def test_a_provider_that_never_answers_is_left_alone_after_a_few_calls(stage: Stage):
    stage.channel(always(Outcome.unknown("HTTP 502")), concurrency=1)
    stage.promise(50)
    stage.dispatch()
    assert stage.states() == {State.UNKNOWN: UNANSWERED, State.QUEUED: 50 - UNANSWERED}


def test_one_answer_in_between_and_the_provider_is_asked_on(stage: Stage):
    out = Outcome.busy(Reason.UNAVAILABLE)
    stage.channel(first(out, out, out, out, ACCEPTED, out, out, out, out), concurrency=1)
    stage.promise(20)
    result = stage.dispatch()
    assert stage.states() == {State.RETRY_WAIT: 8, State.ACCEPTED: 12}
    assert result.aside == {}


def test_a_channel_set_aside_gives_back_what_it_holds_at_once(stage: Stage):
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


@pytest.mark.parametrize("fault", [ValueError("x"), KeyError("to"), SystemExit(1), KeyboardInterrupt(), MemoryError()])
def test_an_exception_out_of_a_channel_is_unknown_and_sets_it_aside(stage: Stage, fault: BaseException):
    def fail(_: Sequence[Message]) -> list[Outcome]:
        raise fault

    channel = stage.channel(fail, concurrency=1)
    stage.promise(3)
    result = stage.dispatch()
    assert (len(channel.calls), stage.states()) == (1, {State.UNKNOWN: 1, State.QUEUED: 2})
    assert result.aside["sms"].detail == f"the channel failed: {type(fault).__name__}"


@pytest.mark.parametrize(
    "garbage", [[], [None], [True], ["accepted"], [ACCEPTED], [ACCEPTED] * 3, [ACCEPTED, 1], None, 7]
)
def test_garbage_out_of_a_channel_is_unknown(stage: Stage, garbage):
    stage.channel(lambda _: garbage, batch=2)
    stage.promise(2)
    result = stage.dispatch()
    assert stage.states() == {State.UNKNOWN: 2}
    assert "sms" in result.aside


def test_a_channel_that_fails_while_grouping_takes_nobody_down(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    channel = stage.channel(always(ACCEPTED), batch=2)
    monkeypatch.setattr(channel, "group", lambda message: 1 // len(message.subject))
    stage.channel(always(ACCEPTED), "email")
    stage.promise(3)
    stage.promise(["mail"], channel="email")
    result = stage.dispatch()
    assert stage.states() == {State.QUEUED: 3, State.ACCEPTED: 1}
    assert result.aside["sms"].detail == "the channel failed: ZeroDivisionError"


def test_what_settles_is_told_to_others_after_the_calls_are_made(stage: Stage):
    channel = stage.channel(always(ACCEPTED), concurrency=1)
    stage.promise(2)

    def fail(_: Delivery) -> None:
        raise RuntimeError

    stage.settled = type("Failing", (list,), {"append": staticmethod(fail)})()
    with pytest.raises(RuntimeError):
        stage.dispatch()
    assert stage.states()[State.SENDING] == 0
    assert stage.states()[State.ACCEPTED] == len(channel.calls)


# Calls that hang


def test_a_call_that_hangs_is_unknown_after_its_deadline_and_its_late_answer_changes_nothing(stage: Stage):
    back = threading.Event()

    def hang(messages: Sequence[Message]) -> list[Outcome]:
        back.wait(SOON)
        return [ACCEPTED] * len(messages)

    stage.channel(hang, concurrency=1, deadline=1.0)
    stage.promise(1)
    result = stage.dispatch()
    assert (stage.states(), +result.counts) == ({State.UNKNOWN: 1}, {State.UNKNOWN: 1})
    back.set()
    late = stage.answers.get(timeout=SOON)
    assert not stage.lines["sms"].crew.done(late.call)
    assert stage.states() == {State.UNKNOWN: 1}


def test_a_channel_whose_every_call_hangs_does_not_hold_up_the_run(stage: Stage):
    back = threading.Event()

    def hang(messages: Sequence[Message]) -> list[Outcome]:
        back.wait(SOON)
        return [ACCEPTED] * len(messages)

    stage.channel(hang, concurrency=2, deadline=1.0)
    stage.promise(10)
    started = time.monotonic()
    result = stage.dispatch()
    back.set()
    assert time.monotonic() - started < SOON
    assert stage.states() == {State.UNKNOWN: 2, State.QUEUED: 8}
    assert result.aside["sms"].detail == "no answer in time"


def test_a_call_that_would_begin_after_its_deadline_is_not_made(stage: Stage):
    channel = stage.channel(always(ACCEPTED))
    crew = Crew(channel, 1, stage.answers)
    crew.take(Call("R", "sms", ()), ["not read"], deadline=-1.0)
    assert [outcome.status for outcome in stage.answers.get(timeout=SOON).outcomes] == [Status.UNKNOWN]
    assert channel.calls == []
    crew.dismiss()


def test_a_call_that_comes_back_late_gives_its_place_free(stage: Stage):
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


def test_a_call_that_hangs_keeps_its_place_and_the_others_go_on(stage: Stage):
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


# Ends


def test_a_stop_lets_calls_in_flight_finish_and_queues_the_rest(stage: Stage):
    def stop(messages: Sequence[Message]) -> list[Outcome]:
        stage.stop.set()
        return [ACCEPTED] * len(messages)

    channel = stage.channel(stop, concurrency=1)
    stage.promise(50)
    stage.dispatch(patience=SOON)
    assert (len(channel.calls), stage.states()) == (1, {State.ACCEPTED: 1, State.QUEUED: 49})


def test_a_stop_before_the_start_sends_nothing(stage: Stage):
    channel = stage.channel(always(ACCEPTED))
    stage.promise(3)
    stage.stop.set()
    stage.dispatch()
    assert (channel.calls, stage.states()) == ([], {State.QUEUED: 3})


def test_a_stop_ends_the_wait_for_another_try(stage: Stage):
    stage.channel(always(Outcome.busy(Reason.THROTTLED, retry_after=SOON)))
    stage.promise(1)
    threading.Timer(0.2, stage.stop.set).start()
    started = time.monotonic()
    stage.dispatch(patience=2 * SOON)
    assert time.monotonic() - started < SOON


def test_what_does_not_finish_within_the_grace_is_unknown(stage: Stage, monkeypatch: pytest.MonkeyPatch):
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


def test_a_stopped_run_is_resumed_by_the_next(stage: Stage):
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


def fail_commits(stage: Stage, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
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


def test_an_answer_survives_a_commit_that_fails(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    fail_commits(stage, monkeypatch, times=2)
    stage.channel(always(ACCEPTED), concurrency=1)
    stage.promise(3)
    with pytest.raises(LedgerError):
        stage.dispatch()
    assert stage.states()[State.ACCEPTED] == 1
    assert stage.states()[State.SENDING] == 0


def test_an_answer_that_cannot_be_committed_is_unknown_in_the_next_run(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    fail_commits(stage, monkeypatch, times=99)
    channel = stage.channel(always(ACCEPTED), concurrency=1)
    stage.promise(3)
    with pytest.raises(LedgerError):
        stage.dispatch()
    claim.recover(stage.ledger, Times(NOW, NOW))
    assert stage.states() == {State.UNKNOWN: len(channel.calls), State.QUEUED: 3 - len(channel.calls)}


# After a crash


def test_after_a_crash_in_a_call_the_next_run_sends_the_rest_and_never_repeats_it(stage: Stage):
    stage.channel(always(ACCEPTED))
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


# Hours


def test_what_went_stale_expires_unsent_and_is_told(stage: Stage):
    channel = stage.channel(always(ACCEPTED))
    stage.promise(["stale"], expires_at=NOW)
    stage.promise(["stale when it wakes"], state=State.HELD, next_at=NOW, expires_at=NOW)
    result = stage.dispatch()
    assert (channel.calls, stage.states()) == ([], {State.EXPIRED: 2})
    assert (+result.counts, len(result.problems), len(stage.settled)) == ({State.EXPIRED: 2}, 2, 2)


def test_the_hour_is_judged_again_before_sending(stage: Stage):
    tomorrow = NOW + timedelta(days=1)
    verdicts: dict[str, Verdict] = {
        "go": Go(), "hold": Hold(tomorrow, "window"), "ask": Hold(None, "late"), "late": Drop("late", State.EXPIRED),
        "gone": Drop("opted-out"),
    }  # fmt: skip
    stage.channel(always(ACCEPTED))
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


def test_what_is_held_goes_out_when_its_hour_has_come(stage: Stage):
    stage.channel(always(ACCEPTED))
    stage.promise(2, state=State.HELD, reason="window", next_at=NOW + timedelta(hours=1))
    stage.dispatch()
    assert stage.states() == {State.HELD: 2}
    stage.now += timedelta(hours=1)
    stage.dispatch()
    assert stage.states() == {State.ACCEPTED: 2}


def test_what_has_lost_its_content_is_invalid_and_stops_nobody(stage: Stage):
    stage.channel(always(ACCEPTED))
    stage.promise(["erased"], content=None)
    stage.promise(["other"])
    stage.dispatch()
    assert {d.person: d.state for d in stage.deliveries()} == {"erased": State.INVALID, "other": State.ACCEPTED}


# Together


def test_a_slow_channel_does_not_hold_up_another(stage: Stage):
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


def test_no_more_calls_are_in_flight_than_the_channel_allows(stage: Stage):
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


def test_what_was_asked_for_by_name_overtakes_a_campaign(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "LOOK", 0.0)
    stage.promise(50)

    def promise_one(messages: Sequence[Message]) -> list[Outcome]:
        if len(stage.channels["sms"].calls) == 1:
            with contextlib.closing(open_ledger(f"sqlite:///{stage.ledger.path}")) as other:
                Stage(other, stage.run).promise(["asked"], asked=True)
        return [ACCEPTED] * len(messages)

    stage.channel(promise_one, concurrency=1)
    stage.dispatch()
    assert stage.receivers().index("to-asked") <= 2
    assert stage.states() == {State.ACCEPTED: 51}


def test_a_single_send_carries_only_what_was_asked_for(stage: Stage):
    stage.channel(always(ACCEPTED))
    stage.promise(3)
    stage.promise(["asked"], asked=True)
    stage.dispatch(asked_only=True)
    assert (stage.receivers(), stage.states()) == (["to-asked"], {State.QUEUED: 3, State.ACCEPTED: 1})


def test_a_single_send_does_not_wait_for_another_try_of_a_campaign(stage: Stage):
    stage.channel(always(Outcome.busy(Reason.THROTTLED, retry_after=1)))
    stage.promise(1)
    stage.dispatch()
    started = time.monotonic()
    stage.dispatch(asked_only=True, patience=SOON)
    assert time.monotonic() - started < 1


def to_be_repeated(stage: Stage, calls: Sequence[Sequence[Message]]) -> None:
    for number, call in enumerate(calls):
        wanted = {message.to for message in call}
        steps = [
            Change(delivery=d, to=State.QUEUED, cause="again", reason=REPEATED, detail=f"call {number}", next_at=NOW)
            for d in stage.deliveries()
            if d.to in wanted
        ]
        with stage.ledger.write() as tx:
            changes.apply(tx, steps, Times(NOW, NOW))
    stage.again()


def test_calls_that_are_to_be_repeated_are_made_again_as_they_were(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    channel = stage.channel(always(Outcome.unknown("no answer")), batch=3, repeat_window=60)
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
def test_a_call_is_repeated_whole_though_the_settings_ask_for_smaller_ones_now(stage: Stage, batch: int):
    channel = stage.channel(always(Outcome.unknown("no answer")), batch=5, repeat_window=60)
    stage.promise(5)
    stage.dispatch()
    channel.limits = Limits(batch=batch, repeat_window=60)
    to_be_repeated(stage, list(channel.calls))
    stage.dispatch()
    assert stage.sizes() == [5, 5]


def test_what_is_to_be_repeated_is_picked_with_its_call_only(stage: Stage):
    stage.promise(2, reason=REPEATED)
    assert claim.claim(stage.ledger, "sms", Times(NOW, NOW), 1, asked=False) == []
    assert len(claim.repeated(stage.ledger, "sms", Times(NOW, NOW))) == 2


def test_a_repetition_waits_for_no_hour_and_does_not_expire(stage: Stage):
    channel = stage.channel(always(Outcome.unknown("no answer")), repeat_window=60)
    stage.promise(1, expires_at=NOW + timedelta(seconds=30))
    stage.dispatch()
    to_be_repeated(stage, channel.calls[:1])
    stage.now += timedelta(minutes=1)
    stage.dispatch(judge=lambda _: Hold(None, "window"))
    assert (len(channel.calls), stage.states()) == (2, {State.UNKNOWN: 1})


def test_a_repetition_that_is_put_back_is_still_one(stage: Stage):
    stage.channel(always(ACCEPTED), repeat_window=60)
    stage.promise(1, reason=REPEATED, detail="call 7")
    claim.repeated(stage.ledger, "sms", Times(NOW, NOW))
    claim.recover(stage.ledger, Times(NOW, NOW))
    assert [(d.state, d.reason, d.detail) for d in stage.deliveries()] == [(State.QUEUED, REPEATED, "call 7")]


@pytest.mark.parametrize(
    "outcome", [Outcome.busy(Reason.THROTTLED), Outcome.refused(Reason.BAD_ADDRESS), Outcome.unknown("?")]
)
def test_a_repetition_that_is_not_accepted_stays_unknown(stage: Stage, outcome: Outcome):
    stage.channel(always(outcome), repeat_window=60)
    stage.promise(1, reason=REPEATED)
    stage.dispatch()
    assert stage.states() == {State.UNKNOWN: 1}


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


def test_a_paced_channel_sends_all(stage: Stage):
    channel = stage.channel(always(ACCEPTED), rate=100)
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
        ({"total": 60.0}, {"deadline": 65.0}),
        ({"total": 10.0}, {"deadline": 30.0}),
    ],
)
def test_settings_narrow_the_providers_limits_and_never_widen_them(asked: dict, kept: dict):
    limits = narrowed(
        Limits(batch=100, rate=10.0), **{"batch": None, "concurrency": None, "rate": None, "total": None} | asked
    )
    assert {name: getattr(limits, name) for name in kept} == kept


def test_how_many_calls_are_in_flight_is_for_the_settings_to_say():
    asked = {"batch": None, "rate": None, "total": None}
    assert narrowed(Limits(concurrency=8), **asked, concurrency=32).concurrency == 32
    assert narrowed(Limits(concurrency=8), **asked, concurrency=None).concurrency == 8


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
def test_an_answer_that_is_no_text_is_recorded_all_the_same(stage: Stage, outcome: Outcome, state: State):
    stage.channel(always(outcome))
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
def test_an_outcome_that_is_none_is_unknown_and_takes_nobody_down(stage: Stage, outcome: Outcome):
    stage.channel(always(outcome), concurrency=1)
    stage.promise(1)
    stage.dispatch()
    assert stage.states() == {State.UNKNOWN: 1}
