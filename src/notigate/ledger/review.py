"""Promises that may no longer hold: what still waits is called off, what went out is listed for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from notigate.ledger import changes, remembered, rows
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import REPEATED
from notigate.ledger.runs import DUE
from notigate.ledger.store import Ledger, known, to_ms
from notigate.model import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterable

#: what waits for an approval is drafted anew before it is let go, and what nobody plans any more stays where it is
WAITING = f"""
SELECT person, id FROM delivery
 WHERE {rows.WAITING} AND state IN ('queued', 'held', 'retry_wait') AND reason NOT IN ('{REPEATED}', 'approval', 'gone')
"""  # noqa: S608 - names of ours
#: lists for colleagues: their readers stand in no roster; what somebody asked for by name stays as it was asked for
LISTS = f"""
SELECT id FROM delivery
 WHERE {rows.WAITING} AND state IN ('queued', 'held', 'retry_wait') AND reason <> '{REPEATED}' AND category = 'staff'
   AND NOT asked AND (batch IS NULL OR reason = 'late') AND run IN (SELECT id FROM run WHERE kind = '{DUE}')
"""  # noqa: S608 - names of ours
THESE = f"""
SELECT {rows.COLUMNS}, batch FROM delivery
 WHERE id IN {{ids}} AND state IN ('queued', 'held', 'retry_wait') ORDER BY id
"""  # noqa: S608 - names of ours
#: what was never sent gives its promise back: should it come round again, it may be made again
RELEASE = "UPDATE delivery SET key = ? WHERE id = ?"
ANNOUNCED = """
SELECT d.id, d.person, d.occasion, d.occurrence, d.about, c.now_on
  FROM delivery d LEFT JOIN correction c ON c.delivery = d.id
 WHERE d.about >= :today AND d.by_moment AND d.state IN ('sending', 'accepted', 'delivered', 'unknown') AND c.done IS NULL
 ORDER BY d.id
"""
NOTICE = """
INSERT INTO correction (delivery, now_on, noticed) VALUES (?, ?, ?)
ON CONFLICT (delivery) DO UPDATE SET now_on = excluded.now_on
"""
FORGET = "DELETE FROM correction WHERE delivery = ? AND done IS NULL"
OPEN = """
SELECT c.delivery, d.occasion, d.person, d.about, c.now_on, c.noticed
  FROM correction c JOIN delivery d ON d.id = c.delivery
 WHERE c.done IS NULL AND d.about >= :today
 ORDER BY c.delivery
"""
DONE = """
UPDATE correction SET done = :now, login = :login WHERE delivery = :delivery AND done IS NULL RETURNING delivery
"""
LAST_PLANNED = """
SELECT planned_through FROM run WHERE planned_through <= :today ORDER BY id DESC LIMIT 1
"""
PLANNED = "UPDATE run SET planned_through = :day WHERE id = :id"


class Announced(NamedTuple):
    """A message that went out, and the day it announced."""

    delivery: int
    person: str
    occasion: str
    occurrence: str
    about: date
    #: the new day that is noted already; '' where there is none any more; None: nothing is noted
    noted: str | None


class Correction(NamedTuple):
    """A message that went out and is no longer true; somebody should tell its reader."""

    delivery: int
    occasion: str
    person: str
    #: the day it announced
    said: date
    #: the day it is now; None where there is none any more
    now_on: date | None
    noticed: datetime


def waiting(ledger: Ledger) -> dict[str, list[int]]:
    """By reader: what waits for its hour, for another try, or for a person because it is late."""
    found: dict[str, list[int]] = {}
    with ledger.read() as tx:
        for person, id_ in tx.stream(WAITING):
            found.setdefault(person, []).append(id_)
    return found


def lists(ledger: Ledger) -> list[Delivery]:
    """What waits for our own people, and nobody asked for by name."""
    with ledger.read() as tx:
        ids = [id_ for (id_,) in tx.rows(LISTS)]
        read = rows.Reader(tx.vault)
        return [read(row[:-1]) for row in tx.rows_of(THESE, ids)]


def these(ledger: Ledger, ids: Sequence[int]) -> list[tuple[Delivery, int | None]]:
    """Those of them that still wait, as they stand, each with the batch in which it was let go."""
    with ledger.read() as tx:
        read = rows.Reader(tx.vault)
        return [(read(row[:-1]), row[-1]) for row in tx.rows_of(THESE, ids)]


def given_back(ledger: Ledger, delivery: Delivery) -> bytes:
    """A key that stands for nothing: what the delivery promised may be promised again."""
    return ledger.digest("given back", str(delivery.id))


def call_off(ledger: Ledger, steps: Sequence[tuple[Change, bytes | None]], times: Times) -> list[Change]:
    """Make these steps, and keep their promises under other keys where one is given; returns the steps that held."""
    keys = {delivery.id: key for change, key in steps for delivery in change.deliveries}
    with ledger.write() as tx:
        won = changes.apply(tx, [change for change, _ in steps], times)
        others = {d.id: key for change in won for d in change.deliveries if (key := keys[d.id]) is not None}
        tx.many(RELEASE, [(key, id_) for id_, key in others.items()])
        if won:
            remembered.forget(tx)
    return won


def announced(ledger: Ledger, today: date) -> list[Announced]:
    """What went out and announces a day that is still to come."""
    with ledger.read() as tx:
        found = tx.rows(ANNOUNCED, today=today.isoformat())
    return [
        Announced(
            delivery=id_, person=person, occasion=occasion, occurrence=occurrence, about=date.fromisoformat(about), noted=noted
        )
        for id_, person, occasion, occurrence, about, noted in found
    ]  # fmt: skip


def note(ledger: Ledger, moved: Mapping[int, str | None], now: datetime) -> None:
    """Note by delivery the day that it should announce; None: it is true again."""
    with ledger.write() as tx:
        tx.many(NOTICE, [(id_, day, to_ms(now)) for id_, day in moved.items() if day is not None])
        tx.many(FORGET, [(id_,) for id_, day in moved.items() if day is None])


def corrections(ledger: Ledger, today: date) -> list[Correction]:
    """What is to be corrected, oldest first."""
    with ledger.read() as tx:
        found = tx.rows(OPEN, today=today.isoformat())
    return [
        Correction(
            delivery=id_, occasion=occasion, person=person, said=date.fromisoformat(about),
            now_on=date.fromisoformat(now_on) if now_on else None, noticed=known(noticed),
        )
        for id_, occasion, person, about, now_on, noticed in found
    ]  # fmt: skip


def corrected(ledger: Ledger, ids: Iterable[int], login: str, now: datetime) -> list[int]:
    """A person has put these right; returns those that were open."""
    with ledger.write() as tx:
        return [id_ for one in ids for (id_,) in tx.rows(DONE, now=to_ms(now), login=login, delivery=one)]


def last_planned(ledger: Ledger, today: date) -> date | None:
    """The last day up to today that a run planned to its end; None when there was none."""
    with ledger.read() as tx:
        found = tx.one(LAST_PLANNED, today=today.isoformat())
    return None if found is None else date.fromisoformat(found[0])


def planned(ledger: Ledger, run: int, day: date) -> None:
    """This run has planned all that is due up to that day."""
    with ledger.write() as tx:
        tx.rows(PLANNED, day=day.isoformat(), id=run)
