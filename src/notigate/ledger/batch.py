"""A batch as a value: what it holds, how it stands, and what was said on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from notigate.cost import Cost
from notigate.model import Delivery


class Stage(StrEnum):
    """Where a batch stands."""

    #: for a person's word
    WAITING = "waiting"
    #: signed; goes when its hour comes
    APPROVED = "approved"
    #: called off
    REFUSED = "refused"
    #: let go
    RELEASED = "released"
    #: its hours went by without a word
    MISSED = "missed"


class Word(StrEnum):
    """What was said on a batch, or done with it."""

    DRAFTED = "drafted"
    CHANGED = "changed"
    APPROVED = "approved"
    REFUSED = "refused"
    RELEASED = "released"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a batch was asked for, so that it can be planned again: by its moment, or by name with these options."""

    #: by name, not by its moment
    named: bool = False
    #: one message to one address: what is frozen is all there is
    asked: bool = False
    given: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    key: str | None = None
    roster: str | None = None


class LeftOut(NamedTuple):
    """People whom one rule leaves out of a batch."""

    number: int
    #: the first of them
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Deliveries that one word lets go or calls off."""

    id: int
    #: `OCCASION@DAY`, and `+2` of those who came later
    name: str
    #: why it needs a word: `approval`, or `late`
    rule: str
    occasion: str
    day: date
    recipe: Recipe
    #: who answers for it
    author: str
    state: Stage
    #: of all that is signed
    digest: str
    #: how many, by channel
    channels: Counter[str] = field(default_factory=Counter)
    #: of SMS, in all
    parts: int = 0
    costs: tuple[Cost, ...] = ()
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    #: what the files it was drafted from looked like
    inputs: str = ""
    #: business times: from when it may go, and after which it never goes
    opens: datetime
    closes: datetime | None = None
    drafted_at: datetime
    #: the first of them, to be read before deciding
    examples: tuple[Delivery, ...] = ()
    #: how many there were when it was drafted
    number: int = 0


class Said(NamedTuple):
    """One word on a batch."""

    at: datetime
    word: Word
    #: as they said
    who: str
    #: the user of the machine
    login: str
    digest: str
    because: str


class Seal(NamedTuple):
    """What a batch holds, summed up."""

    digest: str
    number: int
    parts: int
    costs: tuple[Cost, ...]
    opens: datetime
    closes: datetime | None
    author: str
