"""Answers that could not be committed are kept beside the ledger, and settled by the next run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from notigate.dispatcher.crew import Answered
from notigate.dispatcher.replay import keep, replay, reserve
from notigate.errors import ExitCode, LedgerError
from notigate.ledger import Ledger, claim, open_ledger, plan, questions, runs
from notigate.ledger.changes import Times
from notigate.ledger.claim import Call, new_reference
from notigate.ledger.plan import Draft
from notigate.model import Category, Content, Outcome, Reason, Scope, State

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
TIMES = Times(NOW, NOW)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'notigate.db'}")
    yield ledger
    ledger.close()


def begun(ledger: Ledger, people: int) -> Call:
    run = runs.start(ledger, "send", TIMES)
    drafts = [
        Draft(
            occasion="service/birthday", occurrence="2026", day=date(2026, 11, 21), person=f"c{i}", category=Category.CARE,
            channel="sms", medium="sms", to=f"1380013800{i}", locale="zh_Hans", content=Content(text="生日快乐"),
        )
        for i in range(people)
    ]  # fmt: skip
    plan.promise(ledger, run, drafts, TIMES)
    claimed = claim.claim(ledger, "sms", TIMES, people, asked=False)
    with ledger.write() as tx:
        (call,) = claim.begin(tx, run, [Call(new_reference(), "sms", tuple(claimed))], TIMES)
    return call


def states(ledger: Ledger) -> list[State]:
    return [delivery.state for delivery in questions.log(ledger)]


def test_what_was_kept_is_settled_before_it_would_become_unknown(ledger: Ledger):
    call = begun(ledger, 2)
    assert keep(ledger.aside, [Answered(call, [Outcome.accepted("1^0"), Outcome.refused(Reason.BAD_ADDRESS)])])
    replay(ledger, TIMES)
    claim.recover(ledger, TIMES)
    assert states(ledger) == [State.ACCEPTED, State.FAILED]
    assert not list(ledger.aside.kept())


def test_a_call_refused_for_somebody_in_it_fails_nobody_when_replayed(ledger: Ledger):
    call = begun(ledger, 2)
    keep(ledger.aside, [Answered(call, [Outcome.refused(Reason.BAD_ADDRESS, scope=Scope.CALL)] * 2)])
    replay(ledger, TIMES)
    assert states(ledger) == [State.RETRY_WAIT, State.RETRY_WAIT]


def test_what_was_settled_meanwhile_stays(ledger: Ledger):
    call = begun(ledger, 1)
    claim.recover(ledger, TIMES)
    keep(ledger.aside, [Answered(call, [Outcome.accepted("1^0")])])
    replay(ledger, TIMES)
    assert states(ledger) == [State.UNKNOWN]


def test_without_room_for_answers_nothing_is_begun(ledger: Ledger, tmp_path: Path):
    ledger.aside.path = tmp_path / "no" / "such" / "folder"
    with pytest.raises(LedgerError, match="nothing was sent") as refused:
        reserve(ledger)
    assert refused.value.exit_code is ExitCode.LEDGER
