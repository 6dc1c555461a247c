"""What the reviewers and carriers of the mainland allow in the template of an SMS, and what they refuse.

Source: Aliyun's rules for templates of notifications and of promotion, and for variables (2024); other providers of the
mainland stand before the same carriers. A text in Traditional Chinese becomes an international template, which is for
numbers outside the mainland and free of the carriers' rules on wording.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Protocol

from notigate.lint.remarks import Remark, Severity, at
from notigate.lint.wording import DOUBTFUL, FORBIDDEN
from notigate.model import Category
from notigate.render.wording import wording

if TYPE_CHECKING:
    from notigate.model import Occasion
    from notigate.render import Source, Text

#: characters of a template, `${variables}` included; of a variable's name; contacts in the fixed words
LONGEST, LONGEST_NAME, CONTACTS = 500, 25, 2
OPT_OUT = "拒收请回复R"
#: names that the provider keeps to itself
TAKEN = frozenset({"email", "mobile", "id", "nick", "site"})

_SLOT = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ADJACENT = re.compile(r"\}\}\s*\{\{")
_LINK = re.compile(
    r"https?://\S*|\bwww\.\S+|[a-z0-9-]+\.(?:com|cn|net|org|gov|edu|info|top|vip|cc|io)\b\S*", re.IGNORECASE | re.ASCII
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.ASCII)
_PHONE = re.compile(r"(?<!\d)(?:[48]00-?\d{3}-?\d{4}|95\d{3,4}|0\d{2,3}-?\d{7,8}|1[3-9]\d{9})(?!\d)", re.ASCII)
_MESSENGER = re.compile(r"\bQQ\b|扣扣|微信号|加微信|\bV信|wechat\s*id|weixin", re.IGNORECASE)
_OPT_OUT = re.compile(r"拒收|退订|回复?\s*(?:T|TD|R|N)\b|\b(?:reply|text)\s+(?:R|STOP|TD?|N)\b", re.IGNORECASE)
_BRACKETS = re.compile(r"[【】]")
_EDGES = re.compile(r"\A[\[\]]|[\[\]]\Z")


class Say(Protocol):
    """Makes a remark on a character of the text."""

    def __call__(self, position: int, severity: Severity, rule: str, template: str, **fields: object) -> Remark:
        """`position` is counted in the body as it is written."""
        ...


def remarks(occasion: Occasion, text: Text) -> Iterator[Remark]:
    """What is to be said about the text of an SMS as it is written."""
    body = text.sources["body"]

    def say(position: int, severity: Severity, rule: str, template: str, **fields: object) -> Remark:
        return at(body, position, occasion.id, severity, rule, template, **fields)

    domestic = wording(text.locale) != "zh_Hant"
    # The words alone, at the places where they stand.
    words = _SLOT.sub(lambda slot: "\0" * len(slot[0]), body.text)
    yield from _variables(body, say)
    yield from _whole(text, words, say)
    yield from _contacts(words, say)
    if domestic:
        yield from _characters(words, say)
        yield from _opt_out(occasion, words, say)
        if occasion.category is not Category.MARKETING:
            yield from _notification(words, say)


def _variables(body: Source, say: Say) -> Iterator[Remark]:
    seen = set[str]()
    for slot in _SLOT.finditer(body.text):
        name, told = slot[1], partial(say, slot.start(), "error")
        if name in seen:
            yield told("sms-variable-twice", "{name!r} stands here twice; a template takes a variable once", name=name)
        seen.add(name)
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            yield told(
                "sms-variable-name",
                "{name!r}: providers take names of letters, digits and _, beginning with a letter, up to {limit}",
                name=name,
                limit=LONGEST_NAME,
            )
        if name.lower() in TAKEN:
            yield told("sms-variable-name", "{name!r} is a name that providers keep to themselves", name=name)
    for found in _ADJACENT.finditer(body.text):
        yield say(found.start(), "error", "sms-adjacent", "two variables with no words between them are refused")


def _whole(text: Text, words: str, say: Say) -> Iterator[Remark]:
    length = len(text.template)
    if not 1 <= length <= LONGEST:
        told = "the template has {length} characters, variables included; {limit} are allowed"
        yield say(0, "error", "sms-length", told, length=length, limit=LONGEST)
    if "\0" in words and not any(character.isalnum() for character in words):
        yield say(0, "error", "sms-only-variables", "a template of variables alone is refused; say something")
    for found in _BRACKETS.finditer(words):
        yield say(found.start(), "error", "sms-brackets", "【 and 】 belong to the signature")
    for found in _EDGES.finditer(words):
        yield say(found.start(), "error", "sms-brackets", "no [ or ] at either end")
    for found in _LINK.finditer(words):
        told = "a link is taken only with a domain that is registered (ICP) for you: {found}"
        yield say(found.start(), "warning", "sms-link", told, found=found[0])


def _contacts(words: str, say: Say) -> Iterator[Remark]:
    for found in _MOBILE.finditer(words):
        told = "no mobile number in the fixed words; a landline, 400 or 95 number is taken"
        yield say(found.start(), "error", "sms-contact", told)
    for found in _MESSENGER.finditer(words):
        yield say(found.start(), "error", "sms-contact", "no QQ and no WeChat id: {found}", found=found[0])
    for found in list(_PHONE.finditer(words))[CONTACTS:]:
        told = "at most {limit} numbers to call in the fixed words"
        yield say(found.start(), "error", "sms-contact", told, limit=CONTACTS)


def _characters(words: str, say: Say) -> Iterator[Remark]:
    for position, character in enumerate(words):
        if character != "\0" and (told := _strange(character)):
            yield say(position, "error", "sms-characters", told, character=character)


def _strange(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in {"So", "Sk", "Sm", "Co", "Cn", "Cs", "Cf", "Cc"} and character not in "+<=>|~\n":
        return "{character!r} is a special symbol, which carriers refuse"
    # What Big5 has and GB 2312 has not is how the other side of the strait writes it.
    if kind == "Lo" and not _encodes(character, "gb2312") and _encodes(character, "big5"):
        return "{character!r} is a traditional character, which mainland templates may not hold"
    return ""


def _encodes(character: str, encoding: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False


def _opt_out(occasion: Occasion, words: str, say: Say) -> Iterator[Remark]:
    if occasion.category is not Category.MARKETING:
        if found := _OPT_OUT.search(words):
            told = "only marketing offers a way out; a notification with {found!r} is refused"
            yield say(found.start(), "error", "sms-opt-out", told, found=found[0])
    elif not words.endswith(OPT_OUT):
        yield say(
            len(words) - 1,
            "error",
            "sms-opt-out",
            "marketing ends with {sentence}, and nothing after it",
            sentence=OPT_OUT,
        )


def _notification(words: str, say: Say) -> Iterator[Remark]:
    """Reviewers take a notification with these words for promotion."""
    tables: tuple[tuple[Severity, re.Pattern[str]], ...] = (("error", FORBIDDEN), ("warning", DOUBTFUL))
    for severity, table in tables:
        for found in table.finditer(words):
            told: Callable[..., Remark] = partial(say, found.start(), severity, "sms-promotion")
            if severity == "error":
                yield told("{found!r} is promotion, which a notification may not hold: class marketing", found=found[0])
            else:
                yield told("{found!r} may read as promotion to reviewers", found=found[0])
