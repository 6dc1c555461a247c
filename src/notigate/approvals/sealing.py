"""One digest over all that a person signs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from notigate.cost import Cost, Price, total
from notigate.ledger.batch import Seal
from notigate.ledger.rows import encode
from notigate.model import Delivery, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notigate.model import Category, Content

#: what will never go is not counted
OUT = frozenset({State.SUPPRESSED, State.INVALID})


class Frozen(Protocol):
    """What a reader would get: a draft, or the delivery that was made of it."""

    @property
    def occasion(self) -> str:
        """Its id."""

    @property
    def occurrence(self) -> str:
        """Its key."""

    @property
    def day(self) -> date:
        """The business day."""

    @property
    def person(self) -> str:
        """The reader's id."""

    @property
    def category(self) -> Category:
        """The class of its occasion."""

    @property
    def channel(self) -> str:
        """Its name in the settings."""

    @property
    def medium(self) -> str:
        """The kind of text."""

    @property
    def to(self) -> str:
        """The address."""

    @property
    def locale(self) -> str:
        """The language."""

    @property
    def content(self) -> Content | None:
        """What the reader sees."""

    @property
    def expires_at(self) -> datetime | None:
        """When it is stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is signed beside the messages, and what they are counted with."""

    opens: datetime
    closes: datetime | None
    author: str
    #: of the channels' settings: another template code or signature is another message
    settings: Mapping[str, str]
    prices: Mapping[str, Price]

    def cost(self, member: Delivery) -> Cost | None:
        """What it costs; None where no price is said."""
        price = self.prices.get(member.channel)
        return price.of(member.parts or 1) if price else None


def fingerprint(frozen: Frozen) -> bytes:
    """Everything about one message that matters to its reader: two of the same are the same message."""
    content = "" if frozen.content is None else encode(frozen.content)
    expires = frozen.expires_at.timestamp() if frozen.expires_at else ""
    told = (
        frozen.occasion, frozen.occurrence, frozen.day.isoformat(), frozen.person, frozen.category, frozen.channel,
        frozen.medium, frozen.to, frozen.locale, content, str(expires),
    )  # fmt: skip
    return _digest(told).digest()


def seal(members: Iterable[Delivery], terms: Terms) -> Seal:
    """Sum up what a batch holds. The members come in an order that does not depend on the roster's."""
    hashed, channels = blake2b(digest_size=16), set[str]()
    number = parts = 0
    costs: tuple[Cost, ...] = ()
    for member in members:
        # Whom a rule keeps out after it was signed was signed all the same.
        hashed.update(fingerprint(member))
        channels.add(member.channel)
        if member.state in OUT:
            continue
        number, parts = number + 1, parts + member.parts
        if cost := terms.cost(member):
            costs = total([*costs, cost])
    told = [str(terms.opens.timestamp()), str(terms.closes.timestamp() if terms.closes else "")]
    told += [terms.settings.get(channel, "") for channel in sorted(channels)]
    hashed.update(_digest(told).digest())
    return Seal(
        digest=hashed.hexdigest(), number=number, parts=parts, costs=costs, opens=terms.opens, closes=terms.closes,
        author=terms.author,
    )  # fmt: skip


def _digest(told: Sequence[str]) -> blake2b:
    # Lengths first: no text of one field can pass for two.
    hashed = blake2b(digest_size=16)
    for one in told:
        data = one.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big") + data)
    return hashed
