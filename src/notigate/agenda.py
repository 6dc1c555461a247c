"""Which occasions are due on a day, and whom they may concern."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
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

#: the weather expected on a day: `event`, `level`, `text`, `source`; None when no source answers
Forecast: TypeAlias = Callable[[date], Mapping[str, object] | None]


#: days between a workday and the next, at most: no company rests longer
FURTHEST = 16


class Agenda:
    """One project's occasions on its calendar."""

    def __init__(self, catalogue: Catalogue, almanac: Almanac, weather: Forecast | None = None) -> None:
        self._catalogue = catalogue
        self._almanac = almanac
        self._weather = weather

    def on(self, day: date) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
        """What is switched on and may be due on `day`; and what cannot be told, or used, and why."""
        usable, faults = self._catalogue.switched_on()
        stopped = [Stopped("", translate(fault)) for fault in faults]
        due = []
        for occasion in usable:
            try:
                due += self._due_on(occasion, day)
            except DataMissing as fault:
                stopped.append(Stopped(occasion.id, translate(fault), data_missing=True))
        return tuple(due), tuple(stopped)

    def _due_on(self, occasion: Occasion, day: date) -> list[Due]:
        if isinstance(occasion.moment, Weather):
            return self._due_by_weather(occasion, day)
        return [
            _due(occasion, part.marked(chooser), part)
            for part in parts(occasion.moment)
            if (chooser := part.rule.on(day, self._almanac)) is not None
        ]

    def _due_by_weather(self, occasion: Occasion, day: date) -> list[Due]:
        """Due when tomorrow brings something; no source is nothing to go by, and no answer of one is no fine weather."""
        if self._weather is None:
            return []
        tomorrow = day + ONE_DAY
        told = self._weather(tomorrow)
        if told is None:
            raise DataMissing("the weather of {day} is not known: no source answered", day=tomorrow)
        if not told.get("event"):
            return []
        return [replace(_due(occasion, always(tomorrow.isoformat(), day)), given={"weather": told})]

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
