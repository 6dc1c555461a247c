"""Header values as they go on the wire: ASCII, folded by RFC 2047, nothing in them that could start a new header."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: read as leniently as the most lenient reader: no end mark needed, any charset, a language behind it
_ENCODED_WORD = re.compile(r"=\?(?P<charset>[^?*]*)[^?]*\?(?P<kind>[bq])\?(?P<text>[^?]*)", re.IGNORECASE)
_PLAIN_SUBJECT = re.compile(r"(?!.*=\?)[!-~]+(?: [!-~]+)*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
#: longer values are split into encoded words, which fold by themselves
_PLAIN_LENGTH = 60
#: bytes of text in one encoded word: 52 characters of base64, 12 around them and `Reply-To: ` make 74 of the 76 allowed
_WORD_BYTES = 39
#: characters of a name and an address that stand in one line with `Reply-To: ` before and ` <>` around them
_WITH_ADDRESS = 63
_FOLD = "\r\n "


def hides_control(value: str) -> bool:
    """Does it hold a control character or half a character, plainly or inside an encoded word?

    Such a value must not be sent: a reader that decodes before it splits lines would see headers that nobody wrote
    (CVE-2024-6923).
    """
    return bool(_CONTROL.search(value)) or any(map(_hides_control, _ENCODED_WORD.finditer(value)))


def _hides_control(word: re.Match[str]) -> bool:
    text = word["text"].encode()
    try:
        # Readers add missing padding, so it is added here; too much of it does no harm.
        data = binascii.a2b_base64(text + b"===") if word["kind"] in "bB" else binascii.a2b_qp(text, header=True)
        return bool(_CONTROL.search(data.decode(word["charset"], "replace")))
    except (LookupError, ValueError):
        return True  # what cannot be read here may still be read elsewhere


def subject(value: str) -> str:
    """A subject for the wire; `value` holds no control characters."""
    return value if len(value) <= _PLAIN_LENGTH and _PLAIN_SUBJECT.fullmatch(value) else _encoded(value)


def sender(name: str, address: str) -> str:
    """A From or Reply-To value for the wire; `name` holds no control characters."""
    if not name:
        return address
    plain = len(name) <= _PLAIN_LENGTH and _PLAIN_NAME.fullmatch(name)
    words = name if plain else _encoded(name)
    fits = len(words) + len(address) <= _WITH_ADDRESS
    return f"{words}{' ' if fits else _FOLD}<{address}>"


def _encoded(value: str) -> str:
    words = (binascii.b2a_base64(chunk, newline=False).decode("ascii") for chunk in _chunks(value.encode("utf-8")))
    return _FOLD.join(f"=?utf-8?b?{word}?=" for word in words)


def _chunks(data: bytes) -> Iterator[bytes]:
    """Cut between characters: an encoded word never holds a part of one."""
    start = 0
    while start < len(data):
        end = start + _WORD_BYTES
        while end < len(data) and data[end] & 0xC0 == 0x80:  # noqa: PLR2004 - the mark of a continuation byte in UTF-8
            end -= 1
        yield data[start:end]
        start = end
