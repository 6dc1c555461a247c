"""Take personal data out of deliveries. What stays: that something was sent, what came of it, the counts, the promise of once.

Address, text, provider's id and details go; the person's id becomes a name that leads to nobody, the same for all that was
theirs. Erased deliveries are never sent, asked about or repeated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING

from notigate.ledger import remembered, rows

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger, Transaction
    from notigate.model import Delivery

#: in front of what stands for a person who was erased
NAMELESS = "erased-"

OF_PERSON = f"SELECT {rows.COLUMNS} FROM delivery WHERE person IN {{ids}} ORDER BY id"  # noqa: S608 - names of ours
OF_ADDRESS = f"SELECT {rows.COLUMNS} FROM delivery WHERE address = :address ORDER BY id"  # noqa: S608 - names of ours
OF_STAFF = f"""
SELECT {rows.COLUMNS} FROM delivery WHERE category = 'staff' AND content IS NOT NULL ORDER BY id
"""  # noqa: S608 - names of ours
OLD = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE id > :after AND category = coalesce(:category, category) AND occasion = coalesce(:occasion, occasion) AND day < :before
   AND person NOT LIKE '{NAMELESS}%' AND NOT ({rows.WAITING}) AND NOT {rows.IN_HAND}
 ORDER BY id LIMIT :limit
"""  # noqa: S608 - names of ours
BLANK = """
UPDATE delivery SET person = ?, address = '', content = NULL, digest = ?, provider_id = NULL, detail = '' WHERE id = ?
"""
LISTS = "SELECT id, left_out FROM batch WHERE left_out <> '{}'"
LIST = "UPDATE batch SET left_out = :left_out WHERE id = :id"
TEXT = "UPDATE delivery SET content = NULL, digest = ? WHERE id = ?"
ATTEMPTS = "UPDATE attempt SET provider_id = NULL, detail = '' WHERE delivery = ?"


def of_people(ledger: Ledger, people: Sequence[str]) -> list[Delivery]:
    """All deliveries to these persons' ids."""
    with ledger.read() as tx:
        return list(map(rows.Reader(tx.vault), tx.rows_of(OF_PERSON, people)))


def of_address(ledger: Ledger, address: str) -> list[Delivery]:
    """All deliveries to this address, whoever's it is."""
    with ledger.read() as tx:
        return list(map(rows.Reader(tx.vault), tx.rows(OF_ADDRESS, address=ledger.kept_address(address))))


def naming(ledger: Ledger, words: Iterable[str]) -> list[int]:
    """Messages to our own people whose text names a customer by one of these words."""
    wanted = [word for word in words if word]
    with ledger.read() as tx:
        found = list(map(rows.Reader(tx.vault), tx.stream(OF_STAFF)))
    return [d.id for d in found if d.content and any(word in rows.encode(d.content) for word in wanted)]


def old(  # noqa: PLR0913 - one a condition
    ledger: Ledger, *, category: str | None, occasion: str | None, before: date, after: int, limit: int
) -> list[Delivery]:
    """Some settled deliveries of a class that were due before a day, from behind id `after` on."""
    with ledger.read() as tx:
        found = tx.rows(OLD, category=category, occasion=occasion, before=before.isoformat(), after=after, limit=limit)
        return list(map(rows.Reader(tx.vault), found))


def blank(ledger: Ledger, tx: Transaction, deliveries: Sequence[Delivery], salt: bytes) -> None:
    """Take the people out of them; with a `salt` that is thrown away, nobody can go back from what stands for a person."""
    digest = ledger.fingerprint("")
    remembered.forget(tx)
    tx.many(BLANK, [(_nameless(d.person, salt), digest, d.id) for d in deliveries])
    tx.many(ATTEMPTS, [(d.id,) for d in deliveries])


def blank_lists(tx: Transaction, people: Iterable[str]) -> None:
    """Take them out of what batches tell of those who were left out."""
    gone = frozenset(people)
    for batch, left_out in tx.rows(LISTS):
        told = {
            rule: [n, [one for one in named if one not in gone]] for rule, (n, named) in json.loads(left_out).items()
        }
        kept = json.dumps(told, ensure_ascii=False)
        if kept != left_out:
            tx.rows(LIST, id=batch, left_out=kept)


def blank_texts(ledger: Ledger, tx: Transaction, ids: Sequence[int]) -> None:
    """Take the texts away, and leave all else."""
    tx.many(TEXT, [(ledger.fingerprint(""), id_) for id_ in ids])


def _nameless(person: str, salt: bytes) -> str:
    if person.startswith(NAMELESS):
        return person
    return NAMELESS + blake2b(person.encode(), digest_size=8, key=salt).hexdigest()
