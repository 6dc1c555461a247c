"""The ledger on PostgreSQL (extra `postgres`): the promises of the embedded one, and several dispatchers at once.

Who dispatches is a row in `worker`; its lease runs on the database's clock, and the dispatcher's writes renew it. What
a worker holds bears its number. When a lease is over, the next dispatcher takes the row away, and with it what its
worker held. A worker that comes back late finds its row gone: it begins nothing more, and its answers change nothing
that others have decided meanwhile. That compare-and-set, not the lease, keeps the promise of "once".

The connection must lead to the server itself, not to a pooler that hands out single transactions.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus, version_pretty

from notigate.errors import LedgerError
from notigate.ledger.postgres.schema import migrate
from notigate.ledger.postgres.transaction import PostgresTransaction, native
from notigate.ledger.postgres.wire import HEALTH, Wire, address, connect, faults, health, roll_back
from notigate.ledger.store import Ledger
from notigate.model import Check

#: seconds without a word after which a dispatcher counts as dead: more than any call to a provider takes
LEASE = 120.0
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
#: a reader has locked nothing, and may take its time
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0"

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


class PostgresLedger(Ledger):
    """A ledger in the schema `notigate` of one database."""

    def __init__(self, url: str) -> None:
        self._where, self._place = address(url)
        self._threads = threading.local()
        try:
            with faults(self._place):
                connection = self._connection()
                migrate(connection, self._place)
                self.name = f"PostgreSQL {version_pretty(connection.info.server_version)}, {self._place}"
            with self.read() as tx:
                meta: dict[str, str] = dict(tx.rows("SELECT name, value FROM meta"))
        except BaseException:
            self.close()
            raise
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
            if not connection.execute(native(RENEW), {"id": worker, "lease": LEASE}).fetchall():
                return None
            self._threads.renewed = time.monotonic()
        return worker

    def check(self) -> list[Check]:
        """What the server's settings mean for what is promised."""
        with self.read() as tx:
            (settings,) = tx.rows(HEALTH)
        return health(*settings)

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
