"""The tables of a PostgreSQL ledger: made on the very first use, migrated when it is asked for, never made anew."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from notigate.errors import LedgerError, UsageError
from notigate.ledger import migrate

if TYPE_CHECKING:
    from psycopg import Connection

    from notigate.ledger.store import Row

LOOK = """
SELECT to_regclass('notigate.meta') IS NOT NULL,
       EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('notigate')),
       current_setting('server_encoding')
"""
VERSION = "SELECT value FROM notigate.meta WHERE name = 'schema'"
#: one at a time: others who open the ledger meanwhile wait until it is done
LOCK = "SELECT pg_advisory_xact_lock(%s)"
META = "INSERT INTO meta (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
#: to rewrite a large table takes its time; who wants to dispatch meanwhile waits, and finds the new tables or none
ALONE = "SET LOCAL statement_timeout = 0; LOCK TABLE worker IN EXCLUSIVE MODE"
DISPATCHING = "SELECT 1 FROM worker WHERE lease_until > clock_timestamp() LIMIT 1"


def prepare(connection: Connection[Row], place: str) -> None:
    """Make the schema `notigate` of a database where there is none; refuse one that is not of our number.

    Raises:
        LedgerError: it is of another schema, holds other tables, or the database cannot keep every language.
        psycopg.Error: nothing of it has happened.
    """
    found = standing(connection, place)
    if found == 0:
        _bring_up(connection, place)
    elif found < migrate.SCHEMA:
        raise LedgerError(
            "the ledger {place} has the tables of an older notigate (schema {found}, this one needs {known}). Back the "
            "database up, let every run end, then: notigate migrate",
            place=place, found=found, known=migrate.SCHEMA,
        )  # fmt: skip


def upgrade(connection: Connection[Row], place: str) -> None:
    """Bring it to `SCHEMA`, in one transaction.

    Raises:
        LedgerBusy: somebody is dispatching.
        LedgerError: as for `prepare`.
        psycopg.Error: nothing of it has happened.
    """
    if standing(connection, place) < migrate.SCHEMA:
        _bring_up(connection, place)


def _bring_up(connection: Connection[Row], place: str) -> None:
    with connection.transaction():
        connection.execute(LOCK, [migrate.APPLICATION])
        found = standing(connection, place)
        if found == migrate.SCHEMA:  # somebody else has done it meanwhile
            return
        if found:
            _let_nobody_dispatch(connection, place)
        _steps(connection, found)
        new = {} if found else {"id": secrets.token_hex(8), "secret": secrets.token_hex(32), "generation": "0"}
        connection.cursor().executemany(META, [*new.items(), ("schema", str(migrate.SCHEMA))])


def make(connection: Connection[Row], place: str) -> None:
    """In the transaction that is open: make the tables, all empty, for a ledger that comes with an identity of its own.

    Raises:
        UsageError: there is a ledger.
        LedgerError: as for `prepare`.
    """
    connection.execute(LOCK, [migrate.APPLICATION])
    if standing(connection, place):
        raise UsageError("the database {place} has a ledger already; name one that has none", place=place)
    _steps(connection, 0)


def number(connection: Connection[Row]) -> None:
    """In the transaction that is open: what `make` made has our schema."""
    connection.cursor().executemany(META, [("schema", str(migrate.SCHEMA))])


def _steps(connection: Connection[Row], found: int) -> None:
    for _number, sql in migrate.steps(found, "postgres"):
        connection.execute(sql.encode())


def _let_nobody_dispatch(connection: Connection[Row], place: str) -> None:
    connection.execute(ALONE)
    if connection.execute(DISPATCHING).fetchone():
        raise migrate.in_use(place)


def standing(connection: Connection[Row], place: str) -> int:
    """The number of the schema that stands; 0 where there is none yet."""
    ((meta, tables, encoding),) = connection.execute(LOOK).fetchall()
    if encoding != "UTF8":
        raise LedgerError(
            "the database {place} keeps text as {encoding}, which lacks characters; create one with ENCODING 'UTF8'",
            place=place, encoding=encoding,
        )  # fmt: skip
    if not (meta or tables):
        return 0
    found = connection.execute(VERSION).fetchone() if meta else None
    if found is None:
        raise LedgerError(
            "the schema notigate in {place} is not a ledger. Restore the ledger from a backup; it is never made anew "
            "over what is there",
            place=place,
        )
    migrate.refuse_newer(place, int(found[0]))
    return int(found[0])
