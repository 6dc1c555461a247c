"""Who is written to, and about what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from notigate.calendar import Workdays
    from notigate.moments import Several
    from notigate.occurrence import Moment


Facts: TypeAlias = Mapping[str, object]


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


class Person(NamedTuple):
    """A reader: a customer of the roster, or one of our own people. `repr` shows the id only."""

    id: str
    name: str = ""
    family_name: str = ""
    #: never guessed
    title: Literal["mr", "ms"] | None = None
    #: the language asked for, as written (`zh-TW`); empty means the project's
    language: str = ""
    vip: bool = False
    #: kind of address (`phone`, `email`, `wecom`) → checked address
    addresses: Mapping[str, str] = MappingProxyType({})
    #: every column of the roster under our own heading; days are `date`, absent values are missing or None
    facts: Facts = MappingProxyType({})
    #: where it stands in the roster (line or sheet row, from 1), for messages to the clerk
    row: int | None = None
    #: where several rows tell of this reader (the owner of two homes), the facts of each; `facts` are those of the first
    records: tuple[Facts, ...] = ()

    def __repr__(self) -> str:
        return f"Person(id={self.id!r}, row={self.row!r})"

    @property
    def each_record(self) -> tuple[Facts, ...]:
        """What each of their rows tells; of most readers there is one."""
        return self.records or (self.facts,)


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
