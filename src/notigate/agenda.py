"""Which occasions are due on a day, and whom they may concern."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias

from notigate import criteria
from notigate.calendar import ONE_DAY, Almanac, as_day
from notigate.catalogue import Catalogue
from notigate.errors import AudienceError, DataMissing, NotigateError, UsageError
from notigate.language import translate
from notigate.ledger.batch import Recipe
from notigate.ledger.review import Announced
from notigate.model import Occasion, Person
from notigate.moments import Approval, Fact, Manual, OnFact, Part, Weather, parts, readers
from notigate.occurrence import Chooser
from notigate.planner import Stopped
from notigate.planner.wish import Due, always, own_key

#: whom the weather of a day concerns, and what nobody can tell of it
ByWeather: TypeAlias = "Callable[[Occasion, Weather, date], tuple[Chooser | None, Sequence[Stopped]]]"

#: the facts of a kind that happen between two days or are told on a day, without those of which there is another kind
Source: TypeAlias = Callable[[str, tuple[date, date], date, str], Sequence[Fact]]

_FAR = date.max

#: recorded with what was planned by a guess; not translated: the ledger is read by programs, too
ASSUMED = "the rest days of {year} are not known, Monday to Friday were taken for workdays"


#: days between a workday and the next, at most: no company rests longer
FURTHEST = 16


class Agenda:
    """One project's occasions on its calendar."""

    def __init__(
        self, catalogue: Catalogue, almanac: Almanac, weather: ByWeather, facts: Source | None = None, home: str = ""
    ) -> None:
        self._catalogue = catalogue
        self._almanac = almanac
        self._weather = weather
        self._facts = facts
        self._home = home
        #: ids of people of whom a fact was told that was looked at
        self.told_of: set[str] = set()
        self._days: dict[tuple[str, date], Mapping[str, date]] = {}
        self._standing: dict[tuple[str, date], Sequence[Due] | None] = {}

    def on(self, day: date, *, gone_by: bool = False) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
        """What is switched on and may be due on `day`; and what cannot be told, or used, and why.

        Of a day that has gone by, the weather is nobody's business any more.
        """
        usable, faults = self._catalogue.switched_on()
        stopped = [Stopped("", translate(fault), lasting=True) for fault in faults]
        due = list[Due]()
        for occasion in usable:
            try:
                found, missing = self._asked_on(occasion, day, weather=not gone_by)
            except DataMissing as fault:
                found, missing = [], [Stopped(occasion.id, translate(fault), data_missing=True)]
            due += found
            stopped += missing
        return tuple(due), tuple(stopped)

    def _due_on(self, occasion: Occasion, day: date) -> list[Due]:
        return self._asked_on(occasion, day)[0]

    def almanac_of(self, occasion: Occasion) -> Almanac:
        """The calendar by which its moment counts."""
        return self._almanac.following(occasion.workdays) if occasion.workdays else self._almanac

    def _asked_on(self, occasion: Occasion, day: date, *, weather: bool = True) -> tuple[list[Due], list[Stopped]]:
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
                due.append(_due(occasion, part.marked(chooser), part))
        return due, stopped

    def _due_by_facts(self, almanac: Almanac, occasion: Occasion, part: Part, day: date) -> list[Due]:
        rule = part.rule
        if self._facts is None or not isinstance(rule, OnFact):
            return []
        told = self._facts(rule.kind, rule.days(day, almanac), day, rule.unless)
        chooser = rule.chooser(told, day, almanac, self._home)
        self.told_of |= {fact.target["id"] for fact in told if "id" in fact.target}
        if chooser is None:
            return []
        brings = frozenset({"on", "at"}).union(*(fact.values for fact in told))
        return [replace(_due(occasion, part.marked(chooser), part), brings=brings)]

    def _chooser(
        self, almanac: Almanac, occasion: Occasion, part: Part, day: date
    ) -> tuple[Chooser | None, Sequence[Stopped]]:
        if isinstance(part.rule, Weather):
            return self._weather(occasion, part.rule, day)
        return part.rule.on(day, almanac), ()

    def ahead(self, today: date) -> Iterator[tuple[date, tuple[Due, ...], tuple[Stopped, ...]]]:
        """What is to be drafted today for later days: it needs an approval, and today is the last workday before.

        On a rest day: what the workday before it should have drafted.
        """
        usable, _faults = self._catalogue.switched_on()
        approved = [o for o in usable if o.approval == "workday-before" and not isinstance(o.moment, Weather)]
        for day in (today + n * ONE_DAY for n in range(1, FURTHEST + 1)):
            due, stopped = list[Due](), list[Stopped]()
            for occasion in approved:
                try:
                    due += self._to_draft(occasion, day, today)
                except DataMissing as fault:
                    # Of days further on it may be known in time.
                    stopped += (
                        [Stopped(occasion.id, translate(fault), data_missing=True)] if day == today + ONE_DAY else []
                    )
            if due or stopped:
                yield day, tuple(due), tuple(stopped)

    def _to_draft(self, occasion: Occasion, day: date, today: date) -> list[Due]:
        almanac = self.almanac_of(occasion)
        before = (almanac.guessing() if almanac.may_assume else almanac).workday_before(day)
        return self._due_on(occasion, day) if before <= today else []

    def again(self, name: str, day: date, recipe: Recipe) -> tuple[Due, ...]:
        """What made a batch, as it would be asked for now; nothing where it no longer falls on that day.

        Raises:
            NotigateError: it is broken, or there is none of this name.
        """
        if recipe.named:
            with suppress(UsageError):
                return self.named([name], day, recipe.given, recipe.key, asked=False)[0]
            return ()
        usable, _faults = self._catalogue.switched_on()
        occasion = self._catalogue.occasion(name)
        return tuple(self._due_on(occasion, day)) if occasion in usable else ()

    def on_approval(self) -> tuple[Occasion, ...]:
        """The occasions that tell approvers what waits for them."""
        usable, _faults = self._catalogue.switched_on()
        return tuple(occasion for occasion in usable if isinstance(occasion.moment, Approval))

    def since(self, first: date, today: date) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
        """What is due from `first` to today, both included; today's goes before what is late."""
        days = [today - timedelta(days=number) for number in range(1, (today - first).days + 1)]
        found = [self.on(today), *(self.on(day, gone_by=True) for day in days)]
        stopped = {(one.occasion, one.fault): one for _, on_day in found for one in on_day}
        return tuple(one for on_day, _ in found for one in on_day), tuple(stopped.values())

    def standing(self, occasion: str, day: date) -> Sequence[Due] | None:
        """What of an occasion is due on a day by its moment; None where that cannot be told."""
        if (occasion, day) not in self._standing:
            try:
                self._standing[occasion, day] = self._asked_on(self._catalogue.occasion(occasion), day, weather=False)[
                    0
                ]
            except NotigateError:
                self._standing[occasion, day] = None
        return self._standing[occasion, day]

    def announces(self, told: Announced, person: Person, columns: Collection[str]) -> date | None:
        """The day that a message should announce to its reader now; None where there is none any more."""
        try:
            rules = parts(self._catalogue.occasion(told.occasion).moment)
        except NotigateError:
            return told.about
        days = [
            as_day(person.facts.get(column))
            for part in rules
            if not part.mark or told.occurrence.endswith(f"+{part.mark}")
            for column in sorted(part.announces.intersection(columns))
        ]
        days += [self._day_of(part, told) for part in rules if isinstance(part.rule, OnFact)]
        if told.about in days or not days:
            return told.about
        return next((day for day in days if day is not None), None)

    def _day_of(self, part: Part, told: Announced) -> date | None:
        """The day of the fact that was announced, as it stands now."""
        if self._facts is None or not isinstance(part.rule, OnFact):
            return told.about
        asked = part.rule.kind, told.about
        if asked not in self._days:
            facts = self._facts(part.rule.kind, (told.about, _FAR), told.about, "")
            self._days[asked] = {fact.key: fact.day for fact in facts}
        return self._days[asked].get(told.occurrence.removesuffix(f"+{part.mark}"))

    def unfit(self, columns: Collection[str]) -> tuple[Stopped, ...]:
        """What is switched on and cannot be told from a roster with these columns."""
        usable, _faults = self._catalogue.switched_on()
        some_day = always("", date.min)
        asked = [
            replace(_due(occasion, some_day, part), brings=None if isinstance(part.rule, OnFact) else frozenset())
            for occasion in usable
            for part in parts(occasion.moment)
        ]
        return fit_for(asked, columns)[1]

    def named(
        self, names: Sequence[str], day: date, given: Mapping[str, object], key: str | None, *, asked: bool
    ) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
        """Occasions that a caller names; the moment of the year does not matter where it is the caller who decides.

        Raises:
            UsageError: no such occasion, or none of them falls on that day.
            NotigateError: it is broken.
        """
        occasions = [self._catalogue.occasion(name) for name in names]
        if asked or key is not None:
            chooser = always(key or own_key(day, given), day)
            return tuple(_due(occasion, chooser, asked=asked) for occasion in occasions), ()
        due = []
        for occasion in occasions:
            if isinstance(occasion.moment, Manual | Weather):
                due.append(_due(occasion, always(own_key(day, given), day)))
            elif due_on_day := self._due_on(occasion, day):
                due += due_on_day
            else:
                raise UsageError(
                    "{occasion} does not fall on {day}; name its day with --on, or send it all the same with "
                    "--key NAME",
                    occasion=occasion.id,
                    day=day,
                )
        return tuple(due), ()


