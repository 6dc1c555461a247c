"""When an occasion comes round for a reader: what `moments` find, and what the planner plans from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from notigate.calendar import Almanac
    from notigate.model import Facts


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time an occasion comes round for a reader."""

    #: names this time for ever, whatever day it is sent on: `2026` for a birthday, `2026-11-19` for a Thursday
    key: str
    #: the day it is to be sent
    day: date
    #: the hour from which on it is to be sent, whatever the windows of the day; None: in those windows
    at: datetime | None = None
    #: worth nothing from then on
    until: datetime | None = None
    #: the day it announces: once the reader's record names another one, what was sent before is wrong
    about: date | None = None
    #: what texts and `who` may ask for besides the reader's columns: the values of a fact
    given: Facts = field(default_factory=dict)
    #: keys of earlier times that told the same: who was told under one of them is not told again
    told_by: tuple[str, ...] = ()
    #: of what falls on one reader in one group, one message tells; empty is a group of its own
    group: str = ""
    #: where what it says comes from, for the ledger
    note: str = ""
    #: when it was told, where somebody told it: what was planned before says something else
    told_at: datetime | None = None


#: From a person's facts to the occurrences that fall on the day it was made for; mostly there is none.
Chooser: TypeAlias = "Callable[[Facts], Sequence[Occurrence]]"


#: month and day, in whatever year
YearDay: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OnDays:
    """A chooser of those who have one of a few days in one of the columns that it reads; of others it chooses nobody."""

    choose: Chooser
    #: days, or days of any year
    days: Collection[date | YearDay]
    #: columns that say something in other words than a day: of who has one of them, it has to be asked
    asked: frozenset[str] = frozenset()

    def __call__(self, facts: Facts) -> Sequence[Occurrence]:
        """As its chooser does."""
        return self.choose(facts)


@dataclass(frozen=True, slots=True)
class Alike:
    """A chooser of the same for all whom it chooses; it brings nothing that `who` could speak of."""

    occurrences: Sequence[Occurrence]
    #: everybody, where it is not said
    chooses: Callable[[Facts], bool] | None = None

    def __call__(self, facts: Facts) -> Sequence[Occurrence]:
        """The same, or nothing."""
        return self.occurrences if self.chooses is None or self.chooses(facts) else ()


class Moment(Protocol):
    """When an occasion is due."""

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Who is due on `day`? Asked once a day; None when nobody can be.

        Raises:
            DataMissing: the calendar does not know the year.
        """
        ...

    def columns(self) -> frozenset[str]:
        """The roster columns it reads."""
        ...
