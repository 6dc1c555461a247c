"""Moments that a fact brings about: a milestone, a payment, news, a complaint, told by another system or a clerk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from notigate.calendar import ONE_DAY, Almanac
from notigate.moments.hours import shifted
from notigate.moments.offsets import sources, target
from notigate.occurrence import Chooser, Occurrence

if TYPE_CHECKING:
    from notigate.model import Facts
    from notigate.moments.offsets import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, or will, and whom it concerns."""

    #: such as `payment`
    kind: str
    #: names it among those of its kind: the same key is the same fact
    key: str
    #: column → value of the people it concerns: `{"id": "c7"}`, `{"building": "3号楼"}`; empty means everyone
    target: Mapping[str, str] = field(default_factory=dict)
    #: the day it happens, in the project's zone
    day: date
    #: the hour, where it is known; aware
    at: datetime | None = None
    #: what texts and `who` may ask for
    values: Facts = field(default_factory=dict)
    #: when it was told; aware
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFact:
    """When a fact of this kind is told: at once, or so long before or after it.

    What is told when its time is already past is due when it is told; not what was to come before something that is over.
    """

    kind: str
    #: so many `unit` after its day, before it for a negative `n`; without meaning where there is a `shift`
    n: int = 0
    unit: Unit = "days"
    #: so long after its hour
    shift: timedelta | None = None
    #: worth nothing so long after it was due
    within: timedelta | None = None
    #: not once there is a fact of this kind with the same key
    unless: str = ""
    #: all of the fact's project, not only the person or the building that it names
    widely: bool = False

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Nobody: it takes facts to choose."""
        del day, almanac
        return None

    def columns(self) -> frozenset[str]:
        """It needs no column: a fact may name anybody, or everybody."""
        return frozenset()

    def days(self, day: date, almanac: Almanac) -> tuple[date, date]:
        """The first and the last day of the facts that may be due on `day`; those told on it may be due too."""
        if self.shift is not None:
            back = day - timedelta(days=self.shift.days)
            return back - 2 * ONE_DAY, back + ONE_DAY
        found = sources(day, self.n, self.unit, almanac) or (day,)
        return min(found), max(found)

    def chooser(self, facts: Iterable[Fact], day: date, almanac: Almanac, home: str = "") -> Chooser | None:
        """Choose those whom a fact concerns that is due on `day`; `home` is the project of people who name none."""
        due: dict[tuple[str, ...], dict[tuple[object, ...], list[Occurrence]]] = {}
        for fact in facts:
            if (occurrence := self._occurrence(fact, day, almanac)) is not None:
                whom = self.whom(fact)
                by_values = due.setdefault(tuple(whom), {})
                by_values.setdefault(tuple(whom.values()), []).append(occurrence)
        return _choose(due, home) if due else None

    def whom(self, fact: Fact) -> Mapping[str, str]:
        """Column → value of those whom this rule tells of a fact."""
        return {key: of for key, of in fact.target.items() if key == "project" or not self.widely}

    def _occurrence(self, fact: Fact, day: date, almanac: Almanac) -> Occurrence | None:
        told = fact.told_at.astimezone(almanac.zone)
        if self.shift is not None:
            return self._at_hour(fact, self.shift, told, day)
        if fact.day < told.date() and self.n < 0:
            return None
        if max(target(fact.day, self.n, self.unit, almanac), told.date()) != day:
            return None
        about = fact.day if fact.day >= day else None
        return Occurrence(fact.key, day, about=about, given=_given(fact, told.tzinfo), told_at=fact.told_at)

    def _at_hour(self, fact: Fact, shift: timedelta, told: datetime, day: date) -> Occurrence | None:
        event = fact.at.astimezone(told.tzinfo) if fact.at else told
        ahead = shift < timedelta(0)
        at = max(shifted(event, shift), told)
        if at.date() != day or (ahead and told >= event):
            return None
        until = event if ahead else shifted(at, self.within) if self.within else None
        about, given = event.date() if ahead else None, _given(fact, told.tzinfo)
        return Occurrence(fact.key, day, at, until, about, given, told_at=fact.told_at)


def _given(fact: Fact, zone: tzinfo | None) -> Facts:
    """What the texts may ask for: kind, day, hour (blank where it has none) and building of the fact, and its values."""
    hour = fact.at.astimezone(zone).replace(tzinfo=None) if fact.at else None
    where = {"building": fact.target["building"]} if "building" in fact.target else {}
    return {"fact": fact.kind, "on": fact.day, "at": hour, **where, **fact.values}


def _choose(due: Mapping[tuple[str, ...], Mapping[tuple[object, ...], Sequence[Occurrence]]], home: str) -> Chooser:
    def choose(facts: Facts) -> Sequence[Occurrence]:
        chosen: list[Occurrence] = []
        for columns, by_values in due.items():
            values = [facts.get(column) or (home if column == "project" else None) for column in columns]
            chosen += by_values.get(tuple(values), ())
        return chosen

    return choose
