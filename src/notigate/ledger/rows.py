"""Between rows and values."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from notigate.ledger.store import Row, from_ms, known
from notigate.model import Attachment, Category, Content, Delivery, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from notigate.ledger.vault import Vault


def columns(**instead: str) -> str:
    """The columns of a delivery, in the order of its fields; `instead` of some of them other expressions."""
    return ", ".join([instead.get(name, name) for name in Delivery._fields]).replace(" to,", " address,")


COLUMNS = columns()

#: word for word as in the index `delivery_open`: without it in a query, no planner sees that the index serves
IN_OPEN = (
    "(state = 'queued' OR state = 'claimed' OR state = 'sending' OR state = 'retry_wait' OR state = 'held' "
    "OR state = 'unknown')"
)

# Thousands of rows have the same few of these.
_category, _state = lru_cache(Category), lru_cache(State)
_day, _known, _from_ms = lru_cache(date.fromisoformat), lru_cache(known), lru_cache(from_ms)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
#: one text as JSON; an encoder that is asked for a small object takes three times as long to set itself up
_string = json.encoder.encode_basestring
_decode = json.JSONDecoder().raw_decode


def encode(content: Content) -> str:
    """A content as kept in the ledger: the same content always gives the same text."""
    kept = ['{"text":', _string(content.text)]
    if content.subject:
        kept += ',"subject":', _string(content.subject)
    if content.html:
        kept += ',"html":', _string(content.html)
    if content.params:
        kept.append(',"params":{')
        for name, value in content.params.items():
            kept += _string(name), ":", _string(value), ","
        kept[-1] = "}"
    if content.attachments:
        attached = [[a.name, a.media_type, b64encode(a.data).decode()] for a in content.attachments]
        kept += ',"attachments":', _encode(attached)
    kept.append("}")
    return "".join(kept)


def decode(text: str) -> Content:
    """The content that `encode` kept."""
    kept: dict[str, Any] = _decode(text)[0]
    if attached := kept.get("attachments"):
        kept["attachments"] = tuple(Attachment(name=n, media_type=m, data=b64decode(d)) for n, m, d in attached)
    return Content(**kept)


#: what is not kept as it is, and how it is read
_READ: Mapping[str, Callable[[Any], object]] = {
    "day": _day, "category": _category, "state": _state, "planned_at": _known, "changed_at": _known, "next_at": _from_ms,
    "expires_at": _from_ms, "asked": bool,
}  # fmt: skip
_PLACES = [(Delivery._fields.index(name), read) for name, read in _READ.items()]
_TO, _CONTENT = map(Delivery._fields.index, ("to", "content"))


def delivery(row: Row, vault: Vault | None) -> Delivery:
    """A row of `COLUMNS` as a value."""
    values = list(row)
    for place, read in _PLACES:
        values[place] = read(values[place])
    content = values[_CONTENT]
    if vault is not None:
        values[_TO], content = vault.open(values[_TO]), content and vault.open(content)
    values[_CONTENT] = decode(content) if content else None
    return tuple.__new__(Delivery, values)
