"""Wrong orders of writing and sending, to see that the harnesses find them: put into a run of notigate, never into notigate.

Each is what a well-known system does. A harness that lets one of them pass proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from notigate.ledger import changes, claim, settle, transitions
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.settle import Settlement
from notigate.ledger.store import Ledger, Transaction
from notigate.model import Outcome, State


def send_then_record() -> None:
    """The intent is committed together with the answer, after the call: a crash between them forgets that it was sent."""
    begin, settle_ = claim.begin, settle.settle
    pending: dict[int, tuple[int, Call]] = {}

    def pretend(tx: Transaction, run: int, calls: Sequence[Call], times: Times) -> list[Call]:
        del tx, times
        for call in calls:
            pending.update({delivery.id: (run, call) for delivery in call.deliveries})
        return [Call(c.reference, c.channel, tuple(changes.after([_intent(c)]))) for c in calls]

    def record(tx: Transaction, settlements: Sequence[Settlement], times: Times) -> list[Change]:
        made = {
            run_call[1].reference: run_call
            for s in settlements
            for delivery in s.change.deliveries
            if (run_call := pending.pop(delivery.id, None))
        }
        for run, call in made.values():
            begin(tx, run, [call], times)
        return settle_(tx, settlements, times)

    claim.begin, settle.settle = pretend, record


def _intent(call: Call) -> Change:
    return Change(call.deliveries, State.SENDING, "pretended", call.deliveries[0].reason, attempts=1)


def recorded_before_sent() -> None:
    """The answer is committed together with the intent, before the call: a crash between them never sends it."""
    begin = claim.begin

    def foretell(tx: Transaction, run: int, calls: Sequence[Call], times: Times) -> list[Call]:
        begun = begin(tx, run, calls, times)
        settle.settle(tx, [Settlement(Outcome.accepted(), _accepted(call)) for call in begun], times)
        return begun

    claim.begin = foretell


def _accepted(call: Call) -> Change:
    return Change(call.deliveries, State.ACCEPTED, "foretold")


def never_unknown() -> None:
    """What a crash left in `sending` is queued again, as if nothing could have been sent."""
    legal = {**transitions.LEGAL, State.SENDING: transitions.LEGAL[State.SENDING] | {State.QUEUED}}
    transitions.LEGAL = MappingProxyType(legal)

    def recover(ledger: Ledger, times: Times) -> None:
        for state in (State.SENDING, State.CLAIMED):
            claim._move_all(ledger, state, State.QUEUED, "as if never sent", times)  # noqa: SLF001 - broken here on purpose

    claim.recover = recover


#: name → puts it into this process
WRONG: Mapping[str, Callable[[], None]] = {
    "send-then-record": send_then_record,
    "never-unknown": never_unknown,
    "recorded-before-sent": recorded_before_sent,
}
