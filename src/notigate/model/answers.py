"""What providers and carriers say, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
