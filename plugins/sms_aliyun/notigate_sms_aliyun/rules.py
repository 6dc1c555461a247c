"""What Aliyun is known to refuse, checked before a message is promised. Nothing is ever changed to make it fit.

Source: Aliyun's rules for template variables, and its reference of SendSms for phone numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: characters a variable's value may have
LONGEST = 35

_FORBIDDEN = (
    (re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"), "has a line break or control character"),
    (re.compile("[【】]"), "has 【 or 】, which belong to the signature"),
    (
        re.compile(
            r"https?://|\bwww\.|[a-z0-9]\.(?:com|cn|net|org|gov|edu|info|biz|top|xyz|vip|cc|io)(?![a-z0-9])",
            re.IGNORECASE | re.ASCII,
        ),
        "has a link, which only the fixed text of a template may have",
    ),
)
#: whatever is forbidden has one of these characters; few values do
_SUSPECT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029【】./]")
#: the code of the mainland is left out in front of its mobiles; numbers of country code 1 would look like those
_NUMBER = re.compile(r"(?!\+1)(?:(?:\+|00)?86(?=1[0-9]{10}\Z)|\+)?([0-9]{5,15})")
#: digits that have no country code to be left out in front, as the addresses of mainland mobiles
_BARE = 11


def number(address: str) -> str:
    """The phone number as Aliyun reads it: mainland numbers bare, others as country code and number without `+`."""
    return taken(address) or address.removeprefix("+")


def taken(address: str) -> str | None:
    """The same; None where Aliyun could not read it, or would read it as somebody else's."""
    if len(address) == _BARE and address.isdigit() and address.isascii():
        return address
    found = _NUMBER.fullmatch(address)
    return found[1] if found else None


def bad_number(address: str) -> str:
    """Why a number is not taken."""
    if address.startswith("+1"):
        return "numbers of country code 1 look like mainland mobiles to this provider"
    return "not a phone number"


def bad_value(params: Mapping[str, str]) -> str | None:
    """The first value that would be refused: its variable and why, without the value."""
    for name, value in params.items():
        # Letters and digits alone, as in names and hotlines, can only be too many.
        ordinary = len(value) <= LONGEST and value.replace("-", "").isalnum()
        if not ordinary and (fault := _fault(value)):
            return f"variable {name} {fault}"
    return None


def all_taken(messages: Iterable[Mapping[str, str]]) -> bool:
    """Would none of their values be refused? Most are the same, and are looked at once."""
    different = set[str]().union(*[params.values() for params in messages])
    return bad_value({value: value for value in different}) is None


def _fault(value: str) -> str | None:
    if not value.strip():
        return "is empty"
    if len(value) > LONGEST:
        return f"has {len(value)} characters, {LONGEST} are allowed"
    if not _SUSPECT.search(value):
        return None
    return next((hint for pattern, hint in _FORBIDDEN if pattern.search(value)), None)
