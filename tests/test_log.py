"""The log finds what is asked for by an index, page by page, in the same order on both stores."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from operator import attrgetter

import pytest

from notigate.ledger import changes, open_ledger, plan, questions, runs
from notigate.ledger.changes import Change, Times
from notigate.ledger.plan import Draft
from notigate.ledger.questions import Asked
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, Delivery, State

NOW = datetime(2026, 11, 1, 10, tzinfo=UTC)
LATER = NOW + timedelta(days=9)
#: what may be asked, each alone and with others
QUESTIONS: list[Asked] = [
    {},
    {"person": "p3"},
    {"address": "13800000002"},
    {"run": 2},
    {"reason": "cap-day"},
    {"occasion": "holiday/mid-autumn"},
    {"state": State.SUPPRESSED},
    {"state": State.QUEUED},
    {"state": State.UNKNOWN},
    {"since": LATER},
    {"until": LATER},
    {"since": NOW + timedelta(days=3), "until": LATER},
    {"state": State.CANCELLED, "since": LATER},
    {"person": "p3", "run": 1, "occasion": "service/birthday"},
    {"run": 2, "state": State.SUPPRESSED, "reason": "cap-day"},
    {"address": "13800000002", "since": LATER},
    {"occasion": "service/birthday", "state": State.CANCELLED, "until": NOW + timedelta(days=12)},
]


on_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def ledger(place: Callable[[str], str]):
    """Three runs' deliveries, most of them changed again on another day."""
    opened = open_ledger(place("notigate"))
    chosen = random.Random(7)  # noqa: S311 - the same every time
    for number in range(3):
        times = Times(NOW + timedelta(days=number), NOW)
        run = runs.start(opened, "send", times)
        plan.promise(opened, run, [_draft(chosen, number, n) for n in range(40)], times)
    for delivery in chosen.sample(list(questions.log(opened)), 60):
        if delivery.state is State.QUEUED:
            _bring(opened, delivery, NOW + timedelta(hours=chosen.randrange(400)), State.CANCELLED)
    waiting = next(one for one in questions.log(opened) if one.state is State.QUEUED)
    _bring(opened, waiting, LATER, State.CLAIMED, State.SENDING, State.UNKNOWN)
    yield opened
    opened.close()


def _draft(chosen: random.Random, run: int, n: int) -> Draft:
    reason = chosen.choice(("", "", "", "cap-day", "opted-out"))
    return Draft(
        occasion=chosen.choice(("service/birthday", "holiday/mid-autumn")), occurrence=f"{run}", day=date(2026, 11, 1),
        person=f"p{n % 20}", once=f"{n}", category=Category.CARE, channel="sms", medium="sms", to=f"1380000000{n % 5}",
        locale="zh_Hans", content=Content(text="生日快乐"), state=State.SUPPRESSED if reason else State.QUEUED, reason=reason,
    )  # fmt: skip


def _bring(ledger: Ledger, delivery: Delivery, now: datetime, *states: State) -> None:
    for state in states:
        with ledger.write() as tx:
            (held,) = changes.apply(tx, [Change([delivery], state, "test", reason="decided")], Times(now, now))
        (delivery,) = changes.after([held])


def fits(delivery: Delivery, asked: Asked) -> bool:
    wanted = dict(asked)
    since, until = wanted.pop("since", delivery.changed_at), wanted.pop("until", LATER + timedelta(days=99))
    named = {"to" if name == "address" else name: value for name, value in wanted.items()}
    return since <= delivery.changed_at < until and all(getattr(delivery, name) == named[name] for name in named)


def test_a_log_holds_all_that_fits_and_nothing_else(ledger: Ledger):
    every = list(questions.log(ledger))
    assert len(every) == 120
    for asked in QUESTIONS:
        found = list(questions.log(ledger, **asked))
        assert sorted(found, key=attrgetter("id")) == [delivery for delivery in every if fits(delivery, asked)], asked
        assert found, asked


def test_pages_put_together_are_the_whole_log(ledger: Ledger):
    for asked in QUESTIONS:
        pages: list[Delivery] = []
        while page := list(questions.log(ledger, **asked, latest=7, before=pages[0].id if pages else None)):
            assert len(page) <= 7
            assert not pages or page[-1].id != pages[0].id
            pages = [*page, *pages]
        assert pages == list(questions.log(ledger, **asked)), asked


def test_a_log_begins_with_the_oldest(ledger: Ledger):
    for asked in QUESTIONS:
        by_change = asked and not {"person", "address", "run", "reason"} & asked.keys()
        found = questions.log(ledger, **asked)
        keys = [(one.changed_at, one.id) if by_change else (one.id,) for one in found]
        assert all(one < other for one, other in pairwise(keys)), asked


@on_sqlite
def test_no_question_reads_the_whole_table(ledger: Ledger):
    for asked in QUESTIONS[1:]:
        for latest in (None, 50):
            told = plans(ledger, asked | {"latest": latest})
            assert "SCAN" not in told.replace("SCAN delivery USING INDEX delivery_in_hand", ""), asked


@on_sqlite
def test_the_most_telling_condition_finds_the_rows(ledger: Ledger):
    span: Asked = {"since": NOW, "until": LATER}
    everything: Asked = {"state": State.FAILED, **span, "occasion": "x", "reason": "y", "run": 1, "person": "p1"}
    for index in ("delivery_person", "delivery_run", "delivery_reason", "delivery_occasion", "delivery_settled"):
        assert index in plans(ledger, everything)
        everything.popitem()


def plans(ledger: Ledger, asked: Asked) -> str:
    """How SQLite goes about a log's questions."""
    told: list[str] = []
    with ledger.read() as tx:
        connection = tx._connection
        asking = connection.execute

        class Watched:
            def execute(self, sql, parameters=()):
                told.extend(str(row) for row in asking(f"EXPLAIN QUERY PLAN {sql}", parameters))
                return asking(sql, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "notigate.ledger.sqlite.SqliteTransaction.stream", lambda _self, sql, **given: Watched().execute(sql, given)
        )
        list(questions.log(ledger, **asked))
    return "\n".join(told)
