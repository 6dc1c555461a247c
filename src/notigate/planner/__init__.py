"""From an occasion on a day to planned deliveries: who, what, when, by which channel, and who not, by which rule.

`plan`, `send --dry-run` and `send` ask the same question here; only `send` promises the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from notigate import policy
from notigate.address import is_abroad, mask_text
from notigate.errors import NotigateError, TemplateError
from notigate.language import translate
from notigate.ledger import plan, preferences, questions
from notigate.ledger.plan import Draft
from notigate.model import (
    Attachment,
    Category,
    Content,
    Delivery,
    Drop,
    Go,
    Hold,
    Message,
    Outcome,
    Person,
    Scope,
    State,
    Verdict,
)
from notigate.occurrence import Occurrence
from notigate.planner import readers
from notigate.planner.roundups import Roundups
from notigate.planner.sieve import Sieve
from notigate.policy import Case, PluginRule, Policy, hours
from notigate.preferences import Preference
from notigate.render import MISSING, Context, Fault, segments

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.ledger.store import Ledger
    from notigate.model import Facts, Occasion
    from notigate.planner.routes import Route, Routes
    from notigate.planner.wish import Due, Wish
    from notigate.render import Text

#: people judged together: one question to the ledger for all of them
CHUNK = 500
#: another message to the same reader tells it as well
TOGETHER = Drop("told-together", State.DUPLICATE)


class Planned(NamedTuple):
    """One delivery as it would be promised, and the verdict that made it so."""

    draft: Draft
    verdict: Verdict
    #: parts of an SMS; 0 in other media, or where nothing was rendered
    segments: int = 0
    #: from when it may go, once nothing holds it; None where that cannot be told
    hour: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """An occasion that cannot be planned, and why; the others go on."""

    occasion: str
    fault: str
    #: a calendar or weather source could not tell
    data_missing: bool = False
    #: False: only the readers of one text are concerned
    whole: bool = True
    #: only who changes the roster, the settings or the texts puts it right
    lasting: bool = False


class _Candidate(NamedTuple):
    due: Due
    occurrence: Occurrence
    person: Person
    customers: tuple[Person, ...] = ()
    #: the home or phone that is written to once, where it is not the person
    once: str = ""

    @property
    def subjects(self) -> tuple[str, ...]:
        """What must not have been promised yet: the message itself, and that this person does not get it."""
        return (self.once, readers.in_home(self.once, self.person.id)) if self.once else (self.person.id,)

    def given(self, wish: Wish) -> Facts:
        """What texts may ask for besides the reader's columns."""
        return _merged(_merged(self.due.given, self.occurrence.given), wish.given)

    @property
    def occasion(self) -> Occasion:
        return self.due.occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """One project's planner."""

    ledger: Ledger
    catalogue: Catalogue
    routes: Routes
    policy: Policy
    project: Facts
    #: the language of readers who asked for none
    locale: str
    #: our own people, by name
    staff: Mapping[str, Person]
    #: what a channel is known to refuse, by its name
    refusal: Callable[[str, Message], Outcome | None]
    #: the signature that a channel's provider sets in front of an SMS, by channel
    signatures: Mapping[str, str]
    #: why a text may not go out by a channel as it is: its provider has another copy of it, or none; empty when it may
    unapproved: Callable[[str, str, Text], str] = lambda _channel, _occasion, _text: ""
    #: what texts find under `report`, and what mails have attached, by the kind of report and a day of its span
    enclosed: Callable[[str, date], tuple[Facts, Callable[[], tuple[Attachment, ...]]]] = lambda _kind, _day: (
        {},
        tuple,
    )
    #: rules that plugins add
    rules: Sequence[PluginRule] = ()
    #: False while a configured channel is missing: nobody is then written off as not to be reached
    complete: bool = True

    def plan(self, wish: Wish, people: Iterable[Person]) -> Iterator[Planned | Stopped]:
        """Plan a wish, streaming; what is promised already is left out."""
        roundups, stopped, taken = Roundups(self.staff), set[str](), set[int]()
        # Whatever order files have: where a cap leaves room for one message, the more important occasion is asked first.
        wish = replace(wish, due=tuple(sorted(wish.due, key=lambda due: policy.precedence(due.occasion))))
        for due in wish.due:
            if due.is_about_nobody:
                roundups.add_nobody(due)
        wish = replace(wish, due=tuple(due for due in wish.due if not due.is_about_nobody))
        sieve = Sieve(wish)
        for chunk in _chunks(people):
            candidates = [c for person in chunk for c in _candidates(wish, sieve.of(person), person, roundups)]
            yield from self._decide(wish, candidates, stopped, taken)
        lists = [
            _Candidate(due=r.due, occurrence=r.occurrence, person=r.reader, customers=tuple(r.customers))
            for r in roundups
        ]
        yield from self._decide(wish, lists, stopped, taken)
        yield from (Stopped(occasion, why, lasting=True) for occasion, why in roundups.lost())

    def opening(self, delivery: Delivery, zone_of: datetime) -> datetime | None:
        """From when a delivery that waits for a person may go; None where its occasion is broken."""
        with suppress(NotigateError):
            occasion = self.catalogue.occasion(delivery.occasion)
            return hours.opening(occasion, self.policy, delivery.day, zone_of)
        return None

    def _decide(
        self, wish: Wish, candidates: Sequence[_Candidate], stopped: set[str], taken: set[int]
    ) -> Iterator[Planned | Stopped]:
        # What is asked for by name is told again what came of it; a plan only looks for what is new.
        new = candidates if wish.asked or wish.again else self._not_promised(candidates)
        sent = self._sent(wish, new)
        told, grouped = self._told(new), set[tuple[str, str, str]]()
        for candidate in new:
            home = hash((candidate.occasion.id, candidate.occurrence.key, candidate.once)) if candidate.once else 0
            if candidate.occasion.id in stopped or home in taken:
                continue
            group = candidate.occurrence.group
            if (together := (candidate.occasion.id, group, candidate.person.id)) in grouped:
                yield _dropped(wish, candidate, None, TOGETHER, self._place(candidate.person))
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

    def _not_promised(self, candidates: Sequence[_Candidate]) -> list[_Candidate]:
        keys = [
            [
                plan.key(self.ledger, c.occasion.id, key, once)
                for key in (c.occurrence.key, *c.occurrence.told_by)
                for once in c.subjects
            ]
            for c in candidates
        ]
        known = set(plan.known(self.ledger, list(chain.from_iterable(keys))))
        new = []
        for candidate, own in zip(candidates, keys, strict=True):
            if known.isdisjoint(own):
                # Two days that are caught up, or two rules, may bring about the same for one person. Who of a home gets
                # it is another question: the first whom no rule keeps from it.
                known.add(own[len(candidate.subjects) - 1])
                new.append(candidate)
        return new

    def _sent(self, wish: Wish, candidates: Sequence[_Candidate]) -> dict[str, list[tuple[date, str]]]:
        """What the caps count for each reader: by the ledger, and by the earlier days of this plan."""
        if not self.policy.counted or wish.again:
            return {}
        day = wish.day
        since = min(day.replace(day=1), day - timedelta(days=day.weekday()))
        people = list({c.person.id for c in candidates if c.occasion.category in self.policy.counted})
        sent = questions.sent_to(self.ledger, people, since) if people else {}
        for person in people:
            if earlier := wish.earlier.of(person):
                sent.setdefault(person, []).extend(earlier)
        return sent

    def _told(self, candidates: Sequence[_Candidate]) -> dict[str, list[Preference]]:
        """What the readers told us about being written to, whoever's roster they stand in now."""
        asked = {c.person.id: c.person for c in candidates if c.occasion.category is not Category.STAFF}
        return preferences.of_readers(self.ledger, {id_: readers.known_as(person) for id_, person in asked.items()})

    def _planned(
        self,
        wish: Wish,
        candidate: _Candidate,
        sent: Sequence[tuple[date, str]],
        told: Sequence[Preference],
    ) -> Planned | Stopped | None:
        occasion, person = candidate.occasion, candidate.person
        barred = {one.channel for one in told if one.stops(occasion.category, one.channel)}
        media = self.catalogue.media(occasion.id)
        route = self.routes.choose(occasion, person, media, wish.channel, barred | wish.avoid)
        if route is None:
            lost = _dropped(wish, candidate, None, Drop("unreachable"), self._place(person))
            return lost if self.complete else None
        case = Case(
            occasion=occasion, person=person, to=route.to, now=_clock(wish, person), day=candidate.occurrence.day,
            policy=self.policy, ways=(route.channel, route.medium), preferences=told, sent=sent, asked=wish.asked,
            approved=occasion.approval == "none", at=candidate.occurrence.at, until=candidate.occurrence.until,
            about=candidate.occurrence.about,
        )  # fmt: skip
        try:
            verdict = policy.judge(case, self.rules)
        except Exception as fault:  # noqa: BLE001 - a plugin's rule may raise anything; only what it was asked about stops
            return Stopped(occasion.id, f"a plugin's rule failed: {type(fault).__name__}: {mask_text(str(fault))}")
        if isinstance(verdict, Drop):
            return _dropped(wish, candidate, route, verdict, self._place(person))
        if occasion.report and isinstance(verdict, Hold):
            wish.waits.extend([verdict.until] if verdict.until else ())
            return self._later(wish, candidate, route, verdict)
        if isinstance(verdict, Hold) and verdict.until:
            verdict = Hold(verdict.until.astimezone(wish.now.tzinfo), verdict.rule)
        return self._rendered(wish, candidate, route, verdict)

    def _later(self, wish: Wish, candidate: _Candidate, route: Route, verdict: Hold) -> Planned:
        """A report's figures are those of its hour: until then nothing is rendered, or promised."""
        planned = _dropped(wish, candidate, route, Drop(verdict.rule, State.HELD), self._place(candidate.person))
        return planned._replace(
            draft=planned.draft._replace(next_at=verdict.until), verdict=verdict, hour=verdict.until
        )

    def _rendered(self, wish: Wish, candidate: _Candidate, route: Route, verdict: Go | Hold) -> Planned | Stopped:
        occasion, person = candidate.occasion, candidate.person
        try:
            text = self.catalogue.text(occasion.id, route.medium, person.language or self.locale)
        except NotigateError as fault:
            return Stopped(occasion.id, str(fault))
        given = candidate.given(wish)
        attachments: Callable[[], tuple[Attachment, ...]] = tuple
        if occasion.report:
            figures, attachments = self.enclosed(occasion.report, candidate.occurrence.day)
            given = _merged(given, {"report": figures})
        context = Context(
            project=self.project, today=candidate.occurrence.day, given=given, customers=candidate.customers,
            columns=wish.columns,
        )  # fmt: skip
        content = text.render(person, context)
        if occasion.report and route.medium == "email" and isinstance(content, Content):
            content = replace(content, attachments=attachments())
        if isinstance(content, Fault):
            if lacking := _lacking(occasion, content, wish):
                return lacking
            told = f"{content.place}: {content}" if content.place else str(content)
            return self._unfit(wish, candidate, route, "text", told)
        draft = self._draft(wish, candidate, route, text, content, verdict)
        refused = self.refusal(route.channel, _message(draft, content))
        if stopped := self._stopped(route, occasion, text, refused):
            return stopped
        if refused is not None:
            return self._unfit(wish, candidate, route, refused.reason.value if refused.reason else "", refused.detail)
        hour = draft.next_at or hours.opening(occasion, self.policy, draft.day, wish.now)
        return Planned(draft=draft, verdict=verdict, segments=draft.parts, hour=hour)

    def _stopped(self, route: Route, occasion: Occasion, text: Text, refused: Outcome | None) -> Stopped | None:
        """What concerns all readers of the occasion, or of this text."""
        if refused is not None and refused.scope is Scope.CHANNEL:
            return Stopped(occasion.id, refused.detail)
        told = self.unapproved(route.channel, occasion.id, text)
        return Stopped(occasion.id, told, whole=False) if told else None

    def _unfit(self, wish: Wish, candidate: _Candidate, route: Route, reason: str, detail: str) -> Planned:
        """It cannot be sent as it is: the row is named, the others go on."""
        verdict = Drop(reason, State.INVALID)
        planned = _dropped(wish, candidate, route, verdict, self._place(candidate.person))
        return planned._replace(draft=planned.draft._replace(detail=detail))

    def _draft(  # noqa: PLR0913, PLR0917 - all that a draft is made of
        self, wish: Wish, candidate: _Candidate, route: Route, text: Text, content: Content, verdict: Go | Hold
    ) -> Draft:
        occasion = candidate.occasion
        project, building = self._place(candidate.person)
        return Draft(
            occasion=occasion.id, occurrence=candidate.occurrence.key, day=candidate.occurrence.day,
            person=candidate.person.id, project=project, building=building, category=occasion.category,
            channel=route.channel, medium=route.medium, to=route.to, locale=text.locale, wording=text.digest,
            asked=wish.asked or candidate.occurrence.at is not None, by_moment=candidate.due.by_moment and not wish.given,
            about=candidate.occurrence.about if candidate.due.by_moment else None, content=content,
            state=State.HELD if isinstance(verdict, Hold) else State.QUEUED,
            reason=verdict.rule if isinstance(verdict, Hold) else "", note=candidate.occurrence.note or candidate.due.assumed,
            next_at=verdict.until if isinstance(verdict, Hold) else wish.now,
            expires_at=self._expiry(wish, candidate),
            timezone=_zone(candidate.person), once=candidate.once, parts=self._segments(route, content),
        )  # fmt: skip

    def _expiry(self, wish: Wish, candidate: _Candidate) -> datetime | None:
        occurrence, now = candidate.occurrence, _clock(wish, candidate.person)
        if wish.asked or occurrence.at is not None:
            return occurrence.until
        ends = (
            hours.last_moment(candidate.occasion, self.policy, occurrence.day, now),
            hours.gone_by(occurrence.day, occurrence.about, now.tzinfo),
        )
        return min((end for end in ends if end is not None), default=None)

    def _place(self, person: Person) -> tuple[str, str]:
        """Project and building, for the counts."""
        project = person.facts.get("project") or self.project.get("name") or ""
        return str(project), str(person.facts.get("building") or "")

    def _segments(self, route: Route, content: Content) -> int:
        if route.medium != "sms":
            return 0
        signature = self.signatures.get(route.channel, "")
        return segments(content.text, signature, international=is_abroad(route.to))


