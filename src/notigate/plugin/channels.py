"""What carries messages: a channel, what its provider allows, and how the core makes one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from notigate.model import Attempt, Category, Check, Finding, Message, Outcome, Reason, Receipt, Reply
from notigate.plugin.tools import Tools


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
