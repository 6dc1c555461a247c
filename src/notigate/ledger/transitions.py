"""The legal changes of state, as a table. Whatever is not here raises, wherever it is tried."""

from __future__ import annotations

from types import MappingProxyType

from notigate.model import State

S = State

#: from → to. `sending` is left only by an answer (or by a crash: to `unknown`), never back to `queued`: a request may exist.
LEGAL: MappingProxyType[State, frozenset[State]] = MappingProxyType(
    {
        #: to `unknown` goes only what came from there, to be made again in time, and was not
        S.QUEUED: frozenset({S.CLAIMED, S.HELD, S.SUPPRESSED, S.INVALID, S.EXPIRED, S.CANCELLED, S.UNKNOWN}),
        S.HELD: frozenset({S.QUEUED, S.SUPPRESSED, S.INVALID, S.EXPIRED, S.CANCELLED}),
        S.RETRY_WAIT: frozenset({S.QUEUED, S.CLAIMED, S.HELD, S.SUPPRESSED, S.EXPIRED, S.CANCELLED}),
        S.CLAIMED: frozenset({S.QUEUED, S.SENDING, S.HELD, S.SUPPRESSED, S.INVALID, S.EXPIRED}),
        S.SENDING: frozenset({S.ACCEPTED, S.RETRY_WAIT, S.HELD, S.FAILED, S.UNKNOWN, S.EXPIRED}),
        S.UNKNOWN: frozenset({S.ACCEPTED, S.DELIVERED, S.UNDELIVERED, S.QUEUED, S.CANCELLED}),
        S.ACCEPTED: frozenset({S.DELIVERED, S.UNDELIVERED}),
        #: carriers correct themselves in this direction only
        S.UNDELIVERED: frozenset({S.DELIVERED}),
        S.DELIVERED: frozenset(),
        S.FAILED: frozenset(),
        S.INVALID: frozenset(),
        S.SUPPRESSED: frozenset(),
        S.DUPLICATE: frozenset(),
        S.EXPIRED: frozenset(),
        S.CANCELLED: frozenset(),
    }
)

#: states a delivery may be planned in
FIRST = frozenset({S.QUEUED, S.HELD, S.INVALID, S.SUPPRESSED, S.DUPLICATE, S.EXPIRED})

#: still on its way: counted as `open` in the tally, and in the small index that dispatchers read
OPEN = frozenset({S.QUEUED, S.CLAIMED, S.SENDING, S.RETRY_WAIT, S.HELD})

#: a dispatcher has it
IN_HAND = frozenset({S.CLAIMED, S.SENDING})

#: the provider has it; no change leads out of these
OUT = frozenset({S.ACCEPTED, S.DELIVERED, S.UNDELIVERED})

#: nothing more will come of it, but for the carrier's word
SETTLED = frozenset(State) - OPEN - {S.UNKNOWN}


def check(old: State, new: State) -> None:
    """Insist on the table.

    Raises:
        ValueError: the change is not in it; a fault of our own code.
    """
    if new not in LEGAL[old]:
        raise ValueError(f"illegal change of state: {old} -> {new}")
