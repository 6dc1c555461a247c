"""What people told us about being written to: not at all, less often, or gladly. Pure: values, and what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from notigate.address import Fault, mask, read_email, read_phone
from notigate.model import Category


class Word(StrEnum):
    """What they said."""

    #: no more messages of a reach
    OPT_OUT = "opt-out"
    #: the caps of `policy.less_often` instead of everybody's
    LESS_OFTEN = "less-often"
    #: selling is welcome; what `policy.marketing_consent` asks for
    CONSENT = "consent"


class Reach(StrEnum):
    """Which messages they meant."""

    #: selling
    MARKETING = "marketing"
    #: greetings and goodwill, and selling with it
    CARE = "care"
    #: everything
    ALL = "all"


#: our own people cannot opt out of their work
_MEANT: Mapping[Reach, frozenset[Category]] = {
    Reach.MARKETING: frozenset({Category.MARKETING}),
    Reach.CARE: frozenset({Category.CARE, Category.MARKETING}),
    Reach.ALL: frozenset({Category.SERVICE, Category.CARE, Category.MARKETING}),
}

#: by which messages go, and what people call them
MEDIA: Mapping[str, Collection[str]] = {
    "sms": ("sms", "短信", "短訊", "简讯", "簡訊"),
    "email": ("email", "e-mail", "mail", "邮件", "郵件", "邮箱", "郵箱", "电子邮件", "電子郵件"),
    "wecom": ("wecom", "企业微信", "企業微信"),
}
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
#: what readers answer to an SMS to be left alone: `R` is the platforms' rule, the others are in use
STOP_WORDS = frozenset({"R", "T", "TD", "N", "STOP", "UNSUBSCRIBE", "退订", "拒收", "退", "取消订阅"})


@dataclass(frozen=True, slots=True)
class Who:
    """A person's id, or an address; `repr` shows the kind only."""

    #: `person`, `phone`, `email` or `wecom`
    kind: str
    value: str = field(repr=False)

    @property
    def shown(self) -> str:
        """For people: a person's id, a masked address."""
        return self.value if self.kind == "person" else mask(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One preference that stands."""

    word: Word
    reach: Reach = Reach.ALL
    #: of this channel or medium only; empty means all
    channel: str = ""

    def meant(self, category: Category) -> bool:
        """Is it about messages of this class?"""
        return category in _MEANT[self.reach]

    def stops(self, category: Category, *ways: str) -> bool:
        """Does it forbid a message of this class by a channel and medium (`ways`)?"""
        return self.word is Word.OPT_OUT and self.meant(category) and self.channel in ("", *ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A preference as somebody brings it: whose, since when, and how we know."""

    who: Who
    preference: Preference
    #: where it comes from: `phone call`, `reply`, a file's name
    source: str = ""
    #: what shows it: a letter's number, the reader's own words
    proof: str = field(default="", repr=False)
    #: when it was said, aware
    said: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A preference as the ledger keeps it."""

    number: int
    word: Word
    reach: Reach
    channel: str
    #: what was named: `person`, `phone`, `email` or `wecom`
    kind: str
    #: a person's id or a masked address; empty once the person was erased
    shown: str
    source: str
    proof: str = field(repr=False)
    #: the login that recorded it
    recorder: str
    said: datetime
    #: when it was taken back; None while it stands
    taken_back: datetime | None = None


def identify(text: str) -> Who:
    """Whom a clerk means: a phone number or mail address by its looks, else a person's id.

    `person:1001`, `phone:…`, `email:…` and `wecom:zhang.san` say which it is.
    """
    kind, colon, value = text.partition(":")
    if colon and kind in ("person", "wecom"):
        return Who(kind, value.strip())
    bare = value if colon and kind in ("phone", "email") else text
    for kind_, read in (("phone", read_phone), ("email", read_email)):
        found = read(bare)
        if not isinstance(found, Fault):
            return Who(kind_, found)
    return Who("person", text.strip())


def as_way(text: str, channels: Collection[str]) -> str | None:
    """The channel or medium that somebody means; empty for all, None where there is none of that name."""
    if (word := text.strip()) in channels or not word:
        return word
    word = unicodedata.normalize("NFKC", word).casefold()
    return next((medium for medium, words in MEDIA.items() if word in words), None)


def is_stop(reply: str) -> bool:
    """Does an answer to a message say that no more are wanted?"""
    word = _AROUND.sub("", unicodedata.normalize("NFKC", reply)).upper()
    return word.removeprefix("回复") in STOP_WORDS
