"""What of one occasion is due on a day: by the calendar it counts by, the weather, and what other systems told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from notigate import criteria
from notigate.agenda.meant import Target, target
from notigate.errors import DataMissing
from notigate.moments import Fact, OnFact, Part, Weather, parts, readers
from notigate.planner import Stopped
from notigate.planner.wish import Due

if TYPE_CHECKING:
    from notigate.calendar import Almanac
    from notigate.model import Occasion
    from notigate.occurrence import Chooser

#: whom the weather of a day concerns, and what nobody can tell of it
ByWeather: TypeAlias = "Callable[[Occasion, Weather, date], tuple[Chooser | None, Sequence[Stopped]]]"

#: the facts of a kind that happen between two days or are told on a day, without those of which there is another kind
Source: TypeAlias = Callable[[str, tuple[date, date], date, str], Sequence[Fact]]

#: recorded with what was planned by a guess; not translated: the ledger is read by programs, too
ASSUMED = "the rest days of {year} are not known, Monday to Friday were taken for workdays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dues:
    """When one project's occasions are due."""

    almanac: Almanac
    weather: ByWeather
    #: None: nothing is told by other systems
    facts: Source | None = None
    #: the fact of a kind and key, as it stands
    fact: Callable[[str, str], Fact | None] | None = None
    #: the project, for facts that name none
    home: str = ""
    #: whom facts were told of that were looked at
    told_of: set[Target] = field(default_factory=set)

    def almanac_of(self, occasion: Occasion) -> Almanac:
        """The calendar by which its moment counts."""
        return self.almanac.following(occasion.workdays) if occasion.workdays else self.almanac

    def on(self, occasion: Occasion, day: date, *, weather: bool = True) -> tuple[list[Due], list[Stopped]]:
        """As is known; or, where the settings allow it and it is not known, by a guess that is recorded."""
        almanac = self.almanac_of(occasion)
        try:
            return self._asked_by(almanac, occasion, day, weather=weather)
        except DataMissing as fault:
            if not almanac.may_assume:
                raise
            due, stopped = self._asked_by(almanac.guessing(), occasion, day, weather=weather)
            note = ASSUMED.format(year=fault.fields.get("year"))
            return [replace(one, assumed=note) for one in due], stopped

    def _asked_by(
        self, almanac: Almanac, occasion: Occasion, day: date, *, weather: bool
    ) -> tuple[list[Due], list[Stopped]]:
        due, stopped = list[Due](), list[Stopped]()
        for part in parts(occasion.moment):
            if isinstance(part.rule, OnFact):
                due += self._due_by_facts(almanac, occasion, part, day)
            if isinstance(part.rule, OnFact) or (isinstance(part.rule, Weather) and not weather):
                continue
            chooser, missing = self._chooser(almanac, occasion, part, day)
            stopped += missing
            if chooser is not None:
                due.append(as_due(occasion, part.marked(chooser), part))
        return due, stopped

    def _due_by_facts(self, almanac: Almanac, occasion: Occasion, part: Part, day: date) -> list[Due]:
        rule = part.rule
        if self.facts is None or not isinstance(rule, OnFact):
            return []
        told = self.facts(rule.kind, rule.days(day, almanac), day, rule.unless)
        chooser = rule.chooser(told, day, almanac, self.home)
        self.told_of.update(target(rule.whom(fact)) for fact in told)
        if chooser is None:
            return []
        brings = frozenset({"fact", "on", "at"}).union(*(fact.values for fact in told))
        return [replace(as_due(occasion, part.marked(chooser), part), brings=brings)]

    def _chooser(
        self, almanac: Almanac, occasion: Occasion, part: Part, day: date
    ) -> tuple[Chooser | None, Sequence[Stopped]]:
        if isinstance(part.rule, Weather):
            return self.weather(occasion, part.rule, day)
        return part.rule.on(day, almanac), ()


#: a plan of many days asks the same few every day
_criterion = lru_cache(criteria.compile)


def as_due(occasion: Occasion, chooser: Chooser, part: Part | None = None, *, asked: bool = False) -> Due:
    """`part` is the rule of its moment that has made it due; None when somebody names it."""
    said = [occasion.who, part.who if part else ""]
    who = " and ".join(f"({one})" for one in said if one) if all(said) else "".join(said)
    return Due(
        occasion=occasion,
        chooser=chooser,
        who=_criterion(who) if who and not asked else None,
        by_moment=part is not None and not (occasion.readers or isinstance(part.rule, Weather)),
        columns=part.rule.columns() if part else frozenset(),
        readers=(part and part.readers) or (readers.read("readers", occasion.readers) if occasion.readers else None),
        singly=part is not None and part.singly,
        optional=part is not None and part.optional,
    )
