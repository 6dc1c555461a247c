"""A ledger of an older program: brought to our tables whole or not at all, and nothing that it holds is lost."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.errors import ExitCode, LedgerBusy, LedgerError
from notigate.ledger import migrate, open_ledger, plan, questions, runs, upgrade
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft
from notigate.ledger.store import Ledger
from notigate.model import Category, Content

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
PEOPLE = [f"p{number}" for number in range(20)]
#: the schema after ours; in words of both stores
NEXT = migrate.SCHEMA + 1
CHANGES = """
-- Moods; and notes.
ALTER TABLE run ADD COLUMN mood TEXT;
UPDATE run SET mood = 'good';
CREATE TABLE note (
    delivery BIGINT NOT NULL,  -- of ours
    text     TEXT   NOT NULL
);
INSERT INTO note SELECT id, person || '; noted' FROM delivery;
CREATE INDEX note_delivery ON note (delivery)
"""

on_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def url(place: Callable[[str], str]) -> str:
    return place("notigate")


@pytest.fixture
def old(url: str) -> str:
    """The URL of a ledger that this program made; the id of the ledger."""
    with contextlib.closing(open_ledger(url)) as ledger:
        run = runs.start(ledger, "send", TIMES)
        plan.promise(ledger, run, [_draft(person) for person in PEOPLE], TIMES)
        return ledger.id


def _draft(person: str) -> Draft:
    return Draft(
        occasion="service/birthday", occurrence="2026", day=date(2026, 11, 21), person=person, category=Category.CARE,
        channel="sms", medium="sms", to="13800138000", locale="zh_Hans", content=Content(text="生日快乐"),
    )  # fmt: skip


@pytest.fixture
def newer(old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """From here on this is a program that knows one schema more; the folder of its migrations."""
    del old
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    for store in ("sqlite", "postgres"):
        _sql(folder, store).write_text(CHANGES, encoding="utf-8")
    monkeypatch.setattr(migrate, "FOLDER", folder)
    monkeypatch.setattr(migrate, "SCHEMA", NEXT)
    return folder


def _sql(folder: Path, store: str) -> Path:
    return folder / f"{NEXT:04}.{store}.sql"


def rows(ledger: Ledger, sql: str) -> list[tuple]:
    with ledger.read() as tx:
        return tx.rows(sql)


def whole(ledger: Ledger) -> bool:
    """Is all of the migration there, and all that was there before?"""
    assert [d.person for d in questions.log(ledger)] == PEOPLE
    assert rows(ledger, "SELECT mood FROM run WHERE id = 1") == [("good",)]
    return rows(ledger, "SELECT text FROM note ORDER BY delivery") == [(f"{person}; noted",) for person in PEOPLE]


def test_each_number_leads_both_stores_to_the_next_schema():
    expected = {f"{number:04}.{store}.sql" for number in range(1, NEXT) for store in ("sqlite", "postgres")}
    assert {file.name for file in migrate.FOLDER.iterdir()} == expected


SHAPE = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name",
    "postgresql": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, coll.collname
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
          LEFT JOIN pg_collation coll ON coll.oid = a.attcollation
         WHERE c.relnamespace = 'notigate'::regnamespace ORDER BY 1, 2
    """,
}


def test_a_ledger_that_began_with_the_first_schema_ends_with_ours(
    place: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
):
    def shape(url: str) -> list[tuple]:
        with contextlib.closing(open_ledger(url)) as ledger:
            return rows(ledger, SHAPE[url.partition(":")[0]])

    anew = shape(place("anew"))
    grown = place("grown")
    with monkeypatch.context() as first:
        first.setattr(migrate, "SCHEMA", 1)
        open_ledger(grown).close()
    assert upgrade(grown) == (1, migrate.SCHEMA)
    assert shape(grown) == anew


@pytest.mark.usefixtures("newer")
def test_an_older_ledger_gets_our_tables_and_keeps_what_it_holds(url: str, old: str):
    assert upgrade(url) == (NEXT - 1, NEXT)
    with contextlib.closing(open_ledger(url)) as ledger:
        assert ledger.id == old
        assert whole(ledger)
        assert f"schema {NEXT}" in ledger.name
    assert upgrade(url) == (NEXT, NEXT)


