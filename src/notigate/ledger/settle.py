"""Record what came of calls, receipts and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from notigate.ledger import changes, rows
from notigate.ledger.changes import Change, Times
from notigate.ledger.store import Transaction, to_ms
from notigate.model import Delivery, Outcome, State, Status

ANSWER = """
UPDATE attempt SET ended = :real, status = :status, reason = :reason, detail = :detail, provider_id = :provider_id
 WHERE delivery IN {ids} AND number = :number AND ended IS NULL
"""
#: of one alone
ANSWER_TO_ONE = """
UPDATE attempt SET ended = ?, status = ?, reason = ?, detail = ?, provider_id = ?
 WHERE delivery = ? AND number = ? AND ended IS NULL
"""
STANDING = f"SELECT {rows.COLUMNS} FROM delivery WHERE id IN {{ids}}"  # noqa: S608 - names of ours

#: a late word that it was accepted contradicts none of these
AS_ACCEPTED = frozenset({State.UNKNOWN, State.ACCEPTED, State.DELIVERED, State.UNDELIVERED})


class Settlement(NamedTuple):
    """An outcome, and the step that it means for its deliveries."""

    outcome: Outcome
    change: Change


_number = attrgetter("attempts")


def settle(tx: Transaction, settlements: Sequence[Settlement], times: Times) -> list[Change]:
    """Record outcomes; returns the changes that held (see `changes.apply`).

    Who comes too late changes no delivery, but the attempt keeps the answer where it had none.
    """
    won = changes.apply(tx, [s.change for s in settlements], times)
    real = to_ms(times.real)
    alone: list[tuple[object, ...]] = []
    for outcome, change in settlements:
        status, reason, detail, provider_id = outcome.status, outcome.reason, outcome.detail, outcome.provider_id
        for number, some in groupby(change.deliveries, key=_number):
            ids = [delivery.id for delivery in some]
            if len(ids) == 1:
                alone.append((real, status, reason, detail, provider_id, *ids, number))
            else:
                tx.note(
                    ANSWER, ids, number=number, real=real, status=status, reason=reason, detail=detail, provider_id=provider_id
                )  # fmt: skip
    if alone:
        tx.many(ANSWER_TO_ONE, alone)
    return won


def suspected(tx: Transaction, settlements: Sequence[Settlement], won: Sequence[Change]) -> list[Delivery]:
    """Deliveries accepted in an attempt that somebody had given up and acted upon: their readers may get them twice."""
    if sum(len(change.deliveries) for change in won) == sum(len(s.change.deliveries) for s in settlements):
        return []
    held = {delivery.id for change in won for delivery in change.deliveries}
    late = {
        delivery.id: delivery.attempts
        for outcome, change in settlements
        if outcome.status is Status.ACCEPTED
        for delivery in change.deliveries
        if delivery.id not in held
    }
    standing = list(map(rows.Reader(tx.vault), tx.rows_of(STANDING, list(late)))) if late else []
    return [d for d in standing if d.attempts > late[d.id] or d.state not in AS_ACCEPTED]
