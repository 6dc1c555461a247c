"""Numbered migrations, each in one transaction: a kill in the middle leaves the schema before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "migrations"
#: the schema this program writes
SCHEMA = max(int(file.name.split(".")[0]) for file in FOLDER.glob("*.sqlite.sql"))


def migrate(connection: sqlite3.Connection, meta: Mapping[str, str]) -> None:
    """Bring a SQLite ledger to `SCHEMA`; `meta` is recorded in a new one.

    Raises:
        sqlite3.Error: nothing of the failing step has happened.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number in range(version + 1, SCHEMA + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            _step(connection, number)
            connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items() if number == 1 else ())
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _step(connection: sqlite3.Connection, number: int) -> None:
    statement = ""
    for line in (FOLDER / f"{number:04}.sqlite.sql").read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    connection.execute(f"PRAGMA user_version = {number}")
