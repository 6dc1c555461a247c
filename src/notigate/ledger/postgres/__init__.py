"""The ledger on PostgreSQL (extra `postgres`): the promises of the embedded one, and several dispatchers at once.

Who dispatches is a row in `worker`; its lease runs on the database's clock, and the dispatcher's writes renew it. What
a worker holds bears its number. When a lease is over, the next dispatcher takes the row away, and with it what its
worker held. A worker that comes back late is a worker again, with nothing in hand: what it meant to begin it begins
only where nobody has touched it, and its answers change nothing that others have decided meanwhile. That
compare-and-set, not the lease, keeps the promise of "once".

The connection must lead to the server itself, not to a pooler that hands out single transactions.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus, version_pretty

from notigate.errors import LedgerError
from notigate.ledger import migrate
from notigate.ledger.connections import Connections
from notigate.ledger.postgres import schema
from notigate.ledger.postgres.transaction import PostgresTransaction
from notigate.ledger.postgres.wire import HEALTH, Wire, address, connect, faults, health, roll_back
from notigate.ledger.store import Ledger
from notigate.ledger.vault import unlock
from notigate.model import Check

if TYPE_CHECKING:
    from notigate.ledger.vault import Keys

#: seconds without a word after which a dispatcher counts as dead: more than any call to a provider takes
LEASE = 120.0
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
#: a reader has locked nothing, and may take its time
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0"

BURY = """
DELETE FROM worker
 WHERE id IN (SELECT id FROM worker WHERE lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
"""
NEW_WORKER = "SELECT nextval('worker_id_seq')"
#: also after others have taken it for dead
ENLIST = """
INSERT INTO worker (id, host, pid, lease_until)
VALUES (:id, :host, :pid, clock_timestamp() + make_interval(secs => :lease))
ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until
"""
OTHERS = "SELECT id FROM worker WHERE id <> :id AND lease_until > clock_timestamp()"
LEAVE = "DELETE FROM worker WHERE id = :id"


class _Thread(threading.local):
    """What each thread has of its own."""

    #: the dispatcher that it is, and the moment (monotonic) when its lease was last renewed
    worker: int = 0
    renewed: float = 0.0


class PostgresLedger(Ledger):
    """A ledger in the schema `notigate` of one database."""

    def __init__(self, url: str, keys: Keys) -> None:
        self._where, self._place = address(url)
        self._connections = Connections(lambda: connect(self._where))
        self._thread = _Thread()
        try:
            with faults(self._place):
                connection = self._connections.mine()
                schema.prepare(connection, self._place)
                server = version_pretty(connection.info.server_version)
                self.name = f"PostgreSQL {server}, schema {migrate.SCHEMA}, {self._place}"
            with self.read() as tx:
                meta: dict[str, str] = dict(tx.rows("SELECT name, value FROM meta"))
            self.vault, self._secret = unlock(meta["secret"], keys, self._place)
        except BaseException:
            self.close()
            raise
        self.id = meta["id"]

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        """A durable transaction, in which rows are locked one by one; a dispatcher's renews its lease now and then."""
        with faults(self._place), self._begun(WRITE) as connection:
            now = time.monotonic()
            try:
                tx = PostgresTransaction(connection, self, self._thread.worker)
                due = tx.worker and now - self._thread.renewed > LEASE / 10
                if due:
                    _enlist(tx, tx.worker)
                yield tx
                tx.commit()
            except BaseException:
                roll_back(connection)
                raise
            if due:
                self._thread.renewed = now

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        """A snapshot."""
        with faults(self._place), self._begun(READ) as connection:
            try:
                yield PostgresTransaction(connection, self)
            finally:
                roll_back(connection)

    @contextmanager
    def dispatching(self) -> Iterator[None]:
        """Be one of the dispatchers, in this thread. Those whose lease is over are gone from here on."""
        now = time.monotonic()
        with self.write() as tx:
            tx.rows(BURY)
            ((worker,),) = tx.rows(NEW_WORKER)
            _enlist(tx, worker)
        self._thread.worker, self._thread.renewed = worker, now
        try:
            yield
        finally:
            self._thread.worker = 0
            with suppress(LedgerError), self.write() as tx:  # where it cannot leave, its lease will end
                tx.rows(LEAVE, id=worker)

    def dispatched_elsewhere(self) -> bool:
        """Does anybody but this thread dispatch now?"""
        with self.read() as tx:
            return bool(tx.rows(OTHERS, id=self._thread.worker))

    def scrub(self) -> None:
        """Free the rows' old versions, which the server overwrites in time; its log and its backups are its owner's."""
        with faults(self._place):
            connection = self._connections.mine()
            connection.execute("SET statement_timeout = 0")
            connection.execute("VACUUM delivery, attempt, preference, fact")
            connection.execute("SET statement_timeout = '60s'")

    def check(self) -> list[Check]:
        """What the server's settings mean for what is promised."""
        with self.read() as tx:
            (settings,) = tx.rows(HEALTH)
        return health(*settings)

    def close(self) -> None:
        """Close all connections but those that other threads are using."""
        self._connections.close()

    @contextmanager
    def _begun(self, statement: str) -> Iterator[Wire]:
        """This thread's connection, with a transaction begun."""
        with self._connections.used() as connection:
            if connection.info.transaction_status is TransactionStatus.INTRANS:
                raise errors.ActiveSqlTransaction("a transaction is open in this thread")
            if self._begins(connection, statement):
                yield connection
                return
        # The server was started anew since, and nothing was done yet on the lost connection.
        self._connections.drop()
        with self._connections.used() as connection:
            connection.execute(statement)
            yield connection

    @staticmethod
    def _begins(connection: Wire, statement: str) -> bool:
        try:
            connection.execute(statement)
        except psycopg.OperationalError:
            return False
        return True


def upgrade(url: str, *, dry_run: bool) -> int:
    """Bring the ledger at `url` to our schema, unless it is a `dry_run`; returns the schema that stood (0: none).

    Raises:
        LedgerError: it cannot be, or was written by a newer program.
        LedgerBusy: somebody is sending from it.
    """
    where, place = address(url)
    with faults(place), closing(connect(where)) as connection:
        found = schema.standing(connection, place)
        if not dry_run:
            schema.upgrade(connection, place)
    return found


def _enlist(tx: PostgresTransaction, worker: int) -> None:
    tx.rows(ENLIST, id=worker, host=socket.gethostname(), pid=os.getpid(), lease=LEASE)
