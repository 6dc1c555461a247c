"""The one way a delivery changes: compare-and-set, event row and tally, in the caller's transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, Protocol

from notigate.ledger import transitions
from notigate.ledger.store import NEVER, Transaction, to_ms
from notigate.model import Delivery, State

#: where they stand in a delivery: `_replace` would take four times as long, for each message of a run
_VERSION, _STATE, _REASON, _DETAIL, _ATTEMPTS, _PROVIDER_ID = map(
    Delivery._fields.index, ("version", "state", "reason", "detail", "attempts", "provider_id")
)

#: day, occasion, channel, project, building
Place = tuple[Any, ...]
#: it is written for each building
_iso = lru_cache(date.isoformat)

#: the columns by which the counts are grouped: a place, and what it is there
Cell = tuple[Any, ...]
#: a place, and the parts of what was sent
Paid = tuple[Any, ...]

#: the compare is in `version`: who decided first has raised it. The event of a step comes first, where that is seen
STEP = """
INSERT INTO event (delivery, version, at, real, state, cause)
SELECT id, version + 1, :now, :real, :state, :cause FROM delivery WHERE id IN {ids} AND version = :version
"""
STANDING = "SELECT id FROM delivery WHERE id IN {ids} AND version = :version"
CHANGE = """
UPDATE delivery
   SET version = version + 1, state = :state, reason = :reason, detail = :detail, attempts = attempts + :attempts,
       worker = :worker, provider_id = coalesce(:provider_id, provider_id), next_at = :next_at, changed_at = :now
 WHERE id IN {ids} AND version = :version
