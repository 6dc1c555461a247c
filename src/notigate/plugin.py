"""The door: everything a plugin author imports.

A channel is a class with `limits` and `send(message) -> Outcome`. It never retries, sleeps, logs an address or touches the
ledger. The world's answer is a value: what is *proven not sent* is `busy`, a documented refusal is `refused`, a documented
success is `accepted`, everything else is `unknown`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pluggy

from notigate.endpoints import is_endpoint, is_loopback, is_secure
from notigate.errors import ConfigError, NotigateError
from notigate.judging import Answer, judge_http
from notigate.model import (
    Attachment,
    Attempt,
    Category,
    Check,
    Finding,
    Message,
    Outcome,
    Presence,
    Reason,
    Receipt,
    Reply,
    Scope,
    Secret,
    Status,
)
from notigate.weather import Alert, Day, Forecast, Level, Place, Warnings

if TYPE_CHECKING:
    import requests

__all__ = [
    "Alert",
    "Answer",
    "Attachment",
    "Attempt",
    "Category",
    "Channel",
    "ChannelSpec",
    "Check",
    "ConfigError",
    "Day",
    "Finding",
    "Forecast",
    "Level",
    "Limits",
    "Message",
    "NotigateError",
    "Outcome",
    "Place",
    "Presence",
    "Reason",
    "Receipt",
    "Reply",
    "Scope",
    "Secret",
    "Status",
    "Tools",
    "Warnings",
    "WeatherSource",
    "WeatherSpec",
    "Wording",
    "hookimpl",
    "is_endpoint",
    "is_loopback",
    "is_secure",
    "judge_http",
]

#: marks a function as the implementation of a hook of `notigate.hookspecs`
hookimpl = pluggy.HookimplMarker("notigate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a provider allows; settings may ask for less, never for more, unless it is said so."""

    #: messages in one call of `send_many`
    batch: int = 1
    #: calls in flight at once, where the settings name no other number
    concurrency: int = 4
    #: calls a second; None means no limit that we know of
    rate: float | None = None
    #: seconds after which the core stops waiting for one call and counts it as unknown; above all time-outs of the channel
    deadline: float = 30.0
    #: seconds in which the provider itself drops a byte-identical repetition; None means it does not
    repeat_window: float | None = None
    #: seconds between two calls of `submit`
    submit_pause: float = 0.0
    #: calls of `submit` a day; None means no limit that we know of
    submit_daily: int | None = None


