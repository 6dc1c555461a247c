"""What the ledger keeps of facts, corrections and days planned to their end; on both stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notigate.ledger import changes, facts, open_ledger, plan, questions, review, runs
from notigate.ledger.changes import Change, Times
from notigate.ledger.plan import Draft
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, State
from notigate.moments import Fact

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TIMES = Times(NOW, NOW)
TODAY = date(2026, 11, 21)
ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def draft(person: str, **changed) -> Draft:
    given = {
        "occasion": "handover/invitation", "occurrence": "2026-12-05", "day": TODAY, "person": person,
        "category": Category.SERVICE, "channel": "sms", "medium": "sms", "to": "13800138000", "locale": "zh_Hans",
        "content": Content(text="交房"), "by_moment": True, "about": date(2026, 12, 5),
    }  # fmt: skip
    return Draft(**given | changed)


def promise(ledger: Ledger, *drafts: Draft) -> tuple[int, ...]:
    return plan.promise(ledger, runs.start(ledger, "send", TIMES), drafts, TIMES).new


def sent(ledger: Ledger, *drafts: Draft) -> tuple[int, ...]:
    ids = promise(ledger, *drafts)
    for to in (State.CLAIMED, State.SENDING, State.ACCEPTED):
        steps = [Change([one], to, cause="test") for one in questions.deliveries(ledger, ids)]
        with ledger.write() as tx:
            changes.apply(tx, steps, TIMES)
    return ids


def fact(**changed) -> Fact:
    given = {
        "kind": "payment", "key": "R-1", "target": {"id": "c1"}, "day": TODAY, "at": NOW, "values": {"amount": "1", "n": 2},
        "told_at": NOW,
    }  # fmt: skip
    return Fact(**given | changed)


def test_a_fact_comes_back_as_it_was_told(ledger: Ledger):
    assert facts.tell(ledger, fact(), ZONE) == facts.standing(ledger, "payment", "R-1") == fact()
    assert facts.standing(ledger, "payment", "R-2") is None
    assert facts.standing(ledger, "order", "R-1") is None


def test_a_fact_is_kept_once_until_it_is_withdrawn(ledger: Ledger):
    facts.tell(ledger, fact(), ZONE)
    assert facts.tell(ledger, fact(values={}), ZONE) == fact()
    facts.withdraw(ledger, "payment", "R-1", NOW)
    assert facts.told(ledger) == []
    assert facts.tell(ledger, fact(values={}), ZONE) == fact(values={})


def test_facts_are_found_by_their_day_or_by_the_day_they_were_told(ledger: Ledger):
    yesterday, later = fact(key="a", day=TODAY - DAY, told_at=NOW - DAY), fact(key="b", day=TODAY + 9 * DAY)
    for one in (yesterday, later, fact(kind="order")):
        facts.tell(ledger, one, ZONE)
    assert facts.due(ledger, "payment", (TODAY - DAY, TODAY), TODAY + DAY) == [yesterday]
    assert facts.due(ledger, "payment", (TODAY + DAY, TODAY + DAY), TODAY) == [later]
    assert [f.key for f in facts.told(ledger, "payment", TODAY)] == ["b"]


def test_a_fact_told_in_the_night_belongs_to_the_project_s_day(ledger: Ledger):
    late = fact(told_at=datetime(2026, 11, 21, 16, 30, tzinfo=UTC))
    facts.tell(ledger, late, ZONE)
    assert facts.due(ledger, "payment", (date.min, date.min), TODAY + DAY) == [late]


def test_facts_that_another_kind_answers_are_left_out_until_the_answer_is_withdrawn(ledger: Ledger):
    for one in (fact(key="a"), fact(key="b"), fact(kind="answer", key="a")):
        facts.tell(ledger, one, ZONE)
    assert [f.key for f in facts.due(ledger, "payment", (TODAY, TODAY), TODAY, "answer")] == ["b"]
    facts.withdraw(ledger, "answer", "a", NOW)
    assert [f.key for f in facts.due(ledger, "payment", (TODAY, TODAY), TODAY, "answer")] == ["a", "b"]


def test_what_is_called_off_gives_its_promise_back_and_stays_in_the_record(ledger: Ledger):
    (id_,) = promise(ledger, draft("c1"))
    ((waiting, _batch),) = review.these(ledger, review.waiting(ledger)["c1"])
    step = Change([waiting], State.CANCELLED, cause="moved", reason="moved")
    released = [(step, review.given_back(ledger, waiting))]
    assert review.call_off(ledger, released, TIMES) == [step]
    assert review.call_off(ledger, released, TIMES) == []
    (again,) = promise(ledger, draft("c1"))
    assert again != id_
    assert [d.state for d in questions.log(ledger)] == [State.CANCELLED, State.QUEUED]


def test_only_what_waits_is_looked_at_again_and_not_what_waits_for_an_approval(ledger: Ledger):
    promise(ledger, draft("c1"), draft("c2", by_moment=False), draft("c3", state=State.SUPPRESSED))
    promise(ledger, draft("c5", state=State.HELD, reason="approval"), draft("c6", state=State.HELD, reason="window"))
    sent(ledger, draft("c4"))
    assert sorted(review.waiting(ledger)) == ["c1", "c2", "c6"]


def test_corrections_stay_open_until_they_are_done_or_true_again(ledger: Ledger):
    first, second, _third = sent(ledger, draft("c1"), draft("c2"), draft("c3", about=None))
    assert [told.delivery for told in review.announced(ledger, TODAY)] == [first, second]
    review.note(ledger, {first: "2026-12-20", second: ""}, NOW)
    review.note(ledger, {first: "2026-12-21"}, NOW + DAY)
    found = review.corrections(ledger, TODAY)
    assert [(c.person, c.now_on, c.noticed) for c in found] == [("c1", date(2026, 12, 21), NOW), ("c2", None, NOW)]
    assert {told.delivery: told.noted for told in review.announced(ledger, TODAY)} == {first: "2026-12-21", second: ""}
    review.note(ledger, {second: None}, NOW)
    assert review.corrected(ledger, [first, second], "boss", NOW) == [first]
    assert review.corrections(ledger, TODAY) == []
    assert [told.delivery for told in review.announced(ledger, TODAY)] == [second]


def test_a_day_announced_is_forgotten_when_it_has_passed(ledger: Ledger):
    sent(ledger, draft("c1"))
    assert review.announced(ledger, date(2026, 12, 6)) == []


def test_the_last_day_planned_to_its_end_is_remembered(ledger: Ledger):
    assert review.last_planned(ledger, TODAY) is None
    for day in (TODAY - DAY, TODAY + 9 * DAY):
        review.planned(ledger, runs.start(ledger, "send", TIMES), day)
    runs.start(ledger, "send", TIMES)
    assert review.last_planned(ledger, TODAY) == TODAY - DAY
    assert review.last_planned(ledger, TODAY + 30 * DAY) == TODAY + 9 * DAY


def test_values_of_facts_are_sealed_where_texts_are(place: Callable[[str], str]):
    pytest.importorskip("cryptography")
    from notigate.model import Secret  # noqa: PLC0415 - with what it is for

    ledger = open_ledger(place("sealed"), Secret("ab" * 32))
    facts.tell(ledger, fact(values={"note": "王芳"}), ZONE)
    with ledger.read() as tx:
        assert "王芳" not in str(tx.rows("SELECT * FROM fact"))
    assert facts.told(ledger) == [replace(fact(), values={"note": "王芳"})]
    ledger.close()
