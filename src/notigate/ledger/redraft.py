"""What waits for a person, or for its hours, may be written anew: the promise stays the same, its content does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from notigate.ledger import changes, plan, rows
from notigate.ledger.store import Transaction, to_ms
from notigate.model import Delivery, State

if TYPE_CHECKING:
    from notigate.ledger.changes import Times
    from notigate.ledger.plan import Draft
    from notigate.ledger.store import Ledger

#: the rule under which a delivery is held that nobody plans any more: it is in no batch, and comes back if its reader does
GONE = "gone"

#: the rule of what waits for a person's word; it holds again for what comes back
APPROVAL = "approval"
VERSIONS = "SELECT id, version FROM delivery WHERE id IN {ids} ORDER BY id {locked}"
BY_KEY = f"SELECT key, {rows.COLUMNS}, batch FROM delivery WHERE key IN {{keys}}"  # noqa: S608 - names of ours
REWRITE = """
UPDATE delivery
   SET version = version + 1, person = ?, wording = ?, about = ?, project = ?, building = ?, channel = ?, medium = ?,
       address = ?, locale = ?, content = ?, digest = ?, timezone = ?, parts = ?, reason = ?, next_at = ?, expires_at = ?,
       changed_at = ?
 WHERE id = ? AND version = ?
"""
LEAVE = f"""
UPDATE delivery SET version = version + 1, reason = '{GONE}', batch = NULL, changed_at = ? WHERE id = ? AND version = ?
"""  # noqa: S608 - names of ours


def promised(ledger: Ledger, drafts: Sequence[Draft]) -> list[tuple[Delivery, int | None] | None]:
    """For each draft the delivery that is promised already, and its batch; None where there is none."""
    keys = [plan.key_of(ledger, draft) for draft in drafts]
    with ledger.read() as tx:
        found = tx.rows_by_key(BY_KEY, keys)
    read = rows.Reader(ledger.vault)
    known = {bytes(row[0]): (read(row[1:-1]), row[-1]) for row in found}
    return [known.get(own) for own in keys]


def says_something_else(standing: Delivery, draft: Draft) -> bool:
    """Other words to the same reader, whatever the address; by another way they are others anyway."""
    if draft.content is None or standing.content is None:
        return False
    alike = (standing.person, standing.channel, standing.medium) == (draft.person, draft.channel, draft.medium)
    return alike and rows.encode(standing.content) != rows.encode(draft.content)


def rewrite(ledger: Ledger, tx: Transaction, pairs: Sequence[tuple[Delivery, Draft]], times: Times) -> int:
    """Give held deliveries the content of new drafts; returns how many still stood as their values say."""
    won = _standing(tx, [delivery for delivery, _ in pairs])
    kept = [(delivery, draft) for delivery, draft in pairs if delivery.id in won]
    now = to_ms(times.now)
    tx.many(REWRITE, (_row(ledger, delivery, draft, now) for delivery, draft in kept))
    cells = changes.cells((draft for _, draft in kept), State.HELD, "")
    cells.subtract(changes.cells((delivery for delivery, _ in kept), State.HELD, ""))
    _record(tx, [delivery for delivery, _ in kept], "drafted anew", times)
    changes.count(tx, cells)
    return len(kept)


def leave(tx: Transaction, deliveries: Sequence[Delivery], times: Times) -> int:
    """Take held deliveries out of their batch: nobody plans them any more."""
    won = _standing(tx, deliveries)
    kept = [delivery for delivery in deliveries if delivery.id in won]
    now = to_ms(times.now)
    tx.many(LEAVE, ((now, delivery.id, delivery.version) for delivery in kept))
    _record(tx, kept, "no longer planned", times)
    return len(kept)


def _standing(tx: Transaction, deliveries: Sequence[Delivery]) -> set[int]:
    """The numbers of those that are still held as their values say."""
    versions: dict[int, int] = dict(tx.rows_of(VERSIONS, [delivery.id for delivery in deliveries]))
    return {d.id for d in deliveries if d.state is State.HELD and versions.get(d.id) == d.version}


def _record(tx: Transaction, deliveries: Sequence[Delivery], cause: str, times: Times) -> None:
    now, real = to_ms(times.now), to_ms(times.real)
    tx.note(changes.EVENTS, [delivery.id for delivery in deliveries], now=now, real=real, cause=cause)


def _row(ledger: Ledger, delivery: Delivery, draft: Draft, now: int) -> tuple[object, ...]:
    content, digest = plan.kept(ledger, draft.content)
    reason = APPROVAL if delivery.reason == GONE else delivery.reason
    return (
        draft.person, draft.wording, draft.about.isoformat() if draft.about else None, draft.project, draft.building,
        draft.channel, draft.medium, ledger.kept_address(draft.to), draft.locale, content, digest, draft.timezone,
        draft.parts, reason, changes.next_ms(State.HELD, draft.next_at, now),
        to_ms(draft.expires_at) if draft.expires_at else None, now, delivery.id, delivery.version,
    )  # fmt: skip
