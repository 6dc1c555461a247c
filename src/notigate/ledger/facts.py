"""What other systems and clerks told: facts, each kept once under its kind and key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from notigate.ledger.store import Ledger, Row, from_ms, known, to_ms
from notigate.moments import Fact

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

COLUMNS = "kind, key, target, day, at, content, told_at"
TELL = """
INSERT INTO fact (id, kind, key, target, day, at, content, told_day, told_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
STANDING = f"SELECT {COLUMNS} FROM fact WHERE kind = :kind AND key = :key AND withdrawn IS NULL"  # noqa: S608 - names of ours
LIST = f"""
SELECT {COLUMNS} FROM fact
 WHERE withdrawn IS NULL AND kind = coalesce(:kind, kind) AND day >= coalesce(:since, day)
 ORDER BY day, id
"""  # noqa: S608 - names of ours
DUE = f"""
SELECT {COLUMNS} FROM fact
 WHERE kind = :kind AND withdrawn IS NULL AND (day BETWEEN :first AND :last OR told_day = :told)
   AND NOT EXISTS (SELECT 1 FROM fact other
                    WHERE other.kind = :unless AND other.key = fact.key AND other.withdrawn IS NULL)
 ORDER BY id
"""  # noqa: S608 - names of ours
WITHDRAW = "UPDATE fact SET withdrawn = :now WHERE kind = :kind AND key = :key AND withdrawn IS NULL"


def tell(ledger: Ledger, fact: Fact, zone: tzinfo) -> Fact:
    """Keep a fact; returns the one that stands under its kind and key, which may have stood already."""
    with ledger.write() as tx:
        (id_,) = tx.new_ids("fact", 1)
        tx.many(TELL, [_row(ledger, id_, fact, zone)])
        (row,) = tx.rows(STANDING, kind=fact.kind, key=fact.key)
    return _fact(ledger, row)


def standing(ledger: Ledger, kind: str, key: str) -> Fact | None:
    """The fact of that kind and key; None when it was never told, or withdrawn."""
    with ledger.read() as tx:
        row = tx.one(STANDING, kind=kind, key=key)
    return None if row is None else _fact(ledger, row)


def told(ledger: Ledger, kind: str | None = None, since: date | None = None) -> list[Fact]:
    """The facts that stand, by their days."""
    with ledger.read() as tx:
        found = tx.rows(LIST, kind=kind, since=since.isoformat() if since else None)
    return [_fact(ledger, row) for row in found]


def due(ledger: Ledger, kind: str, days: tuple[date, date], told_on: date, unless: str = "") -> Sequence[Fact]:
    """Facts of a kind that happen on one of `days` (both ends included) or were told on a day.

    Those are left out of which there is a fact of the kind `unless` with the same key.
    """
    first, last = (day.isoformat() for day in days)
    with ledger.read() as tx:
        found = tx.rows(DUE, kind=kind, first=first, last=last, told=told_on.isoformat(), unless=unless)
    return [_fact(ledger, row) for row in found]


def withdraw(ledger: Ledger, kind: str, key: str, now: datetime) -> None:
    """It does not hold: nothing more comes of it."""
    with ledger.write() as tx:
        tx.rows(WITHDRAW, kind=kind, key=key, now=to_ms(now))


def _row(ledger: Ledger, id_: int, fact: Fact, zone: tzinfo) -> tuple[object, ...]:
    told_day = fact.told_at.astimezone(zone).date().isoformat()
    return (
        id_, fact.kind, fact.key, _json(fact.target), fact.day.isoformat(), to_ms(fact.at) if fact.at else None,
        ledger.kept(_json(fact.values)), told_day, to_ms(fact.told_at),
    )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _fact(ledger: Ledger, row: Row) -> Fact:
    kind, key, target, day, at, content, told_at = row
    return Fact(
        kind=kind,
        key=key,
        target=json.loads(target),
        day=date.fromisoformat(day),
        at=from_ms(at),
        values=json.loads(ledger.vault.open(content) if ledger.vault else content),
        told_at=known(told_at),
    )
