"""The embedded ledger: SQLite in WAL mode with synchronous=FULL, files of mode 0600, one dispatcher by flock.

A missing or damaged ledger is never recreated silently: that would send everything again. Beside `notigate.db` stands
`notigate.db.stamp` with the ledger's id; a stamp without a ledger is an error.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.errors import LedgerBusy, LedgerError
from notigate.ledger import migrate, stamp
from notigate.ledger.aside import Aside
from notigate.ledger.connections import Connections
from notigate.ledger.mounts import refuse_network
from notigate.ledger.store import Ledger, Row, Transaction
from notigate.ledger.vault import unlock

if TYPE_CHECKING:
    from notigate.ledger.vault import Keys

BUSY_MS = 10_000
#: seconds that a ledger of an older schema is waited for, and between looks: another may be migrating it just now
FREE, LOOK = 0.5, 0.02
#: read back at opening: a file system or an odd build may refuse them in silence
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0}
#: not a pragma with an answer to check
CACHE_KB = 16_384
#: well below SQLite's own limit of parameters (32,766 since 3.32)
KEYS_AT_ONCE = 1000
NUMBERED = ("run", "delivery", "call", "preference", "access", "batch", "fact")
LAST_ID = {table: f"SELECT coalesce(max(id), 0) FROM {table}" for table in NUMBERED}  # noqa: S608 - names of ours


@lru_cache
def _native(sql: str) -> str:
    """One writer at a time needs no locks on rows; and who dispatches holds a lock, so that every other dispatcher is gone."""
    return sql.replace("{free}", "").replace("{locked}", "").replace("{abandoned}", "TRUE")


class SqliteTransaction(Transaction):
    """A transaction on one thread's connection."""

    def __init__(self, connection: sqlite3.Connection, ledger: Ledger) -> None:
        self._connection = connection
        self.vault = ledger.vault
        self.prices = ledger.prices

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        return self._connection.execute(_native(sql), parameters).fetchall()

    def stream(self, sql: str, **parameters: object) -> Iterator[Row]:
        return self._connection.execute(_native(sql), parameters)

    def rows_of(self, sql: str, ids: Sequence[int] | Sequence[str], **parameters: object) -> list[Row]:
        listed = sql.replace("{ids}", "(SELECT value FROM json_each(:ids))")
        return self.rows(listed, ids=json.dumps(ids), **parameters)

    def note(self, sql: str, ids: Sequence[int], **parameters: object) -> None:
        self.rows_of(sql, ids, **parameters)

    def rows_by_key(self, sql: str, keys: Sequence[bytes]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[start : start + KEYS_AT_ONCE]
            listed = sql.replace("{keys}", f"({', '.join('?' * len(some))})")
            found += self._connection.execute(listed, some)
        return found

    def new_ids(self, table: str, count: int) -> range:
        # BEGIN IMMEDIATE holds every other writer off, so the next numbers are ours.
        ((last,),) = self.rows(LAST_ID[table])
        return range(last + 1, last + 1 + count)

    def many(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(sql, parameters)


class SqliteLedger(Ledger):
    """A ledger in one file."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self.path = path
        self.name = f"SQLite {sqlite3.sqlite_version} (WAL, FULL), schema {migrate.SCHEMA}, {path.name}"
        self.aside = Aside(path.with_name(path.name + ".aside"))
        self._connections = Connections(lambda: _connect(path))
        with self.read() as tx:
            meta: dict[str, str] = dict(tx.rows("SELECT name, value FROM meta"))
        self.id = meta["id"]
        self.vault, self._secret = unlock(meta["secret"], keys, path.name)

    @contextmanager
    def write(self) -> Iterator[SqliteTransaction]:
        with _faults(self.path), self._connections.used() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(connection, self)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[SqliteTransaction]:
        with _faults(self.path), self._connections.used() as connection:
            connection.execute("BEGIN")
            try:
                yield SqliteTransaction(connection, self)
            finally:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")

    @contextmanager
    def dispatching(self) -> Iterator[None]:
        with lock(self.path) as ours:
            if not ours:
                raise LedgerBusy("another run is sending from {ledger}; this one did nothing", ledger=self.path)
            yield

    def mark(self, generation: int) -> None:
        with _faults(self.path):
            stamp.write(self.path, self.id, generation)

    def scrub(self) -> None:
        # `secure_delete` has overwritten the cells; pages that were rebuilt, and the log, may hold them still.
        with _faults(self.path):
            connection = self._connections.mine()
            connection.execute("VACUUM")
            ((busy, _pages, _moved),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if busy:
                raise LedgerError(
                    "the ledger {path} is in use: traces of what was erased may stay in its log until it is not",
                    path=self.path,
                )

    def close(self) -> None:
        self._connections.close()


def open_sqlite(path: Path, keys: Keys) -> SqliteLedger:
    """Open the ledger at `path`; make it on the very first use.

    Raises:
        LedgerError: missing although it existed, damaged, of another schema, not writable.
    """
    _make_ready(path)
    return SqliteLedger(path, keys)


def upgrade(path: Path, *, dry_run: bool) -> int:
    """Bring the ledger at `path` to our schema, unless it is a `dry_run`; returns the schema that stood (0: none).

    Raises:
        LedgerError: it cannot be used, or was written by a newer program.
        LedgerBusy: somebody is sending from it.
    """
    found = 0
    if path.exists():
        with _faults(path):
            _recognize(path)
            with closing(_connect(path)) as connection:
                found = migrate.version(connection)
        migrate.refuse_newer(path, found)
    if not dry_run:
        _make_ready(path)
    return found


def _make_ready(path: Path) -> None:
    """There is a ledger at `path`, it is ours, and of our schema."""
    refuse_network(path)
    # In this order: another process may be making the ledger, which gets its stamp later.
    existed = stamp.path_of(path).exists()
    if not path.exists():
        _create(path, existed=existed)
    with _faults(path):
        _recognize(path)
        connection = _connect(path)
        try:
            _examine(connection, path)
        finally:
            connection.close()


def _create(path: Path, *, existed: bool) -> None:
    if existed and (moved := next(path.parent.glob(f"{path.name}.moved-*"), None)):
        raise LedgerError(
            "the ledger {path} was moved to a database of its own, and is kept as {kept} only to look back: name that "
            "database under ledger: in notigate.yaml",
            path=path,
            kept=moved.name,
        )
    if existed:
        raise LedgerError(
            "the ledger {path} is missing, but {stamp} shows that it existed. Restore it from a backup: with a new one "
            "everything would be sent again. To start anew on purpose, delete {stamp} too",
            path=path,
            stamp=stamp.path_of(path).name,
        )
    # Made whole under another name, so that neither a kill nor a full disk leaves something that looks like a ledger.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with _faults(path):
        try:
            _make(draft)
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            for suffix in ("", "-wal", "-shm"):
                draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _make(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(_connect(path)) as connection:
        migrate.migrate(connection, {"id": secrets.token_hex(8), "secret": secrets.token_hex(32), "generation": "0"})
        # To close is to do the same, but in silence when it fails: on a full disk the file would stay empty.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _recognize(path: Path) -> None:
    """Refuse what is no ledger before SQLite opens it: to ask for WAL is to write."""
    with path.open("rb") as file:
        header = file.read(72)
    if not header.startswith(b"SQLite format 3\0") or int.from_bytes(header[68:72], "big") != migrate.APPLICATION:
        raise LedgerError(
            "{path} is not a ledger of notigate. Restore the ledger from a backup; it is never made anew over a file",
            path=path,
        )


def _connect(path: Path) -> sqlite3.Connection:
    """Raises `sqlite3.Error`; also when a promise of `PRAGMAS` is not kept."""
    # Each is used by one thread; but whoever closes the ledger, or is there when a thread is forgotten, closes it.
    connection = sqlite3.connect(
        path.resolve().as_uri() + "?mode=rw",
        uri=True,
        isolation_level=None,
        timeout=BUSY_MS / 1000,
        check_same_thread=False,
    )
    try:
        _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    for name, wanted in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        (kept,) = connection.execute(f"PRAGMA {name}").fetchone()
        if kept != wanted:
            raise sqlite3.NotSupportedError(f"{name} is {kept}, not {wanted}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")


def _examine(connection: sqlite3.Connection, path: Path) -> None:
    standing = migrate.version(connection)
    migrate.refuse_newer(path, standing)
    stamped = stamp.read(path)
    meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    stamp.check(path, stamped, meta["id"], int(meta["generation"]))
    if standing < migrate.SCHEMA:
        _migrate(connection, path)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Migrate while nobody dispatches."""
    end = time.monotonic() + FREE
    while migrate.version(connection) < migrate.SCHEMA:
        with lock(path) as ours:
            if ours:
                migrate.migrate(connection, {})
            elif time.monotonic() > end:
                raise migrate.in_use(path)
        time.sleep(LOOK)


@contextmanager
def lock(path: Path) -> Iterator[bool]:
    """The dispatcher's lock, if nobody has it; it dies with its process."""
    with _faults(path):
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Tell what went wrong in the store as a `LedgerError` with the way out."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a fault of our own statements: nobody's file is to blame
    except sqlite3.Error as fault:
        raise _told(fault, path) from fault
    except OSError as fault:
        raise LedgerError(
            "the ledger {path} cannot be used: {fault}", path=path, fault=fault.strerror or fault
        ) from fault


def _told(fault: sqlite3.Error, path: Path) -> LedgerError:
    code: str = getattr(fault, "sqlite_errorname", "")
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return LedgerError(
            "the ledger {path} is damaged ({fault}); it was not touched. Restore it from a backup",
            path=path,
            fault=fault,
        )
    if code.startswith("SQLITE_FULL"):
        return LedgerError(
            "the disk is full: the ledger {path} takes no more; free some space and run it again", path=path
        )
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LedgerError("the ledger {path} is locked by another program; close it and run this again", path=path)
    return LedgerError("the ledger {path} cannot be used: {fault}", path=path, fault=fault)
