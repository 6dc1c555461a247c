"""What a caller asks to be planned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from notigate.audience.headings import COLUMNS
from notigate.model import Facts, Occasion
from notigate.occurrence import Chooser, Occurrence

if TYPE_CHECKING:
    from notigate.criteria import Criterion
    from notigate.moments.readers import Readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An occasion that may concern somebody on the day asked for."""

    occasion: Occasion
    chooser: Chooser
    #: whom of those it concerns; None is everyone
    who: Criterion | None = None
    #: what the moment itself brings along: the weather that is to come
    given: Mapping[str, object] = field(default_factory=dict)
    #: due by its moment, and not because somebody names it
    by_moment: bool = False
    #: what was taken for granted to tell that it is due; empty: nothing
    assumed: str = ""
    #: columns of the roster, of which its moment reads at least one
    columns: frozenset[str] = frozenset()
    #: our own people who read it; None: those whom it concerns read it themselves
    readers: Readers | None = None
    #: to these, each of those whom it concerns is a message of their own
    singly: bool = False
    #: a roster without the columns that it asks for does without it
    optional: bool = False
    #: names that facts bring, of which `who` may speak too; None: which they are is not known yet
    brings: frozenset[str] | None = frozenset()

    @property
    def is_about_nobody(self) -> bool:
        """Is it told to a group of ours, about no customer?"""
        told = self.readers is not None and bool(self.readers.group)
        return told and self.who is None and not self.columns and self.brings == frozenset()

    def concerns(self, facts: Facts, occurrence: Occurrence, given: Facts, today: date) -> bool:
        """Is this person, due by its moment, one of those whom it concerns? `who` may ask for what the run brings.

        Of a day that is caught up, they must have been it then, and be it still.
        """
        if self.who is None:
            return True
        holds, known = self.who.holds, facts
        if self.given or occurrence.given or given:
            known = {**facts, **self.given, **occurrence.given, **given}
        return holds(known, today) and (occurrence.day >= today or holds(known, occurrence.day))

    def lacks(self, columns: Collection[str]) -> str:
        """The name of a column without which it concerns nobody, whoever is in the roster; empty when all is there."""
        named = self.who.names() if self.who and self.brings is not None else frozenset[str]()
        asked = named - (self.brings or frozenset()) - self.given.keys()
        if self.columns and not self.columns.intersection(columns):
            return min(self.columns, key=lambda name: (len(name), name))
        if self.readers and self.readers.column and self.readers.column not in columns:
            return self.readers.column
        known = (
            {*columns, *map(_plain, columns)} if any(_plain(column) != column for column in self.columns) else columns
        )
        if not asked or any({name, f"{name}_on"}.intersection(known) for name in asked):
            return ""
        first = min(asked, key=self.who.text.find) if self.who else ""
        return f"{first}_on" if f"{first}_on" in COLUMNS else first


@lru_cache
def _plain(column: str) -> str:
    """How `who` calls one of several columns: `paid_2_on` is `paid_on`."""
    return "_".join(part for part in column.split("_") if not part.isdecimal())


class Earlier:
    """What people get on the earlier days of a plan, as far as the caps of the next days count it."""

    def __init__(self, *, kept: bool = True) -> None:
        self._kept = kept
        self._got: dict[str, list[tuple[date, str]]] = {}

    def of(self, people: Iterable[str]) -> Iterator[tuple[str, Sequence[tuple[date, str]]]]:
        """Those of them who get anything, with day and category of each message."""
        return ((person, self._got[person]) for person in people if person in self._got) if self._got else iter(())

    def note(self, person: str, day: date, category: str) -> None:
        """One more; in a plan of one day nobody asks for it."""
        if self._kept:
            self._got.setdefault(person, []).append((day, category))

    def forget(self, day: date) -> None:
        """On a month's first day, what lies before its first week: no cap counts it any more."""
        if day.day == 1:
            since = day - timedelta(days=day.weekday())
            kept = ((person, [one for one in got if one[0] >= since]) for person, got in self._got.items())
            self._got = {person: got for person, got in kept if got}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One plan: a day, an hour, what is due, and what the caller insists on."""

    day: date
    #: local time
    now: datetime
    due: tuple[Due, ...]
    #: `-p KEY=VALUE`
    given: Mapping[str, object] = field(default_factory=dict)
    #: this channel and no other
    channel: str | None = None
    #: channels that are not taken where another can be
    avoid: frozenset[str] = frozenset()
    #: asked for by name, for one address: it need not wait for the hours of greetings
    asked: bool = False
    #: to compare with what was promised: that is planned, too, and counts against nobody
    again: bool = False
    #: in a plan of many days: what people get before this one
    earlier: Earlier = field(default_factory=lambda: Earlier(kept=False))
    #: hours from which on more of it can be planned
    waits: list[datetime] = field(default_factory=list)
    #: the occurrence, where the caller names it
    key: str = ""
    #: the columns of the roster that the people come from; empty where they do not come from one
    columns: frozenset[str] = frozenset()


def always(key: str, day: date) -> Chooser:
    """A chooser for what somebody sends by name: everyone, under one key."""
    occurrences = (Occurrence(key, day),)
    return lambda _facts: occurrences


def own_key(day: date, given: Mapping[str, object]) -> str:
    """The key of a message that somebody asks for without naming one: the day, and what it says.

    The same request on the same day is the same message, so that a repeated command does not send it twice.
    """
    if not given:
        return day.isoformat()
    said = "\x1f".join(f"{name}={value}" for name, value in sorted(given.items()))
    return f"{day.isoformat()}+{blake2b(said.encode(), digest_size=4).hexdigest()}"
