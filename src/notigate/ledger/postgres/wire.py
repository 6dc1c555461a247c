"""A connection to PostgreSQL: how it is made, what it promises, and what its faults mean to people."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import psycopg
from psycopg import Connection, errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from notigate.errors import ConfigError, LedgerError
from notigate.ledger.store import Row
from notigate.model import Check

# What it warns of when a connection is lost, the fault itself says.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

Wire: TypeAlias = Connection[Row]

#: where the URL says nothing else: how long a server that is not there, or is no longer there, is waited for
CONNECT: dict[str, Any] = {
    "application_name": "notigate",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "target_session_attrs": "read-write",
}
#: who stalls in a transaction is cut off before others give up waiting for the rows it has locked
SESSION = """
SET search_path = notigate, pg_temp;
SET client_min_messages = warning;
SET statement_timeout = '60s';
SET lock_timeout = '15s';
SET idle_in_transaction_session_timeout = '5s'
"""
#: settings of `synchronous_commit` under which a commit survives a crash; a lower one is raised to `on`
DURABLE = frozenset({"on", "remote_apply"})

HEALTH = """
SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
       current_setting('synchronous_standby_names') <> '' OR NOT EXISTS (SELECT FROM pg_stat_replication)
"""

#: faults of our own statements: nobody's database is to blame
OURS = (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError)
HELD_UP = (errors.LockNotAvailable, errors.DeadlockDetected, errors.QueryCanceled)


def address(url: str) -> tuple[dict[str, Any], str]:
    """What is needed to connect, and what people may read of it: `host/database`.

    Raises:
        ConfigError: the URL cannot be read.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The driver's own words would show the URL, and the password in it.
        raise ConfigError(
            "ledger: this is no URL of a PostgreSQL database; write postgresql://user:password@host/database, special "
            "characters of the password as %40"
        ) from None
    host = given.get("host") or given.get("hostaddr") or "localhost"
    return {**CONNECT, **given, "client_encoding": "utf8"}, f"{host}/{given.get('dbname') or given.get('user') or ''}"


def connect(where: dict[str, Any]) -> Wire:
    """A connection whose commits are durable.

    Raises:
        psycopg.Error: there is none.
    """
    connection: Wire = psycopg.connect(**where, autocommit=True)
    try:
        connection.execute(SESSION)
        ((commits,),) = connection.execute("SHOW synchronous_commit").fetchall()
        if commits not in DURABLE:
            connection.execute("SET synchronous_commit = on")
    except BaseException:
        connection.close()
        raise
    return connection


def commit(connection: Wire, last: Iterable[tuple[str, Sequence[Sequence[object] | Mapping[str, object]]]]) -> None:
    """Run the `last` statements for their rows and commit, in one breath: what they lock is locked for that long only.

    Raises:
        psycopg.Error: it did not happen, also where the server says that it rolled back instead; or it cannot be told.
    """
    with connection.pipeline():
        for statement, rows in last:
            connection.cursor().executemany(statement, rows)
        committed = connection.execute("COMMIT")
    if committed.statusmessage != "COMMIT":
        raise errors.InFailedSqlTransaction("the transaction had failed before, and was rolled back")


def roll_back(connection: Wire) -> None:
    """Roll back what can be; a connection that is in no state to be used again is closed."""
    with suppress(psycopg.Error):
        connection.execute("ROLLBACK")
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        connection.close()


def health(fsync: str, full_page_writes: str, synchronous_commit: str, copied: bool) -> list[Check]:  # noqa: FBT001 - a row
    """What a row of `HEALTH` means for what is promised."""
    kept = fsync == full_page_writes == "on"
    return [
        Check(
            name="a crash of the server",
            ok=kept,
            detail=f"fsync {fsync}, full_page_writes {full_page_writes}, synchronous_commit {synchronous_commit}",
            advice="" if kept else "set fsync and full_page_writes to on, or promises and answers may be lost",
        ),
        Check(
            name="a failover to a replica",
            ok=True,
            detail="nothing is lost" if copied else "the last answers may be lost",
            advice="" if copied else "name the replicas in synchronous_standby_names",
        ),
    ]


@contextmanager
def faults(place: str) -> Iterator[None]:
    """Tell what went wrong at `place` as a `LedgerError` with the way out."""
    try:
        yield
    except errors.InsufficientPrivilege as fault:
        raise LedgerError("the ledger {place} is not open to us: {fault}", place=place, fault=_words(fault)) from None
    except OURS as fault:
        # Their details show whole rows.
        raise type(fault)(_words(fault)) from None
    except psycopg.Error as fault:
        raise _told(fault, place) from fault


def _told(fault: psycopg.Error, place: str) -> LedgerError:
    if isinstance(fault, errors.DiskFull):
        template = "the disk is full: the ledger {place} takes no more; free some space and run it again"
    elif isinstance(fault, HELD_UP):
        template = "the ledger {place} is held up by another program ({fault}); run this again"
    else:
        template = "the ledger {place} cannot be used: {fault}"
    return LedgerError(template, place=place, fault=_words(fault))


def _words(fault: psycopg.Error) -> str:
    """The server's first sentence, or the driver's words on one line."""
    return fault.diag.message_primary or " ".join(str(fault).split())
