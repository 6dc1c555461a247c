"""How the ledger stands right now: the last runs, what is open, how large it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from notigate.ledger import rows
from notigate.ledger.store import Ledger, from_ms, known

RUNS = "SELECT id, kind, now, started, ended, exit FROM run ORDER BY id DESC LIMIT :limit"
OPEN = f"SELECT state, count(*) FROM delivery WHERE {rows.IN_OPEN} GROUP BY state"  # noqa: S608 - names of ours
OLDEST = f"""
SELECT min(changed_at) FROM delivery WHERE {rows.IN_OPEN} AND state = 'unknown'
"""  # noqa: S608 - names of ours
OVERDUE = f"""
SELECT count(*) FROM delivery
 WHERE {rows.IN_OPEN} AND (state = 'queued' OR state = 'retry_wait') AND next_at < :before
"""  # noqa: S608 - names of ours
TODAY = "SELECT state, sum(n) FROM tally WHERE day = :day GROUP BY state HAVING sum(n) > 0"


@dataclass(frozen=True, slots=True)
class Past:
    """A run that was recorded."""

    id: int
    kind: str
    #: business time at its start
    now: datetime
    #: real times; no end where it was killed, or still goes on
    started: datetime
    ended: datetime | None
    exit: int | None


def runs(ledger: Ledger, limit: int) -> list[Past]:
    """The last runs, the latest first."""
    with ledger.read() as tx:
        found = tx.rows(RUNS, limit=limit)
    return [Past(id_, kind, known(now), known(start), from_ms(end), code) for id_, kind, now, start, end, code in found]


def open_states(ledger: Ledger) -> Mapping[str, int]:
    """How many deliveries stand in each state that is not an end."""
    with ledger.read() as tx:
        return {state: int(n) for state, n in tx.rows(OPEN)}


def oldest_unknown(ledger: Ledger) -> datetime | None:
    """Since when (business time) the oldest unknown outcome waits; None when none does."""
    with ledger.read() as tx:
        ((oldest,),) = tx.rows(OLDEST)
    return from_ms(oldest)


def overdue(ledger: Ledger, before: datetime) -> int:
    """Messages that should have gone out before then, and did not."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(OVERDUE, before=round(before.timestamp() * 1000))
    return int(n)


def of_day(ledger: Ledger, day: str) -> Mapping[str, int]:
    """What the messages of a day came to, by state; those that are not at their end are `open`."""
    with ledger.read() as tx:
        return {state: int(n) for state, n in tx.rows(TODAY, day=day)}
