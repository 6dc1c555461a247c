"""Every question that reports, logs, caps and commands ask the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from notigate.ledger import rows
from notigate.ledger.store import Ledger, from_ms, to_ms
from notigate.model import Attempt, Delivery, State

COUNTS = """
SELECT occasion, channel, project, state, sum(n) FROM tally
 WHERE day BETWEEN :first AND :last
 GROUP BY occasion, channel, project, state
"""
DELIVERY = f"SELECT {rows.COLUMNS} FROM delivery WHERE id IN {{ids}} ORDER BY id"  # noqa: S608 - names of ours
LOG = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE (:person IS NULL OR person = :person) AND (:run IS NULL OR run = :run) AND (:state IS NULL OR state = :state)
   AND (:since IS NULL OR changed_at >= :since) AND (:address IS NULL OR address = :address)
   AND (:occasion IS NULL OR occasion = :occasion)
 ORDER BY id
"""  # noqa: S608 - names of ours
SENT = """
SELECT person, day, category FROM delivery
 WHERE person IN {ids} AND day >= :since
   AND state IN ('queued', 'claimed', 'sending', 'retry_wait', 'held', 'accepted', 'delivered', 'undelivered', 'unknown')
"""
HOW_MANY = "SELECT count(*) FROM delivery WHERE state = :state"
ATTEMPTS = """
SELECT a.delivery, c.reference, d.address, c.started, a.provider_id
  FROM attempt a JOIN call c ON c.id = a.call JOIN delivery d ON d.id = a.delivery AND d.attempts = a.number
 WHERE a.delivery IN {ids}
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many deliveries of a span stand in one state."""

    occasion: str
    channel: str
    project: str
    #: a `State` value, or `open`
    state: str
    n: int


def counts(ledger: Ledger, first: date, last: date) -> list[Count]:
    """What `first` to `last` (both included) came to."""
    with ledger.read() as tx:
        found = tx.rows(COUNTS, first=first.isoformat(), last=last.isoformat())
    return [Count(*row) for row in found if row[-1]]


def deliveries(ledger: Ledger, ids: Sequence[int]) -> list[Delivery]:
    """The deliveries of these numbers, in their order; unknown numbers are left out."""
    with ledger.read() as tx:
        return [rows.delivery(row) for row in tx.rows_of(DELIVERY, ids)]


def log(  # noqa: PLR0913 - one a filter
    ledger: Ledger,
    *,
    person: str | None = None,
    address: str | None = None,
    run: int | None = None,
    since: datetime | None = None,
    state: State | None = None,
    occasion: str | None = None,
) -> Iterator[Delivery]:
    """Deliveries that fit all that is asked, oldest first, streamed."""
    with ledger.read() as tx:
        found = tx.stream(
            LOG, person=person, address=address, run=run, since=to_ms(since) if since else None, state=state, occasion=occasion
        )
        for row in found:
            yield rows.delivery(row)


def sent_to(ledger: Ledger, people: Sequence[str], since: date) -> dict[str, list[tuple[date, str]]]:
    """For the caps: day and category of what each of `people` got or will get since then."""
    sent: dict[str, list[tuple[date, str]]] = {}
    with ledger.read() as tx:
        for person, day, category in tx.rows_of(SENT, people, since=since.isoformat()):
            sent.setdefault(person, []).append((date.fromisoformat(day), category))
    return sent


def how_many(ledger: Ledger, state: State) -> int:
    """How many deliveries stand in `state` now."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(HOW_MANY, state=state)
    return int(n)


def attempts(ledger: Ledger, ids: Sequence[int]) -> dict[int, Attempt]:
    """The latest attempt of each delivery that has one."""
    with ledger.read() as tx:
        found = tx.rows_of(ATTEMPTS, ids)
    return {
        delivery: Attempt(reference=reference, to=to, started_at=_known(started), provider_id=provider_id)
        for delivery, reference, to, started, provider_id in found
    }


def _known(started: int) -> datetime:
    moment = from_ms(started)
    if moment is None:
        raise ValueError("a call without a time")
    return moment


def tally_of(found: Sequence[Delivery]) -> Counter[State]:
    """How many of these stand where."""
    return Counter(delivery.state for delivery in found)
