"""Numbered migrations, each in one transaction: a kill in the middle leaves the schema before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "migrations"
#: "noti", at a fixed place in the file: tells a ledger from any other database before it is opened
APPLICATION = 0x6E6F7469
#: the schema this program writes
SCHEMA = max(int(file.name.split(".")[0]) for file in FOLDER.glob("*.sqlite.sql"))


def migrate(connection: sqlite3.Connection, meta: Mapping[str, str]) -> None:
    """Bring a SQLite ledger to `SCHEMA`; `meta` is recorded in a new one.

    Raises:
        sqlite3.Error: nothing of the failing step has happened.
    """
    for number in range(1, SCHEMA + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            (standing,) = connection.execute("PRAGMA user_version").fetchone()
            if number > standing:
                _step(connection, number)
            if number > standing == 0:
                connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items())
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
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {number}")
