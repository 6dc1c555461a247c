"""The simulated provider answers by its script, and knows what it took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from notigate.plugin import Attempt, Category, Message, Presence, Reason, Status, Tools
from notigate.simulator import Act, Simulator, SimulatorSettings, counts

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)


def message(number: int) -> Message:
    return Message(
        id=f"m{number}", reference=f"r{number}", occasion="service/birthday", category=Category.CARE, medium="sms",
        to=str(13800000000 + number), locale="zh_Hans", text="生日快乐",
    )  # fmt: skip


def simulator(folder, *script, now=NOON, **settings):
    tools = Tools(session=requests.Session, now=lambda: now)
    return Simulator(SimulatorSettings(folder=folder, script=script, **settings), tools)


def asked_for(number: int) -> Attempt:
    sent = message(number)
    return Attempt(reference=sent.reference, to=sent.to, started_at=NOON)


def test_without_a_script_everything_is_accepted_and_counted(tmp_path):
    outcomes = simulator(tmp_path).send_many([message(n) for n in range(10)])
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    assert counts(tmp_path) == {"messages": 10, "arrived": 10, "twice": 0}


@pytest.mark.parametrize(
    ("act", "status", "taken"),
    [
        (Act(share=1, answer="refuse", reason=Reason.BLOCKED), Status.REFUSED, 0),
        (Act(share=1, answer="busy"), Status.BUSY, 0),
        (Act(share=1, answer="lose-reply"), Status.UNKNOWN, 1),
        (Act(share=1, answer="lose-request"), Status.UNKNOWN, 0),
    ],
)
def test_what_the_script_says_happens(tmp_path, act, status, taken):
    outcome = simulator(tmp_path, act).send(message(1))
    assert (outcome.status, counts(tmp_path)["messages"]) == (status, taken)
    assert outcome.reason is Reason.BLOCKED or act.answer != "refuse"


@pytest.mark.parametrize("answer", ["busy", "lose-request"])
def test_what_was_put_off_or_lost_on_its_way_is_taken_the_next_time(tmp_path, answer):
    act = Act(share=1, answer=answer)
    assert simulator(tmp_path, act).send(message(1)).status is not Status.ACCEPTED
    assert simulator(tmp_path, act).send(message(1)).status is Status.ACCEPTED


def test_shares_are_kept_and_the_same_seed_treats_the_same_messages_alike(tmp_path):
    acts = (Act(share=0.1, answer="refuse"), Act(share=0.2, answer="lose-reply"))
    told = [
        [o.status for o in simulator(tmp_path / name, *acts).send_many([message(n) for n in range(2000)])]
        for name in "ab"
    ]
    assert told[0] == told[1]
    assert told[0].count(Status.REFUSED) == pytest.approx(200, rel=0.3)
    assert told[0].count(Status.UNKNOWN) == pytest.approx(400, rel=0.3)
    other = simulator(tmp_path / "c", *acts, seed="2").send_many([message(n) for n in range(2000)])
    assert [o.status for o in other] != told[0]


def test_it_can_be_asked_what_it_has_by_another_process(tmp_path):
    simulator(tmp_path, Act(share=1, answer="lose-reply")).send(message(1))
    later = simulator(tmp_path)
    assert later.lookup(asked_for(1)).presence is Presence.FOUND
    assert later.lookup(asked_for(2)).presence is Presence.ABSENT


def test_a_carrier_speaks_after_its_time(tmp_path):
    settings = {"undelivered": 1.0, "receipt_after": timedelta(minutes=5)}
    simulator(tmp_path, **settings).send(message(1))
    soon = simulator(tmp_path, now=NOON + timedelta(minutes=4), **settings)
    assert (soon.lookup(asked_for(1)).arrived, list(soon.receipts(NOON))) == (None, [])
    later = simulator(tmp_path, now=NOON + timedelta(minutes=6), **settings)
    (receipt,) = later.receipts(NOON)
    assert (later.lookup(asked_for(1)).arrived, receipt.reference, receipt.arrived) == (False, "r1", False)


@pytest.mark.parametrize("shares", [(1.1,), (-0.1,), (0.6, 0.6)])
def test_shares_that_cannot_be_are_refused(shares):
    with pytest.raises(ValueError, match="between 0 and 1"):
        SimulatorSettings(script=tuple(Act(share=share, answer="busy") for share in shares))


def test_what_it_knows_is_for_its_owner_only(tmp_path):
    simulator(tmp_path / "new").send(message(1))
    assert (tmp_path / "new" / "simulator.db").stat().st_mode & 0o077 == 0
