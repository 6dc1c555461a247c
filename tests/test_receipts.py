"""The carrier's word: who is asked when, what a word may change, and which addresses are dead."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from notigate.cli import cli
from notigate.dispatcher import Line, receipts
from notigate.dispatcher.crew import Answered
from notigate.dispatcher.decisions import settlements
from notigate.dispatcher.hearing import OVERLAP, hear
from notigate.dispatcher.receipts import DUE, TOGETHER, TOO_OLD, UNANSWERED
from notigate.ledger import claim, open_ledger, plan, questions, runs, settle
from notigate.ledger import receipts as kept
from notigate.ledger.changes import Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, Delivery, Finding, Message, Outcome, Reason, Receipt, State
from notigate.plugin import Attempt, Channel, Limits
from notigate.preferences import Reach

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ACCEPTED, LOST = Outcome.accepted("BIZ"), Outcome.unknown("no answer")
ARRIVED, FAILED = Finding.found("BIZ", arrived=True), Finding.found("BIZ", arrived=False, reason=Reason.BAD_ADDRESS)


class Mute(Channel):
    """Takes everything, and cannot be asked."""

    limits = Limits(batch=500)

    def send(self, message: Message) -> Outcome:
        return Outcome.accepted(message.reference)


class Asked(Mute):
    """Answers look-ups alike, and remembers them."""

    def __init__(self, *answers: Finding | Exception) -> None:
        self.asked: list[str] = []
        self._answers = answers

    def lookup(self, attempt: Attempt) -> Finding:
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(attempt.to)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Listed(Asked):
    """Hands out receipts, too."""

    def __init__(self, receipts: Iterable[Receipt] = ()) -> None:
        super().__init__(Finding.inconclusive("nobody should ask"))
        self.since: list[datetime] = []
        self.list = receipts

    def receipts(self, since: datetime) -> Iterable[Receipt]:
        self.since.append(since)
        return self.list


@dataclass
class Desk:
    """A ledger, and what is sent and heard."""

    ledger: Ledger

    def send(
        self, people: Sequence[str], outcome: Outcome = ACCEPTED, *, channel: Channel | None = None, at: datetime = NOW
    ) -> list[str]:
        """Promise and send each by itself; the references of the calls."""
        drafts = [
            Draft(
                occasion="service/birthday", occurrence=at.isoformat(), day=date(2026, 11, 21), person=person, to=f"to-{person}",
                category=Category.CARE, channel="sms", medium="sms", locale="zh_Hans", content=Content(text="!"),
            )
            for person in people
        ]  # fmt: skip
        plan.promise(self.ledger, 1, drafts, Times(at, at))
        return self.begin(outcome, channel=channel, at=at)

    def begin(self, outcome: Outcome = ACCEPTED, *, channel: Channel | None = None, at: datetime = NOW) -> list[str]:
        times, line = Times(at, at), self.line(channel or Asked(ARRIVED))
        picked = claim.claim(self.ledger, "sms", times, 1000, asked=False)
        with self.ledger.write() as tx:
            calls = claim.begin(tx, 1, [Call(claim.new_reference(), "sms", (d,)) for d in picked], times)
        if outcome.detail == "crash":
            return [call.reference for call in calls]
        answered = [s for c in calls for s in settlements(Answered(c, [outcome]), at, receipts.due(line, at))]
        with self.ledger.write() as tx:
            settle.settle(tx, answered, times)
        return [call.reference for call in calls]

    def line(self, channel: Channel) -> Line:
        return Line("sms", channel, channel.limits, SimpleQueue())

    def pull(self, channel: Channel, after: timedelta = HOUR, **asked: float) -> Counter[str]:
        times, line = Times(NOW + after, NOW + after), self.line(channel)
        return hear(self.ledger, line, Reach.ALL, times) + receipts.pull(self.ledger, line, times, **asked)

    def hear(self, *words: Receipt, after: timedelta = HOUR) -> Counter[str]:
        return self.pull(Listed(words), after)

    def deliveries(self) -> list[Delivery]:
        return list(questions.log(self.ledger))

    def states(self) -> list[State]:
        return [delivery.state for delivery in self.deliveries()]

    def events(self) -> int:
        with self.ledger.read() as tx:
            return tx.rows("SELECT count(*) FROM event")[0][0]


@pytest.fixture
def desk(place: Callable[[str], str]) -> Iterator[Desk]:
    ledger = open_ledger(place("notigate"))
    runs.start(ledger, "send", Times(NOW, NOW))
    yield Desk(ledger)
    ledger.close()


on_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


# Asked one by one


@pytest.mark.parametrize(("finding", "state"), [(ARRIVED, State.DELIVERED), (FAILED, State.UNDELIVERED)])
def test_the_carriers_word_is_recorded(desk: Desk, finding: Finding, state: State):
    desk.send(["p1"])
    assert desk.pull(Asked(finding))[state.value] == 1
    (delivery,) = desk.deliveries()
    assert (delivery.state, delivery.reason) == (state, finding.reason or "")


@pytest.mark.parametrize("finding", [Finding.found("BIZ"), Finding.absent(), Finding.inconclusive("")])
def test_without_the_carriers_word_it_stays_accepted(desk: Desk, finding: Finding):
    desk.send(["p1"])
    assert desk.pull(Asked(finding)) == {"asked": 1}
    assert desk.states() == [State.ACCEPTED]


@pytest.mark.parametrize("after", [DUE - MINUTE, TOO_OLD + MINUTE])
def test_nobody_is_asked_for_too_early_or_too_late(desk: Desk, after: timedelta):
    desk.send(["p1"])
    channel = Asked(ARRIVED)
    desk.pull(channel, after)
    assert channel.asked == []


@on_sqlite
def test_who_is_not_heard_of_is_asked_for_less_and_less_often_and_in_the_end_not_at_all(desk: Desk):
    desk.send(["p1"])
    channel = Asked(Finding.found("BIZ"))
    asked, after = [], DUE
    while after < 2 * TOO_OLD:
        if desk.pull(channel, after)["asked"]:
            asked.append(after)
        after += 30 * MINUTE
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert asked[0] == DUE
    assert gaps == sorted(gaps)
    assert 10 < len(asked) < 25
    assert kept.awaiting(desk.ledger, "sms", now=NOW + 9 * TOO_OLD) == 0


def test_only_so_many_are_asked_for_at_once_and_the_others_the_next_time(desk: Desk):
    desk.send([f"p{n}" for n in range(TOGETHER + 50)])
    channel = Asked(Finding.found("BIZ"))
    assert (desk.pull(channel)["asked"], desk.pull(channel)["asked"]) == (TOGETHER, 50)
    assert len(set(channel.asked)) == TOGETHER + 50


def test_when_it_is_asked_for_by_hand_nobody_is_left_out(desk: Desk):
    desk.send([f"p{n}" for n in range(TOGETHER + 50)])
    told = receipts.pull_all(desk.ledger, desk.line(Asked(ARRIVED)), Times(NOW + HOUR, NOW + HOUR))
    assert told["delivered"] == TOGETHER + 50


@pytest.mark.parametrize("answer", [Finding.inconclusive("HTTP 503"), RuntimeError("broken")])
@on_sqlite
def test_a_provider_that_does_not_answer_is_soon_left_alone(desk: Desk, answer):
    desk.send([f"p{n}" for n in range(10)])
    channel = Asked(answer)
    receipts.pull_all(desk.ledger, desk.line(channel), Times(NOW + HOUR, NOW + HOUR))
    assert len(channel.asked) == UNANSWERED


@on_sqlite
def test_who_has_no_more_time_asks_the_next_time(desk: Desk):
    desk.send(["p1"])
    channel = Asked(ARRIVED)
    assert desk.pull(channel, seconds=0.0) == {}
    assert desk.pull(channel)["delivered"] == 1


@on_sqlite
def test_a_channel_that_cannot_be_asked_is_not_and_nobody_waits_for_it(desk: Desk):
    desk.send(["p1"], channel=Mute())
    assert desk.pull(Mute()) == {}
    assert kept.awaiting(desk.ledger, "sms", now=NOW + HOUR) == 0


@on_sqlite
def test_who_is_awaited_is_read_from_a_small_index(desk: Desk):
    with desk.ledger.read() as tx:
        told = str(tx.rows(f"EXPLAIN QUERY PLAN {kept.AWAITED}", channel="sms", now=0, limit=1))
    assert "delivery_awaited" in told


# Handed out


def words(references: Iterable[str], *, arrived: bool = True, person: str = "p1") -> list[Receipt]:
    return [
        Receipt(reference=reference, to=f"to-{person}", arrived=arrived, reason=None if arrived else Reason.BAD_ADDRESS)
        for reference in references
    ]


@pytest.mark.parametrize(("arrived", "state"), [(True, State.DELIVERED), (False, State.UNDELIVERED)])
@pytest.mark.parametrize("outcome", [ACCEPTED, LOST])
def test_a_receipt_is_recorded_and_settles_what_was_unknown(desk: Desk, outcome: Outcome, arrived, state):
    told = desk.hear(*words(desk.send(["p1"], outcome), arrived=arrived))
    assert (told[state.value], desk.states()) == (1, [state])


def test_a_channel_that_hands_out_receipts_is_not_asked_one_by_one(desk: Desk):
    desk.send(["p1"])
    channel = Listed()
    desk.pull(channel)
    assert channel.asked == []


def test_the_list_is_read_from_where_it_ended(desk: Desk):
    channel = Listed()
    for after in (HOUR, 9 * HOUR, 12 * HOUR):
        desk.pull(channel, after)
    assert channel.since == [NOW + HOUR - TOO_OLD - OVERLAP, NOW + HOUR - OVERLAP, NOW + 9 * HOUR - OVERLAP]


@on_sqlite
@pytest.mark.parametrize("fault", [RuntimeError("broken"), "no receipt"])
def test_a_list_that_breaks_is_read_again_and_takes_nobody_down(desk: Desk, fault):
    references = desk.send(["p1"])

    def broken() -> Iterator[Receipt]:
        yield from words(references)
        if isinstance(fault, Exception):
            raise fault
        yield fault

    channel = Listed(broken())
    desk.pull(channel)
    channel.list = words(references)
    desk.pull(channel, 2 * HOUR)
    assert channel.since[1] <= channel.since[0] + HOUR
    assert desk.states() == [State.DELIVERED]


@on_sqlite
def test_a_receipt_of_nobody_changes_nothing(desk: Desk):
    (reference,) = desk.send(["p1"])
    before = desk.events()
    assert desk.hear(*words(["guessed"]), *words([reference], person="p2")) == {}
    assert (desk.states(), desk.events()) == ([State.ACCEPTED], before)


def test_a_receipt_that_comes_before_our_own_answer_is_heard_the_next_time(desk: Desk):
    references = desk.send(["p1"], Outcome.unknown("crash"))
    desk.hear(*words(references))
    assert desk.states() == [State.SENDING]
    claim.recover(desk.ledger, Times(NOW, NOW))
    desk.hear(*words(references), after=2 * HOUR)
    assert desk.states() == [State.DELIVERED]


def test_that_an_earlier_attempt_did_not_arrive_says_nothing_of_the_latest(desk: Desk):
    first = desk.send(["p1"], Outcome.busy(Reason.THROTTLED, retry_after=60))
    desk.begin(at=NOW + 2 * MINUTE)
    desk.hear(*words(first, arrived=False))
    assert desk.states() == [State.ACCEPTED]
    desk.hear(*words(first))
    assert desk.states() == [State.DELIVERED]


@on_sqlite
def test_what_a_carrier_says_is_recorded_even_if_it_is_no_text(desk: Desk):
    (reference,) = desk.send(["p1"])
    desk.hear(Receipt(reference=reference, to="to-p1", arrived=False, detail="\udcff"))
    assert desk.deliveries()[0].detail == "?"


@settings(max_examples=40)
@given(said=st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=12))
def test_in_whatever_order_and_however_often_words_come_what_arrived_has_arrived(tmp_path_factory, said):
    ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'n.db'}")
    runs.start(ledger, "send", Times(NOW, NOW))
    desk = Desk(ledger)
    references = desk.send([f"p{n}" for n in range(4)])
    some: list[Receipt] = []
    for n, arrived, together in said:
        some += words([references[n]], arrived=arrived, person=f"p{n}")
        if not together:
            desk.hear(*some)
            some = []
    desk.hear(*some)
    expected = {
        n: State.DELIVERED if any(arrived for m, arrived, _ in said if m == n)
        else State.UNDELIVERED if any(m == n for m, _, _ in said) else State.ACCEPTED
        for n in range(4)
    }  # fmt: skip
    assert desk.states() == list(expected.values())
    with ledger.read() as tx:
        told = dict(tx.rows("SELECT state, sum(n) FROM tally GROUP BY state HAVING sum(n) <> 0"))
    assert told == Counter(state.value for state in expected.values())
    ledger.close()


@pytest.mark.parametrize("listed", [True, False])
def test_no_address_passes_in_the_carrier_s_words(desk: Desk, *, listed: bool):
    words = "13800138000: 空号"
    (reference,) = desk.send(["a"])
    if listed:
        desk.hear(Receipt(reference=reference, to="to-a", arrived=False, detail=words))
    else:
        asked = Asked(Finding.found("BIZ", arrived=False, reason=Reason.BAD_ADDRESS, detail=words))
        receipts.pull(desk.ledger, desk.line(asked), Times(NOW + HOUR, NOW + HOUR))
    (delivery,) = questions.log(desk.ledger)
    assert (delivery.state, delivery.detail) == (State.UNDELIVERED, "138****8000: 空号")


# Dead addresses


def test_addresses_that_nobody_answers_to_are_listed_until_one_takes_a_message(desk: Desk):
    desk.send(["p1", "p2", "p3"])
    desk.pull(Asked(FAILED))
    desk.send(["p1", "p2"], at=NOW + 2 * HOUR)
    desk.pull(Asked(FAILED, ARRIVED), 3 * HOUR)
    found = {one.person: one.times for one in kept.dead(desk.ledger)}
    assert found == {"p1": 2, "p3": 1}
    assert {one.person for one in kept.dead(desk.ledger, since=NOW + 2 * HOUR)} == {"p1"}


def test_what_a_provider_refused_as_no_address_is_listed_and_other_refusals_are_not(desk: Desk):
    desk.send(["p1"], Outcome.refused(Reason.BAD_ADDRESS, "isv.MOBILE_NUMBER_ILLEGAL"))
    desk.send(["p2"], Outcome.refused(Reason.BLOCKED, "isv.CUSTOMER_REFUSED"), at=NOW + MINUTE)
    (one,) = kept.dead(desk.ledger)
    assert (one.person, one.to, one.detail, one.times) == ("p1", "to-p1", "isv.MOBILE_NUMBER_ILLEGAL", 1)
    assert "to-p1" not in repr(one)


SETTINGS = """
project: {name: 青年城}
channels: {sms: {plugin: simulator, receipt_after: 1s}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    with_ledger = open_ledger(f"sqlite:///{tmp_path / 'notigate.db'}")
    runs.start(with_ledger, "send", Times(NOW, NOW))
    desk = Desk(with_ledger)
    desk.send(["=p1"], Outcome.refused(Reason.BAD_ADDRESS, "no such number"))
    desk.send(["p2"], at=NOW + MINUTE)
    with_ledger.close()
    return tmp_path


def done(project: Path, *arguments: str) -> str:
    ran = CliRunner().invoke(cli, ["-C", str(project), "--now", "2026-11-21T22:00", "receipts", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_dead_addresses_are_listed_masked_for_other_programs(project: Path):
    (one,) = map(json.loads, done(project, "dead", "--json").splitlines())
    assert one == {
        "person": "=p1", "channel": "sms", "to": "t*", "times": 1, "first": "2026-11-21T18:05:00+08:00",
        "last": "2026-11-21T18:05:00+08:00", "detail": "no such number", "delivery": 1,
    }  # fmt: skip
    reference = (Path(__file__).parent.parent / "docs/reference/json.md").read_text(encoding="utf-8")
    assert list(json.loads(reference.partition("```json dead\n")[2].partition("```")[0])) == list(one)
    assert done(project, "dead").splitlines()[1].split("\t")[:3] == ["=p1", "sms", "t*"]
    assert done(project, "dead", "--since", "2026-11-22", "--json") == ""


def test_dead_addresses_become_a_file_that_runs_nothing(project: Path):
    assert done(project, "dead", "-o", str(project / "dead.csv")) == ""
    heading, row = csv.reader(io.StringIO((project / "dead.csv").read_text(encoding="utf-8-sig")))
    assert dict(zip(heading, row, strict=True))["person"] == "'=p1"


def test_a_file_of_another_kind_is_refused(project: Path):
    ran = CliRunner().invoke(cli, ["-C", str(project), "receipts", "dead", "-o", "dead.pdf"])
    assert (ran.exit_code, ".csv" in ran.stderr) == (2, True)


def test_a_rehearsal_tells_how_many_would_be_asked_about(project: Path):
    assert done(project, "pull", "--dry-run") == "1 message would be asked about.\n"
    assert done(project, "pull", "--dry-run", "--json") == '{"waiting": 1}\n'