@dataclass(frozen=True)
class Tools:
    """The edges, handed in: a channel opens no connection pool and reads no clock of its own."""

    #: makes the one HTTP session of this channel: time-outs always, no redirects, no retries, bounded bodies
    session: Callable[[], requests.Session] = field(repr=False)
    #: the real time, aware (UTC)
    now: Callable[[], datetime]
    #: (connect, read) time-out in seconds, for channels that do not speak HTTP
    timeout: tuple[float, float] = (3.0, 10.0)

    @property
    def http(self) -> requests.Session:
        """The channel's HTTP session; safe for concurrent calls as long as nobody changes it."""
        return self.session()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The text of an SMS as a provider is asked to approve it."""

    occasion: str
    locale: str
    category: Category
    #: for the reviewers
    title: str
    #: the words, with `${param}` where a value comes in
    text: str
    #: the whole text as one reader would get it, without a signature
    example: str
    #: param → what kind of value it takes; `text` is any
    kinds: Mapping[str, Literal["name", "phone", "text"]]


class Channel(ABC):
    """Carries messages to one provider account. One object serves all threads of a run."""

    #: what the provider allows; may be set per object in `__init__`
    limits: Limits = Limits()
    #: the kind of address it needs (`phone`, `email`, `wecom`); None where the channel itself is the reader
    address: str | None = None

    @abstractmethod
    def send(self, message: Message) -> Outcome:
        """Ask the provider once to send `message`, and say what came of it."""

    def group(self, message: Message) -> Hashable:
        """Messages with equal groups may share one call of `send_many`."""
        return (message.occasion, message.locale)

    def refusal(self, message: Message) -> Outcome | None:
        """What is known to be refused without asking, before any promise is spent on it.

        A rule of the provider's that this message breaks: `refused` for the message. Settings that lack something for
        all messages of its occasion (a template code): `refused` with `Scope.CHANNEL`; then nothing of it is promised.
        """
        del message
        return None

    # Optional powers, asked for by the core. A channel has a power when it overrides the method.

    def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """One call for up to `limits.batch` messages of one group; outcomes in the same order."""
        return [self.send(message) for message in messages]

    def lookup(self, attempt: Attempt) -> Finding:
        """Does the provider know this attempt?"""
        del attempt
        return Finding.inconclusive("this channel cannot be asked")

    def receipts(self, since: datetime) -> Iterable[Receipt | Reply]:
        """The carrier's words, and readers' answers, since then, oldest first; repetitions do no harm."""
        del since
        return ()

    def check(self) -> Sequence[Check]:
        """Harmless questions for `doctor`: is it reachable, are the credentials good?"""
        return ()

    def template(self, code: str) -> Mapping[str, str] | None:
        """The provider's copy of a text; None when it does not exist.

        `text` (its params as `${param}`), `state` (`approved`, `reviewing`, `rejected`, `cancelled`, `unclear`), and what
        else the provider tells: `type` (`notification`, `promotion`, `verification`, `international`), `reason` (why it
        was rejected), `attributes` (`param=kind`, comma-separated, with the kinds of `Wording`), `signatures`
        (comma-separated). A NotigateError says that it could not be asked.
        """
        del code
        return None

    def forget(self, messages: Sequence[str]) -> None:
        """Take away what the channel itself keeps of messages with these ids: their readers are to be forgotten."""
        del messages

    def template_code(self, occasion: str, locale: str) -> str | None:
        """The provider's code for the text of an occasion in a locale, as the settings say; None where they say none."""
        del occasion, locale
        return None

    def submit(self, wording: Wording) -> Outcome:
        """Ask the provider once to approve a text. Accepted: it is under review, `provider_id` is its code."""
        del wording
        return Outcome.refused(Reason.UNAVAILABLE, "this provider reviews no texts")

    def close(self) -> None:  # noqa: B027 - most channels hold nothing
        """Let go of connections. Never raises, never changes what was accepted."""

    POWERS: ClassVar[tuple[str, ...]] = (
        "send_many", "lookup", "receipts", "check", "template", "template_code", "submit", "forget",
    )  # fmt: skip

    @classmethod
    def powers(cls) -> tuple[str, ...]:
        """The optional powers this class has."""
        return tuple(name for name in cls.POWERS if getattr(cls, name) is not getattr(Channel, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """How the core makes a channel out of `channels: {NAME: {plugin: …}}`. Returned by the hook `notigate_channels`."""

    #: what stands behind `plugin:`
    name: str
    #: one line for `notigate channels`
    summary: str
    #: a frozen dataclass; its fields are the keys of the channel's settings, secrets are typed `Secret`
    settings: type
    #: called with the settings and the tools; raises `ConfigError` for settings that do not go together
    channel: Callable[[Any, Tools], Channel]
    #: the kinds of text it carries, best first; `("*",)` carries every kind
    media: tuple[str, ...]
    #: True when it ends in people's hands; False for the outbox and its kin, where rehearsal with `--now` is allowed
    reaches_people: bool = True
    #: for `notigate channels`: the class that `channel` builds (tells its powers)
    made: type[Channel]


class WeatherSource:
    """Tells the weather. It never retries, sleeps or keeps an answer: the core does.

    It overrides what it can tell. What it cannot tell now is an outcome, as with channels: `busy` when time heals,
    `refused` when settings must change (`Scope.CHANNEL`: for every place), `unknown` when nobody understands the answer.
    An answer that is not understood in full is never an empty one: that would be fine weather.
    """

    def warnings(self, place: Place) -> Warnings | Outcome:
        """All warnings that stand for this place, and those that put an end to others."""
        del place
        return Outcome.refused(Reason.UNAVAILABLE, "this source tells no warnings", scope=Scope.CHANNEL)

    def forecast(self, place: Place) -> Forecast | Outcome:
        """Today and at least two days to come."""
        del place
        return Outcome.refused(Reason.UNAVAILABLE, "this source tells no forecasts", scope=Scope.CHANNEL)

    def close(self) -> None:
        """Let go of connections. Never raises."""

    @classmethod
    def powers(cls) -> tuple[str, ...]:
        """What this class tells: `warnings`, `forecast`."""
        return tuple(
            name for name in ("warnings", "forecast") if getattr(cls, name) is not getattr(WeatherSource, name)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherSpec:
    """How the core makes a source of weather out of `weather: {sources: [{plugin: …}]}`."""

    #: what stands behind `plugin:`
    name: str
    #: one line for people
    summary: str
    #: a frozen dataclass; its fields are the keys of the source's settings, secrets are typed `Secret`
    settings: type
    #: called with the settings and the tools; raises `ConfigError` for settings that do not go together
    source: Callable[[Any, Tools], WeatherSource]
    #: the class that `source` builds
    made: type[WeatherSource]
