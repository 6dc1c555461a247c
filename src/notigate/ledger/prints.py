"""What a report said when it was first printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from notigate.ledger.store import Ledger, known, to_ms

KEEP = "INSERT INTO report (name, printed, totals) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING"
FIRST = "SELECT printed, totals FROM report WHERE name = :name"


def first(ledger: Ledger, name: str) -> tuple[datetime, Mapping[str, int]] | None:
    """When the report of a span was first printed, and its totals then; None when it never was."""
    with ledger.read() as tx:
        found = tx.one(FIRST, name=name)
    return None if found is None else (known(found[0]), json.loads(found[1]))


def keep(ledger: Ledger, name: str, totals: Mapping[str, int], now: datetime) -> None:
    """Remember this as the first print, unless there is one."""
    with ledger.write() as tx:
        tx.many(KEEP, [(name, to_ms(now), json.dumps(totals))])
