"""The frozen values that the rooms of the house hand to each other.

Times are aware datetimes, days are `datetime.date` in the project's time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from notigate.calendar import Workdays
    from notigate.moments import Several
    from notigate.occurrence import Moment

Facts: TypeAlias = Mapping[str, object]


class Secret:
    """A value that shows itself to nobody but `reveal()`: `***` in str, repr and format, refused by pickle and json."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The value itself; call it where it is used, keep it nowhere."""
        return self.__value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not to be pickled")


class Category(StrEnum):
    """The class of an occasion: it decides window, opt-out sentence, caps and signature."""

    #: something the customer must know about a contract or home: not capped, survives "do not greet"
    SERVICE = "service"
    #: greetings and goodwill: stopped by opt-out, "do not greet" and the caps
    CARE = "care"
    #: selling: as care, and only with consent, its opt-out sentence, between 08:00 and 22:00
    MARKETING = "marketing"
    #: to our own people
    STAFF = "staff"


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


class Reason(StrEnum):
    """Why a provider did not take a message, named after who can put it right."""

    #: the record: no such number, mailbox or member
    BAD_ADDRESS = "bad-address"
    #: the reader or the carrier refuses us
    BLOCKED = "blocked"
    #: the template's author: text, parameter or template code
    BAD_CONTENT = "bad-content"
    #: the operator: key, signature, right, address of the service
    BAD_CREDENTIALS = "bad-credentials"
    #: the operator: the balance is used up
    NO_CREDIT = "no-credit"
    #: time: a rate or day limit
    THROTTLED = "throttled"
    #: time: not reached, or out of order
    UNAVAILABLE = "unavailable"
    #: nobody can tell from the answer; a person must look
    UNCLEAR = "unclear"


class Scope(StrEnum):
    """Whom a refusal concerns."""

    #: this message alone
    MESSAGE = "message"
    #: somebody in this call, not told who; nobody was sent anything: ask again in smaller calls
    CALL = "call"
    #: everything on this channel until the operator acts: nothing more is tried
    CHANNEL = "channel"


