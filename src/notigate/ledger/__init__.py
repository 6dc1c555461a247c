"""All SQL: tables, plan, claim, settle, questions, migrations. Rows never leave this folder; values do."""

from __future__ import annotations

from pathlib import Path

from notigate.errors import ConfigError
from notigate.ledger.store import Ledger


def open_ledger(url: str) -> Ledger:
    """Open the ledger that `sqlite:///path` or `postgresql://host/database` names; made on the very first use.

    Raises:
        LedgerError: it cannot be used (see `notigate.ledger.sqlite` and `notigate.ledger.postgres`).
        ConfigError: no such kind of ledger, or its driver is missing.
    """
    scheme, _, path = url.partition("://")
    if scheme == "sqlite" and path.strip("/") and path.startswith("/"):
        from notigate.ledger.sqlite import open_sqlite  # noqa: PLC0415 - only the store that is used is imported

        return open_sqlite(Path(path[1:]))
    if scheme in ("postgresql", "postgres") and path:
        return _open_postgres(url)
    shown = f"{scheme}://…" if path else url  # what follows may hold a password
    raise ConfigError(
        "ledger: {url!r} is not a ledger; write sqlite:///notigate.db or postgresql://user:password@host/database",
        url=shown,
    )


def _open_postgres(url: str) -> Ledger:
    try:
        from notigate.ledger.postgres import PostgresLedger  # noqa: PLC0415 - the driver takes 0.2 s to import
    except ImportError as missing:
        raise ConfigError("ledger: PostgreSQL needs its driver: pip install 'notigate[postgres]'") from missing
    return PostgresLedger(url)
