"""All that the ledger knows of a span of business days, as auditors ask for it; streamed, in one consistent view."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from notigate.ledger import rows
from notigate.ledger.history import Event, Story, Try
from notigate.ledger.store import Ledger, Row, Transaction, from_ms, known

NUMBER = "SELECT coalesce(sum(n), 0) FROM tally WHERE day BETWEEN :first AND :last"
DELIVERIES = f"""
SELECT {rows.COLUMNS}, (SELECT name FROM batch WHERE batch.id = delivery.batch) FROM delivery
 WHERE day BETWEEN :first AND :last ORDER BY id
"""  # noqa: S608 - names of ours
EVENTS = "SELECT delivery, version, at, state, cause FROM event WHERE delivery IN {ids} ORDER BY delivery, version"
ATTEMPTS = """
SELECT a.delivery, a.number, c.reference, c.started, a.ended, a.status, a.reason, a.detail, a.provider_id
  FROM attempt a JOIN call c ON c.id = a.call
 WHERE a.delivery IN {ids} ORDER BY a.delivery, a.number
"""
DECISIONS = """
SELECT b.name, b.occasion, b.day, d.at, d.word, d.who, d.login, d.digest, d.because
  FROM decision d JOIN batch b ON b.id = d.batch
 WHERE b.day BETWEEN :first AND :last ORDER BY d.batch, d.number
"""
#: deliveries whose past is asked for at once
SOME = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery with its past. How many others shared a call is not counted: they bear the same reference."""

    story: Story
    #: what it was approved or refused with; empty where nobody was asked
    batch: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One word that was said on a batch, or what was done with it."""

    batch: str
    occasion: str
    day: date
    #: business time
    at: datetime
    #: a `batch.Word`
    word: str
    #: as they said, and the user of the machine
    who: str
    login: str
    #: of what it was said
    digest: str
    because: str


def number(ledger: Ledger, first: date, last: date) -> int:
    """How many deliveries `first` to `last`, both included, have."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(NUMBER, first=first.isoformat(), last=last.isoformat())
    return int(n)


def extract(ledger: Ledger, first: date, last: date) -> Iterator[Entry | Decision]:
    """The deliveries of `first` to `last`, both included, in the order of their numbers; then what was decided on them."""
    span = {"first": first.isoformat(), "last": last.isoformat()}
    with ledger.read() as tx:
        found = tx.stream(DELIVERIES, **span)
        while some := list(islice(found, SOME)):
            yield from _entries(tx, some)
        for name, occasion, day, at, *said in tx.stream(DECISIONS, **span):
            yield Decision(name, occasion, date.fromisoformat(day), known(at), *said)


def _entries(tx: Transaction, some: Sequence[Row]) -> Iterator[Entry]:
    ids = [row[0] for row in some]
    events, tries = defaultdict[int, list[Event]](list), defaultdict[int, list[Try]](list)
    for id_, version, at, state, cause in tx.rows_of(EVENTS, ids):
        events[id_].append(Event(version, known(at), state, cause))
    for id_, nth, reference, started, ended, status, reason, detail, provider_id in tx.rows_of(ATTEMPTS, ids):
        answer = (status or "", reason or "", detail or "", provider_id or "")
        tries[id_].append(Try(nth, reference, known(started), from_ms(ended), *answer))
    read = rows.Reader(tx.vault)
    for row in some:
        delivery, batch = read(row[:-1]), row[-1]
        yield Entry(Story(delivery, tuple(events[delivery.id]), tuple(tries[delivery.id])), batch or "")
