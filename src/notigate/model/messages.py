"""One message on its way: what it says, what the rules say to it, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from notigate.model.occasions import Category


class State(StrEnum):
    """Where a delivery stands; the legal changes are the table in `ledger/transitions.py`."""

    #: promised; goes out when its time has come
    QUEUED = "queued"
    #: picked by a dispatcher; no request exists yet
    CLAIMED = "claimed"
    #: the intent is committed; a request may exist
    SENDING = "sending"
    #: the provider took it over
    ACCEPTED = "accepted"
    #: the carrier says the reader's device has it
    DELIVERED = "delivered"
    #: the carrier says it did not arrive
    UNDELIVERED = "undelivered"
    #: proven not sent; tried again at its time
    RETRY_WAIT = "retry_wait"
    #: a rule or a person must let it go on
    HELD = "held"
    #: refused for good, with a reason
    FAILED = "failed"
    #: cannot be sent as it is (bad address, text that does not render)
    INVALID = "invalid"
    #: a rule kept it back for good
    SUPPRESSED = "suppressed"
    #: the same intention stands elsewhere in the ledger
    DUPLICATE = "duplicate"
    #: its time went by
    EXPIRED = "expired"
    #: a person called it off
    CANCELLED = "cancelled"
    #: may have gone out; waits for `resolve`
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a message, where its channel carries files: a mail, or the picture of a group robot."""

    name: str
    #: as in a Content-Type header: `application/pdf`
    media_type: str
    data: bytes = field(repr=False)


class Content(NamedTuple):
    """What one reader will see, in one medium."""

    text: str
    subject: str = ""
    html: str = ""
    #: the localized values of the provider's template variables (SMS)
    params: Mapping[str, str] = MappingProxyType({})
    attachments: tuple[Attachment, ...] = ()


class Message(NamedTuple):
    """One message as a channel gets it. `repr` shows neither address nor text."""

    #: opaque, unguessable, the same on every attempt: fit for a Message-ID or an unsubscribe link
    id: str
    #: opaque, unguessable, new for each call: fit for Aliyun's OutId; shared by the messages of one call
    reference: str
    occasion: str
    category: Category
    #: which kind of text this is: `sms`, `email`, `wecom` …
    medium: str
    #: the reader's address on this channel; empty where the channel itself is the reader (a group robot)
    to: str
    locale: str
    text: str
    subject: str = ""
    html: str = ""
    #: the localized values of the provider's template variables (SMS)
    params: Mapping[str, str] = MappingProxyType({})
    attachments: tuple[Attachment, ...] = ()

    def __repr__(self) -> str:
        return shown(self)


@dataclass(frozen=True, slots=True)
class Go:
    """The message may go out now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not yet: a rule asks to wait."""

    until: datetime | None
    rule: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Not at all."""

    rule: str
    #: the state that records it
    state: State = State.SUPPRESSED


Verdict: TypeAlias = Go | Hold | Drop


class Delivery(NamedTuple):
    """One message to one reader, as the ledger keeps it. `repr` shows neither address nor text.

    A tuple: a run makes several of each message, and a frozen dataclass of so many fields takes ten times as long.
    """

    id: int
    #: counts its changes; what a compare-and-set compares
    version: int
    run: int
    occasion: str
    occurrence: str
    #: the business day it belongs to, and is counted on for ever
    day: date
    #: the reader's id
    person: str
    category: Category
    channel: str
    medium: str
    to: str
    locale: str
    content: Content | None
    state: State
    #: business times
    planned_at: datetime
    changed_at: datetime
    #: not before; None when nothing is waited for
    next_at: datetime | None = None
    expires_at: datetime | None = None
    project: str = ""
    building: str = ""
    #: asked for by name, or at an hour of its own: it need not wait for the hours of greetings
    asked: bool = False
    #: `Reason` value or the rule that kept it back
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    provider_id: str | None = None
    #: of the reader, where it is not the project's: hours are meant by that clock
    timezone: str = ""
    #: the digest of the text it was made from; empty in what was kept before there were any
    wording: str = ""
    #: due by the moment of its occasion, which is asked again before it goes
    by_moment: bool = False
    #: of an SMS, as it is sent and paid; 0 in other media
    parts: int = 0

    def __repr__(self) -> str:
        return shown(self)


#: what tells who reads what
_UNTOLD = frozenset({"to", "content", *Content._fields})


def shown(message: NamedTuple) -> str:
    """The `repr` of a message, promised or not, without its address and text."""
    told = [f"{name}={value!r}" for name, value in message._asdict().items() if name not in _UNTOLD]
    return f"{type(message).__name__}({', '.join(told)})"
