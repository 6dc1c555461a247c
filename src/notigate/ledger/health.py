"""Is the ledger sound? Questions of `notigate doctor`; nothing here changes anything."""

from __future__ import annotations

from pathlib import Path

from notigate.ledger.store import Ledger

#: the integrity check that also finishes on a large ledger in reasonable time
CHECK = "PRAGMA quick_check(1)"
#: what a ledger on a server takes of it, with its indexes; the rest of the database is not ours
SERVED = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND c.relkind = 'r'
"""
#: what SQLite and we keep beside the file
BESIDE = ("", "-wal", "-shm", ".stamp", ".lock", ".aside")


def file_of(url: str) -> Path | None:
    """The file of a ledger in a file."""
    scheme, _, path = url.partition(":///")
    return Path(path) if scheme == "sqlite" else None


def files(file: Path) -> list[Path]:
    """The ledger's file and those beside it."""
    beside = (file.with_name(file.name + suffix) for suffix in BESIDE)
    return [path for path in beside if path.exists()]


def existed(file: Path) -> bool:
    """Was there a ledger once?"""
    return file.with_name(file.name + ".stamp").exists()


def size(ledger: Ledger, url: str) -> int:
    """Bytes of its files, or of its tables and indexes where a server keeps it."""
    file = file_of(url)
    if file is not None:
        return sum(path.stat().st_size for path in files(file))
    with ledger.read() as tx:
        ((served,),) = tx.rows(SERVED)
    return int(served)


def damage(ledger: Ledger) -> str:
    """What is damaged; empty when nothing is.

    Raises:
        LedgerError: it cannot be read at all.
    """
    with ledger.read() as tx:
        ((told,),) = tx.rows(CHECK)
    return "" if told == "ok" else str(told)
