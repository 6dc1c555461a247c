"""The one way a delivery changes: compare-and-set, event row and tally, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from notigate.ledger import transitions
from notigate.ledger.store import NEVER, Transaction, to_ms
from notigate.model import Delivery, State

#: where they stand in a delivery: `_replace` would take four times as long, for each message of a run
_VERSION, _STATE, _REASON, _DETAIL, _ATTEMPTS, _PROVIDER_ID = map(
    Delivery._fields.index, ("version", "state", "reason", "detail", "attempts", "provider_id")
)

#: the columns by which the counts are grouped
Cell = tuple[str, str, str, str, str, str, str]

#: the compare is in `version`: who decided first has raised it
CHANGE = """
UPDATE delivery
   SET version = version + 1, state = :state, reason = :reason, detail = :detail, attempts = attempts + :attempts,
       worker = :worker, provider_id = coalesce(:provider_id, provider_id), next_at = :next_at, changed_at = :now
 WHERE id IN {ids} AND version = :version
RETURNING id
"""
#: where a provider has a name of its own for each
NAMED = "UPDATE delivery SET provider_id = ? WHERE id = ?"
EVENTS = """
INSERT INTO event (delivery, version, at, real, state, cause)
SELECT id, version, :now, :real, state, :cause FROM delivery WHERE id IN {ids}
"""

TALLY = """
INSERT INTO tally (day, occasion, channel, project, building, state, reason, n) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, occasion, channel, project, building, state, reason) DO UPDATE SET n = tally.n + excluded.n
"""
SPENDING = """
INSERT INTO spending (day, occasion, channel, project, building, currency, parts, cost) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, occasion, channel, project, building, currency)
DO UPDATE SET parts = spending.parts + excluded.parts, cost = spending.cost + excluded.cost
"""


@dataclass(frozen=True, slots=True)
class Times:
    """The two times of a change: business, and real."""

    now: datetime
    real: datetime


class Change(NamedTuple):
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
    together = _together(changes)
    for some in together:
        transitions.check(some[0].delivery.state, some[0].to)
    if together:
        tx.lock([change.delivery.id for change in changes])
    held = [_made(tx, some, times) for some in together]
    count(tx, _shifts(held))
    spend(tx, [change.delivery for some in held if _taken_over(some) for change in some])
    return [change for some in held for change in some]


def _together(changes: Iterable[Change]) -> Collection[list[Change]]:
    """Those that differ in nothing but the delivery, and what its provider calls it, are one statement."""
    steps: dict[object, list[Change]] = {}
    for step, some in groupby(changes, key=_as_a_step):
        steps.setdefault(step, []).extend(some)
    return steps.values()


def _as_a_step(change: Change) -> tuple[object, ...]:
    delivery, to, cause, reason, detail, _provider_id, next_at, attempts = change
    return (delivery.version, delivery.state, delivery.reason, to, cause, reason, detail, next_at, attempts)


def _made(tx: Transaction, some: Sequence[Change], times: Times) -> Sequence[Change]:
    """Make one step of many; return the changes that held."""
    step, now, real = some[0], to_ms(times.now), to_ms(times.real)
    alike = all(change.provider_id == step.provider_id for change in some)
    held = tx.rows_of(
        CHANGE, [change.delivery.id for change in some], version=step.delivery.version, state=step.to, reason=step.reason,
        detail=step.detail, attempts=step.attempts, worker=tx.worker if step.to in transitions.IN_HAND else 0,
        provider_id=step.provider_id if alike else None, next_at=next_ms(step.to, step.next_at, now), now=now,
    )  # fmt: skip
    ids = {id_ for (id_,) in held}
    tx.note(EVENTS, list(ids), now=now, real=real, cause=step.cause)
    kept = some if len(ids) == len(some) else [change for change in some if change.delivery.id in ids]
    if not alike:
        tx.many(NAMED, [(change.provider_id, change.delivery.id) for change in kept if change.provider_id])
    return kept


def after(change: Change) -> Delivery:
    """The delivery as it stands once the change is made; times are left as they were read."""
    values: list[Any] = list(change.delivery)
    values[_VERSION] += 1
    values[_STATE] = change.to
    values[_REASON] = change.reason
    values[_DETAIL] = change.detail
    values[_ATTEMPTS] += change.attempts
    values[_PROVIDER_ID] = change.provider_id or values[_PROVIDER_ID]
    return Delivery._make(values)


def count(tx: Transaction, cells: Counter[Cell]) -> None:
    """Add to the tally."""
    if added := [(*cell, n) for cell, n in cells.items() if n]:
        tx.at_end(TALLY, added)


def spend(tx: Transaction, taken_over: Sequence[Delivery]) -> None:
    """Add what providers have taken over, at the price of now: it is paid for, whatever becomes of it."""
    spent: dict[tuple[str, ...], list[int]] = {}
    for (day, occasion, channel, project, building, parts), n in Counter(map(_paid, taken_over)).items():
        price = tx.prices.get(channel)
        if price or parts:
            cell = (day.isoformat(), occasion, channel, project, building, price.currency if price else "")
            sums = spent.setdefault(cell, [0, 0])
            sums[0] += n * parts
            sums[1] += price.of(n * (parts or 1)).millionths if price else 0
    if spent:
        tx.at_end(SPENDING, [(*cell, *sums) for cell, sums in spent.items()])


def _taken_over(some: Sequence[Change]) -> bool:
    """Has a step of many brought them to the provider?"""
    return bool(some) and some[0].to in transitions.OUT and some[0].delivery.state not in transitions.OUT


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


_place = attrgetter("day", "occasion", "channel", "project", "building")
_paid = attrgetter("day", "occasion", "channel", "project", "building", "parts")


def cell(counted: Counted, state: State, reason: str) -> Cell:
    """Where a delivery is counted while in `state`."""
    (found,) = cells([counted], state, reason)
    return found


def cells(counted: Iterable[Counted], state: State, reason: str) -> Counter[Cell]:
    """Where deliveries are counted while in `state`, and how many are."""
    shown = ("open", "") if state in transitions.OPEN else (state.value, reason)
    places = Counter(map(_place, counted))
    return Counter({(day.isoformat(), *place, *shown): n for (day, *place), n in places.items()})


def _shifts(steps: Iterable[Sequence[Change]]) -> Counter[Cell]:
    shifts: Counter[Cell] = Counter()
    for some in steps:
        deliveries = [change.delivery for change in some]
        if not some or {deliveries[0].state, some[0].to} <= transitions.OPEN:
            continue
        shifts.subtract(cells(deliveries, deliveries[0].state, deliveries[0].reason))
        shifts.update(cells(deliveries, some[0].to, some[0].reason))
    return shifts


def next_ms(state: State, next_at: datetime | None, now: int) -> int:
    """The `next_at` to keep: what is held without a time waits for a person, what is accepted is asked for when it says so."""
    if next_at is not None:
        return to_ms(next_at)
    return NEVER if state in (State.HELD, State.ACCEPTED) else now
