"""The ledger on PostgreSQL (extra `postgres`): the promises of the embedded one, and several dispatchers at once.

Who dispatches is a row in `worker`; its lease runs on the database's clock, and the dispatcher's writes renew it. What
a worker holds bears its number. When a lease is over, the next dispatcher takes the row away, and with it what its
worker held. A worker that comes back late finds its row gone: it begins nothing more, and its answers change nothing
that others have decided meanwhile. That compare-and-set, not the lease, keeps the promise of "once".

The connection must lead to the server itself, not to a pooler that hands out single transactions.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus, version_pretty

from notigate.errors import LedgerError
from notigate.ledger.migrate_postgres import migrate
from notigate.ledger.store import Ledger, Row, Transaction
from notigate.ledger.wire import HEALTH, Wire, address, commit, connect, faults, health, roll_back
from notigate.model import Check

#: seconds without a word after which a dispatcher counts as dead: more than any call to a provider takes
LEASE = 120.0
#: rows fetched at once when they are streamed
STREAM = 1000

WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
#: a reader has locked nothing, and may take its time
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0"

NEXT_IDS = "SELECT nextval(:sequence) FROM generate_series(1, :count)"
INSERT = re.compile(
    r"\s*INSERT INTO (?P<table>\w+) \((?P<columns>[^)]*)\)\s*VALUES \([?, ]*\)"
    r"\s*(ON CONFLICT \((?P<key>\w+)\) DO NOTHING\s*)?"
)
#: where rows wait that may be there already
DRAFT = """
CREATE TEMP TABLE IF NOT EXISTS draft_{table} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {table} WITH NO DATA
"""
TAKE_OVER = """
INSERT INTO {table} ({columns}) SELECT {columns} FROM draft_{table} ORDER BY {key}, id ON CONFLICT ({key}) DO NOTHING
"""

BURY = """
DELETE FROM worker
 WHERE id IN (SELECT id FROM worker WHERE lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
"""
ENLIST = """
INSERT INTO worker (host, pid, lease_until) VALUES (:host, :pid, clock_timestamp() + make_interval(secs => :lease))
RETURNING id
"""
RENEW = "UPDATE worker SET lease_until = clock_timestamp() + make_interval(secs => :lease) WHERE id = :id RETURNING id"
LEAVE = "DELETE FROM worker WHERE id = :id"

#: the words of the rooms' statements → what they mean here
WORDS = {
    "%": "%%",
    "?": "%s",
    "IN {ids}": "= ANY(:ids)",
    "IN {keys}": "= ANY(:keys)",
    "{free}": "FOR UPDATE SKIP LOCKED",
    "{locked}": "FOR UPDATE",
    "{abandoned}": "worker NOT IN (SELECT id FROM worker)",
}
PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


@lru_cache
def _native(sql: str) -> str:
    """A statement of the rooms, as psycopg takes it."""
    for word, meaning in WORDS.items():
        sql = sql.replace(word, meaning)
    return PARAMETER.sub(r"%(\1)s", sql)


class PostgresTransaction(Transaction):
    """A transaction on one thread's connection; without a `worker` its lease was lost."""

    def __init__(self, connection: Wire, worker: int | None) -> None:
        self._connection = connection
        self._worker = worker
        self._streams = 0
        self._last: dict[str, list[Sequence[Any]]] = {}

    @property
    def worker(self) -> int:
        """This thread's dispatcher, or 0.

        Raises:
            LedgerError: its lease was lost.
        """
        if self._worker is None:
            raise LedgerError(
                "this run was silent for so long that another took over what it held; it ends here. Start it again"
            )
        return self._worker

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """Run one statement and return all its rows."""
        cursor = self._connection.execute(_native(sql), parameters)
        return cursor.fetchall() if cursor.description else []

    def stream(self, sql: str, **parameters: object) -> Iterator[Row]:
        """Run one query by a cursor that ends with the transaction."""
        self._streams += 1
        name = f"stream_{self._streams}"
        self.rows(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", **parameters)
        while some := self.rows(f"FETCH {STREAM} FROM {name}"):
            yield from some

    def rows_of(self, sql: str, ids: Sequence[int] | Sequence[str], **parameters: object) -> list[Row]:
        """Run one statement with `{ids}`."""
        return self.rows(sql, ids=list(ids), **parameters)

    def rows_by_key(self, sql: str, keys: Sequence[bytes]) -> list[Row]:
        """Run one statement with `{keys}`."""
        return self.rows(sql, keys=list(keys))

    def new_ids(self, table: str, count: int) -> list[int]:
        """Numbers of the table's sequence; those of a transaction that fails are lost, which does no harm."""
        return [id_ for (id_,) in self.rows(NEXT_IDS, sequence=f"{table}_id_seq", count=count)]

    def many(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        """Insert by COPY; anything else goes row by row, without waiting for each answer."""
        rows = list(parameters)
        insert = INSERT.fullmatch(sql)
        if not rows:
            return
        if insert is None:
            self._connection.cursor().executemany(_native(sql), rows)
        elif insert["key"] is None:
            self._copy(insert["table"], insert["columns"], rows)
        else:
            self._copy_new(insert["table"], insert["columns"], insert["key"], rows)

    def at_end(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row, just before the commit."""
        self._last.setdefault(sql, []).extend(parameters)

    def commit(self) -> None:
        """Do what is left for the end, in one order for all, so that nobody waits for each other crosswise; and commit."""
        commit(self._connection, {_native(sql): sorted(rows, key=tuple) for sql, rows in self._last.items()})

    def _copy(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        with self._connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _copy_new(self, table: str, columns: str, key: str, rows: Sequence[Sequence[object]]) -> None:
        """Insert what is new, in the order of its keys: two who insert the same never wait for each other crosswise."""
        named = {"table": table, "columns": columns, "key": key}
        self.rows(DRAFT.format_map(named))
        self._copy(f"draft_{table}", columns, rows)
        self.rows(TAKE_OVER.format_map(named))


class PostgresLedger(Ledger):
    """A ledger in the schema `notigate` of one database."""

    def __init__(self, url: str) -> None:
        self._where, self._place = address(url)
        self._threads = threading.local()
        with faults(self._place):
            connection = self._connection()
            migrate(connection, self._place)
            self.name = f"PostgreSQL {version_pretty(connection.info.server_version)}, {self._place}"
        with self.read() as tx:
            meta: dict[str, str] = dict(tx.rows("SELECT name, value FROM meta"))
        self.id = meta["id"]
        self._secret = bytes.fromhex(meta["secret"])

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        """A durable transaction, in which rows are locked one by one."""
        with faults(self._place):
            connection = self._begin(WRITE)
            try:
                tx = PostgresTransaction(connection, self._renewed(connection))
                yield tx
                tx.commit()
            except BaseException:
                roll_back(connection)
                raise

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        """A snapshot."""
        with faults(self._place):
            connection = self._begin(READ)
            try:
                yield PostgresTransaction(connection, 0)
            finally:
                roll_back(connection)

    @contextmanager
    def dispatching(self) -> Iterator[None]:
        """Be one of the dispatchers, in this thread. Those whose lease is over are gone from here on."""
        with self.write() as tx:
            tx.rows(BURY)
            ((worker,),) = tx.rows(ENLIST, host=socket.gethostname(), pid=os.getpid(), lease=LEASE)
        self._threads.worker, self._threads.renewed = worker, time.monotonic()
        try:
            yield
        finally:
            self._threads.worker = 0
            with suppress(LedgerError), self.write() as tx:  # where it cannot leave, its lease will end
                tx.rows(LEAVE, id=worker)

    def _renewed(self, connection: Wire) -> int | None:
        """The worker that this thread is (0: none), its lease renewed now and then; None where it was lost."""
        worker: int = getattr(self._threads, "worker", 0)
        if worker and time.monotonic() - self._threads.renewed > LEASE / 10:
            if not connection.execute(_native(RENEW), {"id": worker, "lease": LEASE}).fetchall():
                return None
            self._threads.renewed = time.monotonic()
        return worker

    def check(self) -> list[Check]:
        """Which server it is, and what its settings mean for what is promised."""
        with self.read() as tx:
            (settings,) = tx.rows(HEALTH)
        return [Check(name="ledger", ok=True, detail=self.name), *health(*settings)]

    def close(self) -> None:
        """Close this thread's connection."""
        connection: Wire | None = getattr(self._threads, "connection", None)
        if connection is not None:
            connection.close()
            del self._threads.connection

    def _begin(self, statement: str) -> Wire:
        connection = self._connection()
        if connection.info.transaction_status is TransactionStatus.INTRANS:
            raise errors.ActiveSqlTransaction("a transaction is open in this thread")
        try:
            connection.execute(statement)
        except psycopg.OperationalError:
            # The server was started anew since, and nothing was done yet on the lost connection.
            self.close()
            connection = self._connection()
            connection.execute(statement)
        return connection

    def _connection(self) -> Wire:
        connection: Wire | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = connect(self._where)
        return connection
