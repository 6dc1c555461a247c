"""Copies of an embedded ledger: taken while it is in use, checked before they are trusted, put back on purpose only."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from notigate.errors import LedgerBusy, LedgerError, UsageError
from notigate.ledger import migrate, stamp
from notigate.ledger.sqlite_file import lock, refuse_moved


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy holds."""

    file: Path
    #: of the ledger it was taken from
    identity: str
    #: runs that it knows of
    generation: int
    deliveries: int


def take(ledger: Path, to: Path, *, keep: bool = True) -> Copy:
    """Copy the ledger as it stands now, consistent, also while a run sends; readable by its owner alone.

    Without `keep`, the copy is checked like any other, and taken away again.

    Raises:
        UsageError: there is something at `to` already, or it cannot be written.
        LedgerError: the copy is damaged; it is not kept.
    """
    if to.exists():
        raise UsageError("{file} is there already; a backup never replaces another", file=to)
    draft = to.with_name(f".{to.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(_open(ledger)) as source, closing(sqlite3.connect(draft, isolation_level=None)) as target:
            source.backup(target, pages=1000)
            target.execute("PRAGMA journal_mode = DELETE")
        copy = inspect(draft)
        if keep:
            draft.rename(to)
    except (OSError, sqlite3.Error) as fault:
        raise UsageError("{file} cannot be written: {why}", file=to, why=fault) from fault
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return Copy(to, copy.identity, copy.generation, copy.deliveries)


def inspect(file: Path) -> Copy:
    """Is this a sound copy of a ledger, and of which?

    Raises:
        UsageError: there is no such file.
        LedgerError: it is no ledger, or damaged.
    """
    if not file.is_file():
        raise UsageError("there is no file {file}", file=file)
    try:
        with closing(_open(file)) as copy:
            ((told,),) = copy.execute("PRAGMA integrity_check(1)").fetchall()
            ((application,),) = copy.execute("PRAGMA application_id").fetchall()
            if told != "ok" or application != migrate.APPLICATION:
                raise LedgerError("{file} is damaged, or no ledger: {why}", file=file, why=told)
            meta: dict[str, str] = dict(copy.execute("SELECT name, value FROM meta").fetchall())
            ((deliveries,),) = copy.execute("SELECT count(*) FROM delivery").fetchall()
    except sqlite3.Error as fault:
        raise LedgerError("{file} is damaged, or no ledger: {why}", file=file, why=fault) from fault
    return Copy(file, meta["id"], int(meta["generation"]), int(deliveries))


def missing_runs(ledger: Path, copy: Copy) -> int | None:
    """How many runs, known by the stamp beside the ledger, the copy does not know; None: the stamp tells nothing of it."""
    stamped = stamp.read(ledger)
    if stamped is None or stamped[0] != copy.identity:
        return None
    return max(0, stamped[1] - copy.generation)


def put_back(copy: Copy, ledger: Path) -> Path | None:
    """Make the copy the ledger; returns where the one that stood there is kept now.

    Raises:
        LedgerBusy: a run is sending.
        LedgerError: it cannot be written, or was moved to a server; the ledger that stood there is untouched.
    """
    with lock(ledger) as ours:
        if not ours:
            raise LedgerBusy("another run is sending from {ledger}; this one did nothing", ledger=ledger)
        if not ledger.exists():
            refuse_moved(ledger)
        draft = ledger.with_name(f".{ledger.name}.{secrets.token_hex(4)}")
        try:
            _copied(copy.file, draft)
            kept = put_aside(ledger, "before")
            draft.rename(ledger)
            stamp.write(ledger, copy.identity, copy.generation)
        except (OSError, sqlite3.Error) as fault:
            raise LedgerError("the ledger {path} cannot be written: {why}", path=ledger, why=fault) from fault
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    return kept


def _copied(file: Path, draft: Path) -> None:
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(_open(file)) as source, closing(sqlite3.connect(draft, isolation_level=None)) as target:
        source.backup(target)


def put_aside(ledger: Path, why: str) -> Path | None:
    """Rename it to `notigate.db.WHY-…`; returns its new place, None where there is none.

    Also what stands beside it: a log, or answers kept aside, must never meet the file of another ledger.
    """
    if not ledger.exists():
        return None
    kept = ledger.with_name(f"{ledger.name}.{why}-{secrets.token_hex(4)}")
    for suffix in ("-wal", "-shm", ".aside", ""):
        beside = ledger.with_name(ledger.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))
    return kept


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
