"""Seal a ledger that was kept open until now: its secret at once, then what stands in it, some rows at a time.

A kill in the middle leaves a ledger that is sealed in part; it reads as before, and the next opening goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.ledger.vault import MARK

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger, Transaction

#: rows changed in one transaction
SOME = 1000
#: of the table `meta`: it stands there until every row is sealed
BEGUN = "sealing"

META = "SELECT name, value FROM meta WHERE name = 'secret' OR name = :begun"
WRAP = "UPDATE meta SET value = :sealed WHERE name = 'secret'"
BEGIN = "INSERT INTO meta (name, value) VALUES (:begun, '1')"
END = "DELETE FROM meta WHERE name = :begun"
DELIVERIES = "SELECT id, address, content FROM delivery WHERE id > :after ORDER BY id LIMIT :limit"
DELIVERY = "UPDATE delivery SET address = ?, content = ?, digest = ? WHERE id = ?"
PREFERENCES = "SELECT id, proof FROM preference WHERE id > :after ORDER BY id LIMIT :limit"
PREFERENCE = "UPDATE preference SET proof = ? WHERE id = ?"
FACTS = "SELECT id, content FROM fact WHERE id > :after ORDER BY id LIMIT :limit"
FACT = "UPDATE fact SET content = ? WHERE id = ?"


def seal(ledger: Ledger) -> None:
    """Seal what is not sealed yet.

    Raises:
        LedgerBusy: there is something to seal, and a run is sending.
        LedgerError: it could not be written.
    """
    with ledger.read() as tx:
        meta: dict[str, str] = dict(tx.rows(META, begun=BEGUN))
    if meta["secret"].startswith(MARK) and BEGUN not in meta:
        return
    with ledger.dispatching():
        if not meta["secret"].startswith(MARK):
            with ledger.write() as tx:
                tx.rows(WRAP, sealed=ledger.kept(meta["secret"]))
                tx.rows(BEGIN, begun=BEGUN)
        _seal_rows(ledger)
        with ledger.write() as tx:
            tx.rows(END, begun=BEGUN)
        ledger.scrub()


def _seal_rows(ledger: Ledger) -> None:
    for step in (_deliveries, _preferences, _facts):
        after: int | None = 0
        while after is not None:
            with ledger.write() as tx:
                after = step(ledger, tx, after)


def _deliveries(ledger: Ledger, tx: Transaction, after: int) -> int | None:
    """Seal some deliveries behind id `after`; returns the last one's, or None when there are no more."""
    found = tx.rows(DELIVERIES, after=after, limit=SOME)
    plain = [row for row in found if not (row[1] or row[2] or "").startswith(MARK)]
    tx.many(
        DELIVERY,
        [
            (ledger.kept_address(address), content and ledger.kept(content), ledger.fingerprint(content or ""), id_)
            for id_, address, content in plain
        ],
    )
    return found[-1][0] if found else None


def _preferences(ledger: Ledger, tx: Transaction, after: int) -> int | None:
    """As `_deliveries`, of what people told us."""
    return _texts(ledger, tx, after, PREFERENCES, PREFERENCE)


def _facts(ledger: Ledger, tx: Transaction, after: int) -> int | None:
    """As `_deliveries`, of what others told us."""
    return _texts(ledger, tx, after, FACTS, FACT)


def _texts(ledger: Ledger, tx: Transaction, after: int, query: str, change: str) -> int | None:
    found = tx.rows(query, after=after, limit=SOME)
    tx.many(change, [(ledger.kept(text), id_) for id_, text in found if text and not text.startswith(MARK)])
    return found[-1][0] if found else None