@pytest.mark.usefixtures("newer")
def test_a_rehearsal_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch):
    assert upgrade(url, dry_run=True) == (NEXT - 1, NEXT)
    monkeypatch.setattr(migrate, "SCHEMA", NEXT - 1)
    open_ledger(url).close()  # by the older program, as ever


@on_sqlite
@pytest.mark.usefixtures("newer")
def test_a_ledger_in_a_file_is_brought_up_when_it_is_opened(url: str, old: str):
    with contextlib.closing(open_ledger(url)) as ledger:
        assert ledger.id == old
        assert whole(ledger)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
@pytest.mark.usefixtures("newer")
def test_a_ledger_on_a_server_waits_for_somebody_to_ask_for_it(url: str):
    with pytest.raises(LedgerError, match="Back the database up, let every run end, then: notigate migrate"):
        open_ledger(url)
    assert upgrade(url, dry_run=True) == (NEXT - 1, NEXT)


def test_a_migration_that_fails_changes_nothing(url: str, newer: Path, monkeypatch: pytest.MonkeyPatch):
    for store in ("sqlite", "postgres"):
        _sql(newer, store).write_text(CHANGES + ";\nSELECT 1 FROM nowhere;", encoding="utf-8")
    with pytest.raises(Exception, match="nowhere"):
        upgrade(url)
    monkeypatch.setattr(migrate, "SCHEMA", NEXT - 1)
    with contextlib.closing(open_ledger(url)) as ledger:
        assert [d.person for d in questions.log(ledger)] == PEOPLE
        with pytest.raises(Exception, match="mood"):
            rows(ledger, "SELECT mood FROM run")


KILLED = """
import os, signal, sys
from notigate.ledger import migrate, sqlite_file, upgrade

url, folder, schema, k = sys.argv[1:]
migrate.FOLDER, migrate.SCHEMA = migrate.Path(folder), int(schema)
left = int(k)

def count(*_):
    # Called before each statement.
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

if url.startswith("sqlite"):
    connect = sqlite_file.connect
    def traced(path):
        connection = connect(path)
        connection.set_trace_callback(count)
        return connection
    sqlite_file.connect = traced
else:
    import psycopg
    execute, executemany = psycopg.Cursor.execute, psycopg.Cursor.executemany
    psycopg.Cursor.execute = lambda *args, **named: (count(), execute(*args, **named))[1]
    psycopg.Cursor.executemany = lambda *args, **named: (count(), executemany(*args, **named))[1]
upgrade(url)
"""


