"""Who has said no since a message to them was promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from notigate.address import Fault, recognise
from notigate.ledger import preferences
from notigate.ledger.changes import Change
from notigate.ledger.claim import REPEATED
from notigate.model import Category, Delivery, State
from notigate.preferences import Who

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger

#: the rule, as at planning
RULE = "opted-out"


def objections(ledger: Ledger, claimed: Sequence[Delivery]) -> dict[int, Change]:
    """The steps of claimed deliveries that their readers do not want any more; one question for all of them.

    What is made again inside a provider's duplicate check may have gone out already, and is left alone.
    """
    if not preferences.any_stands(ledger):
        return {}
    meant = [d for d in claimed if d.category is not Category.STAFF and d.reason != REPEATED]
    told = preferences.of_readers(ledger, ((str(d.id), _names(d)) for d in meant))
    return {
        d.id: Change([d], State.SUPPRESSED, cause=RULE, reason=RULE)
        for d in meant
        if any(one.stops(d.category, d.channel, d.medium) for one in told.get(str(d.id), ()))
    }


def _names(delivery: Delivery) -> list[Who]:
    address = recognise(delivery.to)
    by_address = [] if isinstance(address, Fault) else [Who(*address)]
    return [Who("person", delivery.person), *by_address]
