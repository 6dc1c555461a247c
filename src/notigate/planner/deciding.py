"""Of those whom an occasion may concern, who gets it: whom it was promised to, by which channel, and whether the rules allow it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from notigate import policy
from notigate.address import mask_text
from notigate.ledger import preferences, questions
from notigate.model import Category, Drop, Hold, State
from notigate.planner import candidates, readers
from notigate.planner.planned import Planned, Stopped
from notigate.planner.reuse import Reuse
from notigate.planner.routes import Route, Way, taken
from notigate.planner.timing import Timing, Timings, by_clock
from notigate.policy import Case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from notigate.model import Occasion, Verdict
    from notigate.planner import Planner
    from notigate.planner.candidates import Candidate
    from notigate.planner.wish import Wish
    from notigate.preferences import Preference

#: another message to the same reader tells it as well
TOGETHER = Drop("told-together", State.DUPLICATE)


class Decisions:
    """The decisions of one plan."""

    def __init__(self, planner: Planner, wish: Wish) -> None:
        self._planner = planner
        self._wish = wish
        #: the day for which caps count what goes: days that are caught up all go today
        self._counts_for = max(wish.day, wish.now.date())
        self._timings = Timings(wish, planner.policy)
        self._writing = planner.writer.of(wish)
        self._ways: dict[str, tuple[Way, ...]] = {}
        #: what stands under a key that the caller gave
        self.reuse = Reuse(planner.ledger, wish.key)
        #: occasions and faults that are told once
        self.stopped = set[str]()
        #: homes and phones that somebody gets it for
        self._taken = set[int]()

    def on(self, found: Sequence[Candidate]) -> list[Planned | Stopped]:
        """Decide about some of them; what is promised already is left out."""
        wish, ledger = self._wish, self._planner.ledger
        # What is asked for by name is told again what came of it; a plan only looks for what is new.
        new, before = (found, ()) if wish.asked or wish.again else candidates.parted(ledger, found)
        if wish.key:
            # Whatever the caps say by now: they count what these people got then.
            told_before = self._told(before)
            self.reuse.compare(self._planned(one, (), told_before.get(one.person.id, ())) for one in before)
        sent, told, grouped = self._sent(new), self._told(new), set[tuple[str, str, str]]()
        decided: list[Planned | Stopped] = []
        for candidate in new:
            occasion, occurrence, person = candidate.due.occasion, candidate.occurrence, candidate.person.id
            home = hash((occasion.id, occurrence.key, candidate.once)) if candidate.once else 0
            if occasion.id in self.stopped or home in self._taken:
                continue
            if occurrence.group:
                if (together := (occasion.id, occurrence.group, person)) in grouped:
                    decided.append(self._writing.dropped(candidate, None, TOGETHER))
                    continue
                grouped.add(together)
            planned = self._planned(candidate, sent.get(person, ()), told.get(person, ()))
            if isinstance(planned, Planned):
                if not isinstance(planned.verdict, Drop):
                    if home:
                        self._taken.add(home)
                    self._count(person, occasion.category, sent)
                decided.append(planned)
            elif planned is not None and planned.fault not in self.stopped:
                self.stopped.add(planned.occasion if planned.whole else planned.fault)
                decided.append(planned)
        return decided

    def _count(self, person: str, category: str, sent: dict[str, list[tuple[date, str]]]) -> None:
        """One more, for the caps of what comes behind."""
        if not self._wish.again:
            sent.setdefault(person, []).append((self._counts_for, category))
            self._wish.earlier.note(person, self._counts_for, category)

    def _sent(self, found: Sequence[Candidate]) -> dict[str, list[tuple[date, str]]]:
        """What the caps count for each reader: by the ledger, and by the earlier days of this plan."""
        wish, counted = self._wish, self._planner.policy.counted
        if not counted or wish.again:
            return {}
        day = self._counts_for
        since = min(day.replace(day=1), day - timedelta(days=day.weekday()))
        people = list({c.person.id for c in found if c.due.occasion.category in counted})
        sent = questions.sent_to(self._planner.ledger, people, since, wish.now.tzinfo) if people else {}
        for person, got in wish.earlier.of(people):
            sent.setdefault(person, []).extend(got)
        return sent

    def _told(self, found: Sequence[Candidate]) -> dict[str, list[Preference]]:
        """What the readers told us about being written to, whoever's roster they stand in now."""
        asked = (c.person for c in found if c.due.occasion.category is not Category.STAFF)
        return preferences.of_readers(self._planner.ledger, ((one.id, readers.known_as(one)) for one in asked))

    def _planned(
        self, candidate: Candidate, sent: Sequence[tuple[date, str]], told: Sequence[Preference]
    ) -> Planned | Stopped | None:
        occasion, planner, wish = candidate.due.occasion, self._planner, self._wish
        barred = wish.avoid
        if told:
            barred = barred.union(one.channel for one in told if one.stops(occasion.category, one.channel))
        route = taken(self._ways_of(occasion), candidate.person, barred)
        if route is None:
            return self._writing.unreachable(candidate) if planner.complete else None
        timing = self._timings.of(candidate)
        if not planner.rules and policy.is_anybody(candidate.person, planner.policy, told, sent):
            return self._carried_out(candidate, route, timing.of_anybody, timing)
        case = Case(
            occasion=occasion, person=candidate.person, to=route.to, now=timing.now, day=candidate.occurrence.day,
            policy=planner.policy, ways=(route.channel, route.medium), preferences=told, sent=sent, asked=wish.asked,
            about=candidate.occurrence.about, counts_for=self._counts_for,
        )  # fmt: skip
        try:
            verdict = policy.judge(case, planner.rules, timing.verdict)
        except Exception as fault:  # noqa: BLE001 - a plugin's rule may raise anything; only what it was asked about stops
            return Stopped(occasion.id, f"a plugin's rule failed: {type(fault).__name__}: {mask_text(str(fault))}")
        return self._carried_out(candidate, route, verdict, timing)

    def _carried_out(self, candidate: Candidate, route: Route, verdict: Verdict, timing: Timing) -> Planned | Stopped:
        if isinstance(verdict, Drop):
            return self._writing.dropped(candidate, route, verdict)
        if isinstance(verdict, Hold):
            if candidate.due.occasion.report:
                self._wish.waits.extend([verdict.until] if verdict.until else ())
                return self._writing.later(candidate, route, verdict)
            if verdict is not timing.verdict:  # a plugin's
                verdict = by_clock(verdict, self._wish.now)
        return self._writing.write(candidate, route, verdict, timing)

    def _ways_of(self, occasion: Occasion) -> tuple[Way, ...]:
        if occasion.id not in self._ways:
            media = self._planner.catalogue.media(occasion.id)
            self._ways[occasion.id] = self._planner.routes.ways(occasion, media, self._wish.channel)
        return self._ways[occasion.id]