def fit_for(due: Sequence[Due], columns: Collection[str]) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
    """What can be told from a roster with these columns; and what cannot, for it would silently concern nobody."""
    lacking = [(item, column) for item in due if (column := item.lacks(columns))]
    stopped = {
        item.occasion.id: Stopped(item.occasion.id, _no_column(item, column), lasting=True) for item, column in lacking
    }
    return tuple(item for item in due if item.occasion.id not in stopped), tuple(stopped.values())


def _no_column(due: Due, column: str) -> str:
    occasion = due.occasion
    by_readers = due.readers is not None and column == due.readers.column
    place = occasion.places.get("readers" if by_readers else "moment" if column in due.columns else "who", "")
    return translate(
        AudienceError(
            "{place}the roster has no column {column!r}, by which {occasion} chooses its readers. Add it, or say which it "
            "is: roster: {{columns: {{{column}: Their heading}}}}",
            place=f"{place}: " if place else "",
            occasion=occasion.id,
            column=column,
        )
    )


def _due(occasion: Occasion, chooser: Chooser, part: Part | None = None, *, asked: bool = False) -> Due:
    """`part` is the rule of its moment that has made it due; None when somebody names it."""
    said = [occasion.who, part.who if part else ""]
    who = " and ".join(f"({one})" for one in said if one) if all(said) else "".join(said)
    return Due(
        occasion=occasion,
        chooser=chooser,
        who=criteria.compile(who) if who and not asked else None,
        by_moment=part is not None and not (occasion.readers or isinstance(part.rule, Weather)),
        columns=part.rule.columns() if part else frozenset(),
        readers=(part and part.readers) or (readers.read("readers", occasion.readers) if occasion.readers else None),
        singly=part is not None and part.singly,
    )
