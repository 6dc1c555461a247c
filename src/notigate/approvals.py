"""What waits for an approval, and a person's word on it.

A batch is one occasion's one occurrence: `holiday/mid-autumn@2026`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate.errors import UsageError
from notigate.ledger import changes, questions
from notigate.ledger.changes import Change, Times
from notigate.model import Delivery, State

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger

#: the rules under which the ledger holds what waits for a person: F06, and `late: ask`
RULES = frozenset({"approval", "late"})
#: the detail of a delivery that a person let go; it goes in the next hours that are right, late or not
APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries that one word lets go or calls off."""

    name: str
    #: how many, by channel
    channels: Counter[str]
    #: the first of them, to be read before deciding
    example: Delivery


def waiting(ledger: Ledger) -> list[Batch]:
    """The batches that wait, oldest first."""
    batches: dict[str, tuple[Counter[str], Delivery]] = {}
    for delivery in _held(ledger):
        channels, _ = batches.setdefault(_name(delivery), (Counter(), delivery))
        channels[delivery.channel] += 1
    return [Batch(name, channels, example) for name, (channels, example) in batches.items()]


def decide(  # noqa: PLR0913 - one decision, all that is recorded of it
    ledger: Ledger, name: str, *, approved: bool, by: str, times: Times, dry_run: bool = False
) -> int:
    """Let a batch go, or call it off; returns how many deliveries that concerned. With `dry_run`, only counts them.

    Raises:
        UsageError: no such batch waits.
    """
    held = [delivery for delivery in _held(ledger) if _name(delivery) == name]
    if not held:
        raise UsageError("no batch {name!r} waits for approval; see: notigate approvals", name=name)
    if dry_run:
        return len(held)
    to, cause = (State.QUEUED, f"approved by {by}") if approved else (State.CANCELLED, f"refused by {by}")
    with ledger.write() as tx:
        won = changes.apply(
            tx,
            [
                Change(delivery=d, to=to, cause=cause, detail=APPROVED if approved else "", next_at=times.now)
                for d in held
            ],
            times,
        )
    return len(won)


def _held(ledger: Ledger) -> list[Delivery]:
    return [d for d in questions.log(ledger, state=State.HELD) if d.reason in RULES]


def _name(delivery: Delivery) -> str:
    return f"{delivery.occasion}@{delivery.occurrence}"
