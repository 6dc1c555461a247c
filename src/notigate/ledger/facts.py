"""What other systems and clerks told: facts, each kept once under its kind and key."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from notigate.ledger.store import Ledger, Row, Transaction, from_ms, known, to_ms
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
#: who they are of stands in `target`, as JSON
OF_SOMEBODY = "SELECT id, target FROM fact WHERE target LIKE :somebody"
BLANK = "UPDATE fact SET key = ?, target = ?, content = ?, at = NULL, withdrawn = coalesce(withdrawn, ?) WHERE id = ?"
OLD = "SELECT count(*) FROM fact WHERE day < :before AND told_day < :before"
FORGET_OLD = "DELETE FROM fact WHERE day < :before AND told_day < :before"
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


def of_people(ledger: Ledger, people: Collection[str]) -> list[int]:
    """The numbers of all facts of these people, withdrawn or not."""
    with ledger.read() as tx:
        found = tx.rows(OF_SOMEBODY, somebody='%"id": %')
    return [id_ for id_, target in found if json.loads(target).get("id") in people]


def forget(ledger: Ledger, tx: Transaction, ids: Sequence[int], now: datetime) -> None:
    """Leave of these facts nothing but that there were some."""
    nobody = ledger.kept(_json({}))
    tx.many(BLANK, [(f"erased {id_}", _json({"id": ""}), nobody, to_ms(now), id_) for id_ in ids])


def older(ledger: Ledger, before: date) -> int:
    """How many facts are of days before that."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(OLD, before=before.isoformat())
    return int(n)


def forget_older(ledger: Ledger, before: date) -> None:
    """Forget the facts of days before that."""
    with ledger.write() as tx:
        tx.rows(FORGET_OLD, before=before.isoformat())


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
