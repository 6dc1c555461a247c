"""All SQL: tables, plan, claim, settle, questions, migrations. Rows never leave this folder; values do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.errors import ConfigError, UsageError
from notigate.ledger.store import Ledger
from notigate.ledger.vault import Keys

if TYPE_CHECKING:
    from notigate.ledger.postgres.arrival import Moved
    from notigate.model import Secret


def open_ledger(url: str, key: Secret | None = None, before: Secret | None = None) -> Ledger:
    """Open the ledger that `sqlite:///path` or `postgresql://host/database` names; made on the very first use.

    With a `key`, addresses and texts are sealed with it; a ledger that was not sealed yet, or with the key `before`, is
    sealed now.

    Raises:
        LedgerError: it cannot be used, or not with this key (see `notigate.ledger.sqlite` and `notigate.ledger.postgres`).
        ConfigError: no such kind of ledger, its driver is missing, or this is no key.
        LedgerBusy: it is to be sealed, and a run is sending.
    """
    ledger = _store(url, Keys(key, before))
    if ledger.vault is not None:
        from notigate.ledger.sealing import seal  # noqa: PLC0415 - only for those who seal

        try:
            seal(ledger, ledger.vault)
        except BaseException:
            ledger.close()
            raise
    return ledger


def _store(url: str, keys: Keys) -> Ledger:
    if path := _file(url):
        from notigate.ledger.sqlite import open_sqlite  # noqa: PLC0415 - only the store that is used is imported

        return open_sqlite(path, keys)
    with _driver():
        from notigate.ledger.postgres import PostgresLedger  # noqa: PLC0415 - the driver takes 0.2 s to import
    return PostgresLedger(url, keys)


def upgrade(url: str, *, dry_run: bool = False) -> tuple[int, int]:
    """Bring a ledger to the schema that this program writes; a `dry_run` only looks.

    Returns:
        The schema that stood (0: there was no ledger), and ours.

    Raises:
        LedgerError: it cannot be used, or was written by a newer program.
        LedgerBusy: somebody is sending from it; nothing was changed.
        ConfigError: as for `open_ledger`.
    """
    from notigate.ledger.migrate import SCHEMA  # noqa: PLC0415 - asked for by hand, once in a while

    if path := _file(url):
        from notigate.ledger import sqlite  # noqa: PLC0415 - only the store that is used is imported

        return sqlite.upgrade(path, dry_run=dry_run), SCHEMA
    with _driver():
        from notigate.ledger import postgres  # noqa: PLC0415 - the driver takes 0.2 s to import
    return postgres.upgrade(url, dry_run=dry_run), SCHEMA


def move(url: str, to: str, *, dry_run: bool = False) -> Moved:
    """Move the ledger in a file that `url` names to the PostgreSQL database at `to`; see `notigate.ledger.postgres.arrival`.

    Raises:
        UsageError: it is on a server already, or `to` is no server.
        NotigateError: it cannot be; nothing was changed.
    """
    path = _file(url)
    if path is None or _file(to) is not None:
        raise UsageError("a ledger can be moved from a file to PostgreSQL, not otherwise")
    with _driver():
        from notigate.ledger.postgres import arrival  # noqa: PLC0415 - the driver takes 0.2 s to import
    return arrival.move(path, to, dry_run=dry_run)


def _file(url: str) -> Path | None:
    """The file of a ledger in a file; None where a server keeps it."""
    scheme, _, path = url.partition("://")
    if scheme == "sqlite" and path.strip("/") and path.startswith("/"):
        return Path(path[1:])
    if scheme in ("postgresql", "postgres") and path:
        return None
    shown = f"{scheme}://…" if path else url  # what follows may hold a password
    raise ConfigError(
        "ledger: {url!r} is not a ledger; write sqlite:///notigate.db or postgresql://user:password@host/database",
        url=shown,
    )


@contextmanager
def _driver() -> Iterator[None]:
    try:
        yield
    except ImportError as missing:
        raise ConfigError("ledger: PostgreSQL needs its driver: pip install 'notigate[postgres]'") from missing
