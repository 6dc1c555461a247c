"""Phone numbers, mail addresses and WeCom ids: read them as people write them, check them, mask them.

Reading gives the checked address or a `Fault`, never an exception: one bad row is the clerk's news, not the run's end.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Fault(Enum):
    """Why a value is not an address. Not a text, so that it can never be taken for one."""

    #: nothing is there
    EMPTY = "empty"
    #: a spreadsheet has rounded it (`1.38E+10`); the digits are lost
    LOSSY = "lossy"
    #: more than one in the cell
    SEVERAL = "several"
    #: the system that exported it shows only a part (`138****8000`)
    MASKED = "masked"
    #: a good number, but no mobile phone: text messages do not reach it
    NOT_MOBILE = "not-mobile"
    #: letters outside ASCII before the @, which most mail servers refuse
    NON_ASCII = "non-ascii"
    #: nothing that could be one
    INVALID = "invalid"


#: Mainland numbers that take text messages, as phonenumbers knows them, and 149 (cards for tablets), which it does not.
#: It spares the common case the import (30 ms) and the parsing (65 µs); what it lets by is judged by the library.
_MAINLAND_MOBILE = re.compile(r"1(?:3\d|4[579]|5[0-35-9]|6[25-7]|7[0-35-8]|8\d|9[0-35-9])\d{8}", re.ASCII)
_MAINLAND = re.compile(r"(?:(?:\+|00)?86)?0?(1\d{10})", re.ASCII)
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_MASKED = re.compile(r"\d[*xX×•#]{2,}\d")
_BETWEEN = re.compile(r"[/、,;|\n\\]|\bor\b|或|和")
#: what is written in front of a number, or behind it, and says nothing else
_LABEL_OF = re.compile(
    r"\A(?:手机号?码?|移动电话|联系电话|联系方式|电话|tel|mobile|phone|cell|m|t)\s*[:.]\s*"
    r"|\s*[(\[]?(?:微信同号|同微信|微信号?|本人|手机)[)\]]?\Z",
    re.IGNORECASE,
)
_SEVERAL_DIGITS = re.compile(r"(?:1\d{10}){2,}", re.ASCII)
_ENOUGH_DIGITS = 7
_QUOTES = "'\"`‘’“”"
_PUNCTUATION = str.maketrans("", "", " \t\u00a0-‐‑‒–—―−.·()_" + _QUOTES)


def read_phone(value: object) -> str | Fault:
    """Read a mobile number: eleven digits for the mainland, E.164 (`+852…`) for elsewhere.

    Of several numbers in one cell the mobile one is read, when there is just one.
    """
    text = _clean(value)
    if _MAINLAND_MOBILE.fullmatch(text):
        return Fault.LOSSY if isinstance(value, float) and _is_round(value) else text
    if not text:
        return Fault.EMPTY
    if _ROUNDED.fullmatch(text):
        return Fault.LOSSY
    if _MASKED.search(text):
        return Fault.MASKED
    parts = [part for part in _BETWEEN.split(text) if _digits(part) >= _ENOUGH_DIGITS]
    return _only({_number(part) for part in parts}) if len(parts) > 1 else _number(text)


def is_plain_mobile(value: object) -> bool:
    """Is it a mainland number without anything around it?"""
    return type(value) is str and _MAINLAND_MOBILE.fullmatch(value) is not None


def _is_round(number: float) -> bool:
    """Has a spreadsheet made it from `1.38001E+10`? Numbers of six figures and five noughts are hardly ever given out."""
    return number % 100_000 == 0


def _only(found: set[str | Fault]) -> str | Fault:
    """The one mobile number beside others that text messages do not reach."""
    mobile = [number for number in found if isinstance(number, str)]
    return mobile[0] if len(mobile) == 1 and found <= {mobile[0], Fault.NOT_MOBILE} else Fault.SEVERAL


def _number(text: str) -> str | Fault:
    text = _LABEL_OF.sub("", text).strip()
    return _judge(re.sub(r"\.0+$", "", text).translate(_PUNCTUATION))


def is_abroad(phone: str) -> bool:
    """Is a number, as `read_phone` gives it, outside the mainland?"""
    return phone.startswith("+")


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _judge(number: str) -> str | Fault:
    """Judge a number of digits with an optional plus."""
    if not re.fullmatch(r"\+?[0-9]+", number):
        return Fault.INVALID
    if _SEVERAL_DIGITS.fullmatch(number):
        return Fault.SEVERAL
    if match := _MAINLAND.fullmatch(number):
        number = match[1]
        return number if _MAINLAND_MOBILE.fullmatch(number) else _ask_library(f"+86{number}")
    return _ask_library(re.sub(r"^00", "+", number))


def _ask_library(number: str) -> str | Fault:
    import phonenumbers  # noqa: PLC0415 - 30 ms that a roster of plain mainland numbers need not pay
    from phonenumbers import PhoneNumberType as Kind  # noqa: PLC0415 - as above

    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return Fault.INVALID
    if not phonenumbers.is_valid_number(parsed):
        return Fault.INVALID
    if phonenumbers.number_type(parsed) not in (Kind.MOBILE, Kind.FIXED_LINE_OR_MOBILE):
        return Fault.NOT_MOBILE
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if international.startswith("+86") and international != number:
        return Fault.INVALID  # the library took the first digits for a carrier's dialling code: that would be a guess
    return international.removeprefix("+86")


_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAIL_LENGTH, _LOCAL_LENGTH = 254, 64


def read_email(value: object) -> str | Fault:
    """Read a mail address that every server takes; the domain comes back in its ASCII form, in lower case.

    Source: RFC 5321 4.5.3.1 (lengths), RFC 5322 3.4.1 (dot-atom). Quoted local parts and addresses in brackets are
    refused: mail libraries silently cut them down to something else.
    """
    text = _clean(value)
    if not text:
        return Fault.EMPTY
    if text.count("@") > 1:
        return Fault.SEVERAL if _BETWEEN.search(text) or " " in text else Fault.INVALID
    local, _, domain = text.partition("@")
    if domain and not local.isascii():
        return Fault.NON_ASCII
    if len(text) > _MAIL_LENGTH or len(local) > _LOCAL_LENGTH or not _LOCAL.fullmatch(local):
        return Fault.INVALID
    ascii_domain = _ascii_domain(domain)
    address = f"{local}@{ascii_domain}"
    return address if ascii_domain and len(address) <= _MAIL_LENGTH else Fault.INVALID


@lru_cache(maxsize=1 << 10)
def _ascii_domain(domain: str) -> str:
    """The domain as servers know it; empty when it cannot be one."""
    try:
        labels = domain.encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        return ""
    whole = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    return ".".join(labels) if whole else ""


_WECOM = re.compile(r"[A-Za-z0-9_.@-]{1,64}")


def read_wecom(value: object) -> str | Fault:
    """Read the id of a WeCom member: 1 to 64 letters, digits and `_ - @ .`."""
    text = _clean(value)
    if not text:
        return Fault.EMPTY
    return text if _WECOM.fullmatch(text) else Fault.INVALID


#: kind of address → its reader
READERS: Mapping[str, Callable[[object], str | Fault]] = {
    "phone": read_phone,
    "email": read_email,
    "wecom": read_wecom,
}


def _clean(value: object) -> str:
    """The text of a cell without what spreadsheets and input methods put around it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if not text.isascii():
        normal = unicodedata.normalize("NFKC", text)
        text = "".join(character for character in normal if unicodedata.category(character) != "Cf")
    return text.strip().strip(_QUOTES).strip()


