"""Between rows and values."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from notigate.ledger.store import Row, from_ms, known
from notigate.model import Attachment, Category, Content, Delivery, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from notigate.ledger.vault import Vault


#: what each has of its own; in all else many are alike
_OWN = ("id", "person", "to", "content")
_ALIKE = [name for name in Delivery._fields if name not in _OWN]


def columns(**instead: str) -> str:
    """What a `Reader` reads of a delivery; `instead` of columns in which many are alike, other expressions.

    All those are one JSON text: to fetch a value takes longer than to make it part of a text that is known already.
    """
    return f"id, person, address, content, json_array({', '.join([instead.get(name, name) for name in _ALIKE])})"


COLUMNS = columns()

#: Word for word as in the indexes `delivery_waiting`, `delivery_in_hand`, and `delivery_settled` and `delivery_occasion`: without
#: it in a query, no planner sees that one of them serves. A worker is compared first, as no text is where there is one.
WAITING = "worker = 0 AND (state = 'queued' OR state = 'held' OR state = 'retry_wait' OR state = 'unknown')"
IN_HAND = "(worker <> 0 OR state = 'claimed' OR state = 'sending')"
SETTLED = "worker = 0 AND state <> 'queued' AND state <> 'held' AND state <> 'retry_wait' AND state <> 'unknown'"


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
_ID, _PERSON, _TO, _CONTENT = _OWN_PLACES = [*map(Delivery._fields.index, _OWN)]


def _alike(kept: str) -> list[Any]:
    """The values of a delivery, with places for its own."""
    values: list[Any] = _decode(kept)[0]
    for place in _OWN_PLACES:
        values.insert(place, None)
    for place, read in _PLACES:
        values[place] = read(values[place])
    return values


#: different texts of a column that a reader remembers
_MOST = 1_000
_T = TypeVar("_T")


class _Once(dict[Any, _T]):
    """Values by what is kept of them: what comes again is read once."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Any], _T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, kept: object) -> _T:
        value = self._read(kept)
        if len(self) < _MOST:
            self[kept] = value
        return value


class Reader:
    """Reads rows of `COLUMNS` as values. What thousands have in common, and their few texts, are known as long as it is."""

    __slots__ = ("_alike", "_contents", "_vault")

    def __init__(self, vault: Vault | None) -> None:
        self._vault = vault
        self._alike = _Once(_alike)
        self._contents = _Once(self._content)

    def __call__(self, row: Row) -> Delivery:
        """The delivery of a row."""
        id_, person, to, content, alike = row
        values = self._alike[alike].copy()
        values[_ID] = id_
        values[_PERSON] = person
        values[_TO] = to if self._vault is None else self._vault.open(to)
        values[_CONTENT] = self._contents[content]
        return tuple.__new__(Delivery, values)

    def _content(self, kept: str | None) -> Content | None:
        if not kept:
            return None
        return decode(kept if self._vault is None else self._vault.open(kept))