def test_a_kill_at_any_statement_leaves_the_old_or_the_new_tables_and_loses_nothing(
    url: str, newer: Path, request: pytest.FixtureRequest
):
    found: list[int] = []
    code = -9
    while code == -9:
        command = [sys.executable, "-c", KILLED, url, str(newer), str(NEXT), str(len(found) + 1)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        code = ran.returncode
        assert ran.stderr == ""
        found.append(upgrade(url, dry_run=True)[0])
        upgrade(url)
        with contextlib.closing(open_ledger(url)) as ledger:
            assert whole(ledger)
        undo(url, request)
    assert (code, found[0], found[-1]) == (0, NEXT - 1, NEXT)
    assert found == sorted(found)
    assert len(found) > 8


def undo(url: str, request: pytest.FixtureRequest) -> None:
    """Give it the old tables again."""
    back = ["DROP TABLE note", "ALTER TABLE run DROP COLUMN mood"]
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            for statement in [*back, f"PRAGMA user_version = {NEXT - 1}"]:
                file.execute(statement)
    else:
        standing = f"UPDATE meta SET value = '{NEXT - 1}' WHERE name = 'schema'"  # noqa: S608 - a number
        server = request.getfixturevalue("postgres")
        server.execute("SET search_path = notigate", *back, standing, database="notigate")


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_server_that_crashes_in_the_middle_leaves_the_old_tables(postgres, url: str, newer: Path):
    _sql(newer, "postgres").write_text(f"{CHANGES}; SELECT pg_sleep(600);", encoding="utf-8")
    faults: list[BaseException] = []

    def work() -> None:
        try:
            upgrade(url)
        except LedgerError as fault:
            faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    while not postgres.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
        pass
    postgres.crash()
    thread.join()
    assert len(faults) == 1
    _sql(newer, "postgres").write_text(CHANGES, encoding="utf-8")
    assert upgrade(url) == (NEXT - 1, NEXT)
    with contextlib.closing(open_ledger(url)) as ledger:
        assert whole(ledger)


@pytest.mark.usefixtures("newer")
def test_tables_do_not_change_under_a_run_that_sends(url: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as older:
        older.setattr(migrate, "SCHEMA", NEXT - 1)
        sending = open_ledger(url)
    with contextlib.closing(sending), sending.dispatching():
        with pytest.raises(LedgerBusy, match="Run it again when that run has ended"):
            upgrade(url)
        assert upgrade(url, dry_run=True) == (NEXT - 1, NEXT)
    assert upgrade(url) == (NEXT - 1, NEXT)


@pytest.mark.usefixtures("newer")
def test_an_older_program_that_has_it_open_goes_on(url: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as older:
        older.setattr(migrate, "SCHEMA", NEXT - 1)
        web = open_ledger(url)
    with contextlib.closing(web):
        assert upgrade(url) == (NEXT - 1, NEXT)
        assert plan.promise(web, 1, [_draft("p99")], TIMES).new


@on_sqlite
@pytest.mark.usefixtures("newer")
def test_many_who_open_an_older_ledger_at_once_bring_it_up_once(url: str):
    found: list[bool] = []

    def work() -> None:
        with contextlib.closing(open_ledger(url)) as ledger:
            found.append(whole(ledger))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 6


@on_sqlite
@pytest.mark.usefixtures("newer")
def test_an_old_copy_is_refused_before_it_is_touched(url: str):
    file = Path(url.removeprefix("sqlite:///"))
    stamp = Path(f"{file}.stamp")
    identity, generation = stamp.read_text(encoding="ascii").split()
    stamp.write_text(f"{identity} {int(generation) + 3}\n", encoding="ascii")
    with pytest.raises(LedgerError, match="3 later runs are not in it"):
        upgrade(url)
    assert upgrade(url, dry_run=True) == (NEXT - 1, NEXT)


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.usefixtures("newer")
def test_a_ledger_of_a_newer_program_is_refused(url: str, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool):
    upgrade(url)
    monkeypatch.setattr(migrate, "SCHEMA", NEXT - 1)
    with pytest.raises(LedgerError, match="upgrade notigate"):
        upgrade(url, dry_run=dry_run)


# The command


SETTINGS = """
project: {name: 青年城}
channels: {trial: {plugin: outbox, folder: outbox}}
ledger: "%s"
"""


@pytest.fixture
def command(url: str, tmp_path: Path) -> Callable[..., object]:
    settings = tmp_path / "notigate.yaml"
    settings.write_text(SETTINGS % url, encoding="utf-8")
    settings.chmod(0o600)  # a URL may hold a password
    return lambda *arguments: CliRunner().invoke(cli, ["-C", str(tmp_path), "migrate", *arguments])


@pytest.mark.usefixtures("newer")
def test_the_command_tells_what_it_would_do_and_does_it(command):
    assert command("--dry-run").output == f"The ledger has schema {NEXT - 1} and would get schema {NEXT}.\n"
    told = json.loads(command("--json").output)
    assert told == {"found": NEXT - 1, "schema": NEXT, "needed": NEXT}
    assert "nothing is to be done" in command().output


def test_the_command_makes_a_ledger_where_there_is_none(command):
    assert command("--dry-run").output == "There is no ledger yet: it would be made.\n"
    assert command("--dry-run", "--json").output == f'{{"found": 0, "schema": 0, "needed": {NEXT - 1}}}\n'
    assert command().output == f"The ledger is made (schema {NEXT - 1}).\n"


@pytest.mark.usefixtures("newer")
def test_the_command_leaves_a_ledger_alone_that_somebody_sends_from(command, url: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as older:
        older.setattr(migrate, "SCHEMA", NEXT - 1)
        sending = open_ledger(url)
    with contextlib.closing(sending), sending.dispatching():
        ran = command()
    assert ran.exit_code == ExitCode.LOCKED
    assert "another run is sending" in ran.stderr
