"""Seal a ledger that was kept open, or sealed with another key, until now: its secret at once, then its rows, some at a time.

A kill in the middle leaves a ledger that is sealed in part; it reads as before, and the next opening goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.errors import LedgerBusy, LedgerError

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger, Transaction
    from notigate.ledger.vault import Vault

#: rows changed in one transaction
SOME = 1000
#: of the table `meta`: it stands there until every row is sealed
BEGUN = "sealing"

META = "SELECT name, value FROM meta WHERE name = 'secret' OR name = :begun"
WRAP = "UPDATE meta SET value = :sealed WHERE name = 'secret'"
BEGIN = "INSERT INTO meta (name, value) VALUES (:begun, '1') ON CONFLICT DO NOTHING"
END = "DELETE FROM meta WHERE name = :begun"
DELIVERIES = "SELECT id, address, content FROM delivery WHERE id > :after ORDER BY id LIMIT :limit {locked}"
DELIVERY = "UPDATE delivery SET address = ?, content = ?, digest = ? WHERE id = ?"
PREFERENCES = "SELECT id, proof FROM preference WHERE id > :after ORDER BY id LIMIT :limit {locked}"
PREFERENCE = "UPDATE preference SET proof = ? WHERE id = ?"
FACTS = "SELECT id, content FROM fact WHERE id > :after ORDER BY id LIMIT :limit {locked}"
FACT = "UPDATE fact SET content = ? WHERE id = ?"


def seal(ledger: Ledger, vault: Vault) -> None:
    """Seal what is not sealed yet, and anew what is sealed with the key before.

    Raises:
        LedgerBusy: there is something to seal, and a run is sending.
        LedgerError: it could not be written; or what was begun with the key before cannot go on without it.
    """
    with ledger.read() as tx:
        meta: dict[str, str] = dict(tx.rows(META, begun=BEGUN))
    done = vault.is_own(meta["secret"])
    if done and BEGUN not in meta:
        return
    with ledger.dispatching():
        if ledger.dispatched_elsewhere():
            raise LedgerBusy(
                "others are sending from {ledger}, which is to be sealed; let them end first", ledger=ledger.name
            )
        if not done:
            with ledger.write() as tx:
                tx.rows(WRAP, sealed=vault.seal(vault.open(meta["secret"])))
                tx.rows(BEGIN, begun=BEGUN)
        _seal_rows(ledger, vault)
        with ledger.write() as tx:
            tx.rows(END, begun=BEGUN)
        ledger.scrub()


def _seal_rows(ledger: Ledger, vault: Vault) -> None:
    for step in (_deliveries, _preferences, _facts):
        after: int | None = 0
        while after is not None:
            with ledger.write() as tx:
                after = step(ledger, vault, tx, after)


def _deliveries(ledger: Ledger, vault: Vault, tx: Transaction, after: int) -> int | None:
    """Seal some deliveries behind id `after`; returns the last one's, or None when there are no more."""
    found = tx.rows(DELIVERIES, after=after, limit=SOME)
    plain = [
        (id_, _opened(vault, address), content and _opened(vault, content))
        for id_, address, content in found
        if not vault.is_own(address or content or "")
    ]
    tx.many(
        DELIVERY,
        [
            (vault.seal_address(address), content and vault.seal(content), ledger.fingerprint(content or ""), id_)
            for id_, address, content in plain
        ],
    )
    return found[-1][0] if found else None


def _preferences(_ledger: Ledger, vault: Vault, tx: Transaction, after: int) -> int | None:
    """As `_deliveries`, of what people told us."""
    return _texts(vault, tx, after, PREFERENCES, PREFERENCE)


def _facts(_ledger: Ledger, vault: Vault, tx: Transaction, after: int) -> int | None:
    """As `_deliveries`, of what others told us."""
    return _texts(vault, tx, after, FACTS, FACT)


def _texts(vault: Vault, tx: Transaction, after: int, query: str, change: str) -> int | None:
    found = tx.rows(query, after=after, limit=SOME)
    plain = [(_opened(vault, text), id_) for id_, text in found if text and not vault.is_own(text)]
    tx.many(change, [(vault.seal(text), id_) for text, id_ in plain])
    return found[-1][0] if found else None


def _opened(vault: Vault, kept: str) -> str:
    try:
        return vault.open(kept)
    except LedgerError as fault:
        raise LedgerError(
            "the key of the ledger is being changed, and what was sealed before does not open: name the key that it had in "
            "notigate.yaml until all is sealed anew: ledger_key_before"
        ) from fault