def mask(value: str) -> str:
    """Mask an address or a name by its looks: `138****8000`, `a***@x.com`, `张*`."""
    if "@" in value:
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}***@{domain}"
    if re.fullmatch(r"\+?\d{7,}", value):
        head, tail = (4 if value.startswith("+") else 3), (4 if len(value) >= len("13800138000") else 2)
        return f"{value[:head]}****{value[-tail:]}"
    return f"{value[:1]}*" if value else ""


_GAP = r"[\ \u00a0.\-\u2010-\u2015－]?"
_WORD = r"[\w.!#$%&'*+/=?^`{|}~-]"
_IN_TEXT = re.compile(
    rf"""
      (?P<mail> (?<!{_WORD}) {_WORD}+ (?:@|%40) [\w-]+ (?:\.[\w-]+)+ )
    | (?P<phone>
        (?<!\d) (?:(?:\+|00)?86{_GAP})? [1１][3-9３-９]\d {_GAP} \d{{4}} {_GAP} \d{{4}} (?!\d)  # mainland mobile
      | (?<!\d) 0\d{{2,3}} {_GAP} \d{{7,8}} (?!\d)                                             # mainland landline
      | [+＋] [1-9] (?:{_GAP}\d){{6,14}} (?!\d)                                                # elsewhere, with a plus
      )
    """,
    re.VERBOSE,
)


def mask_text(text: str) -> str:
    """Mask every phone number and mail address in free text."""
    return _IN_TEXT.sub(_mask_found, text)


def _mask_found(found: re.Match[str]) -> str:
    if found["mail"]:
        return mask(found["mail"].replace("%40", "@"))
    return mask(re.sub(r"[^\d+]", "", found["phone"]))


def recognise(text: str) -> tuple[str, str] | Fault:
    """Kind (`phone`, `email`, `wecom`) and clean form of an address that somebody typed; told by its looks."""
    looks = "email" if "@" in text else "wecom" if any(map(str.isalpha, text)) else "phone"
    found = READERS[looks](text)
    return found if isinstance(found, Fault) else (looks, found)
