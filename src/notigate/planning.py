"""From what is due to what is planned: for the people of the roster, as far as the roster and the channels allow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.agenda.fitting import fit_for
from notigate.planner import Planned, Planner, Stopped
from notigate.planner.sieve import Sieve
from notigate.readership import usable

if TYPE_CHECKING:
    from notigate.audience import BadRows
    from notigate.daily import Daily
    from notigate.forecasts import Forecasts
    from notigate.lineup import Lineup
    from notigate.planner.wish import Wish
    from notigate.readership import Readership


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Plans wishes for the people of one project."""

    readership: Readership
    planner: Planner
    lineup: Lineup
    forecasts: Forecasts

    def for_one_run(self) -> Planning:
        """The same, which goes through one reading of the roster as often as it plans."""
        return replace(self, readership=self.readership.for_one_run())

    def of(
        self, wish: Wish, bad: BadRows | None = None, roster: Path | None = None, daily: Daily | None = None
    ) -> Iterator[Planned | Stopped]:
        """Plan a wish, streaming; what cannot be planned is told and does not stop the rest.

        Args:
            wish: what is due.
            bad: gathers the rows that cannot be used.
            roster: a file instead of the project's.
            daily: looks again at what waits for these people, before they are planned.
        """
        return chain.from_iterable(self._of(wish, bad, roster, daily))

    def _of(
        self, wish: Wish, bad: BadRows | None, roster: Path | None, daily: Daily | None
    ) -> Iterator[Iterable[Planned | Stopped]]:
        if not (wish.due or (daily and daily.waits)):
            return
        found = self.readership.read(roster)
        if not found.columns:
            return
        due, stopped = fit_for(wish.due, found.columns)
        yield stopped
        yield self.broken()
        wish = replace(wish, due=due, columns=found.columns)
        sieve = Sieve(wish)
        if daily is None or not daily.waits:
            people = usable(found, bad, sieve.concerns)
        else:
            read = usable(found, bad, lambda facts: sieve.concerns(facts) or daily.looks_at(str(facts["id"])))
            people = daily.over(read, found.columns)
        yield self.planner.plan(wish, people)
        yield self.forecasts.strangers()

    def broken(self) -> Iterator[Stopped]:
        """The channels that cannot be planned for."""
        return (Stopped("", f"{name}: {why}", lasting=True) for name, why in self.lineup.broken().items())
