"""A channel: the core's own keys, and the rest for its plugin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from notigate.cost import Cost, Price
from notigate.documents import bind, bound

if TYPE_CHECKING:
    from notigate.documents import Node
    from notigate.errors import ConfigError

T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Timeout(NamedTuple):
    """In seconds: until connected, until the next byte, and for the whole call."""

    connect: float
    read: float
    total: float

    @property
    def longest(self) -> float:
        """What one call may come to: it is told as too long when its next byte is here, or is not."""
        return self.connect + self.total + self.read


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """After an attempt: when an unknown outcome is asked for, and when a second "not there" counts as proof."""

    #: an unknown outcome is asked for
    first: timedelta = timedelta(minutes=10)
    #: the second "not there" is proof that it was not sent
    confirm: timedelta = timedelta(minutes=30)

    def __post_init__(self) -> None:
        if self.first > self.confirm:
            raise ValueError("first comes before confirm")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timeout:
    #: until connected
    connect: timedelta = timedelta(seconds=3)
    #: until the next byte of the answer
    read: timedelta = timedelta(seconds=10)
    #: for the whole call; where it is not said, 15 s, or 5 s more than `read`
    total: timedelta | None = None

    def __post_init__(self) -> None:
        if timedelta(0) in (self.connect, self.read, self.total):
            raise ValueError("a time-out of nothing lets nothing through")

    def seconds(self) -> Timeout:
        """The same as figures."""
        total = self.total or max(timedelta(seconds=15), self.read + timedelta(seconds=5))
        return Timeout(self.connect.total_seconds(), self.read.total_seconds(), total.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """The keys that every channel takes."""

    plugin: str
    batch: int | None = None
    concurrency: int | None = None
    rate: float | None = None
    timeout: _Timeout = field(default_factory=_Timeout)
    reconcile: Reconcile = field(default_factory=Reconcile)
    price: float | None = None
    #: of the price, by its code
    currency: str = "CNY"

    def __post_init__(self) -> None:
        for name in ("batch", "concurrency", "rate"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} must be more than 0")
        if self.price is not None and self.price < 0:
            raise ValueError("price must be at least 0")
        if (price := self.priced()) and price.of(1) != Cost.kept(price.of(1).millionths, self.currency):
            raise ValueError("price has six decimals at most")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError("currency: a code of three letters, such as CNY")

    def priced(self) -> Price | None:
        # As it is written: 0.045 is no binary fraction.
        return None if self.price is None else Price(Decimal(str(self.price)), self.currency)


#: what a channel's keys are bound to, beside those of its plugin
COMMON = _Common
_COMMON = tuple(key.name for key in fields(_Common))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """One channel: what the core needs of it, and what its plugin will ask for."""

    name: str
    #: what carries it: `outbox`, `console`, `simulator`, `sms_aliyun`, `email`, `wecom` or one of your own
    plugin: str
    #: messages a call; None means what the provider allows
    batch: int | None
    #: calls in flight; None means what the channel names
    concurrency: int | None
    #: calls a second of one dispatcher (several on PostgreSQL count apart); None means what the provider allows
    rate: float | None
    #: patience with one call
    timeout: Timeout
    #: patience with an unknown outcome
    reconcile: Reconcile
    #: of one SMS part, or of one message where there are no parts; None where it is not said
    price: Price | None
    #: all other keys, not bound yet
    options: Node
    #: the project's folder, for relative paths
    folder: Path

    def bind(self, kind: type[T]) -> T:
        """The plugin's own settings.

        Raises:
            ConfigError: with every fault; a variable or file that holds no secret is one.
        """
        return bound(self.options, kind, _COMMON)

    def faults(self, kind: type) -> tuple[ConfigError, ...]:
        """What stands in the way of `bind`."""
        return bind(self.options, kind, _COMMON)[1]

    @property
    def written(self) -> str:
        """All that its plugin will ask for, as it stands in the file: tells one way to carry a message from another."""
        return repr(_plain(self.options))

    @property
    def signature(self) -> str:
        """What `sign_name` says, which providers of SMS set in front of every text; empty where it is not known."""
        sign_name = self.options.entries.get("sign_name")
        return bind(sign_name, str)[0] or "" if sign_name else ""


def _plain(node: Node) -> object:
    value = node.value
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in sorted(value.items())}
    return [_plain(item) for item in value] if isinstance(value, tuple) else str(value)


def channel(node: Node) -> ChannelSettings:
    """One entry of `channels:`.

    Raises:
        ConfigError: with every fault of the core's keys.
    """
    name = node.place.path[-1]
    if not _NAME.fullmatch(name):
        raise (node.key or node.place).fault("a channel is named by letters, digits, - and _")
    common = bound(node.only(_COMMON), _Common)
    return ChannelSettings(
        name=name,
        plugin=common.plugin,
        batch=common.batch,
        concurrency=common.concurrency,
        rate=common.rate,
        timeout=common.timeout.seconds(),
        reconcile=common.reconcile,
        price=common.priced(),
        options=node.without(_COMMON),
        folder=node.place.source.folder or Path(),
    )
