"""All SQL: tables, plan, claim, settle, questions, migrations. Rows never leave this folder; values do."""

from __future__ import annotations

from pathlib import Path

from notigate.errors import ConfigError
from notigate.ledger.store import Ledger


def open_ledger(url: str) -> Ledger:
    """Open the ledger that `sqlite:///path` names; made on the very first use.

    Raises:
        LedgerError: it cannot be used (see `notigate.ledger.sqlite`).
        ConfigError: no such kind of ledger.
    """
    scheme, _, path = url.partition(":///")
    if scheme == "sqlite" and path:
        from notigate.ledger.sqlite import open_sqlite  # noqa: PLC0415 - only the store that is used is imported

        return open_sqlite(Path(path))
    raise ConfigError("ledger: {url!r} is not a ledger; write sqlite:///notigate.db", url=url)
