"""How the ledger stands right now: the last runs, what is open, how large it is."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from notigate.ledger import rows
from notigate.ledger.alarms import Kind
from notigate.ledger.runs import DUE as CALLED_BY_CRON
from notigate.ledger.runs import Trouble
from notigate.ledger.store import Ledger, Row, from_ms, known, to_ms

#: how long a run of another machine is taken to be alive that did not say that it ended
BELIEVED = timedelta(days=1)
RUNS = "SELECT id, kind, now, started, ended, exit, host, pid FROM run ORDER BY id DESC LIMIT :limit"
DUE = f"""
SELECT id, kind, now, started, ended, exit, host, pid FROM run WHERE kind = '{CALLED_BY_CRON}' ORDER BY id DESC LIMIT :limit
"""  # noqa: S608 - a name of ours
OPEN_RUNS = """
SELECT id, kind, now, started, ended, exit, host, pid FROM run WHERE id > :after AND ended IS NULL ORDER BY id DESC
"""
RUN = "SELECT id, kind, now, started, ended, exit, host, pid FROM run WHERE id = :id"
TROUBLES = "SELECT run, kind, about, detail FROM trouble WHERE run > :after ORDER BY run"
OPEN = f"""
SELECT state, count(*) FROM delivery WHERE {rows.WAITING} GROUP BY state
 UNION ALL
SELECT state, count(*) FROM delivery WHERE {rows.IN_HAND} GROUP BY state
"""  # noqa: S608 - names of ours
OLDEST = f"""
SELECT min(changed_at) FROM delivery WHERE {rows.WAITING} AND state = 'unknown'
"""  # noqa: S608 - names of ours
OVERDUE = f"""
SELECT count(*) FROM delivery
 WHERE {rows.WAITING} AND (state = 'queued' OR state = 'retry_wait') AND next_at < :before
"""  # noqa: S608 - names of ours
TO_GO = f"""
SELECT count(*) FROM delivery
 WHERE {rows.WAITING} AND state IN ('queued', 'retry_wait', 'held') AND next_at <= :now
"""  # noqa: S608 - as above
IN_HAND = f"SELECT count(*) FROM delivery WHERE {rows.IN_HAND}"  # noqa: S608 - as above
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
    #: the machine and process that made it
    host: str
    pid: int

    @property
    def last_sign(self) -> datetime:
        """When it was last known to be alive."""
        return self.ended or self.started

    def lives(self, real: datetime) -> bool:
        """Does it still go on? Of another machine nobody can tell: it is believed for a day."""
        if self.ended is not None:
            return False
        if self.host != socket.gethostname():
            return real - self.started < BELIEVED
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # somebody else's, and there
            return True
        return True


def runs(ledger: Ledger, limit: int) -> list[Past]:
    """The last runs, the latest first."""
    with ledger.read() as tx:
        return [_past(row) for row in tx.rows(RUNS, limit=limit)]


def run(ledger: Ledger, number: int) -> Past:
    """One run that is recorded."""
    with ledger.read() as tx:
        (row,) = tx.rows(RUN, id=number)
    return _past(row)


def due_runs(ledger: Ledger, limit: int) -> list[Past]:
    """The last runs that cron called, the latest first."""
    with ledger.read() as tx:
        return [_past(row) for row in tx.rows(DUE, limit=limit)]


def open_runs(ledger: Ledger, after: int) -> list[Past]:
    """Runs behind number `after` of which no end is recorded, the latest first."""
    with ledger.read() as tx:
        return [_past(row) for row in tx.rows(OPEN_RUNS, after=after)]


def troubles(ledger: Ledger, after: int) -> list[tuple[int, Trouble]]:
    """What stood in the way of the runs behind number `after`, each with the run; of the earliest first."""
    with ledger.read() as tx:
        rows = tx.rows(TROUBLES, after=after)
    return [(run, Trouble(Kind(kind), about, detail)) for run, kind, about, detail in rows]


def _past(row: Row) -> Past:
    id_, kind, now, started, ended, code, host, pid = row
    return Past(id_, kind, known(now), known(started), from_ms(ended), code, host, pid)


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
        ((n,),) = tx.rows(OVERDUE, before=to_ms(before))
    return int(n)


def to_go(ledger: Ledger, now: datetime) -> int:
    """Messages whose time has come."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(TO_GO, now=to_ms(now))
    return int(n)


def in_hand(ledger: Ledger) -> int:
    """Messages that a dispatcher has, alive or not; once a run has dispatched, those of others."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(IN_HAND)
    return int(n)


def of_day(ledger: Ledger, day: str) -> Mapping[str, int]:
    """What the messages of a day came to, by state; those that are not at their end are `open`."""
    with ledger.read() as tx:
        return {state: int(n) for state, n in tx.rows(TODAY, day=day)}
