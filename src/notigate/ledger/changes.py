"""The one way a delivery changes: compare-and-set, event row and tally, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from notigate.ledger import transitions
from notigate.ledger.store import NEVER, Transaction, to_ms
from notigate.model import Delivery, State

#: the columns by which the counts are grouped
Cell = tuple[str, str, str, str, str, str, str]

VERSIONS = "SELECT id, version FROM delivery WHERE id IN {ids} ORDER BY id {locked}"

CHANGE = """
UPDATE delivery
   SET version = version + 1, state = ?, reason = ?, detail = ?, attempts = attempts + ?, worker = ?,
       provider_id = coalesce(?, provider_id), next_at = ?, changed_at = ?
 WHERE id = ? AND version = ?
"""

EVENT = "INSERT INTO event (delivery, version, at, real, state, cause) VALUES (?, ?, ?, ?, ?, ?)"

TALLY = """
INSERT INTO tally (day, occasion, channel, project, building, state, reason, n) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, occasion, channel, project, building, state, reason) DO UPDATE SET n = tally.n + excluded.n
"""


@dataclass(frozen=True, slots=True)
class Times:
    """The two times of a change: business, and real."""

    now: datetime
    real: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One delivery's step to another state."""

    delivery: Delivery
    to: State
    cause: str
    reason: str = ""
    detail: str = ""
    provider_id: str | None = None
    next_at: datetime | None = None
    #: attempts begun by this step
    attempts: int = 0


def apply(tx: Transaction, changes: Sequence[Change], times: Times) -> list[Change]:
    """Make the changes whose deliveries still stand as their values say; return those.

    A change that is left out lost to somebody else, who decided first: that is the compare in compare-and-set.
    """
    if not changes:
        return []
    for change in changes:
        transitions.check(change.delivery.state, change.to)
    standing: dict[int, int] = dict(tx.rows_of(VERSIONS, [change.delivery.id for change in changes]))
    won = [change for change in changes if standing.get(change.delivery.id) == change.delivery.version]
    now, real = to_ms(times.now), to_ms(times.real)
    tx.many(CHANGE, (_row(change, now, tx) for change in won))
    tx.many(EVENT, ((c.delivery.id, c.delivery.version + 1, now, real, c.to, c.cause) for c in won))
    count(tx, _shifts(won))
    return won


def after(change: Change) -> Delivery:
    """The delivery as it stands once the change is made; times are left as they were read."""
    old = change.delivery
    # Written out: `dataclasses.replace` takes four times as long, twice for each message.
    return Delivery(
        id=old.id, version=old.version + 1, run=old.run, occasion=old.occasion, occurrence=old.occurrence, day=old.day,
        person=old.person, project=old.project, building=old.building, category=old.category, channel=old.channel,
        medium=old.medium, to=old.to, locale=old.locale, asked=old.asked, content=old.content, state=change.to,
        reason=change.reason, detail=change.detail, attempts=old.attempts + change.attempts,
        provider_id=change.provider_id or old.provider_id, planned_at=old.planned_at, changed_at=old.changed_at,
        next_at=old.next_at, expires_at=old.expires_at, timezone=old.timezone,
    )  # fmt: skip


def count(tx: Transaction, cells: Counter[Cell]) -> None:
    """Add to the tally."""
    tx.at_end(TALLY, ((*cell, n) for cell, n in cells.items() if n))


class Counted(Protocol):
    """What the tally needs to know of a delivery, promised or not."""

    @property
    def day(self) -> date:
        """The business day it is counted on."""

    @property
    def occasion(self) -> str:
        """Its id."""

    @property
    def channel(self) -> str:
        """Its name in the settings; empty where there is none."""

    @property
    def project(self) -> str:
        """The reader's."""

    @property
    def building(self) -> str:
        """The reader's."""


def cell(counted: Counted, state: State, reason: str) -> Cell:
    """Where a delivery is counted while in `state`."""
    place = (counted.day.isoformat(), counted.occasion, counted.channel, counted.project, counted.building)
    return (*place, "open", "") if state in transitions.OPEN else (*place, state.value, reason)


def _shifts(changes: Iterable[Change]) -> Counter[Cell]:
    cells: Counter[Cell] = Counter()
    for change in changes:
        delivery = change.delivery
        if delivery.state in transitions.OPEN and change.to in transitions.OPEN:
            continue
        cells[cell(delivery, delivery.state, delivery.reason)] -= 1
        cells[cell(delivery, change.to, change.reason)] += 1
    return cells


def next_ms(state: State, next_at: datetime | None, now: int) -> int:
    """The `next_at` to keep: what is held without a time waits for a person."""
    if next_at is not None:
        return to_ms(next_at)
    return NEVER if state is State.HELD else now


def _row(change: Change, now: int, tx: Transaction) -> tuple[object, ...]:
    return (
        change.to, change.reason, change.detail, change.attempts, tx.worker if change.to in transitions.IN_HAND else 0,
        change.provider_id, next_ms(change.to, change.next_at, now), now, change.delivery.id, change.delivery.version,
    )  # fmt: skip
