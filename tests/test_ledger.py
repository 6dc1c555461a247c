"""What the ledger promises: once, in order, durable, counted, never made anew."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.errors import ExitCode
from notigate.ledger import (
    changes,
    claim,
    open_ledger,
    outlook,
    plan,
    questions,
    rows,
    runs,
    settle,
    sqlite,
    strays,
    tally,
)
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.ledger.store import NEVER, Ledger, from_ms, to_ms
from notigate.model import Attachment, Category, Content, Delivery, Outcome, Reason, State

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
REAL = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TIMES = Times(NOW, REAL)
DAY = date(2026, 11, 21)
HOUR = timedelta(hours=1)


def after(delay: timedelta) -> Times:
    return Times(NOW + delay, REAL + delay)


def draft(person: str = "p1", **changed) -> Draft:
    given = {
        "occasion": "service/birthday", "occurrence": "2026", "day": DAY, "person": person, "category": Category.CARE,
        "channel": "sms", "medium": "sms", "to": "13800138000", "locale": "zh_Hans",
        "content": Content(text="生日快乐"),
    }  # fmt: skip
    return Draft(**given | changed)


def drafts(n: int, **changed) -> list[Draft]:
    return [draft(f"p{i}", **changed) for i in range(1, n + 1)]


#: for what only the embedded store has
on_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def run(ledger: Ledger) -> int:
    return runs.start(ledger, "send", TIMES)


def promise(ledger: Ledger, run: int, *wanted: Draft, times: Times = TIMES) -> plan.Promised:
    return plan.promise(ledger, run, wanted, times)


def pick(ledger: Ledger, times: Times = TIMES, *, limit: int = 100, channel: str = "sms", asked: bool = False):
    return claim.claim(ledger, channel, times, limit, asked=asked)


def begin(ledger: Ledger, run: int, *groups, times: Times = TIMES) -> list[Call]:
    calls = [Call(claim.new_reference(), group[0].channel, tuple(group)) for group in groups]
    with ledger.write() as tx:
        return claim.begin(tx, run, calls, times)


def answer(ledger: Ledger, delivery: Delivery, outcome: Outcome, to: State, **step) -> list[Change]:
    change = Change([delivery], to, cause="answer", provider_id=outcome.provider_id, **step)
    with ledger.write() as tx:
        return settle.settle(tx, [Settlement(outcome, change)], TIMES)


def move(ledger: Ledger, delivery: Delivery, to: State, **step) -> list[Change]:
    with ledger.write() as tx:
        return changes.apply(tx, [Change([delivery], to, cause="test", **step)], TIMES)


def sent(ledger: Ledger, run: int, *wanted: Draft) -> list[Delivery]:
    promise(ledger, run, *wanted)
    return [d for call in begin(ledger, run, *([one] for one in pick(ledger))) for d in call.deliveries]


def states(ledger: Ledger) -> list[State]:
    return [delivery.state for delivery in questions.log(ledger)]


def tables(ledger: Ledger, sql: str) -> list[tuple]:
    with ledger.read() as tx:
        return tx.rows(sql)


def recount(ledger: Ledger) -> dict:
    """The tally, counted anew from the deliveries."""
    counted: dict = {}
    for d in questions.log(ledger):
        ((day, *place),) = changes.cells([d], d.state, d.reason)
        counted[day.isoformat(), *place] = counted.get((day.isoformat(), *place), 0) + 1
    return counted


def cells(ledger: Ledger) -> dict:
    return {tuple(cell): n for *cell, n in tables(ledger, "SELECT * FROM tally") if n}


# Promised once


def test_a_promise_is_made_once(ledger: Ledger, run: int):
    first = promise(ledger, run, draft())
    again = promise(ledger, run, draft(), times=after(HOUR))
    assert (first.new, again.new, again.all, again.conflicting) == ((1,), (), (1,), ())
    assert len(list(questions.log(ledger))) == 1


def test_the_same_promise_twice_in_one_batch_is_made_once(ledger: Ledger, run: int):
    promised = promise(ledger, run, draft(), draft(), draft(content=Content(text="别的")))
    assert (promised.new, promised.all, promised.conflicting) == ((1,), (1, 1, 1), (1,))


def test_other_content_under_the_same_key_is_a_conflict_and_changes_nothing(ledger: Ledger, run: int):
    promise(ledger, run, draft())
    before = list(questions.log(ledger))
    promised = promise(ledger, run, draft(content=Content(text="别的")))
    assert promised.conflicting == (1,)
    assert list(questions.log(ledger)) == before


def test_a_key_that_comes_with_a_draft_is_that_of_its_promise(ledger: Ledger, run: int):
    keyed = draft()._replace(key=plan.key_of(ledger, draft()))
    assert promise(ledger, run, keyed).new == (1,)
    assert promise(ledger, run, draft(), keyed).all == (1, 1)


def test_drafts_of_one_content_and_of_others_keep_their_own(ledger: Ledger, run: int):
    words = [Content(text="甲"), Content(text="乙")]
    shared = [draft(f"p{n}", content=words[n % 2]) for n in range(4)]
    ids = promise(ledger, run, *shared, draft("p9", content=None)).new
    kept = {one.id: one.content for one in questions.deliveries(ledger, ids)}
    assert [kept[id_] for id_ in ids] == [*words, *words, None]


def test_another_channel_is_no_other_promise(ledger: Ledger, run: int):
    promise(ledger, run, draft())
    assert promise(ledger, run, draft(channel="email", to="a@example.com")).new == ()


@pytest.mark.parametrize("other", [{"person": "p2"}, {"occurrence": "2027"}, {"occasion": "service/anniversary"}])
def test_another_reader_occurrence_or_occasion_is_another_promise(ledger: Ledger, run: int, other: dict):
    promise(ledger, run, draft())
    assert len(promise(ledger, run, draft(**other)).new) == 1


def test_parts_of_a_key_do_not_run_into_each_other(ledger: Ledger):
    assert plan.key(ledger, "a", "b", "cd") != plan.key(ledger, "a", "bc", "d")


def test_keys_of_two_ledgers_differ(ledger: Ledger, place: Callable[[str], str]):
    other = open_ledger(place("other"))
    assert plan.key(ledger, "a", "b", "c") != plan.key(other, "a", "b", "c")
    other.close()


def test_each_draft_is_told_its_delivery_in_order(ledger: Ledger, run: int):
    promise(ledger, run, draft("p2"))
    promised = promise(ledger, run, draft("p1"), draft("p2"), draft("p3"))
    people = {d.id: d.person for d in questions.log(ledger)}
    assert [people[id_] for id_ in promised.all] == ["p1", "p2", "p3"]
    assert [people[id_] for id_ in promised.new] == ["p1", "p3"]


def test_known_keys_are_told(ledger: Ledger, run: int):
    promise(ledger, run, draft("p1"))
    keys = [plan.key(ledger, "service/birthday", "2026", person) for person in ("p1", "p2")]
    assert plan.known(ledger, keys) == {keys[0]}


def test_more_keys_than_one_statement_takes_are_looked_up(ledger: Ledger, run: int):
    wanted = drafts(2 * sqlite.KEYS_AT_ONCE + 1)
    first = promise(ledger, run, *wanted)
    again = promise(ledger, run, *wanted)
    assert (again.all, again.new, again.conflicting) == (first.new, (), ())


def test_of_many_promises_of_several_kinds_each_is_kept_as_it_is_and_those_that_stood_are_told(
    ledger: Ledger, run: int
):
    promise(ledger, run, draft("p7"), draft("p130"))
    wanted = [
        draft(f"p{i}", building=f"{i}号楼", to=str(13800000000 + i)) if i % 3 else
        draft(f"p{i}", channel="email", medium="email", to=f"{i}@example.com", state=State.HELD, reason="approval", asked=True)
        for i in range(260)
    ]  # fmt: skip
    promised = promise(ledger, run, *wanted)
    kept = {d.id: d for d in questions.log(ledger)}
    assert [kept[id_].person for id_ in promised.all] == [d.person for d in wanted]
    assert {kept[id_].person for id_ in set(promised.all) - set(promised.new)} == {"p7", "p130"}
    shown = attrgetter("person", "building", "channel", "to", "state", "reason", "asked", "content")
    new = {kept[id_].person for id_ in promised.new}
    assert [shown(kept[id_]) for id_ in promised.new] == [shown(d) for d in wanted if d.person in new]
    assert tables(ledger, "SELECT state, count(*) FROM event GROUP BY state ORDER BY state") == [
        ("held", 87),
        ("queued", 173),
    ]


def test_nobody_begins_in_a_state_that_needs_a_past(ledger: Ledger, run: int):
    with pytest.raises(ValueError, match="cannot begin as accepted"):
        promise(ledger, run, draft("p1"), draft("p2", state=State.ACCEPTED))
    assert states(ledger) == []
    assert cells(ledger) == {}


def test_promises_of_many_threads_are_each_made_once(ledger: Ledger, run: int):
    made: list[int] = []

    def work() -> None:
        made.extend(id_ for d in drafts(20) for id_ in promise(ledger, run, d).new)
        ledger.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == sorted(d.id for d in questions.log(ledger))
    assert len(made) == 20


def test_a_delivery_comes_back_as_it_was_promised(ledger: Ledger, run: int):
    content = Content(
        text="正文", subject="标题", html="<p>正文</p>", params={"greeting": "王女士"},
        attachments=(Attachment(name="通知.pdf", media_type="application/pdf", data=b"\x00\xff"),),
    )  # fmt: skip
    wanted = draft(
        project="青年城", building="3", asked=True, content=content, state=State.HELD, reason="window", detail="later",
        next_at=NOW + HOUR, expires_at=NOW + 2 * HOUR,
    )  # fmt: skip
    promise(ledger, run, wanted)
    (found,) = questions.deliveries(ledger, [1])
    same = [name for name in Draft._fields if hasattr(found, name) and getattr(found, name) == getattr(wanted, name)]
    assert same == [name for name in Draft._fields if name not in ("about", "key", "note", "once")]
    assert (found.version, found.run, found.attempts, found.planned_at, found.changed_at) == (1, run, 0, NOW, NOW)


def test_what_is_kept_of_a_delivery_comes_back_to_the_letter(ledger: Ledger, run: int):
    odd = '"快\\乐"\n\x01\u2028😀\''
    named = ("person", "to", "project", "building", "occasion", "occurrence", "locale", "timezone", "wording", "detail")
    kept = {name: f"{name} {odd}" for name in named}
    promise(ledger, run, draft(**kept))
    for (found,) in (questions.deliveries(ledger, [1]), pick(ledger)):
        assert {name: getattr(found, name) for name in named} == kept


@given(st.builds(Content, text=st.text(), subject=st.text(), params=st.dictionaries(st.text(), st.text())))
def test_content_is_kept_to_the_letter(content: Content):
    assert rows.decode(rows.encode(content)) == content


@pytest.mark.parametrize("named", [[], [3], [2, 3, 4], [2, 4], [4, 3, 2], [2, 2, 4], [5, 6, 7]], ids=str)
def test_what_is_asked_of_some_deliveries_is_asked_of_these_alone(ledger: Ledger, run: int, named: list[int]):
    promise(ledger, run, *drafts(5))
    meant = sorted({1, 2, 3, 4, 5} & set(named))
    with ledger.write() as tx:
        assert tx.changed("UPDATE delivery SET detail = 'x' WHERE id IN {ids}", named) == len(meant)
        tx.note("UPDATE delivery SET detail = detail || 'y' WHERE id IN {ids} AND version = :version", named, version=1)
        found = tx.rows_of("SELECT id FROM delivery WHERE id IN {ids} ORDER BY id", named)
    assert [id_ for (id_,) in found] == meant
    assert [id_ for (id_,) in tables(ledger, "SELECT id FROM delivery WHERE detail = 'xy' ORDER BY id")] == meant


# Picked when due


def test_what_is_due_is_picked_and_what_is_not_is_left(ledger: Ledger, run: int):
    promise(ledger, run, draft("due"), draft("later", next_at=NOW + HOUR), draft("mail", channel="email"))
    assert [d.person for d in pick(ledger)] == ["due"]
    assert [d.person for d in pick(ledger, after(HOUR))] == ["later"]
    assert [d.person for d in pick(ledger, channel="email")] == ["mail"]


def test_what_waited_longest_is_picked_first(ledger: Ledger, run: int):
    promise(ledger, run, draft("new", next_at=NOW), draft("old", next_at=NOW - HOUR), draft("new too", next_at=NOW))
    assert [d.person for d in pick(ledger, limit=2)] == ["old", "new"]
    assert [d.person for d in pick(ledger, limit=2)] == ["new too"]


def test_nothing_is_picked_twice(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(5))
    picked = pick(ledger, limit=3) + pick(ledger, limit=3) + pick(ledger, limit=3)
    assert sorted(d.id for d in picked) == [1, 2, 3, 4, 5]
    assert {d.state for d in picked} == {State.CLAIMED}


def test_what_was_asked_for_by_name_is_picked_apart(ledger: Ledger, run: int):
    promise(ledger, run, draft("campaign"), draft("asked", asked=True))
    assert [d.person for d in pick(ledger, asked=True)] == ["asked"]
    assert [d.person for d in pick(ledger, asked=False)] == ["campaign"]


def test_another_try_goes_before_a_first_one(ledger: Ledger, run: int):
    (first,) = sent(ledger, run, draft("first"))
    answer(ledger, first, Outcome.busy(Reason.THROTTLED), State.RETRY_WAIT, next_at=NOW)
    promise(ledger, run, draft("second", next_at=NOW - HOUR))
    assert [d.person for d in pick(ledger)] == ["first", "second"]


def test_what_is_stale_expires_instead_of_being_picked(ledger: Ledger, run: int):
    promise(ledger, run, draft("stale", expires_at=NOW), draft("fresh", expires_at=NOW + HOUR))
    assert {d.person: d.state for d in pick(ledger)} == {"stale": State.EXPIRED, "fresh": State.CLAIMED}
    assert states(ledger) == [State.EXPIRED, State.CLAIMED]


def test_what_is_held_until_a_time_wakes_at_that_time(ledger: Ledger, run: int):
    promise(ledger, run, draft("p1", state=State.HELD, reason="window", next_at=NOW + HOUR))
    claim.wake(ledger, "sms", TIMES)
    assert states(ledger) == [State.HELD]
    claim.wake(ledger, "sms", after(HOUR))
    assert states(ledger) == [State.QUEUED]


def test_what_waits_for_a_person_never_wakes_by_itself(ledger: Ledger, run: int):
    promise(ledger, run, draft(state=State.HELD, reason="approval"))
    claim.wake(ledger, "sms", Times(datetime(9000, 1, 1, tzinfo=UTC), REAL))
    assert states(ledger) == [State.HELD]
    assert questions.deliveries(ledger, [1])[0].next_at is None


def test_what_is_stale_when_it_wakes_expires(ledger: Ledger, run: int):
    promise(ledger, run, draft(state=State.HELD, next_at=NOW, expires_at=NOW))
    assert [d.state for d in claim.wake(ledger, "sms", TIMES)] == [State.EXPIRED]
    assert states(ledger) == [State.EXPIRED]


def test_more_than_one_transaction_takes_wakes_up_at_once(ledger: Ledger, run: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(claim, "SOME", 3)
    promise(ledger, run, *drafts(7, state=State.HELD, next_at=NOW))
    claim.wake(ledger, "sms", TIMES)
    assert set(states(ledger)) == {State.QUEUED}


def test_what_was_picked_and_not_sent_is_put_back(ledger: Ledger, run: int):
    promise(ledger, run, draft())
    picked = pick(ledger)
    with ledger.write() as tx:
        claim.release(tx, picked, TIMES)
    assert [d.id for d in pick(ledger)] == [1]


def test_the_time_of_the_next_try_is_told(ledger: Ledger, run: int):
    first, second = sent(ledger, run, *drafts(2))
    promise(ledger, run, draft("queued"))
    assert claim.next_try(ledger, "sms", asked_only=False) is None
    answer(ledger, first, Outcome.busy(Reason.THROTTLED), State.RETRY_WAIT, next_at=NOW + 2 * HOUR)
    answer(ledger, second, Outcome.busy(Reason.THROTTLED), State.RETRY_WAIT, next_at=NOW + HOUR)
    assert claim.next_try(ledger, "sms", asked_only=False) == to_ms(NOW + HOUR)
    assert claim.next_try(ledger, "sms", asked_only=True) is None
    assert claim.next_try(ledger, "email", asked_only=False) is None


@on_sqlite
@pytest.mark.parametrize(
    ("index", "sql"),
    [
        *(("INDEX delivery_waiting", sql) for sql in (claim.DUE, claim.WAITING, questions.UNKNOWN, questions.PENDING)),
        *(("COVERING INDEX delivery_waiting", sql) for sql in (claim.NEXT_TRY, questions.UNKNOWNS, outlook.OPEN)),
        *(("COVERING INDEX delivery_waiting", sql) for sql in (outlook.OVERDUE, outlook.TO_GO, strays.NEXT)),
        *(("INDEX delivery_in_hand", sql) for sql in (claim.ABANDONED, outlook.OPEN, outlook.IN_HAND)),
    ],
)
def test_the_dispatcher_reads_the_small_indexes(ledger: Ledger, index: str, sql: str):
    given = {"state": "queued", "channel": "sms", "asked": 0, "now": 0, "limit": 1, "after": 0, "before": 0, "day": ""}
    with ledger.read() as tx:
        steps = [step for *_, step in tx.rows(f"EXPLAIN QUERY PLAN {sql}", asked_only=0, **given)]
    assert any(f"USING {index}" in step for step in steps)
    assert not any(step.startswith(("SCAN", "SEARCH")) and "INDEX delivery_" not in step for step in steps)


def test_what_is_in_hand_is_told_by_its_worker_and_nothing_else_has_one(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(4))
    with ledger.dispatching():
        first, second, third, _ = pick(ledger)
        begin(ledger, run, [first, second])
        (sending,) = questions.deliveries(ledger, [first.id])
        answer(ledger, sending, Outcome.accepted("B"), State.ACCEPTED)
        with ledger.write() as tx:
            claim.release(tx, [third], TIMES)
        found = tables(ledger, "SELECT state, worker <> 0 FROM delivery ORDER BY id")
    assert found == [("accepted", 0), ("sending", 1), ("queued", 0), ("claimed", 1)]


@on_sqlite
def test_what_an_older_program_had_in_hand_is_taken_back_too(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(2))
    first, _ = pick(ledger)
    begin(ledger, run, [first])
    with ledger.write() as tx:
        tx.rows("UPDATE delivery SET worker = 0")
    claim.recover(ledger, TIMES)
    assert states(ledger) == [State.UNKNOWN, State.QUEUED]


# Intent before act


def test_an_intent_is_seen_by_others_once_it_is_committed_and_not_before(ledger: Ledger, run: int, url: str):
    promise(ledger, run, draft())
    (picked,) = pick(ledger)
    other = open_ledger(url)
    with ledger.write() as tx:
        claim.begin(tx, run, [Call("R", "sms", (picked,))], TIMES)
        assert states(other) == [State.CLAIMED]
    assert states(other) == [State.SENDING]
    assert tables(other, "SELECT reference, run, started FROM call") == [("R", run, to_ms(REAL))]
    assert tables(other, "SELECT delivery, number, status FROM attempt") == [(1, 1, None)]
    other.close()


def test_of_many_calls_each_keeps_its_reference_and_its_attempt(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(125))
    calls = begin(ledger, run, *([one] for one in pick(ledger, limit=125)))
    kept = tables(
        ledger,
        "SELECT a.delivery, a.number, c.reference FROM attempt a JOIN call c ON c.id = a.call ORDER BY a.delivery",
    )
    assert kept == [(call.deliveries[0].id, 1, call.reference) for call in calls]


def test_of_many_who_take_a_step_together_only_those_take_it_who_stand_as_was_read(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(5))
    picked = pick(ledger)
    move(ledger, picked[1], State.QUEUED)
    (call,) = begin(ledger, run, picked)
    assert [d.person for d in call.deliveries] == ["p1", "p3", "p4", "p5"]
    assert [(d.person, d.state, d.version) for d in questions.log(ledger)] == [
        (f"p{n}", State.QUEUED if n == 2 else State.SENDING, 3) for n in range(1, 6)
    ]
    steps = tables(ledger, "SELECT delivery, state FROM event WHERE version = 3 ORDER BY delivery")
    assert steps == [(1, "sending"), (2, "queued"), (3, "sending"), (4, "sending"), (5, "sending")]


def test_who_comes_with_a_stale_value_begins_nothing(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(2))
    first, second = pick(ledger)
    begin(ledger, run, [first])
    calls = begin(ledger, run, [first], [first, second])
    assert [[d.id for d in call.deliveries] for call in calls] == [[second.id]]
    assert [d.attempts for d in questions.log(ledger)] == [1, 1]
    assert tables(ledger, "SELECT count(*) FROM call") == [(2,)]


def test_a_begun_delivery_is_handed_back_as_it_stands(ledger: Ledger, run: int):
    (delivery,) = sent(ledger, run, draft())
    (kept,) = questions.deliveries(ledger, [1])
    assert (delivery.version, delivery.state, delivery.attempts) == (kept.version, kept.state, 1)


@on_sqlite
def test_a_statement_that_fails_takes_its_whole_transaction_with_it(ledger: Ledger):
    noted = "INSERT INTO meta (name, value) VALUES (?, ?)"

    def note_twice() -> None:
        with ledger.write() as tx:
            tx.many(noted, [("noted", "first")])
            tx.many(noted, [(str(n), "") for n in range(150)] + [("noted", "again")])

    with pytest.raises(sqlite3.IntegrityError):
        note_twice()
    assert tables(ledger, "SELECT count(*) FROM meta WHERE name = 'noted' OR value = ''") == [(0,)]
    assert len(promise(ledger, runs.start(ledger, "send", TIMES), draft()).new) == 1


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger, run: int):
    promise(ledger, run, draft())
    (picked,) = pick(ledger)

    def break_off() -> None:
        with ledger.write() as tx:
            claim.begin(tx, run, [Call("R", "sms", (picked,))], TIMES)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert states(ledger) == [State.CLAIMED]
    assert tables(ledger, "SELECT * FROM call") == tables(ledger, "SELECT * FROM attempt") == []


def test_references_are_unguessable_and_fit_any_provider():
    references = {claim.new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert all(len(r) == 26 and r.isascii() and r.isalnum() for r in references)


def test_a_token_is_the_same_for_ever_and_different_for_each(ledger: Ledger, url: str):
    again = open_ledger(url)
    assert again.token(7) == ledger.token(7) != ledger.token(8)
    assert ledger.token(7) == f"7-{ledger.digest('token', '7').hex()}"
    again.close()


# What came of it


TABLE = [
    (Outcome.accepted("BIZ"), State.ACCEPTED),
    (Outcome.busy(Reason.THROTTLED, "later"), State.RETRY_WAIT),
    (Outcome.refused(Reason.BAD_ADDRESS, "no such number"), State.FAILED),
    (Outcome.unknown("no answer"), State.UNKNOWN),
]


@pytest.mark.parametrize(("outcome", "state"), TABLE)
def test_an_answer_is_kept_with_its_attempt(ledger: Ledger, run: int, outcome: Outcome, state: State):
    (delivery,) = sent(ledger, run, draft())
    answer(ledger, delivery, outcome, state, reason=outcome.reason or "", detail=outcome.detail)
    (kept,) = questions.deliveries(ledger, [1])
    assert (kept.state, kept.reason, kept.detail) == (state, outcome.reason or "", outcome.detail)
    assert kept.provider_id == outcome.provider_id
    found = tables(ledger, "SELECT number, status, reason, detail, provider_id, ended FROM attempt")
    assert found == [(1, outcome.status, outcome.reason, outcome.detail, outcome.provider_id, to_ms(REAL))]


def test_a_second_answer_to_the_same_attempt_changes_nothing(ledger: Ledger, run: int):
    (delivery,) = sent(ledger, run, draft())
    answer(ledger, delivery, Outcome.unknown("no answer in time"), State.UNKNOWN)
    before = list(questions.log(ledger)), tables(ledger, "SELECT * FROM attempt"), cells(ledger)
    assert answer(ledger, delivery, Outcome.accepted("BIZ"), State.ACCEPTED) == []
    assert (list(questions.log(ledger)), tables(ledger, "SELECT * FROM attempt"), cells(ledger)) == before


def test_a_providers_reference_is_not_forgotten(ledger: Ledger, run: int):
    (delivery,) = sent(ledger, run, draft())
    (won,) = answer(ledger, delivery, Outcome.accepted("BIZ"), State.ACCEPTED)
    move(ledger, *changes.after([won]), State.DELIVERED)
    assert questions.deliveries(ledger, [1])[0].provider_id == "BIZ"


def test_an_illegal_step_raises_and_changes_nothing(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(2))
    first, second = questions.log(ledger)
    legal, illegal = (
        Change([first], State.CANCELLED, cause="x"),
        Change([second], State.ACCEPTED, cause="x"),
    )
    with pytest.raises(ValueError, match="queued -> accepted"), ledger.write() as tx:
        changes.apply(tx, [legal, illegal], TIMES)
    assert set(states(ledger)) == {State.QUEUED}


def test_of_a_change_of_many_those_whom_somebody_else_moved_are_left_out(ledger: Ledger, run: int):
    first, second, third, fourth = sent(ledger, run, *drafts(4))
    answer(ledger, second, Outcome.unknown("?"), State.UNKNOWN)
    move(ledger, fourth, State.RETRY_WAIT, next_at=NOW)
    accepted = Outcome.accepted("BIZ")
    step = Change([first, second, third, fourth], State.ACCEPTED, "answer", provider_id="BIZ")
    with ledger.write() as tx:
        won = settle.settle(tx, [Settlement(accepted, step)], TIMES)
    assert [d.id for change in won for d in change.deliveries] == [first.id, third.id]
    assert states(ledger) == [State.ACCEPTED, State.UNKNOWN, State.ACCEPTED, State.RETRY_WAIT]
    assert [(d.id, d.provider_id) for d in changes.after(won)] == [(first.id, "BIZ"), (third.id, "BIZ")]
    assert cells(ledger) == recount(ledger)


def test_each_of_many_calls_that_are_answered_together_leaves_its_own_name_with_those_who_were_in_it(
    ledger: Ledger, run: int
):
    promise(ledger, run, *drafts(60))
    picked = pick(ledger)
    calls = begin(ledger, run, picked[:20], picked[20:40], picked[40:58], picked[58:59], picked[59:])
    answers = [Outcome.accepted(f"B{len(call.deliveries)}-{call.deliveries[0].id}") for call in calls]
    steps = [
        Settlement(answer, Change(call.deliveries, State.ACCEPTED, "answer", provider_id=answer.provider_id))
        for call, answer in zip(calls, answers, strict=True)
    ]
    with ledger.write() as tx:
        settle.settle(tx, steps[::2] + steps[1::2], TIMES)
    names = ["B20-1"] * 20 + ["B20-21"] * 20 + ["B18-41"] * 18 + ["B1-59", "B1-60"]
    assert [(d.provider_id, d.state) for d in questions.log(ledger)] == [(name, State.ACCEPTED) for name in names]
    assert tables(ledger, "SELECT provider_id FROM attempt ORDER BY delivery") == [(name,) for name in names]


@pytest.mark.parametrize(
    "numbers",
    [
        [*range(1, 61)], [*range(1, 12), *range(20, 29), *range(40, 61)], [*range(1, 61, 2)], [*range(60, 0, -1)],
        [7, *range(1, 11), 7, 60, 59], [5, 5], [30], [],
    ],
)  # fmt: skip
def test_a_statement_for_many_reaches_each_of_them_once_and_nobody_else(ledger: Ledger, run: int, numbers: list[int]):
    promise(ledger, run, *drafts(60))
    with ledger.write() as tx:
        assert tx.changed("UPDATE delivery SET attempts = attempts + 1 WHERE id IN {ids}", numbers) == len(set(numbers))
    reached = tables(ledger, "SELECT id, attempts FROM delivery WHERE attempts > 0 ORDER BY id")
    assert reached == [(number, 1) for number in sorted(set(numbers))]


def test_deliveries_that_stand_otherwise_take_the_same_step_together(ledger: Ledger, run: int):
    promise(ledger, run, *drafts(4, next_at=NOW))
    first, second, third, fourth = questions.log(ledger)
    for one in (second, fourth):
        move(ledger, one, State.HELD)
    four = list(questions.log(ledger))
    with ledger.write() as tx:
        won = changes.apply(tx, [Change(four, State.CANCELLED, "test")], TIMES)
    assert sorted(d.id for d in changes.after(won)) == [first.id, second.id, third.id, fourth.id]
    assert [(d.state, d.version) for d in questions.log(ledger)] == [(State.CANCELLED, d.version + 1) for d in four]


def test_of_two_who_decide_the_first_wins(ledger: Ledger, run: int):
    promise(ledger, run, draft())
    (seen,) = questions.log(ledger)
    assert len(move(ledger, seen, State.CANCELLED)) == 1
    assert move(ledger, seen, State.SUPPRESSED) == []
    assert states(ledger) == [State.CANCELLED]


def test_every_change_leaves_an_event_with_both_times(ledger: Ledger, run: int):
    (delivery,) = sent(ledger, run, draft())
    answer(ledger, delivery, Outcome.accepted("BIZ"), State.ACCEPTED)
    found = tables(ledger, "SELECT version, state, at, real FROM event ORDER BY version")
    expected = [State.QUEUED, State.CLAIMED, State.SENDING, State.ACCEPTED]
    assert found == [(v, s.value, to_ms(NOW), to_ms(REAL)) for v, s in enumerate(expected, 1)]


# After a crash


def test_after_a_crash_what_was_being_sent_is_unknown_and_what_was_picked_is_queued(ledger: Ledger, run: int):
    sent(ledger, run, draft("sending"))
    promise(ledger, run, draft("picked"), draft("queued", channel="email"))
    pick(ledger)
    claim.recover(ledger, TIMES)
    assert {d.person: d.state for d in questions.log(ledger)} == {
        "sending": State.UNKNOWN, "picked": State.QUEUED, "queued": State.QUEUED,
    }  # fmt: skip
    assert cells(ledger) == recount(ledger)


def test_recovering_twice_is_recovering_once(ledger: Ledger, run: int):
    sent(ledger, run, *drafts(3))
    claim.recover(ledger, TIMES)
    before = list(questions.log(ledger))
    claim.recover(ledger, after(HOUR))
    assert list(questions.log(ledger)) == before


def test_more_than_one_transaction_takes_is_recovered(ledger: Ledger, run: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(claim, "SOME", 3)
    sent(ledger, run, *drafts(7))
    claim.recover(ledger, TIMES)
    assert states(ledger) == [State.UNKNOWN] * 7


# Counted


def test_the_tally_adds_up_through_a_whole_life(ledger: Ledger, run: int):
    places = {"project": "青年城", "building": "3"}
    first, second, third, *_ = sent(
        ledger, run, *drafts(4, **places), draft("late", state=State.EXPIRED, reason="late")
    )
    answer(ledger, first, Outcome.accepted("BIZ"), State.ACCEPTED)
    answer(ledger, second, Outcome.refused(Reason.BLOCKED), State.FAILED, reason="blocked")
    (unknown,) = answer(ledger, third, Outcome.unknown("?"), State.UNKNOWN, reason="unclear")
    assert cells(ledger) == recount(ledger)
    move(ledger, *changes.after([unknown]), State.QUEUED)
    assert cells(ledger) == recount(ledger)
    count = {c.state: c.n for c in tally.counts(ledger, DAY, DAY) if c.line.project}
    assert count == {"accepted": 1, "failed": 1, "open": 2}


def test_counts_are_of_the_days_asked_for(ledger: Ledger, run: int):
    promise(ledger, run, *(draft(f"p{n}", day=DAY + timedelta(days=n)) for n in range(5)))
    assert sum(c.n for c in tally.counts(ledger, DAY + timedelta(days=1), DAY + timedelta(days=3))) == 3


def test_what_people_got_or_will_get_is_told_for_the_caps(ledger: Ledger, run: int):
    promise(
        ledger, run,
        draft("p1"), draft("p1", occurrence="old", day=DAY - timedelta(days=40)), draft("p3", category=Category.SERVICE),
        draft("p1", occurrence="kept back", state=State.SUPPRESSED), draft("p1", occurrence="bad", state=State.INVALID),
    )  # fmt: skip
    since = DAY - timedelta(days=1)
    assert questions.sent_to(ledger, ["p1", "p2"], since, UTC) == {"p1": [(DAY, "care")]}
    assert questions.sent_to(ledger, ["p3"], since, UTC) == {"p3": [(DAY, "service")]}


def test_for_the_caps_what_was_planned_late_counts_for_the_day_it_was_planned_on(ledger: Ledger, run: int):
    yesterday, zone = DAY - timedelta(days=1), ZoneInfo("Asia/Shanghai")
    promise(
        ledger,
        run,
        draft("p1", day=yesterday),
        draft("p2", day=yesterday),
        draft("p2", occurrence="other", day=DAY + timedelta(days=1)),
    )
    assert questions.sent_to(ledger, ["p1"], DAY, zone) == {"p1": [(DAY, "care")]}
    assert questions.sent_to(ledger, ["p2"], DAY, zone) == {"p2": [(DAY, "care"), (DAY + timedelta(days=1), "care")]}


@pytest.mark.parametrize(
    ("asked", "people"),
    [
        ({}, ["p1", "p2", "p3"]),
        ({"person": "p2"}, ["p2"]),
        ({"address": "13900139000"}, ["p3"]),
        ({"state": State.HELD}, ["p2"]),
        ({"state": State.INVALID}, ["p3"]),
        ({"run": 99}, []),
        ({"since": NOW + HOUR}, ["p3"]),
        ({"occasion": "holiday/mid-autumn"}, ["p3"]),
        ({"person": "p2", "state": State.QUEUED}, []),
    ],
)
def test_the_log_shows_what_fits_all_that_is_asked(ledger: Ledger, run: int, asked: dict, people: list[str]):
    promise(ledger, run, draft("p1"), draft("p2", state=State.HELD))
    other = draft("p3", to="13900139000", occasion="holiday/mid-autumn", state=State.INVALID)
    promise(ledger, run, other, times=after(HOUR))
    assert [d.person for d in questions.log(ledger, **asked)] == people


def test_unknown_outcomes_are_counted_and_told_in_turn(ledger: Ledger, run: int):
    first, second, third, fourth = sent(ledger, run, *drafts(4))
    for delivery in (first, second, fourth):
        answer(ledger, delivery, Outcome.unknown("?"), State.UNKNOWN, reason="unclear")
    answer(ledger, third, Outcome.accepted("BIZ"), State.ACCEPTED)
    assert questions.unknowns(ledger) == 3
    assert [d.id for d in questions.unknown(ledger, "sms", limit=2)] == [first.id, second.id]
    assert [d.id for d in questions.unknown(ledger, "sms", after=second.id)] == [fourth.id]
    assert questions.unknown(ledger, "email") == []


def test_a_run_leaves_a_record(ledger: Ledger, run: int):
    runs.end(ledger, run, ExitCode.SOME_FAILED, after(HOUR))
    ((kind, now, started, ended, code),) = tables(ledger, "SELECT kind, now, started, ended, exit FROM run")
    assert (kind, now, started, ended, code) == ("send", to_ms(NOW), to_ms(REAL), to_ms(REAL + HOUR), 1)


# Times


@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 31, 23), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_times_come_back_to_the_millisecond(moment: datetime):
    kept = from_ms(to_ms(moment))
    assert kept is not None
    assert abs(kept - moment) < timedelta(milliseconds=1)
    assert to_ms(kept) == to_ms(moment)


def test_never_is_no_time():
    assert from_ms(NEVER) is None
    assert from_ms(None) is None


def test_never_lies_after_every_time_that_is_kept():
    assert to_ms(datetime(9999, 12, 31, tzinfo=UTC)) < NEVER
