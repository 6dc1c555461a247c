"""The tables of a PostgreSQL ledger: made on the very first use, migrated in one transaction, never made anew."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from notigate.errors import LedgerError
from notigate.ledger.migrate import APPLICATION, FOLDER, SCHEMA

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


def migrate(connection: Connection[Row], place: str) -> None:
    """Bring the schema `notigate` of a database to `SCHEMA`, making it where there is none.

    Raises:
        LedgerError: it was written by a newer program, holds other tables, or the database cannot keep every language.
        psycopg.Error: nothing of it has happened.
    """
    if _standing(connection, place) == SCHEMA:
        return
    with connection.transaction():
        connection.execute(LOCK, [APPLICATION])
        standing = _standing(connection, place)
        for number in range(standing + 1, SCHEMA + 1):
            connection.execute((FOLDER / f"{number:04}.postgres.sql").read_bytes())
        new = {} if standing else {"id": secrets.token_hex(8), "secret": secrets.token_hex(32), "generation": "0"}
        connection.cursor().executemany(META, [*new.items(), ("schema", str(SCHEMA))])


def _standing(connection: Connection[Row], place: str) -> int:
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
    if int(found[0]) > SCHEMA:
        raise LedgerError(
            "the ledger {place} was written by a newer notigate (schema {found}, this one knows {known}): upgrade "
            "notigate",
            place=place,
            found=found[0],
            known=SCHEMA,
        )
    return int(found[0])
