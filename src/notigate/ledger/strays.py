"""What waits for a channel that is none of the project's any more: told, and brought to its end when its time goes by."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from notigate.ledger import changes, rows
from notigate.ledger.changes import Change, Times
from notigate.ledger.store import Ledger, Transaction, to_ms
from notigate.model import Delivery, State

#: states in which a delivery waits to be picked
WAITS = (State.QUEUED, State.RETRY_WAIT, State.HELD)
#: found in its index without a look at those between
NEXT = f"SELECT min(channel) FROM delivery WHERE {rows.WAITING} AND state = :state AND channel > :after"  # noqa: S608 - names of ours
#: a batch that waits for an approval comes to its own end
LAPSED = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE {rows.WAITING} AND state = :state AND channel = :channel AND expires_at <= :now AND reason <> 'approval'
 ORDER BY id {{free}}
"""  # noqa: S608 - names of ours
LEFT = f"SELECT count(*) FROM delivery WHERE {rows.WAITING} AND state = :state AND channel = :channel"  # noqa: S608 - names of ours


class Stray(NamedTuple):
    """A channel that is not there, and what was promised for it."""

    channel: str
    #: deliveries that still wait
    waiting: int
    #: those whose time went by, as they stand now
    expired: list[Delivery]


def strays(ledger: Ledger, known: Collection[str], times: Times) -> list[Stray]:
    """The channels that something waits for, and that are none of those `known`; what is over expires."""
    with ledger.read() as tx:
        gone = {name for state in WAITS for name in _channels(tx, state)}.difference(known)
    return [_stray(ledger, name, times) for name in sorted(gone)]


def _channels(tx: Transaction, state: State) -> Iterator[str]:
    after = ""
    while (found := tx.one(NEXT, state=state, after=after)) and found[0]:
        after = found[0]
        yield after


def _stray(ledger: Ledger, channel: str, times: Times) -> Stray:
    with ledger.write() as tx:
        read = rows.Reader(tx.vault)
        over = [
            read(row) for state in WAITS for row in tx.rows(LAPSED, state=state, channel=channel, now=to_ms(times.now))
        ]
        won = changes.apply(tx, [Change(over, State.EXPIRED, "its time went by", reason="late")], times)
        waiting = sum(tx.rows(LEFT, state=state, channel=channel)[0][0] for state in WAITS)
    return Stray(channel, waiting, changes.after(won))
