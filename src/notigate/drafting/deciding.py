"""A person's word on a batch: only on what they looked at, and only from whom it may come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate import approvals
from notigate.drafting.seals import seated, user
from notigate.edges import login
from notigate.errors import NotApproved, sentence
from notigate.language import _

if TYPE_CHECKING:
    from notigate.approvals import Batch
    from notigate.drafting import Drafting

#: whoever approves must have seen what they approve
CHANGED = sentence(
    "{batch} is no longer what was drafted ({how}). Nothing was approved; look at it again: notigate approvals {batch}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word on a batch."""

    approved: bool
    #: empty: the user of this machine
    by: str = ""
    because: str = ""
    #: the beginning of the digest of what they looked at
    digest: str = ""
    dry_run: bool = False


def decide(drafting: Drafting, name: str, decision: Decision) -> int:
    """Record a person's word on a batch; returns how many deliveries that concerned.

    Raises:
        UsageError: no such batch waits.
        NotApproved: it has changed since it was drafted, or that person may not approve it.
    """
    ledger, settings = drafting.ledger, drafting.settings
    batch, who = approvals.find(ledger, name), decision.by or user(settings)
    if decision.digest and not batch.digest.startswith(decision.digest):
        raise NotApproved(CHANGED, batch=batch.name, how=_("another digest"))
    if decision.approved:
        settings.approval.check(batch.name, batch.author, who, seated(settings))
        _insist(drafting, batch, mend=not decision.dry_run)
    if not decision.dry_run:
        approvals.decide(
            ledger, batch, approved=decision.approved, who=who, login=login(), because=decision.because,
            times=drafting.times(),
        )  # fmt: skip
    return batch.channels.total()


def _insist(drafting: Drafting, batch: Batch, *, mend: bool) -> None:
    """Nobody approves what would no longer be drafted."""
    _new, difference = drafting.look(batch, mend=mend)
    if difference.stopped:
        raise NotApproved(
            "{batch} cannot be compared with what would be drafted now: {fault}. Nothing was approved",
            batch=batch.name,
            fault=difference.stopped[0].fault,
        )
    if difference:
        raise NotApproved(CHANGED, batch=batch.name, how=difference)
