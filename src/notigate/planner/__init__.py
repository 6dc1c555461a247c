"""From an occasion on a day to planned deliveries: who, what, when, by which channel, and who not, by which rule.

`plan`, `send --dry-run` and `send` ask the same question here; only `send` promises the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from notigate import policy
from notigate.errors import NotigateError
from notigate.ledger import plan
from notigate.planner import candidates
from notigate.planner.deciding import Decisions
from notigate.planner.kept import Kept
from notigate.planner.planned import Planned, Stopped
from notigate.planner.roundups import Roundups
from notigate.planner.sieve import Sieve
from notigate.policy import PluginRule, Policy, hours

if TYPE_CHECKING:
    from datetime import datetime

    from notigate.catalogue import Catalogue
    from notigate.ledger.store import Ledger
    from notigate.model import Delivery, Person
    from notigate.planner.routes import Routes
    from notigate.planner.wish import Wish
    from notigate.planner.writing import Writer

__all__ = ["Planned", "Planner", "Stopped"]

#: people judged together: one question to the ledger for all of them
CHUNK = 500
#: people judged before all others: an occasion that cannot be told at all is stopped by the first of them
FIRST = 20
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """One project's planner."""

    ledger: Ledger
    catalogue: Catalogue
    routes: Routes
    policy: Policy
    writer: Writer
    #: our own people, by name
    staff: Mapping[str, Person]
    #: rules that plugins add
    rules: Sequence[PluginRule] = ()
    #: False while a configured channel is missing: nobody is then written off as not to be reached
    complete: bool = True

    def plan(self, wish: Wish, people: Iterable[Person] | Kept) -> Iterator[Planned | Stopped]:
        """Plan a wish, streaming; what is promised already is left out."""
        # Joined where it costs nothing: each generator that hands on what another yields takes its time for each message.
        return chain.from_iterable(self._planned(wish, people))

    def _planned(self, wish: Wish, people: Iterable[Person] | Kept) -> Iterator[Iterable[Planned | Stopped]]:
        roundups = Roundups(self.staff)
        # Whatever order files have: where a cap leaves room for one message, the more important occasion is asked first.
        wish = replace(wish, due=tuple(sorted(wish.due, key=lambda due: policy.precedence(due.occasion))))
        for due in wish.due:
            if due.is_about_nobody:
                roundups.add_nobody(due)
        wish = replace(wish, due=tuple(due for due in wish.due if not due.is_about_nobody))
        sieve, decisions = Sieve(wish), Decisions(self, wish)
        sifted = people.sifted(sieve) if isinstance(people, Kept) else ((one, sieve.of(one)) for one in people)
        key = partial(plan.key, self.ledger)
        for chunk in _chunks(sifted):
            yield decisions.on(list(candidates.of_people(wish, chunk, roundups, key, decisions.stopped)))
        yield decisions.on(candidates.of_colleagues(roundups, key))
        yield decisions.reuse.told()
        yield (Stopped(occasion, why, lasting=True) for occasion, why in roundups.lost())

    def opening(self, delivery: Delivery, zone_of: datetime) -> datetime | None:
        """From when a delivery that waits for a person may go; None where its occasion is broken."""
        with suppress(NotigateError):
            occasion = self.catalogue.occasion(delivery.occasion)
            return hours.opening(occasion, self.policy, delivery.day, zone_of)
        return None


def _chunks(people: Iterator[_T]) -> Iterator[list[_T]]:
    chunk = list(islice(people, FIRST))
    while chunk:
        yield chunk
        chunk = list(islice(people, CHUNK))
