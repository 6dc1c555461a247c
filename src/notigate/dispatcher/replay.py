"""Answers that an earlier run could not commit, kept beside the ledger: into the ledger now, before anything is recovered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from notigate.dispatcher.crew import Answered
from notigate.dispatcher.decisions import settlements
from notigate.dispatcher.receipts import DUE
from notigate.errors import LedgerError
from notigate.ledger import questions, settle
from notigate.ledger.changes import Times
from notigate.ledger.claim import Call
from notigate.model import Delivery, Outcome, Scope, State, Status

if TYPE_CHECKING:
    from notigate.ledger.aside import Aside
    from notigate.ledger.store import Ledger


def reserve(ledger: Ledger) -> None:
    """Make room for answers that the ledger may not be able to take.

    Raises:
        LedgerError: there is none; then nothing is to be sent.
    """
    try:
        if ledger.aside is not None:
            ledger.aside.reserve()
    except OSError as fault:
        raise LedgerError(
            "there is no room beside the ledger ({fault}); nothing was sent. Free some space and run it again",
            fault=fault.strerror or fault,
        ) from fault


def keep(aside: Aside | None, unsettled: Sequence[Answered]) -> bool:
    """Keep answers beside the ledger; False when that failed too, and they are to be found unknown."""
    if aside is None:
        return False
    try:
        aside.keep([pair for answered in unsettled for pair in _pairs(answered)])
    except OSError:
        return False
    return True


def replay(ledger: Ledger, times: Times) -> None:
    """Settle what was kept; what was settled otherwise meanwhile stays as it is.

    Raises:
        LedgerError: it could not be read, recorded or removed; then nothing is to be sent.
    """
    if ledger.aside is None:
        return
    with _readable(ledger.aside):
        kept = {k.delivery: k for k in ledger.aside.kept()}
    standing = [
        d
        for d in questions.deliveries(ledger, list(kept))
        if d.state is State.SENDING and d.version == kept[d.id].version
    ]
    answered = [Answered(Call("", d.channel, (d,)), [kept[d.id].outcome]) for d in standing]
    if answered:
        with ledger.write() as tx:
            settle.settle(tx, [s for a in answered for s in settlements(a, times.now, times.now + DUE)], times)
    with _readable(ledger.aside):
        ledger.aside.empty()


@contextmanager
def _readable(aside: Aside) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise LedgerError(
            "the ledger {path} cannot be used: {fault}", path=aside.path, fault=fault.strerror or fault
        ) from fault


def _pairs(answered: Answered) -> list[tuple[Delivery, Outcome]]:
    """Each delivery with its outcome, which must say the same when it is read without its company."""
    company = len(answered.outcomes) > 1
    return [
        (delivery, _by_itself(outcome) if company else outcome)
        for delivery, outcome in zip(answered.call.deliveries, answered.outcomes, strict=True)
    ]


def _by_itself(outcome: Outcome) -> Outcome:
    """Refused because of somebody in the call: proven not sent, to be asked again."""
    if outcome.status is Status.REFUSED and outcome.scope is Scope.CALL and outcome.reason:
        return Outcome.busy(outcome.reason, outcome.detail)
    return outcome
