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
    content = delivery.content
    if content is None:
        raise ValueError(f"delivery {delivery.id} has no content to send")
    text, subject, html, params, attachments = content
    return Message(
        id=ledger.token(delivery.id) if reference else "", reference=reference, occasion=delivery.occasion, category=delivery.category,
        medium=delivery.medium, to=delivery.to, locale=delivery.locale, text=text, subject=subject, html=html, params=params,
        attachments=attachments,
    )  # fmt: skip
