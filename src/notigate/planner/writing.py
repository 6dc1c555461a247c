"""From a message that may go to its words: text, content, draft; or why it cannot be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from notigate.address import is_abroad
from notigate.errors import NotigateError, TemplateError
from notigate.language import translate
from notigate.ledger.plan import Draft
from notigate.model import Attachment, Content, Drop, Hold, Message, Outcome, Scope, State
from notigate.planner.candidates import merged
from notigate.planner.planned import Planned, Stopped, dropped
from notigate.policy import hours
from notigate.render import MISSING, Context, Fault, segments

if TYPE_CHECKING:
    from datetime import date, datetime

    from notigate.catalogue import Catalogue
    from notigate.model import Facts, Go, Occasion, Person
    from notigate.planner.candidates import Candidate
    from notigate.planner.routes import Route
    from notigate.planner.wish import Wish
    from notigate.policy import Policy
    from notigate.render import Text

#: what texts find under `report`, and what messages of a medium bring along
Enclosed: TypeAlias = "tuple[Facts, Callable[[str], tuple[Attachment, ...]]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes one project's messages."""

    catalogue: Catalogue
    policy: Policy
    project: Facts
    #: the language of readers who asked for none
    locale: str
    #: what a channel is known to refuse, by its name
    refusal: Callable[[str, Message], Outcome | None]
    #: the signature that a channel's provider sets in front of an SMS, by channel
    signatures: Mapping[str, str]
    #: why a text may not go out by a channel as it is: its provider has another copy of it, or none; empty when it may
    unapproved: Callable[[str, str, Text], str] = lambda _channel, _occasion, _text: ""
    #: by the kind of report and a day of its span
    enclosed: Callable[[str, date], Enclosed] = lambda _kind, _day: ({}, lambda _medium: ())

    def write(self, wish: Wish, candidate: Candidate, route: Route, verdict: Go | Hold) -> Planned | Stopped:
        """What this reader would get."""
        occasion, person = candidate.occasion, candidate.person
        try:
            text = self.catalogue.text(occasion.id, route.medium, person.language or self.locale)
        except NotigateError as fault:
            return Stopped(occasion.id, str(fault))
        content = self._content(wish, candidate, route, text)
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
        return Planned(draft=draft, verdict=verdict, segments=draft.parts, hour=hour, report=occasion.report)

    def later(self, wish: Wish, candidate: Candidate, route: Route, verdict: Hold) -> Planned:
        """A report's figures are those of its hour: until then nothing is rendered, or promised."""
        planned = self.dropped(wish, candidate, route, Drop(verdict.rule, State.HELD))
        return planned._replace(
            draft=planned.draft._replace(next_at=verdict.until), verdict=verdict, hour=verdict.until
        )

    def dropped(self, wish: Wish, candidate: Candidate, route: Route | None, verdict: Drop) -> Planned:
        """Nothing is written; which rule it was is told."""
        return dropped(candidate, route, verdict, self._place(candidate.person), asked=wish.asked)

    def _content(self, wish: Wish, candidate: Candidate, route: Route, text: Text) -> Content | Fault:
        occasion, given = candidate.occasion, candidate.given(wish)
        attachments: tuple[Attachment, ...] = ()
        if occasion.report:
            figures, enclosed = self.enclosed(occasion.report, candidate.occurrence.day)
            given, attachments = merged(given, {"report": figures}), enclosed(route.medium)
        context = Context(
            project=self.project, today=candidate.occurrence.day, given=given, customers=candidate.customers,
            columns=wish.columns,
        )  # fmt: skip
        content = text.render(candidate.person, context)
        if attachments and isinstance(content, Content):
            return replace(content, attachments=attachments)
        return content

    def _stopped(self, route: Route, occasion: Occasion, text: Text, refused: Outcome | None) -> Stopped | None:
        """What concerns all readers of the occasion, or of this text."""
        if refused is not None and refused.scope is Scope.CHANNEL:
            return Stopped(occasion.id, refused.detail)
        told = self.unapproved(route.channel, occasion.id, text)
        return Stopped(occasion.id, told, whole=False) if told else None

    def _unfit(self, wish: Wish, candidate: Candidate, route: Route, reason: str, detail: str) -> Planned:
        """It cannot be sent as it is: the row is named, the others go on."""
        planned = self.dropped(wish, candidate, route, Drop(reason, State.INVALID))
        return planned._replace(draft=planned.draft._replace(detail=detail))

    def _draft(  # noqa: PLR0913, PLR0917 - all that a draft is made of
        self, wish: Wish, candidate: Candidate, route: Route, text: Text, content: Content, verdict: Go | Hold
    ) -> Draft:
        due, occurrence, person = candidate.due, candidate.occurrence, candidate.person
        project, building = self._place(person)
        held = verdict if isinstance(verdict, Hold) else None
        return Draft(
            occasion=due.occasion.id, occurrence=occurrence.key, day=occurrence.day, person=person.id,
            project=project, building=building, category=due.occasion.category,
            channel=route.channel, medium=route.medium, to=route.to, locale=text.locale, wording=text.digest,
            asked=wish.asked or occurrence.at is not None, by_moment=due.by_moment and not wish.given,
            about=occurrence.about if due.by_moment else None, content=content,
            state=State.HELD if held else State.QUEUED, reason=held.rule if held else "",
            note=occurrence.note or due.assumed, next_at=held.until if held else wish.now,
            expires_at=self._expiry(wish, candidate), timezone=candidate.zone, once=candidate.once,
            parts=self._segments(route, content),
        )  # fmt: skip

    def _expiry(self, wish: Wish, candidate: Candidate) -> datetime | None:
        occurrence, now = candidate.occurrence, candidate.clock(wish.now)
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
    return Stopped(occasion.id, ": ".join(filter(None, (fault.place, translate(told)))), lasting=True)


def _message(draft: Draft, content: Content) -> Message:
    return Message(
        id="", reference="", occasion=draft.occasion, category=draft.category, medium=draft.medium, to=draft.to,
        locale=draft.locale, text=content.text, subject=content.subject, html=content.html, params=content.params,
        attachments=content.attachments,
    )  # fmt: skip
