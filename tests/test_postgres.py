"""What only the ledger on PostgreSQL has to promise: several dispatchers, leases, lost connections, a schema of its own."""

from __future__ import annotations

import contextlib
import select
import socket
import sqlite3
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from notigate.dispatcher import Dispatched, Line
from notigate.dispatcher.reconcile import Patience
from notigate.edges import Clock
from notigate.errors import ConfigError, ExitCode, LedgerError
from notigate.ledger import changes, claim, open_ledger, plan, questions, runs, settle
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, Delivery, Go, Message, Outcome, State
from notigate.planner import Planned
from notigate.plugin import Channel
from notigate.record import Record
from notigate.sending import Sender
from notigate.sums import SUSPECTED, Sums, exit_code

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'notigate[postgres]'")

from notigate.ledger import postgres as store  # noqa: E402 - needs the driver
from notigate.ledger.postgres import transaction, wire  # noqa: E402 - as above

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
ACCEPTED = Outcome.accepted("BIZ")
#: seconds after which a test that waits for another thread has failed
SOON = 10.0


def drafts(*people: str, **changed) -> list[Draft]:
    given = {
        "occasion": "service/birthday", "occurrence": "2026", "day": date(2026, 11, 21), "category": Category.CARE,
        "channel": "sms", "medium": "sms", "to": "13800138000", "locale": "zh_Hans", "content": Content(text="生日快乐"),
    }  # fmt: skip
    return [Draft(person=person, **given | changed) for person in people]


@pytest.fixture
def url(postgres) -> str:
    return postgres.fresh("notigate")


@pytest.fixture
def opened(url: str) -> Iterator[Callable[[], Ledger]]:
    """Opens the ledger as one more process would."""
    with contextlib.ExitStack() as stack:

        def one_more() -> Ledger:
            return stack.enter_context(contextlib.closing(open_ledger(url)))

        yield one_more


@pytest.fixture
def ledger(opened: Callable[[], Ledger]) -> Ledger:
    return opened()


@pytest.fixture
def other(opened: Callable[[], Ledger]) -> Ledger:
    return opened()


@pytest.fixture
def run(ledger: Ledger) -> int:
    return runs.start(ledger, "send", TIMES)


def promise(ledger: Ledger, *people: str, **changed) -> tuple[int, ...]:
    return plan.promise(ledger, 1, drafts(*people, **changed), TIMES).new


def pick(ledger: Ledger, limit: int = 100, *, asked: bool = False) -> list[Delivery]:
    return claim.claim(ledger, "sms", TIMES, limit, asked=asked)


def begin(ledger: Ledger, *deliveries: Delivery) -> list[Delivery]:
    calls = [Call(claim.new_reference(), "sms", (delivery,)) for delivery in deliveries]
    with ledger.write() as tx:
        return [d for call in claim.begin(tx, 1, calls, TIMES) for d in call.deliveries]


def answer(ledger: Ledger, delivery: Delivery, outcome: Outcome = ACCEPTED) -> tuple[list[Change], list[Delivery]]:
    made = [Settlement(outcome, Change([delivery], State.ACCEPTED, cause="answer"))]
    with ledger.write() as tx:
        won = settle.settle(tx, made, TIMES)
        return won, settle.suspected(tx, made, won)


def states(ledger: Ledger) -> list[State]:
    return [delivery.state for delivery in questions.log(ledger)]


def rows(ledger: Ledger, sql: str) -> list[tuple]:
    with ledger.read() as tx:
        return tx.rows(sql)


# Opening


def test_a_missing_driver_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "notigate.ledger.postgres", None)
    with pytest.raises(ConfigError, match=r"pip install 'notigate\[postgres\]'") as raised:
        open_ledger("postgresql://localhost/notigate")
    assert raised.value.exit_code is ExitCode.CONFIGURATION