"""
#: where a provider has a name of its own for each
NAMED = "UPDATE delivery SET provider_id = ? WHERE id = ?"
#: of steps that are made already
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


class Times(NamedTuple):
    """The two times of a change: business, and real."""

    now: datetime
    real: datetime


class Change(NamedTuple):
    """A step to another state: of one delivery, or of all to whom the same happens."""

    deliveries: Sequence[Delivery]
    to: State
    cause: str
    reason: str = ""
    detail: str = ""
    provider_id: str | None = None
    next_at: datetime | None = None
    #: attempts begun by this step
    attempts: int = 0


#: what of a change, and of its delivery, makes it another step
_step = itemgetter(*map(Change._fields.index, ("to", "cause", "reason", "detail", "next_at", "attempts")))
_from = itemgetter(*map(Delivery._fields.index, ("version", "state", "reason")))
_deliveries = attrgetter("deliveries")


def apply(tx: Transaction, changes: Sequence[Change], times: Times) -> list[Change]:
    """Make the changes of those deliveries that still stand as their values say; returns these, with these.

    Whoever is left out lost to somebody else, who decided first: that is the compare in compare-and-set.
    """
    if not changes:
        return []
    together = _together(changes)
    for parts in together:
        transitions.check(parts[0].deliveries[0].state, parts[0].to)
    tx.lock(delivery.id for change in changes for delivery in change.deliveries)
    held = [some for some in (_made(tx, parts, times) for parts in together) if some]
    _reckon(tx, held)
    return [change for some in held for change in some]


def _together(changes: Iterable[Change]) -> Collection[list[Change]]:
    """Those that differ in nothing but their deliveries, and what the provider calls each one, are one statement."""
    steps: dict[object, list[Change]] = {}
    for change in changes:
        name = change.provider_id if len(change.deliveries) > 1 else None
        for stood, some in groupby(change.deliveries, key=_from):
            steps.setdefault((_step(change), stood, name), []).append(change._replace(deliveries=list(some)))
    return steps.values()


def _made(tx: Transaction, parts: Sequence[Change], times: Times) -> Sequence[Change]:
    """Make one step of many; return what of it held."""
    step, now, real = parts[0], to_ms(times.now), to_ms(times.real)
    version = step.deliveries[0].version
    ids = [delivery.id for part in parts for delivery in part.deliveries]
    if tx.changed(STEP, ids, version=version, now=now, real=real, state=step.to, cause=step.cause) < len(ids):
        standing = {id_ for (id_,) in tx.rows_of(STANDING, ids, version=version)}
        parts = [part for part in (_of(change, standing) for change in parts) if part.deliveries]
    alike = len({part.provider_id for part in parts}) == 1
    tx.note(
        CHANGE, ids, version=version, state=step.to, reason=step.reason, detail=step.detail, attempts=step.attempts,
        worker=tx.worker if step.to in transitions.IN_HAND else 0, next_at=next_ms(step.to, step.next_at, now), now=now,
        provider_id=step.provider_id if alike else None,
    )  # fmt: skip
    if not alike:
        tx.many(NAMED, [(part.provider_id, d.id) for part in parts if part.provider_id for d in part.deliveries])
    return parts


def _of(change: Change, ids: Collection[int]) -> Change:
    return change._replace(deliveries=[delivery for delivery in change.deliveries if delivery.id in ids])


def after(changes: Iterable[Change]) -> list[Delivery]:
    """The deliveries as they stand once the changes are made; times are left as they were read."""
    made: list[Delivery] = []
    for deliveries, to, _cause, reason, detail, provider_id, _next_at, attempts in changes:
        for delivery in deliveries:
            values: list[Any] = list(delivery)
            values[_VERSION] += 1
            values[_STATE] = to
            values[_REASON] = reason
            values[_DETAIL] = detail
            values[_ATTEMPTS] += attempts
            if provider_id:
                values[_PROVIDER_ID] = provider_id
            made.append(tuple.__new__(Delivery, values))  # as `_make` does, which only counts them besides
    return made


def count(tx: Transaction, cells: Mapping[Cell, int]) -> None:
    """Add to the tally."""
    if added := [(_iso(day), *cell, n) for (day, *cell), n in cells.items() if n]:
        tx.at_end(TALLY, added)


def _reckon(tx: Transaction, steps: Iterable[Sequence[Change]]) -> None:
    """Move in the tally what has settled or was settled, and pay for what providers have taken over."""
    shifts: dict[Cell, int] = defaultdict(int)
    paid: dict[Paid, int] = defaultdict(int)
    for some in steps:
        old, new = some[0].deliveries[0], some[0]
        if {old.state, new.to} <= transitions.OPEN:
            continue
        taken_over = new.to in transitions.OUT and old.state not in transitions.OUT
        left, reached = _told(old.state, old.reason), _told(new.to, new.reason)
        for one, n in Counter(map(_paid, chain.from_iterable(map(_deliveries, some)))).items():
            shifts[one[:-1] + left] -= n
            shifts[one[:-1] + reached] += n
            if taken_over:
                paid[one] += n
    if shifts:
        count(tx, shifts)
        _spend(tx, paid)


def _spend(tx: Transaction, paid: Mapping[Paid, int]) -> None:
    """At the price of now: it is paid for, whatever becomes of it."""
    spent: dict[tuple[Any, ...], list[int]] = {}
    for (*place, parts), n in paid.items():
        price = tx.prices.get(place[_CHANNEL])
        if price or parts:
            sums = spent.setdefault((*place, price.currency if price else ""), [0, 0])
            sums[0] += n * parts
            sums[1] += price.of(n * (parts or 1)).millionths if price else 0
    if spent:
        tx.at_end(SPENDING, [(_iso(day), *where, *sums) for (day, *where), sums in spent.items()])


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


_PLACE = ("day", "occasion", "channel", "project", "building")
_CHANNEL = _PLACE.index("channel")
_place = attrgetter(*_PLACE)
_paid = itemgetter(*map(Delivery._fields.index, (*_PLACE, "parts")))


def cells(counted: Iterable[Counted], state: State, reason: str) -> Counter[Cell]:
    """Where deliveries are counted while in `state`, and how many are."""
    return Counter({cell(place, state, reason): n for place, n in Counter(map(_place, counted)).items()})


def cell(place: Place, state: State, reason: str) -> Cell:
    """Where a delivery of that place is counted while in `state`."""
    return place + _told(state, reason)


def _told(state: State, reason: str) -> tuple[str, str]:
    return ("open", "") if state in transitions.OPEN else (state.value, reason)


def next_ms(state: State, next_at: datetime | None, now: int) -> int:
    """The `next_at` to keep: what is held without a time waits for a person, what is accepted is asked for when it says so."""
    if next_at is not None:
        return to_ms(next_at)
    return NEVER if state in (State.HELD, State.ACCEPTED) else now
