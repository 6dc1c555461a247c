"""A delivery as its channel gets it."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from notigate.model import Delivery, Message

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger

#: what a message has of its delivery, beside the content
_head = itemgetter(*map(Delivery._fields.index, ("occasion", "category", "medium", "to", "locale")))


def as_message(ledger: Ledger, delivery: Delivery, reference: str = "") -> Message:
    """The message of a delivery, for the call that is named by `reference`; without one, only to be looked at.

    Raises:
        ValueError: its content was erased; a fault of our own code, which never begins such a delivery.
    """
    if delivery.content is None:
        raise ValueError(f"delivery {delivery.id} has no content to send")
    token = ledger.token(delivery.id) if reference else ""
    head: tuple[object, ...] = _head(delivery)
    # By name it takes three times as long, for each message of a run.
    return tuple.__new__(Message, (token, reference) + head + delivery.content)  # noqa: RUF005 - unpacked, a list is made first
