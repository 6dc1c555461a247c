"""Which occasions are due on a day, and whom they may concern."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from notigate.agenda.dues import Dues, as_due
from notigate.agenda.fitting import fit_for
from notigate.agenda.meant import Sought
from notigate.agenda.standing import Standing
from notigate.calendar import LONGEST_REST, ONE_DAY
from notigate.errors import DataMissing, UsageError
from notigate.language import translate
from notigate.moments import Approval, Manual, OnFact, Weather, parts
from notigate.planner import Stopped
from notigate.planner.wish import Due, always, own_key

if TYPE_CHECKING:
    from notigate.calendar import Almanac
    from notigate.catalogue import Catalogue
    from notigate.ledger.batch import Recipe
    from notigate.model import Occasion


class Agenda:
    """One project's occasions on its calendar."""

    def __init__(self, catalogue: Catalogue, dues: Dues) -> None:
        self._catalogue = catalogue
        self._dues = dues

    def promised(self) -> Standing:
        """What of earlier plans still stands, as it is now."""
        return Standing(self._catalogue, self._dues)

    def sought(self) -> Sought:
        """Whom facts were told of that were looked at since `since` was asked: are they in the roster?"""
        return Sought(self._dues.told_of, self._dues.home)

    def almanac_of(self, occasion: Occasion) -> Almanac:
        """The calendar by which its moment counts."""
        return self._dues.almanac_of(occasion)

    def on(self, day: date, *, gone_by: bool = False) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
        """What is switched on and may be due on `day`; and what cannot be told, or used, and why.

        Of a day that has gone by, the weather is nobody's business any more.
        """
        usable, faults = self._catalogue.switched_on()
        stopped = [Stopped("", translate(fault), lasting=True) for fault in faults]
        due = list[Due]()
        for occasion in usable:
            try:
                found, missing = self._dues.on(occasion, day, weather=not gone_by)
            except DataMissing as fault:
                found, missing = [], [_unknown(occasion, fault)]
            due += found
            stopped += missing
        return tuple(due), tuple(stopped)

    def _due_on(self, occasion: Occasion, day: date) -> list[Due]:
        return self._dues.on(occasion, day)[0]

    def ahead(self, today: date) -> Iterator[tuple[date, tuple[Due, ...], tuple[Stopped, ...]]]:
        """What is to be drafted today for later days: it needs an approval, and today is the last workday before.

        On a rest day: what the workday before it should have drafted.
        """
        usable, _faults = self._catalogue.switched_on()
        approved = [o for o in usable if o.approval == "workday-before" and not isinstance(o.moment, Weather)]
        for day in (today + n * ONE_DAY for n in range(1, LONGEST_REST + 1)):
            due, stopped = list[Due](), list[Stopped]()
            for occasion in approved:
                try:
                    due += self._to_draft(occasion, day, today)
                except DataMissing as fault:
                    # Of days further on it may be known in time.
                    stopped += [_unknown(occasion, fault)] if day == today + ONE_DAY else []
            if due or stopped:
                yield day, tuple(due), tuple(stopped)

    def _to_draft(self, occasion: Occasion, day: date, today: date) -> list[Due]:
        almanac = self._dues.almanac_of(occasion)
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

    def kinds(self) -> frozenset[str]:
        """The kinds of facts that bring about what is switched on, or end it."""
        usable, _faults = self._catalogue.switched_on()
        rules = [part.rule for occasion in usable for part in parts(occasion.moment) if isinstance(part.rule, OnFact)]
        return frozenset({rule.kind for rule in rules} | {rule.unless for rule in rules} - {""})

    def since(self, first: date, today: date) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
        """What is due from `first` to today, both included; today's goes before what is late."""
        self._dues.told_of.clear()
        days = [today - timedelta(days=number) for number in range(1, (today - first).days + 1)]
        found = [self.on(today), *(self.on(day, gone_by=True) for day in days)]
        stopped = {(one.occasion, one.fault): one for _, on_day in found for one in on_day}
        return tuple(one for on_day, _ in found for one in on_day), tuple(stopped.values())

    def unfit(self, columns: Collection[str]) -> tuple[Stopped, ...]:
        """What is switched on and cannot be told from a roster with these columns."""
        usable, _faults = self._catalogue.switched_on()
        some_day = always("", date.min)
        asked = [
            replace(as_due(occasion, some_day, part), brings=None if isinstance(part.rule, OnFact) else frozenset())
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
            return tuple(as_due(occasion, chooser, asked=asked) for occasion in occasions), ()
        due = []
        for occasion in occasions:
            if isinstance(occasion.moment, Manual | Weather):
                due.append(as_due(occasion, always(own_key(day, given), day)))
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


def _unknown(occasion: Occasion, fault: DataMissing) -> Stopped:
    year = str(fault.fields.get("year", ""))
    return Stopped(occasion.id, translate(fault), data_missing=True, year=year)