def test_the_driver_is_imported_for_postgres_only():
    code = "import sys, notigate.ledger, notigate.ledger.sqlite; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ops:Wq7xk@127.0.0.1:1/notigate",
        "postgresql://ops:Wq7xk%@127.0.0.1:1/notigate",
        "postgresql://ops:Wq7xk@127.0.0.1:1/notigate?nonsense=1",
        "postgres://127.0.0.1:1/notigate?password=Wq7xk",
        "mysql://ops:Wq7xk@127.0.0.1/notigate",
    ],
)
def test_no_password_is_shown_when_opening_fails(url: str):
    with pytest.raises((ConfigError, LedgerError)) as raised:
        open_ledger(url)
    assert "Wq7xk" not in "".join(traceback.format_exception(raised.value))


def test_a_server_that_is_not_there_is_named_without_its_password():
    with pytest.raises(LedgerError, match=r"ledger 127\.0\.0\.1/notigate cannot be used.*refused") as raised:
        open_ledger("postgresql://ops:Wq7xk@127.0.0.1:1/notigate")
    assert raised.value.exit_code is ExitCode.LEDGER


def test_an_open_ledger_names_server_and_database_and_no_password(postgres, url: str):
    with contextlib.closing(open_ledger(url.replace("postgres:@", "postgres:Wq7xk@"))) as ledger:
        assert ledger.name.startswith("PostgreSQL ")
        assert ledger.name.endswith(f"{postgres.folder}/notigate")
        assert "Wq7xk" not in f"{ledger!r} {ledger.name} {ledger.check()}"


def test_the_first_use_makes_the_tables_and_the_next_finds_them(ledger: Ledger, run: int, other: Ledger):
    assert ledger.id == other.id
    assert ledger.token(1) == other.token(1)
    assert rows(other, "SELECT id FROM run") == [(run,)]


def test_many_who_open_an_empty_database_at_once_make_one_ledger(url: str):
    found: list[str] = []

    def work() -> None:
        with contextlib.closing(open_ledger(url)) as ledger:
            found.append(ledger.id)

    together(*[work] * 6)
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_schema_that_was_made_for_us_is_enough(postgres, url: str):
    postgres.execute(
        "DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk LOGIN", "CREATE SCHEMA notigate AUTHORIZATION clerk", database="notigate"
    )  # fmt: skip
    with contextlib.closing(open_ledger(url.replace("postgres:@", "clerk:@"))) as ledger:
        assert runs.start(ledger, "send", TIMES) == 1
    postgres.execute("DROP SCHEMA notigate CASCADE", "DROP ROLE clerk", database="notigate")


@pytest.mark.usefixtures("ledger")
def test_a_ledger_that_we_may_not_use_says_so(postgres, url: str):
    postgres.execute("DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN", database="notigate")
    with pytest.raises(LedgerError, match="not open to us: permission denied"):
        open_ledger(url.replace("postgres:@", "guest:@"))
    postgres.execute("DROP ROLE guest")


@pytest.mark.parametrize("table", ["customer (id int)", "meta (name text, value text)"])
def test_what_is_no_ledger_is_refused_and_not_touched(postgres, url: str, table: str):
    postgres.execute("CREATE SCHEMA notigate", f"CREATE TABLE notigate.{table}", database="notigate")
    with pytest.raises(LedgerError, match="is not a ledger"):
        open_ledger(url)
    found = postgres.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'notigate'", database="notigate")
    assert found == [(1,)]


@pytest.mark.usefixtures("ledger")
def test_a_ledger_of_a_newer_program_is_refused(postgres, url: str):
    postgres.execute("UPDATE notigate.meta SET value = '99' WHERE name = 'schema'", database="notigate")
    with pytest.raises(LedgerError, match="upgrade notigate"):
        open_ledger(url)


def test_a_database_that_lacks_characters_is_refused(postgres):
    postgres.execute(
        "DROP DATABASE IF EXISTS latin", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    )
    with pytest.raises(LedgerError, match="ENCODING 'UTF8'"):
        open_ledger(postgres.url("latin"))


COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'notigate'"


