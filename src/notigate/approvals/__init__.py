"""What waits for a person's word, and that word.

A batch is what one occasion brings on one day: `holiday/mid-autumn@2026-09-25`; who came later is in `…+2`. It is frozen:
its deliveries stand in the ledger as they will go out, and one digest covers them all. The word is given on that digest,
so it holds for this content and no other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from notigate.errors import UsageError
from notigate.ledger import batches, changes
from notigate.ledger.batch import Batch, LeftOut, Said, Stage, Word
from notigate.ledger.changes import Change
from notigate.model import State

if TYPE_CHECKING:
    from notigate.ledger.changes import Times
    from notigate.ledger.store import Ledger

__all__ = ["Batch", "LeftOut", "Said", "Stage", "Word"]

#: the rules under which the ledger holds what waits for a person: F06, and `late: ask`
APPROVAL, LATE = "approval", "late"
RULES = frozenset({APPROVAL, LATE})
#: the detail of a delivery that a person let go; it goes in the next hours that are right, late or not
APPROVED = "approved"
#: deliveries changed in one transaction
TOGETHER = 1000
#: batches shown, when all are asked for
LATEST = 100
#: texts shown of each batch in the list
EXAMPLES = 3


def waiting(ledger: Ledger) -> list[Batch]:
    """The batches that wait, by their days, each with its first texts."""
    return [_shown(ledger, batch) for batch in batches.standing(ledger) if batch.state is Stage.WAITING]


def every(ledger: Ledger) -> list[Batch]:
    """The latest batches, whatever became of them, newest first."""
    return [_shown(ledger, batch) for batch in batches.standing(ledger, every=LATEST)]


def find(ledger: Ledger, name: str) -> Batch:
    """The batch of that name, or the only one that waits of an occasion (`OCCASION`, `OCCASION@ANYTHING`).

    Raises:
        UsageError: there is none, or more than one.
    """
    if found := batches.named(ledger, name):
        return _shown(ledger, found)
    near = [batch for batch in waiting(ledger) if batch.channels and batch.occasion == name.partition("@")[0]]
    keys = {batch.id: {d.occurrence for d in batch.examples} for batch in near}
    near = [batch for batch in near if "@" not in name or name.partition("@")[2] in keys[batch.id]]
    if len(near) != 1:
        raise UsageError("no batch {name!r} waits for approval; see: notigate approvals", name=name)
    return near[0]


def decide(  # noqa: PLR0913 - one decision, all that is recorded of it
    ledger: Ledger, batch: Batch, *, approved: bool, who: str, login: str, because: str = "", times: Times
) -> None:
    """Record a person's word on what a batch holds now. Called off, its deliveries come to their end at once.

    Raises:
        UsageError: it does not wait; or somebody decided, or changed it, meanwhile.
    """
    if batch.state is not Stage.WAITING and (approved or batch.state is not Stage.APPROVED):
        raise UsageError("{batch} does not wait: it is {state}", batch=batch.name, state=batch.state.value)
    word, stage = (Word.APPROVED, Stage.APPROVED) if approved else (Word.REFUSED, Stage.REFUSED)
    with ledger.write() as tx:
        if not batches.move(tx, batch, stage):
            raise UsageError("{batch} has just changed; look at it again: notigate approvals {batch}", batch=batch.name)
        batches.say(tx, batch, word, times, who=who, login=login, digest=batch.digest, because=because)
    if not approved:
        _move_all(ledger, batch, State.CANCELLED, f"refused by {who}", "refused", times)


def release(ledger: Ledger, batch: Batch, who: str, times: Times) -> int:
    """Let go what was approved; returns how many."""
    moved = _move_all(ledger, batch, State.QUEUED, f"approved by {who}", "", times)
    _close(ledger, batch, Stage.RELEASED, Word.RELEASED, times)
    return moved


def miss(ledger: Ledger, batch: Batch, times: Times) -> int:
    """Its hours went by; returns how many expired."""
    moved = _move_all(ledger, batch, State.EXPIRED, "its time went by", LATE, times)
    _close(ledger, batch, Stage.MISSED, Word.MISSED, times)
    return moved


def _close(ledger: Ledger, batch: Batch, stage: Stage, word: Word, times: Times) -> None:
    with ledger.write() as tx:
        if batches.move(tx, batch, stage):
            batches.say(tx, batch, word, times, who="", login="", digest=batch.digest)


def _move_all(  # noqa: PLR0913, PLR0917 - one step, in groups
    ledger: Ledger, batch: Batch, to: State, cause: str, reason: str, times: Times
) -> int:
    moved, last = 0, 0
    detail = APPROVED if to is State.QUEUED else ""
    while some := batches.held(ledger, batch.id, TOGETHER, last):
        # What has an hour of its own goes then, and no sooner.
        steps = [
            Change(
                [d], to, cause=cause, reason=reason, detail=detail,
                next_at=max(times.now, d.next_at or times.now) if to is State.QUEUED else times.now,
            )
            for d in some
        ]  # fmt: skip
        with ledger.write() as tx:
            moved += sum(len(change.deliveries) for change in changes.apply(tx, steps, times))
        last = some[-1].id
    return moved


def _shown(ledger: Ledger, batch: Batch) -> Batch:
    """With what is still held of it, and its first texts."""
    examples = tuple(batches.held(ledger, batch.id, EXAMPLES))
    return replace(batch, channels=batches.channels(ledger, batch.id), examples=examples)
