"""The file of an embedded ledger: made whole or not at all, recognized before it is touched, of mode 0600, and locked.

A missing or damaged ledger is never recreated silently: that would send everything again. Beside `notigate.db` stands
`notigate.db.stamp` with the ledger's id; a stamp without a ledger is an error.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from notigate.errors import LedgerError
from notigate.ledger import migrate, stamp
from notigate.ledger.mounts import refuse_network

BUSY_MS = 10_000
#: seconds that a ledger of an older schema is waited for, and between looks: another may be migrating it just now
FREE, LOOK = 0.5, 0.02
#: read back at opening: a file system or an odd build may refuse them in silence
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0}
#: these two are a matter of speed alone, and not checked
CACHE_KB = 16_384
#: pages in the log before they are put into the file: a message's page changes four times on its way, and is put there once
LOG_PAGES = 4_000


def make_ready(path: Path) -> None:
    """Make sure that there is a ledger at `path`, that it is ours, and of our schema.

    Raises:
        LedgerError: as `open_sqlite`.
    """
    refuse_network(path)
    # In this order: another process may be making the ledger, which gets its stamp later.
    existed = stamp.path_of(path).exists()
    if not path.exists():
        _create(path, existed=existed)
    with faults(path):
        recognize(path)
        connection = connect(path)
        try:
            _examine(connection, path)
        finally:
            connection.close()


def _create(path: Path, *, existed: bool) -> None:
    if existed:
        refuse_moved(path)
        raise LedgerError(
            "the ledger {path} is missing, but {stamp} shows that it existed. Restore it from a backup: with a new one "
            "everything would be sent again. To start anew on purpose, delete {stamp} too",
            path=path,
            stamp=stamp.path_of(path).name,
        )
    # Made whole under another name, so that neither a kill nor a full disk leaves something that looks like a ledger.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with faults(path):
        try:
            _make(draft)
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            for suffix in ("", "-wal", "-shm"):
                draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def refuse_moved(path: Path) -> None:
    """Refuse a place from which the ledger was moved to a server.

    Raises:
        LedgerError: it was.
    """
    for moved in path.parent.glob(f"{path.name}.moved-*"):
        raise LedgerError(
            "the ledger {path} was moved to a database of its own, and is kept as {kept} only to look back: name that "
            "database under ledger: in notigate.yaml",
            path=path,
            kept=moved.name,
        )


def _make(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(connect(path)) as connection:
        migrate.migrate(connection, {"id": secrets.token_hex(8), "secret": secrets.token_hex(32), "generation": "0"})
        # To close is to do the same, but in silence when it fails: on a full disk the file would stay empty.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def recognize(path: Path) -> None:
    """Refuse what is no ledger before SQLite opens it: to ask for WAL is to write.

    Raises:
        LedgerError: it is none.
    """
    with path.open("rb") as file:
        header = file.read(72)
    if not header.startswith(b"SQLite format 3\0") or int.from_bytes(header[68:72], "big") != migrate.APPLICATION:
        raise LedgerError(
            "{path} is not a ledger of notigate. Restore the ledger from a backup; it is never made anew over a file",
            path=path,
        )


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection that keeps the promises of `PRAGMAS`.

    Raises:
        sqlite3.Error: it cannot be opened, or one of them is not kept.
    """
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
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")


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
    with faults(path):
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
def faults(path: Path) -> Iterator[None]:
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
