"""Pick what is due, and commit the intent to send it before a byte leaves."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from notigate.ledger import changes, rows
from notigate.ledger.changes import Change, Times
from notigate.ledger.store import Ledger, Transaction, to_ms
from notigate.model import Delivery, State

#: what waits for an approval may have an hour of its own, and is not let go by it
WAITING = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE {rows.WAITING} AND state = :state AND channel = :channel AND asked = :asked AND next_at <= :now
   AND reason <> 'approval'
 ORDER BY next_at, id LIMIT :limit {{free}}
"""  # noqa: S608 - names of ours
#: the reason of a delivery that is to be sent again in the very call it was in: the provider drops an identical call
REPEATED = "repeated"
#: word for word as in the index `delivery_reason`, which serves only then
TO_REPEAT = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE state = 'queued' AND channel = :channel AND reason = '{REPEATED}' AND reason <> ''
 ORDER BY id {{locked}}
"""  # noqa: S608 - names of ours
#: real time of the first attempt that may have gone out
IN_DOUBT = """
SELECT a.delivery, min(c.started) FROM attempt a JOIN call c ON c.id = a.call
 WHERE a.delivery IN {ids} AND coalesce(a.status, 'unknown') NOT IN ('busy', 'refused')
 GROUP BY a.delivery
"""
#: as they stand once they are claimed; `queued` and `retry_wait` may both become that by the table of transitions
DUE = f"""
SELECT {rows.columns(version="version + 1", state="'claimed'", changed_at=":now")} FROM delivery
 WHERE {rows.WAITING} AND state = :state AND channel = :channel AND asked = :asked AND next_at <= :now
   AND reason <> '{REPEATED}'
 ORDER BY next_at, id LIMIT :limit {{free}}
"""  # noqa: S608 - names of ours
CLAIM = """
UPDATE delivery SET version = version + 1, state = 'claimed', worker = :worker, changed_at = :now WHERE id IN {ids}
"""
ABANDONED = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE {rows.IN_HAND} AND state = :state AND {{abandoned}}
 ORDER BY id LIMIT :limit {{free}}
"""  # noqa: S608 - names of ours
NEXT_TRY = f"""
SELECT min(next_at) FROM delivery
 WHERE {rows.WAITING} AND state = 'retry_wait' AND channel = :channel AND asked >= :asked_only
"""  # noqa: S608 - names of ours
CALL = "INSERT INTO call (id, reference, run, channel, started) VALUES (?, ?, ?, ?, ?)"
ATTEMPT = """
INSERT INTO attempt (delivery, number, call, started)
SELECT id, attempts, :call, :now FROM delivery WHERE id IN {ids}
"""
#: of one alone
ATTEMPT_OF_ONE = "INSERT INTO attempt (delivery, number, call, started) VALUES (?, ?, ?, ?)"

#: rows changed in one transaction when many are to be moved
SOME = 1000


_reason = attrgetter("reason")


class Call(NamedTuple):
    """One request to a provider, for one or more deliveries."""

    reference: str
    channel: str
    deliveries: tuple[Delivery, ...]


def new_reference() -> str:
    """104 random bits that fit into any provider's reference field (26 characters)."""
    return secrets.token_hex(13)


def recover(ledger: Ledger, times: Times) -> None:
    """After a crash: what was being sent is unknown, what was only picked is queued again.

    Call it while dispatching: who else may be at work then is known, and what they hold is left to them.
    """
    _move_all(ledger, State.SENDING, State.UNKNOWN, "the run that sent it ended without recording an answer", times)
    _move_all(ledger, State.CLAIMED, State.QUEUED, "the run that picked it ended before sending it", times)


def _move_all(ledger: Ledger, old: State, new: State, cause: str, times: Times) -> None:
    moved = SOME
    while moved == SOME:
        with ledger.write() as tx:
            found = _found(tx, ABANDONED, state=old, limit=SOME)
            changes.apply(tx, [_taken_back(d, new, cause) for d in found], times)
            moved = len(found)


def _taken_back(delivery: Delivery, to: State, cause: str) -> Change:
    if to is State.UNKNOWN:
        return Change([delivery], to, cause=cause, reason="unclear")
    return Change([delivery], to, cause=cause, reason=delivery.reason, detail=delivery.detail)


def wake(ledger: Ledger, channel: str, times: Times) -> list[Delivery]:
    """Let go on what a rule held until now; returns those whose time went by meanwhile, now `expired`."""
    expired: list[Delivery] = []
    moved = SOME
    while moved == SOME:
        with ledger.write() as tx:
            held = partial(_found, tx, WAITING, state=State.HELD, channel=channel, now=to_ms(times.now))
            found = held(limit=SOME, asked=True)
            found += held(limit=SOME - len(found), asked=False)
            won = changes.apply(tx, [_woken(delivery, times.now) for delivery in found], times)
        expired += changes.after(change for change in won if change.to is State.EXPIRED)
        moved = len(found)
    return expired


