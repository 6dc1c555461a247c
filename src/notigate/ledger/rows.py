"""Between rows and values."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from notigate.ledger.store import Row, from_ms, known
from notigate.model import Attachment, Category, Content, Delivery, State

if TYPE_CHECKING:
    from notigate.ledger.vault import Vault

COLUMNS = (
    "id, version, run, occasion, occurrence, day, person, project, building, category, channel, medium, address, locale, "
    "asked, content, state, reason, detail, attempts, provider_id, planned_at, changed_at, next_at, expires_at, timezone"
)

#: word for word as in the index `delivery_open`: without it in a query, no planner sees that the index serves
IN_OPEN = (
    "(state = 'queued' OR state = 'claimed' OR state = 'sending' OR state = 'retry_wait' OR state = 'held' "
    "OR state = 'unknown')"
)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode


def encode(content: Content) -> str:
    """A content as kept in the ledger: the same content always gives the same text."""
    kept: dict[str, Any] = {"text": content.text}
    if content.subject:
        kept["subject"] = content.subject
    if content.html:
        kept["html"] = content.html
    if content.params:
        kept["params"] = dict(content.params)
    if content.attachments:
        kept["attachments"] = [[a.name, a.media_type, b64encode(a.data).decode()] for a in content.attachments]
    return _encode(kept)


def decode(text: str) -> Content:
    """The content that `encode` kept."""
    kept: Mapping[str, Any] = _decode(text)[0]
    return Content(
        text=kept["text"],
        subject=kept.get("subject", ""),
        html=kept.get("html", ""),
        params=kept.get("params", {}),
        attachments=tuple(
            Attachment(name=name, media_type=media_type, data=b64decode(data))
            for name, media_type, data in kept.get("attachments", ())
        ),
    )


def delivery(row: Row, vault: Vault | None) -> Delivery:
    """A row of `COLUMNS` as a value."""
    (
        id_, version, run, occasion, occurrence, day, person, project, building, category, channel, medium, address, locale,
        asked, content, state, reason, detail, attempts, provider_id, planned_at, changed_at, next_at, expires_at,
        timezone,
    ) = row  # fmt: skip
    if vault is not None:
        address, content = vault.open(address), vault.open(content) if content else content
    return Delivery(
        id=id_, version=version, run=run, occasion=occasion, occurrence=occurrence, day=date.fromisoformat(day),
        person=person, project=project, building=building, category=Category(category), channel=channel, medium=medium,
        to=address, locale=locale, asked=bool(asked), content=decode(content) if content else None, state=State(state), reason=reason,
        detail=detail, attempts=attempts, provider_id=provider_id, planned_at=known(planned_at), changed_at=known(changed_at),
        next_at=from_ms(next_at), expires_at=from_ms(expires_at), timezone=timezone,
    )  # fmt: skip
