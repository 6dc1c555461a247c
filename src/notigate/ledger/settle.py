"""Record what came of calls, receipts and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notigate.ledger import changes
from notigate.ledger.changes import Change, Times
from notigate.ledger.store import Transaction, to_ms
from notigate.model import Outcome

ANSWER = """
UPDATE attempt SET ended = ?, status = ?, reason = ?, detail = ?, provider_id = ?
 WHERE delivery = ? AND number = ? AND ended IS NULL
"""


@dataclass(frozen=True, slots=True)
class Settlement:
    """An outcome, and the step that it means for its delivery."""

    outcome: Outcome
    change: Change


def settle(tx: Transaction, settlements: Sequence[Settlement], times: Times) -> list[Change]:
    """Record outcomes; returns the changes that held (see `changes.apply`). Who comes too late changes nothing."""
    won = changes.apply(tx, [s.change for s in settlements], times)
    held, real = {change.delivery.id for change in won}, to_ms(times.real)
    tx.many(ANSWER, (_answer(s, real) for s in settlements if s.change.delivery.id in held))
    return won


def _answer(settlement: Settlement, real: int) -> tuple[object, ...]:
    outcome, delivery = settlement.outcome, settlement.change.delivery
    return (real, outcome.status, outcome.reason, outcome.detail, outcome.provider_id, delivery.id, delivery.attempts)
