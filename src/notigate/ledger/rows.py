"""Between rows and values."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import date
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
    "day": date.fromisoformat, "category": Category, "state": State, "planned_at": known, "changed_at": known,
    "next_at": from_ms, "expires_at": from_ms, "asked": bool,
}  # fmt: skip
_PLACES = [(Delivery._fields.index(name), read) for name, read in _READ.items()]
_TO, _CONTENT = map(Delivery._fields.index, ("to", "content"))
#: different values of a column that a reader remembers
_MOST = 1_000


class _Once(dict[Any, object]):
    """Values by what is kept of them: what comes again is read once."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Any], object]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, kept: object) -> object:
        value = self._read(kept)
        if len(self) < _MOST:
            self[kept] = value
        return value


class Reader:
    """Reads rows of `COLUMNS` as values. Thousands have the same few days and texts: these are known as long as it is."""

    __slots__ = ("_places", "_vault")

    def __init__(self, vault: Vault | None) -> None:
        self._vault = vault
        self._places = [(place, _Once(read)) for place, read in [*_PLACES, (_CONTENT, self._content)]]

    def __call__(self, row: Row) -> Delivery:
        """The delivery of a row."""
        values = list(row)
        for place, values_of in self._places:
            values[place] = values_of[values[place]]
        if self._vault is not None:
            values[_TO] = self._vault.open(values[_TO])
        return tuple.__new__(Delivery, values)

    def _content(self, kept: str | None) -> Content | None:
        if not kept:
            return None
        return decode(kept if self._vault is None else self._vault.open(kept))
