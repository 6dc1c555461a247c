"""Which schema a ledger has, and how it gets to ours: numbered migrations, each in one transaction.

`migrations/NNNN.STORE.sql` leads from schema NNNN - 1 to NNNN. A migration adds: tables, indexes, columns with a default.
What an older program relies on stays, for one may still have the ledger open. One that is in use is never edited.

The embedded ledger is migrated when it is opened, for there is nobody else to ask; one on PostgreSQL, which other machines
may use, only by `notigate migrate`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from notigate.errors import LedgerBusy, LedgerError

FOLDER = Path(__file__).parent / "migrations"
#: "noti", at a fixed place in the file: tells a ledger from any other database before it is opened
APPLICATION = 0x6E6F7469
#: the schema this program writes
SCHEMA = max(int(file.name.split(".")[0]) for file in FOLDER.glob("*.sqlite.sql"))


def steps(standing: int, store: str) -> Iterator[tuple[int, str]]:
    """Number and SQL of each migration that a ledger of schema `standing` lacks."""
    for number in range(standing + 1, SCHEMA + 1):
        yield number, (FOLDER / f"{number:04}.{store}.sql").read_text(encoding="utf-8")


def refuse_newer(ledger: object, standing: int) -> None:
    """Refuse what a newer program has written.

    Raises:
        LedgerError: it has.
    """
    if standing > SCHEMA:
        raise LedgerError(
            "the ledger {path} was written by a newer notigate (schema {found}, this one knows {known}): upgrade notigate",
            path=ledger, found=standing, known=SCHEMA,
        )  # fmt: skip


def in_use(ledger: object) -> LedgerBusy:
    """The tables of a ledger do not change under a run that sends from it."""
    return LedgerBusy(
        "another run is sending from {ledger}, whose tables this notigate has to change first; this one did nothing. Run "
        "it again when that run has ended",
        ledger=ledger,
    )


def migrate(connection: sqlite3.Connection, meta: Mapping[str, str]) -> None:
    """Bring a SQLite ledger to `SCHEMA`; `meta` is recorded in a new one.

    Raises:
        sqlite3.Error: nothing of the failing step has happened.
    """
    for number, sql in steps(version(connection), "sqlite"):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if number > version(connection):  # nobody else has done it meanwhile
                _step(connection, number, sql)
                if number == 1:
                    connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items())
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def version(connection: sqlite3.Connection) -> int:
    """The schema that a SQLite ledger has; 0 while it has none."""
    ((standing,),) = connection.execute("PRAGMA user_version").fetchall()
    return int(standing)


def _step(connection: sqlite3.Connection, number: int, sql: str) -> None:
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    if statement.strip():
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {number}")
