"""A delivery as its channel gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.model import Delivery, Message

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger


def as_message(ledger: Ledger, delivery: Delivery, reference: str = "") -> Message:
    """The message of a delivery, for the call that is named by `reference`; without one, only to be looked at.

    Raises:
        ValueError: its content was erased; a fault of our own code, which never begins such a delivery.
    """
    d, content = delivery, delivery.content
    if content is None:
        raise ValueError(f"delivery {d.id} has no content to send")
    token = ledger.token(d.id) if reference else ""
    values = (token, reference, d.occasion, d.category, d.medium, d.to, d.locale, *content)
    return tuple.__new__(Message, values)  # by name it takes three times as long, for each message of a run