def _lacking(occasion: Occasion, fault: Fault, wish: Wish) -> Stopped | None:
    """What no row of this roster can tell is the roster's fault or the settings', not that of a row."""
    name = str(fault.fields.get("name", ""))
    if fault.template != MISSING or not wish.columns or name in wish.columns:
        return None
    if name.startswith("project."):
        told = TemplateError("{name!r} is missing; write it under `project:` in notigate.yaml", name=name)
    else:
        told = TemplateError(
            "the text asks for {name!r}, and the roster has no such column. Add it, or give it: -p {name}=…", name=name
        )
    return Stopped(occasion.id, translate(told), lasting=True)


def _zone(person: Person) -> str:
    return str(person.facts.get("timezone") or "")


def _clock(wish: Wish, person: Person) -> datetime:
    """The time that the reader's clock shows."""
    zone = _zone(person)
    return wish.now.astimezone(ZoneInfo(zone)) if zone else wish.now


def _merged(facts: Facts, nearer: Facts) -> Facts:
    """Nearly always, nobody gives anything."""
    return {**facts, **nearer} if nearer else facts


def _chunks(people: Iterable[Person]) -> Iterator[list[Person]]:
    source = iter(people)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _candidates(wish: Wish, due_now: Sequence[Due], person: Person, roundups: Roundups) -> Iterator[_Candidate]:
    for due in due_now:
        for occurrence, reader in readers.concerned(wish, due, person):
            if due.readers is not None:
                roundups.add(due, occurrence, reader)
            else:
                yield _Candidate(
                    due=due, occurrence=occurrence, person=reader, once=readers.subject(due.occasion, reader)
                )


def _dropped(wish: Wish, candidate: _Candidate, route: Route | None, verdict: Drop, place: tuple[str, str]) -> Planned:
    occasion, (project, building) = candidate.occasion, place
    draft = Draft(
        occasion=occasion.id, occurrence=candidate.occurrence.key, day=candidate.occurrence.day,
        person=candidate.person.id, project=project, building=building, category=occasion.category,
        channel=route.channel if route else "",
        medium=route.medium if route else "", to=route.to if route else "", locale="", asked=wish.asked, content=None,
        state=verdict.state, reason=verdict.rule, once=candidate.subjects[-1] if candidate.once else "",
    )  # fmt: skip
    return Planned(draft=draft, verdict=verdict)


def _message(draft: Draft, content: Content) -> Message:
    return Message(
        id="", reference="", occasion=draft.occasion, category=draft.category, medium=draft.medium, to=draft.to,
        locale=draft.locale, text=content.text, subject=content.subject, html=content.html, params=content.params,
        attachments=content.attachments,
    )  # fmt: skip
