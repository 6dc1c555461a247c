"""From an occasion on a day to planned deliveries: who, what, when, by which channel, and who not, by which rule.

`plan`, `send --dry-run` and `send` ask the same question here; only `send` promises the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from notigate import policy
from notigate.address import mask_text
from notigate.errors import NotigateError
from notigate.ledger import preferences, questions
from notigate.model import Category, Delivery, Drop, Hold, Person, State
from notigate.planner import candidates, readers
from notigate.planner.kept import Kept
from notigate.planner.planned import Planned, Stopped
from notigate.planner.roundups import Roundups
from notigate.planner.sieve import Sieve
from notigate.policy import Case, PluginRule, Policy, hours
from notigate.preferences import Preference

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.ledger.store import Ledger
    from notigate.planner.candidates import Candidate
    from notigate.planner.routes import Routes
    from notigate.planner.wish import Wish
    from notigate.planner.writing import Writer

__all__ = ["Planned", "Planner", "Stopped"]

#: people judged together: one question to the ledger for all of them
CHUNK = 500
#: another message to the same reader tells it as well
TOGETHER = Drop("told-together", State.DUPLICATE)


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
        roundups, stopped, taken = Roundups(self.staff), set[str](), set[int]()
        # Whatever order files have: where a cap leaves room for one message, the more important occasion is asked first.
        wish = replace(wish, due=tuple(sorted(wish.due, key=lambda due: policy.precedence(due.occasion))))
        for due in wish.due:
            if due.is_about_nobody:
                roundups.add_nobody(due)
        wish = replace(wish, due=tuple(due for due in wish.due if not due.is_about_nobody))
        sieve = Sieve(wish)
        sifted = people.sifted(sieve) if isinstance(people, Kept) else ((one, sieve.of(one)) for one in people)
        while chunk := list(islice(sifted, CHUNK)):
            yield from self._decide(wish, list(candidates.of_people(wish, chunk, roundups)), stopped, taken)
        yield from self._decide(wish, candidates.of_colleagues(roundups), stopped, taken)
        yield from (Stopped(occasion, why, lasting=True) for occasion, why in roundups.lost())

    def opening(self, delivery: Delivery, zone_of: datetime) -> datetime | None:
        """From when a delivery that waits for a person may go; None where its occasion is broken."""
        with suppress(NotigateError):
            occasion = self.catalogue.occasion(delivery.occasion)
            return hours.opening(occasion, self.policy, delivery.day, zone_of)
        return None

    def _decide(
        self, wish: Wish, found: Sequence[Candidate], stopped: set[str], taken: set[int]
    ) -> Iterator[Planned | Stopped]:
        # What is asked for by name is told again what came of it; a plan only looks for what is new.
        new = found if wish.asked or wish.again else candidates.new(self.ledger, found)
        sent = self._sent(wish, new)
        told, grouped = self._told(new), set[tuple[str, str, str]]()
        for candidate in new:
            home = hash((candidate.occasion.id, candidate.occurrence.key, candidate.once)) if candidate.once else 0
            if candidate.occasion.id in stopped or home in taken:
                continue
            group = candidate.occurrence.group
            if (together := (candidate.occasion.id, group, candidate.person.id)) in grouped:
                yield self.writer.dropped(wish, candidate, None, TOGETHER)
                continue
            if group:
                grouped.add(together)
            person = candidate.person.id
            planned = self._planned(wish, candidate, sent.setdefault(person, []), told.get(person, ()))
            if planned is None:
                continue
            if isinstance(planned, Stopped):
                if planned.fault in stopped:
                    continue
                stopped.add(planned.occasion if planned.whole else planned.fault)
            elif not isinstance(planned.verdict, Drop):
                taken |= {home} - {0}
                if not wish.again:
                    sent[person].append((wish.day, candidate.occasion.category))
                    wish.earlier.note(person, wish.day, candidate.occasion.category)
            yield planned

    def _sent(self, wish: Wish, found: Sequence[Candidate]) -> dict[str, list[tuple[date, str]]]:
        """What the caps count for each reader: by the ledger, and by the earlier days of this plan."""
        if not self.policy.counted or wish.again:
            return {}
        day = wish.day
        since = min(day.replace(day=1), day - timedelta(days=day.weekday()))
        people = list({c.person.id for c in found if c.occasion.category in self.policy.counted})
        sent = questions.sent_to(self.ledger, people, since) if people else {}
        for person in people:
            if earlier := wish.earlier.of(person):
                sent.setdefault(person, []).extend(earlier)
        return sent

    def _told(self, found: Sequence[Candidate]) -> dict[str, list[Preference]]:
        """What the readers told us about being written to, whoever's roster they stand in now."""
        asked = {c.person.id: c.person for c in found if c.occasion.category is not Category.STAFF}
        return preferences.of_readers(self.ledger, {id_: readers.known_as(person) for id_, person in asked.items()})

    def _planned(
        self,
        wish: Wish,
        candidate: Candidate,
        sent: Sequence[tuple[date, str]],
        told: Sequence[Preference],
    ) -> Planned | Stopped | None:
        occasion, person = candidate.occasion, candidate.person
        barred = {one.channel for one in told if one.stops(occasion.category, one.channel)}
        media = self.catalogue.media(occasion.id)
        route = self.routes.choose(occasion, person, media, wish.channel, barred | wish.avoid)
        if route is None:
            return self.writer.dropped(wish, candidate, None, Drop("unreachable")) if self.complete else None
        case = Case(
            occasion=occasion, person=person, to=route.to, now=candidate.clock(wish.now), day=candidate.occurrence.day,
            policy=self.policy, ways=(route.channel, route.medium), preferences=told, sent=sent, asked=wish.asked,
            approved=occasion.approval == "none", at=candidate.occurrence.at, until=candidate.occurrence.until,
            about=candidate.occurrence.about,
        )  # fmt: skip
        try:
            verdict = policy.judge(case, self.rules)
        except Exception as fault:  # noqa: BLE001 - a plugin's rule may raise anything; only what it was asked about stops
            return Stopped(occasion.id, f"a plugin's rule failed: {type(fault).__name__}: {mask_text(str(fault))}")
        if isinstance(verdict, Drop):
            return self.writer.dropped(wish, candidate, route, verdict)
        if occasion.report and isinstance(verdict, Hold):
            wish.waits.extend([verdict.until] if verdict.until else ())
            return self.writer.later(wish, candidate, route, verdict)
        if isinstance(verdict, Hold) and verdict.until:
            verdict = Hold(verdict.until.astimezone(wish.now.tzinfo), verdict.rule)
        return self.writer.write(wish, candidate, route, verdict)
