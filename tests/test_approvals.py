"""What waits for an approval, and what a person's word does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from notigate import approvals
from notigate.errors import UsageError
from notigate.ledger import changes, claim, open_ledger, plan, questions, runs
from notigate.ledger.changes import Change, Times
from notigate.ledger.plan import Draft
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, State

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
BATCH = "holiday/mid-autumn@2026"


@pytest.fixture
def ledger(tmp_path: Path):
    opened = open_ledger(f"sqlite:///{tmp_path / 'notigate.db'}")
    runs.start(opened, "send", TIMES)
    yield opened
    opened.close()


def hold(ledger: Ledger, *people: str, **changed) -> None:
    given = {
        "occasion": "holiday/mid-autumn", "occurrence": "2026", "day": date(2026, 11, 21), "to": "13800138000",
        "category": Category.CARE, "channel": "sms", "medium": "sms", "locale": "zh_Hans", "content": Content(text="!"),
        "state": State.HELD, "reason": "approval",
    }  # fmt: skip
    plan.promise(ledger, 1, [Draft(**given | {"person": person} | changed) for person in people], TIMES)


def states(ledger: Ledger) -> dict[str, State]:
    return {delivery.person: delivery.state for delivery in questions.log(ledger)}


def test_what_waits_is_told_by_occasion_and_occurrence(ledger: Ledger):
    hold(ledger, "a", "b")
    hold(ledger, "c", channel="email")
    hold(ledger, "a", occurrence="2027")
    told = [(batch.name, dict(batch.channels), batch.example.person) for batch in approvals.waiting(ledger)]
    assert told == [(BATCH, {"sms": 2, "email": 1}, "a"), ("holiday/mid-autumn@2027", {"sms": 1}, "a")]


def test_what_waits_for_something_else_needs_no_approval(ledger: Ledger):
    hold(ledger, "a", reason="window", next_at=NOW + timedelta(hours=1))
    assert approvals.waiting(ledger) == []


def test_an_approved_batch_is_due_at_once(ledger: Ledger):
    hold(ledger, "a", "b")
    hold(ledger, "a", occurrence="2027")
    assert approvals.decide(ledger, BATCH, approved=True, by="li", times=TIMES) == 2
    assert len(claim.claim(ledger, "sms", TIMES, 10, asked=False)) == 2
    assert [batch.name for batch in approvals.waiting(ledger)] == ["holiday/mid-autumn@2027"]


def test_a_refused_batch_is_called_off(ledger: Ledger):
    hold(ledger, "a", "b")
    assert approvals.decide(ledger, BATCH, approved=False, by="li", times=TIMES) == 2
    assert set(states(ledger).values()) == {State.CANCELLED}


@pytest.mark.parametrize(("approved", "word"), [(True, "approved by li"), (False, "refused by li")])
def test_the_word_is_recorded_with_its_author(ledger: Ledger, approved: bool, word: str):  # noqa: FBT001
    hold(ledger, "a")
    approvals.decide(ledger, BATCH, approved=approved, by="li", times=TIMES)
    with ledger.read() as tx:
        assert tx.rows("SELECT cause FROM event ORDER BY version")[-1] == (word,)


def test_a_rehearsed_word_changes_nothing(ledger: Ledger):
    hold(ledger, "a", "b")
    assert approvals.decide(ledger, BATCH, approved=True, by="li", times=TIMES, dry_run=True) == 2
    assert set(states(ledger).values()) == {State.HELD}


def test_what_was_called_off_meanwhile_is_left_out(ledger: Ledger):
    hold(ledger, "a", "b")
    first, _ = questions.log(ledger)
    with ledger.write() as tx:
        changes.apply(tx, [Change(delivery=first, to=State.SUPPRESSED, cause="opted out")], TIMES)
    assert approvals.decide(ledger, BATCH, approved=True, by="li", times=TIMES) == 1
    assert states(ledger) == {"a": State.SUPPRESSED, "b": State.QUEUED}


@pytest.mark.parametrize("name", ["", "holiday/mid-autumn", "holiday/mid-autumn@2025", "@2026"])
def test_a_batch_that_does_not_wait_is_told(ledger: Ledger, name: str):
    hold(ledger, "a")
    with pytest.raises(UsageError, match=r"no batch .* waits for approval"):
        approvals.decide(ledger, name, approved=True, by="li", times=TIMES)
    assert states(ledger) == {"a": State.HELD}