def _woken(delivery: Delivery, now: datetime) -> Change:
    if delivery.expires_at is not None and delivery.expires_at <= now:
        return _expiry(delivery)
    return Change([delivery], State.QUEUED, cause="its time has come", detail=delivery.detail)


def claim(ledger: Ledger, channel: str, times: Times, limit: int, *, asked: bool) -> list[Delivery]:
    """Pick up to `limit` deliveries that are due, of those asked for by name or of the others.

    Returns them as they now stand: `claimed`, or `expired` where their time went by.
    """
    with ledger.write() as tx:
        now = to_ms(times.now)
        due = partial(_found, tx, DUE, channel=channel, asked=asked, now=now)
        found = due(state=State.RETRY_WAIT, limit=limit)
        found += due(state=State.QUEUED, limit=limit - len(found))
        if not found:
            return []
        ids = [d.id for d in found]
        tx.note(CLAIM, ids, now=now, worker=tx.worker)
        tx.note(changes.EVENTS, ids, now=now, real=to_ms(times.real), cause="picked")
        over = [_expiry(d) for d in found if d.expires_at is not None and d.expires_at <= times.now]
        late = changes.apply(tx, over, times)
    expired = {delivery.id: delivery for delivery in changes.after(late)}
    return [expired.get(delivery.id, delivery) for delivery in found] if expired else found


def repeated(ledger: Ledger, channel: str, times: Times, window: timedelta) -> list[Delivery]:
    """Pick all that is to be sent again in the calls it was in; a call is whole, or it is another one.

    Nothing of it expires: the first attempt may have gone out. For the same reason a call of which that is longer ago
    than the `window`, in which the provider drops a repetition, is not picked: it is `unknown` again.
    """
    with ledger.write() as tx:
        found = _found(tx, TO_REPEAT, channel=channel)
        since: dict[int, int] = dict(tx.rows_of(IN_DOUBT, [d.id for d in found])) if found else {}
        over = to_ms(times.real - window)
        late = {d.detail for d in found if d.id in since and since[d.id] <= over}
        won = changes.apply(tx, [_too_late(d) if d.detail in late else _again(d) for d in found], times)
    return changes.after(won)


def _again(delivery: Delivery) -> Change:
    return Change([delivery], State.CLAIMED, "picked again", delivery.reason, delivery.detail)


def _too_late(delivery: Delivery) -> Change:
    return Change([delivery], State.UNKNOWN, "not made again inside the provider's duplicate check", reason="unclear")


def _found(tx: Transaction, sql: str, **asked: object) -> list[Delivery]:
    return list(map(rows.Reader(tx.vault), tx.rows(sql, **asked)))


def _expiry(delivery: Delivery) -> Change:
    return Change([delivery], State.EXPIRED, cause="its time went by", reason="late")


def release(tx: Transaction, deliveries: Sequence[Delivery], times: Times) -> None:
    """Put back what was picked and not sent."""
    back = [
        Change([d], State.QUEUED, cause="put back: not sent yet", reason=d.reason, detail=d.detail) for d in deliveries
    ]
    changes.apply(tx, back, times)


def begin(tx: Transaction, run: int, calls: Sequence[Call], times: Times) -> list[Call]:
    """Commit the intent to make `calls`; when the transaction has committed, and not before, they may be made.

    Returns them with the deliveries as they now stand, without those that somebody else decided about meanwhile.
    """
    if not calls:
        return []
    steps = [
        Change(list(some), State.SENDING, "handed to the channel", reason, attempts=1)
        for call in calls
        for reason, some in groupby(call.deliveries, key=_reason)
    ]
    begun = {delivery.id: delivery for delivery in changes.after(changes.apply(tx, steps, times))}
    standing = (Call(c.reference, c.channel, tuple(begun[d.id] for d in c.deliveries if d.id in begun)) for c in calls)
    kept = [call for call in standing if call.deliveries]
    ids = tx.new_ids("call", len(kept))
    now, real = to_ms(times.now), to_ms(times.real)
    tx.many(CALL, ((id_, c.reference, run, c.channel, real) for id_, c in zip(ids, kept, strict=True)))
    _tried(tx, dict(zip(ids, kept, strict=True)), now)
    return kept


def _tried(tx: Transaction, calls: Mapping[int, Call], now: int) -> None:
    """The attempts that numbered calls are."""
    alone: list[tuple[int, int, int, int]] = []
    for number, call in calls.items():
        if len(call.deliveries) == 1:
            alone += [(d.id, d.attempts, number, now) for d in call.deliveries]
        else:
            tx.note(ATTEMPT, [d.id for d in call.deliveries], call=number, now=now)
    if alone:
        tx.many(ATTEMPT_OF_ONE, alone)


def next_try(ledger: Ledger, channel: str, *, asked_only: bool) -> int | None:
    """When the next delivery of a channel may be tried again (milliseconds), or None when none waits for that."""
    with ledger.read() as tx:
        found = tx.one(NEXT_TRY, channel=channel, asked_only=asked_only)
    return None if found is None else found[0]
