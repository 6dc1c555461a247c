"""Which occasions are due on a day, and whom they may concern."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TypeAlias

from notigate import criteria
from notigate.calendar import ONE_DAY, Almanac
from notigate.catalogue import Catalogue
from notigate.errors import AudienceError, DataMissing, UsageError
from notigate.language import translate
from notigate.ledger.batches import Recipe
from notigate.model import Occasion
from notigate.moments import Approval, Manual, Part, Weather, parts
from notigate.occurrence import Chooser
from notigate.planner import Stopped
from notigate.planner.wish import Due, always, own_key

#: whom the weather of a day concerns, and what nobody can tell of it
ByWeather: TypeAlias = "Callable[[Occasion, Weather, date], tuple[Chooser | None, Sequence[Stopped]]]"


#: days between a workday and the next, at most: no company rests longer
FURTHEST = 16


class Agenda:
    """One project's occasions on its calendar."""

    def __init__(self, catalogue: Catalogue, almanac: Almanac, weather: ByWeather) -> None:
        self._catalogue = catalogue
        self._almanac = almanac
        self._weather = weather

    def on(self, day: date) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
        """What is switched on and may be due on `day`; and what cannot be told, or used, and why."""
        usable, faults = self._catalogue.switched_on()
        stopped = [Stopped("", translate(fault)) for fault in faults]
        due = list[Due]()
        for occasion in usable:
            try:
                found, missing = self._asked_on(occasion, day)
            except DataMissing as fault:
                found, missing = [], [Stopped(occasion.id, translate(fault), data_missing=True)]
            due += found
            stopped += missing
        return tuple(due), tuple(stopped)

    def _due_on(self, occasion: Occasion, day: date) -> list[Due]:
        return self._asked_on(occasion, day)[0]

    def _asked_on(self, occasion: Occasion, day: date) -> tuple[list[Due], list[Stopped]]:
        due, stopped = list[Due](), list[Stopped]()
        for part in parts(occasion.moment):
            chooser, missing = self._chooser(occasion, part, day)
            stopped += missing
            if chooser is not None:
                due.append(_due(occasion, part.marked(chooser), part))
        return due, stopped

    def _chooser(self, occasion: Occasion, part: Part, day: date) -> tuple[Chooser | None, Sequence[Stopped]]:
        if isinstance(part.rule, Weather):
            return self._weather(occasion, part.rule, day)
        return part.rule.on(day, self._almanac), ()

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
        return self._due_on(occasion, day) if self._almanac.workday_before(day) <= today else []

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

    def unfit(self, columns: Collection[str]) -> tuple[Stopped, ...]:
        """What is switched on and cannot be told from a roster with these columns."""
        usable, _faults = self._catalogue.switched_on()
        some_day = always("", date.min)
        asked = [_due(occasion, some_day, part) for occasion in usable for part in parts(occasion.moment)]
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
    lacking = {item.occasion.id: item.lacks(columns) for item in due}
    stopped = [Stopped(name, _no_column(name, column)) for name, column in lacking.items() if column]
    return tuple(item for item in due if not lacking[item.occasion.id]), tuple(stopped)


def _no_column(occasion: str, column: str) -> str:
    return translate(
        AudienceError(
            "the roster has no column {column!r}, by which {occasion} chooses its readers. Add it, or say which it is: "
            "roster: {{columns: {{{column}: Their heading}}}}",
            occasion=occasion,
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
        columns=part.rule.columns() if part else frozenset(),
    )
