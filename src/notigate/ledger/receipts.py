"""The carriers' words: who still waits for one, whom one is about, and which numbers are dead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from notigate.ledger import rows
from notigate.ledger.store import NEVER, Ledger, from_ms, to_ms
from notigate.model import Delivery, Reason

#: word for word as in the index `delivery_awaited`
IN_AWAITED = f"state = 'accepted' AND next_at < {NEVER}"
AWAITED = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE {IN_AWAITED} AND channel = :channel AND next_at <= :now AND content IS NOT NULL
 ORDER BY next_at, id LIMIT :limit
"""  # noqa: S608 - names of ours
AWAITING = f"SELECT count(*) FROM delivery WHERE {IN_AWAITED} AND channel = :channel AND next_at <= :now AND content IS NOT NULL"  # noqa: S608 - names of ours
PUT_OFF = "UPDATE delivery SET next_at = ? WHERE id = ? AND version = ?"
ATTEMPTS = """
SELECT c.reference, a.delivery, a.number FROM call c JOIN attempt a ON a.call = c.id WHERE c.reference IN {ids}
"""
PULLED = "SELECT value FROM meta WHERE name = :name"
PULL = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
#: later words count: a number that takes messages again is not dead
DEAD = f"""
SELECT {rows.COLUMNS} FROM delivery bad
 WHERE (state = 'failed' OR state = 'undelivered') AND reason = '{Reason.BAD_ADDRESS}'
   AND changed_at >= coalesce(:since, changed_at) AND address <> ''
   AND NOT EXISTS (SELECT 1 FROM delivery later
                    WHERE later.person = bad.person AND later.address = bad.address AND later.state = 'delivered'
                      AND later.changed_at > bad.changed_at)
 ORDER BY channel, address, person, changed_at, id
"""  # noqa: S608 - names of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """An address that took no message the last time, and not for a reason that goes away by itself."""

    person: str
    channel: str
    to: str = field(repr=False)
    #: how often, and when for the first and the last time
    times: int
    first: datetime
    last: datetime
    #: what was said the last time, and of which delivery
    detail: str
    delivery: int


def awaited(ledger: Ledger, channel: str, *, now: datetime, limit: int) -> list[Delivery]:
    """Deliveries of a channel that it is time to ask for; those that wait longest come first."""
    with ledger.read() as tx:
        found = tx.rows(AWAITED, channel=channel, now=to_ms(now), limit=limit)
        return list(map(rows.Reader(tx.vault), found))


def awaiting(ledger: Ledger, channel: str, *, now: datetime) -> int:
    """How many those are."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(AWAITING, channel=channel, now=to_ms(now))
    return int(n)


def put_off(ledger: Ledger, asked: Sequence[tuple[Delivery, datetime | None]]) -> None:
    """Ask for each again at its time, or (None) never; who was settled meanwhile stays as he is."""
    with ledger.write() as tx:
        tx.many(PUT_OFF, [(NEVER if at is None else to_ms(at), d.id, d.version) for d, at in asked])


def attempts(ledger: Ledger, references: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Delivery and number of each attempt made under these references."""
    found: dict[str, list[tuple[int, int]]] = {}
    with ledger.read() as tx:
        for reference, delivery, number in tx.rows_of(ATTEMPTS, references):
            found.setdefault(reference, []).append((delivery, number))
    return found


def pulled(ledger: Ledger, channel: str) -> datetime | None:
    """Real time until which a channel's list of receipts has been read."""
    with ledger.read() as tx:
        row = tx.one(PULLED, name=_name(channel))
    return from_ms(int(row[0])) if row else None


def note_pulled(ledger: Ledger, channel: str, until: datetime) -> None:
    """Remember it."""
    with ledger.write() as tx:
        tx.many(PULL, [(_name(channel), str(to_ms(until)))])


def _name(channel: str) -> str:
    return f"receipts of {channel}"


def dead(ledger: Ledger, *, since: datetime | None = None) -> Iterator[Dead]:
    """Addresses that were refused as bad, or not reached because nobody is there, and took nothing since; streamed."""
    with ledger.read() as tx:
        found = map(rows.Reader(tx.vault), tx.stream(DEAD, since=to_ms(since) if since else None))
        for (channel, to, person), group in groupby(found, key=lambda d: (d.channel, d.to, d.person)):
            every = list(group)
            yield Dead(
                person=person, channel=channel, to=to, times=len(every), first=every[0].changed_at,
                last=every[-1].changed_at, detail=every[-1].detail, delivery=every[-1].id,
            )  # fmt: skip
