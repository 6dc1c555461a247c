"""What of earlier plans still stands: asked before what was promised goes out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from notigate.calendar import as_day
from notigate.errors import NotigateError
from notigate.moments import OnFact, Part, parts

if TYPE_CHECKING:
    from notigate.agenda.dues import Dues
    from notigate.catalogue import Catalogue
    from notigate.ledger.review import Announced
    from notigate.model import Person
    from notigate.planner.wish import Due


@dataclass(frozen=True, slots=True)
class Standing:
    """Looks again at what was promised, during one run; each question is asked once."""

    catalogue: Catalogue
    dues: Dues
    _days: dict[tuple[str, str], date | None] = field(default_factory=dict)
    _standing: dict[tuple[str, date], Sequence[Due] | None] = field(default_factory=dict)

    def standing(self, occasion: str, day: date) -> Sequence[Due] | None:
        """What of an occasion is due on a day by its moment; None where that cannot be told."""
        if (occasion, day) not in self._standing:
            try:
                found, _ = self.dues.on(self.catalogue.occasion(occasion), day, weather=False)
                self._standing[occasion, day] = found
            except NotigateError:
                self._standing[occasion, day] = None
        return self._standing[occasion, day]

    def announces(self, told: Announced, person: Person, columns: Collection[str]) -> date | None:
        """The day that a message should announce to its reader now; None where there is none any more."""
        try:
            rules = parts(self.catalogue.occasion(told.occasion).moment)
        except NotigateError:
            return told.about
        days = [
            as_day(facts.get(column))
            for part in rules
            if not part.mark or told.occurrence.endswith(f"+{part.mark}")
            for column in sorted(part.announces.intersection(columns))
            for facts in person.each_record
        ]
        days += [self._day_of(part, told) for part in rules if isinstance(part.rule, OnFact)]
        if told.about in days or not days:
            return told.about
        return next((day for day in days if day is not None), None)

    def _day_of(self, part: Part, told: Announced) -> date | None:
        """The day of the fact that was announced, as it stands now."""
        if self.dues.fact is None or not isinstance(part.rule, OnFact):
            return told.about
        asked = part.rule.kind, told.occurrence.removesuffix(f"+{part.mark}")
        if asked not in self._days:
            fact = self.dues.fact(*asked)
            self._days[asked] = fact.day if fact else None
        return self._days[asked]