class Status(StrEnum):
    """What came of one message in one call."""

    ACCEPTED = "accepted"
    BUSY = "busy"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The provider's answer for one message, as a value. Made by its four class methods."""

    status: Status
    reason: Reason | None = None
    #: code and short hint in our words; never an address, a secret or the provider's prose
    detail: str = ""
    provider_id: str | None = None
    #: seconds until another try may help, as the provider says
    retry_after: float | None = None
    scope: Scope = Scope.MESSAGE

    @classmethod
    def accepted(cls, provider_id: str | None = None, detail: str = "") -> Outcome:
        """The provider documented success (and gave a reference, where it has one)."""
        return cls(status=Status.ACCEPTED, provider_id=provider_id, detail=detail)

    @classmethod
    def busy(
        cls, reason: Reason, detail: str = "", *, retry_after: float | None = None, scope: Scope = Scope.MESSAGE
    ) -> Outcome:
        """Proven not sent, and time heals; `retry_after` in seconds.

        With `Scope.CHANNEL` the whole account must wait, not only this reader.
        """
        return cls(status=Status.BUSY, reason=reason, detail=detail, retry_after=retry_after, scope=scope)

    @classmethod
    def refused(cls, reason: Reason, detail: str = "", *, scope: Scope | None = None) -> Outcome:
        """Proven not sent by a documented refusal, and time does not heal.

        Without `scope`, bad credentials and an empty balance concern the whole channel, anything else this message.
        """
        if scope is None:
            scope = Scope.CHANNEL if reason in (Reason.BAD_CREDENTIALS, Reason.NO_CREDIT) else Scope.MESSAGE
        return cls(status=Status.REFUSED, reason=reason, detail=detail, scope=scope)

    @classmethod
    def unknown(cls, detail: str) -> Outcome:
        """Everything else: it may have gone out."""
        return cls(status=Status.UNKNOWN, reason=Reason.UNCLEAR, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    #: as in a Content-Type header: `application/pdf`
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one reader will see, in one medium."""

    text: str
    subject: str = ""
    html: str = ""
    #: the localized values of the provider's template variables (SMS)
    params: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
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
    to: str = field(repr=False)
    locale: str
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One committed intent, as `Channel.lookup` needs it."""

    #: the `Message.reference` that was handed out
    reference: str
    to: str = field(repr=False)
    #: real time, aware
    started_at: datetime
    provider_id: str | None = None


class Presence(StrEnum):
    """What a look at the provider proved."""

    FOUND = "found"
    ABSENT = "absent"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the provider knows of one attempt."""

    presence: Presence
    provider_id: str | None = None
    #: the carrier's word: True arrived, False did not, None not known yet
    arrived: bool | None = None
    reason: Reason | None = None
    detail: str = ""

    @classmethod
    def found(
        cls,
        provider_id: str | None = None,
        *,
        arrived: bool | None = None,
        reason: Reason | None = None,
        detail: str = "",
    ) -> Finding:
        """The provider has it."""
        return cls(presence=Presence.FOUND, provider_id=provider_id, arrived=arrived, reason=reason, detail=detail)

    @classmethod
    def absent(cls) -> Finding:
        """The provider answered in full and does not have it. One such answer alone is not yet proof."""
        return cls(presence=Presence.ABSENT)

    @classmethod
    def inconclusive(cls, detail: str) -> Finding:
        """The provider could not be asked, or its answer proves nothing."""
        return cls(presence=Presence.INCONCLUSIVE, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The carrier's word on one message, as a provider with a receipts list hands it out."""

    reference: str
    to: str = field(repr=False)
    arrived: bool
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a reader answered to a message, as a provider hands it out with its receipts."""

    #: the reader's address
    sender: str = field(repr=False)
    text: str = field(repr=False)
    #: when, aware
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of `doctor`."""

    name: str
    ok: bool
    #: what was seen
    detail: str = ""
    #: what to do about it; empty when all is well
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of hours in one day, both ends in local time; `end` itself is outside. 24:00 is `time.max`."""

    start: time
    end: time

    def __contains__(self, moment: time) -> bool:
        return self.start <= moment < self.end

    def overlaps(self, other: Window) -> bool:
        """Is there an hour in both?"""
        return max(self.start, other.start) < min(self.end, other.end)

    def __str__(self) -> str:
        end = "24:00" if self.end == time.max else f"{self.end:%H:%M}"
        return f"{self.start:%H:%M}-{end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A reader: a customer of the roster, or one of our own people. `repr` shows the id only."""

    id: str
    name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    #: never guessed
    title: Literal["mr", "ms"] | None = field(default=None, repr=False)
    #: the language asked for, as written (`zh-TW`); empty means the project's
    language: str = field(default="", repr=False)
    vip: bool = field(default=False, repr=False)
    #: kind of address (`phone`, `email`, `wecom`) → checked address
    addresses: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: every column of the roster under our own heading; days are `date`, absent values are missing or None
    facts: Facts = field(default_factory=dict, repr=False)
    #: where it stands in the roster (line or sheet row, from 1), for messages to the clerk
    row: int | None = None
    #: where several rows tell of this reader (the owner of two homes), the facts of each; `facts` are those of the first
    records: tuple[Facts, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One kind of message: when, to whom, by what, under which rules. Read from `occasion.yaml`."""

    #: folder path under `templates/`: `holiday/mid-autumn`
    id: str
    #: for people, in listings and reports; `{zh_Hans: 中秋祝福, en: Mid-Autumn greeting}` has one for each language
    title: str
    #: decides window, opt-out sentence, caps and signature
    category: Category
    #: when it is due
    moment: Moment | Several
    #: the hours of its own; None means the windows of the policy
    at: Window | None = None
    #: an expression over columns and dates; empty means everyone
    who: str = ""
    #: media or channels in order of preference: the first by which the reader can be reached
    channels: tuple[str, ...] = ()
    #: who gets it once: each person, or one reader of a home (the first owner who can be reached) or of a phone number
    once_per: Literal["person", "home", "phone"] = "person"
    #: `workday-before`: a person lets it go first
    approval: Literal["none", "workday-before"] = "none"
    #: what becomes of a message whose hours are over: never, in the next hours of the policy, or when a person says so
    late: Literal["drop", "next-window", "ask"] = "next-window"
    #: parameter → expression, or an expression for each language: `{papers: {zh_Hans: "'发票'", en: "'invoice'"}}`
    params: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    #: the person that `preview` shows it for
    sample: Facts = field(default_factory=dict)
    #: where a cap leaves room for one message, the occasion with more of it wins
    importance: int = 0
    #: whose workdays its moment counts; left out: the project's
    workdays: Workdays | None = None
    #: where its keys are written: `moment` → `templates/holiday/mid-autumn/occasion.yaml:5:9`
    places: Mapping[str, str] = field(default_factory=dict)
    #: staff occasions: who of our own people reads about the customers chosen by `who`, [in these words](#readers)
    readers: str = ""
    #: a report goes with it: texts find its figures under `report`, mails have its workbook and chart attached
    report: Literal["", "week", "month"] = ""
    #: who answers for its text, and may not approve it alone where four eyes are asked for; empty: who drafts the batch
    author: str = ""


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
    #: the reader's id, and where they live
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


def shown(message: NamedTuple) -> str:
    """The `repr` of a message, promised or not, without its address and text."""
    told = message._asdict()
    del told["to"], told["content"]
    return f"{type(message).__name__}({', '.join(f'{name}={value!r}' for name, value in told.items())})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that did not go as it should, in words for a person."""

    #: None where it did not come to a delivery (a roster row, an occasion)
    delivery: int | None = None
    occasion: str = ""
    person: str = ""
    state: str = ""
    reason: str = ""
    detail: str = ""


class Listed(Protocol):
    """One message in a listing: a delivery, or a draft of one in a rehearsal."""

    @property
    def occasion(self) -> str:
        """Its id."""
        ...

    @property
    def person(self) -> str:
        """The reader's id."""
        ...

    @property
    def channel(self) -> str:
        """The name of the channel."""
        ...

    @property
    def to(self) -> str:
        """The address; show it masked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run came to: what a command prints, and what decides its exit code."""

    #: None for a rehearsal, which leaves no record
    id: int | None
    #: business time at its start
    now: datetime
    #: deliveries by the state this run left them in
    counts: Mapping[State, int] = field(default_factory=dict)
    #: the same, by (occasion, channel); what an interrupted run left queued is in `counts` only
    lines: Mapping[tuple[str, str], Mapping[State, int]] = field(default_factory=dict)
    #: the first that went out (in a rehearsal: would go)
    sent: tuple[Listed, ...] = ()
    #: deliveries that had been asked for before, and were not sent anew
    repeated: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    exit_code: int = 0
