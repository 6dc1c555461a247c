"""The whole story of one delivery: every change, every attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notigate.ledger import questions
from notigate.ledger.store import Ledger, from_ms, known
from notigate.model import Delivery

EVENTS = "SELECT version, at, state, cause FROM event WHERE delivery = :delivery ORDER BY version"
ATTEMPTS = """
SELECT a.number, c.reference, c.started, a.ended, a.status, a.reason, a.detail, a.provider_id,
       (SELECT count(*) FROM attempt other WHERE other.call = a.call)
  FROM attempt a JOIN call c ON c.id = a.call
 WHERE a.delivery = :delivery ORDER BY a.number
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state."""

    #: counts the changes, from 1
    version: int
    #: business time
    at: datetime
    #: the new state
    state: str
    #: what brought it about: a command, a provider's answer, a person
    cause: str


@dataclass(frozen=True, slots=True)
class Try:
    """One request to the provider that this delivery was in."""

    number: int
    #: what was handed out for this call
    reference: str
    #: real times; no end where no answer was recorded
    started: datetime
    ended: datetime | None
    #: `accepted`, `busy`, `refused` or `unknown`; empty while there is no answer
    status: str
    reason: str
    #: the provider's code, and our words for it
    detail: str
    provider_id: str
    #: deliveries in the same call; 0 where they were not counted
    company: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One delivery with its past, the oldest first."""

    delivery: Delivery
    events: tuple[Event, ...]
    tries: tuple[Try, ...]


def story(ledger: Ledger, delivery: int) -> Story | None:
    """All that the ledger knows of one delivery; None when there is none of this number."""
    found = questions.deliveries(ledger, [delivery])
    if not found:
        return None
    with ledger.read() as tx:
        events = tx.rows(EVENTS, delivery=delivery)
        tries = tx.rows(ATTEMPTS, delivery=delivery)
    return Story(
        found[0],
        tuple(Event(version, known(at), state, cause) for version, at, state, cause in events),
        tuple(_try(*row) for row in tries),
    )


def _try(  # noqa: PLR0913, PLR0917 - a row
    number: int, reference: str, started: int, ended: int | None, status: str | None, reason: str | None,
    detail: str | None, provider_id: str | None, company: int,
) -> Try:  # fmt: skip
    return Try(
        number,
        reference,
        known(started),
        from_ms(ended),
        status or "",
        reason or "",
        detail or "",
        provider_id or "",
        company,
    )