def test_both_stores_have_the_same_tables(ledger: Ledger, tmp_path: Path):
    here: dict[str, set[str]] = {}
    for table, column in rows(ledger, COLUMNS):
        here.setdefault(table, set()).add(column)
    open_ledger(f"sqlite:///{tmp_path / 'n.db'}").close()
    with contextlib.closing(sqlite3.connect(tmp_path / "n.db")) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        there = {table: {row[1] for row in file.execute(f"PRAGMA table_info({table})")} for table in tables}
    assert here == there | {"worker": {"id", "host", "pid", "lease_until"}}


# Durable, and bounded


@pytest.mark.parametrize(("set_to", "kept"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")])
def test_what_is_committed_is_on_the_disk_whatever_the_database_says(postgres, url: str, set_to: str, kept: str):
    postgres.execute(f"ALTER DATABASE notigate SET synchronous_commit = {set_to}")
    with contextlib.closing(open_ledger(url)) as ledger, ledger.write() as tx:
        assert tx.rows("SHOW synchronous_commit") == [(kept,)]
    postgres.execute("ALTER DATABASE notigate RESET synchronous_commit")


@pytest.mark.parametrize("setting", ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"])
def test_no_write_takes_for_ever(ledger: Ledger, setting: str):
    with ledger.write() as tx:
        assert tx.rows(f"SHOW {setting}") != [("0",)]


def test_who_stalls_is_cut_off_before_others_lose_patience(ledger: Ledger):
    with ledger.write() as tx:
        ((idle, wait),) = tx.rows(
            "SELECT current_setting('idle_in_transaction_session_timeout')::interval, current_setting('lock_timeout')::interval"
        )
    assert idle < wait


def test_who_reads_may_take_their_time_and_sees_one_moment(ledger: Ledger, other: Ledger):
    promise(ledger, "p1")
    with ledger.read() as tx:
        assert tx.rows("SHOW idle_in_transaction_session_timeout") == [("0",)]
        assert tx.rows("SELECT person FROM delivery") == [("p1",)]
        promise(other, "p2")
        assert tx.rows("SELECT person FROM delivery") == [("p1",)]


def test_a_long_log_is_streamed_and_may_be_left_early(ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transaction, "STREAM", 2)
    promise(ledger, *(f"p{n}" for n in range(5)))
    assert len(list(questions.log(ledger))) == 5
    log = questions.log(ledger)
    next(log)
    log.close()
    promise(ledger, "p9")
    assert len(states(ledger)) == 6


def test_a_transaction_in_a_transaction_is_a_fault(ledger: Ledger):
    with ledger.read(), pytest.raises(LedgerError, match="a transaction is open"), ledger.write():
        pass


def test_a_swallowed_fault_does_not_commit(ledger: Ledger):
    def swallow() -> None:
        with ledger.write() as tx:
            tx.rows("UPDATE meta SET value = '7' WHERE name = 'generation'")
            with contextlib.suppress(psycopg.DataError):
                tx.rows("SELECT 1 / 0")

    with pytest.raises(LedgerError, match="rolled back"):
        swallow()
    assert rows(ledger, "SELECT value FROM meta WHERE name = 'generation'") == [("0",)]


def test_a_fault_of_our_own_shows_no_row(ledger: Ledger):
    bad = [draft if draft.person != "p2" else drafts("p2", locale=None)[0] for draft in drafts("p1", "p2")]
    with pytest.raises(psycopg.IntegrityError, match="locale") as raised:
        plan.promise(ledger, 1, bad, TIMES)
    assert "13800138000" not in "".join(traceback.format_exception(raised.value))
    assert states(ledger) == []


def test_a_held_row_is_told_after_a_while(
    ledger: Ledger, opened: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wire, "SESSION", wire.SESSION.replace("15s", "50ms"))
    impatient = opened()
    promise(ledger, "p1")
    (delivery,) = questions.log(ledger)
    step = Change([delivery], State.CANCELLED, cause="test")
    with ledger.write() as tx:
        changes.apply(tx, [step], TIMES)
        with pytest.raises(LedgerError, match="held up by another program"), impatient.write() as late:
            changes.apply(late, [step], TIMES)
    assert states(ledger) == [State.CANCELLED]


def test_an_answer_with_a_nul_is_recorded_all_the_same(ledger: Ledger):
    promise(ledger, "p1")
    (delivery,) = begin(ledger, *pick(ledger))
    answer(ledger, delivery, Outcome.accepted("BIZ\0"))
    assert rows(ledger, "SELECT status, provider_id FROM attempt") == [("accepted", "BIZ\N{REPLACEMENT CHARACTER}")]


@pytest.mark.parametrize(
    ("row", "sound"),
    [
        (("on", "on", "on", True), [(True, False), (True, False)]),
        (("off", "on", "on", True), [(False, True), (True, False)]),
        (("on", "off", "on", True), [(False, True), (True, False)]),
        (("on", "on", "on", False), [(True, False), (True, True)]),
    ],
)
def test_settings_that_may_lose_promises_are_told(row: tuple, sound: list[tuple[bool, bool]]):
    assert [(check.ok, bool(check.advice)) for check in wire.health(*row)] == sound


def test_the_server_of_the_tests_is_sound(ledger: Ledger):
    crash, failover = ledger.check()
    assert (crash.ok, crash.advice, crash.detail) == (True, "", "fsync on, full_page_writes on, synchronous_commit on")
    assert (failover.ok, failover.advice) == (True, "")


# Lost connections


def test_after_a_crash_of_the_server_the_next_transaction_goes_on(postgres, ledger: Ledger):
    promise(ledger, "p1")
    postgres.crash()
    assert promise(ledger, "p2") == (questions.deliveries(ledger, [2, 3, *range(30, 40)])[0].id,)
    assert states(ledger) == [State.QUEUED] * 2


def test_a_connection_lost_in_a_transaction_leaves_nothing(postgres, ledger: Ledger):
    def lose() -> None:
        with ledger.write() as tx:
            claim.begin(tx, 1, [Call("R", "sms", (picked,))], TIMES)
            postgres.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'notigate'"
            )

    promise(ledger, "p1")
    (picked,) = pick(ledger)
    with pytest.raises(LedgerError):
        lose()
    assert states(ledger) == [State.CLAIMED]


@pytest.fixture
def cut(postgres) -> Iterator[tuple[str, threading.Event]]:
    """A way to the server that breaks, once the event is set, when the answer to a COMMIT comes back."""
    cutting = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=forward, args=(listener, postgres.folder / ".s.PGSQL.5432", cutting))
    thread.start()
    yield (
        f"postgresql://postgres@127.0.0.1:{listener.getsockname()[1]}/notigate?sslmode=disable&gssencmode=disable",
        cutting,
    )
    cutting.set()
    thread.join(SOON)
    listener.close()


def forward(listener: socket.socket, server: Path, cutting: threading.Event) -> None:
    with listener.accept()[0] as client, socket.socket(socket.AF_UNIX) as behind:
        behind.connect(str(server))
        while True:
            for ready in select.select([client, behind], [], [])[0]:
                heard = ready.recv(65536)
                happened = ready is behind and b"COMMIT\0" in heard
                if not heard or (happened and cutting.is_set()):
                    return
                (behind if ready is client else client).sendall(heard)


def test_an_intent_whose_commit_is_not_confirmed_is_not_acted_upon(ledger: Ledger, cut):
    address, cutting = cut
    begun: list[Call] = []

    def lose() -> None:
        with remote.write() as tx:
            claim.begin(tx, 1, [Call("R", "sms", (picked,))], TIMES)
            cutting.set()
        begun.append(picked)

    promise(ledger, "p1")
    (picked,) = pick(ledger)
    with contextlib.closing(open_ledger(address)) as remote, pytest.raises(LedgerError):
        lose()
    assert not begun
    assert states(ledger) == [State.SENDING]
    claim.recover(ledger, TIMES)
    assert states(ledger) == [State.UNKNOWN]


# Several dispatchers


def together(*works: Callable[[], None]) -> None:
    """Run them in threads; whatever one raises is raised here."""
    faults: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 - raised below
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if faults:
        raise faults[0]


def test_several_dispatch_at_once_and_nobody_picks_what_another_has(ledger: Ledger, other: Ledger):
    promise(ledger, *(f"p{n}" for n in range(6)))
    with ledger.dispatching(), other.dispatching():
        mine, theirs = pick(ledger, 4), pick(other, 4)
    assert [len(mine), len(theirs)] == [4, 2]
    assert not {d.id for d in mine} & {d.id for d in theirs}


def test_what_another_is_picking_is_passed_over_without_waiting(ledger: Ledger, other: Ledger):
    promise(ledger, *(f"p{n}" for n in range(6)))
    with ledger.write() as tx:
        tx.rows(claim.WAITING, state="queued", channel="sms", asked=False, now=10**15, limit=4)
        assert len(pick(other)) == 2


def test_picking_in_many_threads_takes_each_once_and_never_more_than_asked(url: str, ledger: Ledger):
    promise(ledger, *(f"p{n}" for n in range(300)))
    picked: list[int] = []

    def work() -> None:
        with contextlib.closing(open_ledger(url)) as mine:
            while some := pick(mine, 7):
                assert len(some) <= 7
                picked.extend(d.id for d in some)

    together(*[work] * 4)
    assert len(picked) == len(set(picked)) == 300


WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = 'notigate' AND wait_event_type = 'Lock'"


def test_of_two_who_decide_at_the_same_moment_the_second_waits_and_loses(postgres, ledger: Ledger, other: Ledger):
    promise(ledger, "p1")
    (delivery,) = questions.log(ledger)
    won: list[Change] = []

    def decide() -> None:
        with contextlib.closing(other), other.write() as tx:
            won.extend(changes.apply(tx, [Change([delivery], State.SUPPRESSED, cause="late")], TIMES))

    late = threading.Thread(target=decide)
    with ledger.write() as tx:
        assert changes.apply(tx, [Change([delivery], State.CANCELLED, cause="first")], TIMES)
        tx.rows("SELECT 1")
        late.start()
        while late.is_alive() and not postgres.execute(WAITING):
            pass
    late.join(SOON)
    assert won == []
    assert states(ledger) == [State.CANCELLED]


def test_planners_in_opposite_orders_do_not_lock_each_other_out(url: str, ledger: Ledger):
    people = [f"p{n}" for n in range(2000)]
    made: list[int] = []
    ready = threading.Barrier(2, timeout=SOON)

    def work(order: int) -> None:
        with contextlib.closing(open_ledger(url)) as mine:
            for n in range(3):
                ready.wait()
                made.extend(promise(mine, *people[::order], occurrence=str(n)))

    together(lambda: work(1), lambda: work(-1))
    assert len(made) == len(set(made)) == 6000
    assert rows(ledger, "SELECT state, sum(n) FROM tally GROUP BY state") == [("open", 6000)]


def test_the_living_keep_what_they_hold(ledger: Ledger, other: Ledger):
    promise(ledger, "picked", "sent")
    with ledger.dispatching(), other.dispatching():
        begin(ledger, pick(ledger)[1])
        claim.recover(other, TIMES)
        assert states(other) == [State.CLAIMED, State.SENDING]


def test_who_is_gone_holds_nothing(ledger: Ledger, other: Ledger):
    promise(ledger, "picked", "sent")
    with ledger.dispatching():
        begin(ledger, pick(ledger)[1])
    with other.dispatching():
        claim.recover(other, TIMES)
    assert states(other) == [State.QUEUED, State.UNKNOWN]


LATE = "UPDATE worker SET lease_until = clock_timestamp() - make_interval(secs => 1)"


def expire(ledger: Ledger) -> None:
    """Time goes by without a word of anybody."""
    with ledger.write() as tx:
        tx.rows(LATE)


def silent(ledger: Ledger) -> None:
    """This thread's dispatcher has not renewed its lease for long."""
    ledger._thread.renewed -= store.LEASE


def test_the_dead_are_found_by_their_lease(ledger: Ledger, other: Ledger, opened: Callable[[], Ledger]):
    promise(ledger, "picked", "sent")
    with ledger.dispatching():
        begin(ledger, pick(ledger)[1])
        expire(other)
        third = opened()
        with third.dispatching():
            claim.recover(third, TIMES)
            assert states(third) == [State.QUEUED, State.UNKNOWN]


def test_a_dispatcher_renews_its_lease_by_working(ledger: Ledger, other: Ledger):
    with ledger.dispatching():
        expire(other)
        silent(ledger)
        pick(ledger)
        with other.dispatching():
            assert rows(other, "SELECT count(*) FROM worker") == [(2,)]


def test_a_lease_is_not_renewed_with_every_write(ledger: Ledger, other: Ledger):
    with ledger.dispatching():
        before = rows(other, "SELECT lease_until FROM worker")
        promise(ledger, "p1")
        assert rows(other, "SELECT lease_until FROM worker") == before


def taken_over(ledger: Ledger, other: Ledger) -> None:
    """`other` takes over what `ledger`'s dispatcher, silent for long, had in hand."""
    expire(other)
    silent(ledger)
    with other.dispatching():
        claim.recover(other, TIMES)


def test_who_was_taken_for_dead_begins_nothing_that_was_taken_over(ledger: Ledger, other: Ledger):
    promise(ledger, "p1")
    with ledger.dispatching():
        picked = pick(ledger)
        taken_over(ledger, other)
        assert begin(ledger, *picked) == []
    assert [(d.state, d.attempts) for d in questions.log(other)] == [(State.QUEUED, 0)]


def test_who_was_taken_for_dead_goes_on_with_something_else(ledger: Ledger, other: Ledger):
    promise(ledger, "p1")
    with ledger.dispatching():
        taken_over(ledger, other)
        begin(ledger, *pick(ledger))
        with other.dispatching():
            claim.recover(other, TIMES)
        assert states(other) == [State.SENDING]


def test_a_lease_that_could_not_be_renewed_is_renewed_the_next_time(ledger: Ledger, other: Ledger):
    def fail() -> None:
        with ledger.write():
            raise RuntimeError

    with ledger.dispatching():
        taken_over(ledger, other)
        with pytest.raises(RuntimeError):
            fail()
        pick(ledger)
        assert rows(other, "SELECT count(*) FROM worker") == [(1,)]


def test_a_late_answer_is_kept_with_its_attempt_and_decides_nothing(ledger: Ledger, other: Ledger):
    promise(ledger, "p1")
    with ledger.dispatching():
        (delivery,) = begin(ledger, *pick(ledger))
        taken_over(ledger, other)
        assert answer(ledger, delivery) == ([], [])
    assert states(ledger) == [State.UNKNOWN]
    assert rows(ledger, "SELECT status, provider_id FROM attempt") == [("accepted", "BIZ")]


@pytest.mark.parametrize("sent_again", [False, True])
def test_a_late_answer_after_another_acted_is_a_suspected_duplicate(ledger: Ledger, other: Ledger, *, sent_again: bool):
    promise(ledger, "p1")
    with ledger.dispatching():
        (delivery,) = begin(ledger, *pick(ledger))
        taken_over(ledger, other)
        (unknown,) = questions.log(other)
        with other.write() as tx:
            changes.apply(tx, [Change([unknown], State.QUEUED, cause="absent")], TIMES)
        if sent_again:
            answer(other, *begin(other, *pick(other)))
        won, suspected = answer(ledger, delivery)
    assert won == []
    assert [d.person for d in suspected] == ["p1"]


def test_an_answer_that_is_there_already_is_not_suspected(ledger: Ledger):
    promise(ledger, "p1")
    (delivery,) = begin(ledger, *pick(ledger))
    answer(ledger, delivery)
    assert answer(ledger, delivery) == ([], [])


def test_a_suspected_duplicate_is_told_and_changes_the_exit_code(ledger: Ledger):
    promise(ledger, "p1")
    sums = Sums()
    sums.dispatched(Dispatched(suspected=list(questions.log(ledger))))
    sums.begin_again()
    assert [(p.delivery, p.person, p.state) for p in sums.problems] == [(1, "p1", SUSPECTED)]
    assert exit_code(sums, unknown=0) is ExitCode.SOME_UNKNOWN


@pytest.mark.parametrize(
    ("index", "sql"),
    [
        *(("delivery_waiting", sql) for sql in (claim.WAITING, claim.DUE, claim.NEXT_TRY)),
        ("delivery_in_hand", claim.ABANDONED),
    ],
)
def test_the_dispatcher_reads_the_small_indexes(ledger: Ledger, index: str, sql: str):
    asked = {
        "state": "queued",
        "channel": "sms",
        "asked": False,
        "now": 0,
        "limit": 1,
        "asked_only": False,
        "worker": 0,
    }
    with ledger.write() as tx:
        tx.rows("SET LOCAL enable_seqscan = off")
        steps = [step for (step,) in tx.rows(f"EXPLAIN {sql}", **asked)]
    assert any(index in step for step in steps)


# Single sends beside others


class Never(Channel):
    def send(self, message: Message) -> Outcome:
        raise AssertionError(message)


def test_a_run_tells_what_another_worker_has_in_hand_and_is_done_all_the_same(ledger: Ledger, other: Ledger):
    lineup = SimpleNamespace(line=lambda name, answers: Line(name, Never(), Never.limits, answers), broken=dict)
    sender = Sender(
        ledger, lineup, {"sms": Patience()}, Clock(ZoneInfo("UTC"), real=lambda: NOW), judge=lambda some: [Go()] * len(some),
        settled=lambda _: None, stop=threading.Event(), patience=0.0,
    )  # fmt: skip
    promise(ledger, "picked", "sent")
    with other.dispatching():
        begin(other, pick(other)[1])
        ended = sender.campaign([], Sums(), Record("send", lambda: ledger, lambda: TIMES))
    ((state, reason, detail),) = [(p.state, p.reason, p.detail) for p in ended.problems]
    assert (state, reason, ended.exit_code) == ("claimed", "setup", ExitCode.DONE)
    assert detail.startswith("another worker has messages in hand (2)")
    alone = sender.campaign([], Sums(), Record("send", lambda: ledger, lambda: TIMES))
    assert not any(p.state == "claimed" for p in alone.problems)


def test_a_single_send_waits_for_the_dispatcher_that_has_it(ledger: Ledger, other: Ledger):
    """The other one picks the message before we do, and has its answer when we look again."""
    looks: list[list[Delivery]] = []

    def line(name: str, answers: SimpleQueue) -> Line:
        if not looks:
            looks.append(begin(other, *pick(other, asked=True)))
        else:
            answer(other, *looks[0])
        return Line(name, Never(), Never.limits, answers)

    lineup = SimpleNamespace(line=line, broken=dict)
    sender = Sender(
        ledger, lineup, {"sms": Patience()}, Clock(ZoneInfo("UTC"), real=lambda: NOW), judge=lambda some: [Go()] * len(some),
        settled=lambda _: None, stop=threading.Event(), patience=0.0,
    )  # fmt: skip
    (draft,) = drafts("p1", asked=True)
    with other.dispatching():
        record = Record("send", lambda: other, lambda: TIMES)
        ended = sender.single([Planned(draft=draft, verdict=Go())], Sums(), record, timeout=SOON)
    assert ended.counts == {State.ACCEPTED: 1}
