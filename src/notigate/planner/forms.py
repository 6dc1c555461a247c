"""What all readers of one occurrence have in common, by one channel and in one language: made once, filled in for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from notigate.address import is_abroad
from notigate.errors import NotigateError
from notigate.ledger.plan import OWN, Draft
from notigate.model import Attachment, Hold, Message, Outcome, State
from notigate.planner.candidates import merged
from notigate.planner.planned import Stopped
from notigate.render import Context, segments

if TYPE_CHECKING:
    from datetime import date, datetime

    from notigate.catalogue import Catalogue
    from notigate.model import Content, Facts, Person, Verdict
    from notigate.planner.candidates import Candidate
    from notigate.planner.routes import Route
    from notigate.planner.timing import Timing
    from notigate.planner.wish import Wish
    from notigate.render import Shared, Text

#: what texts find under `report`, and what messages of a medium bring along
Enclosed: TypeAlias = "tuple[Facts, Callable[[str], tuple[Attachment, ...]]]"
#: what a channel is known to refuse
Refusal: TypeAlias = Callable[[Message], Outcome | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A text, and what its readers share."""

    text: Text
    context: Context
    shared: Shared
    attachments: tuple[Attachment, ...]
    #: a draft, while the rules of the hour alone decide, as it is for all of them: before and behind what is a reader's own
    before: tuple[object, ...]
    behind: tuple[object, ...]
    #: that a channel's provider sets in front of an SMS; None in other media
    signature: str | None
    #: a message that is only looked at, up to its address
    head: tuple[object, ...]
    #: of its channel; None where that is not known to refuse anything
    refusal: Refusal | None
    #: why it goes to none of them
    stopped: Stopped | None

    def draft(self, candidate: Candidate, to: str, content: Content) -> Draft:
        """A reader's own put in: by its place, for to replace some fields takes four times as long."""
        person = candidate.person
        own = (
            person.id, to, content, str(person.facts.get("building") or ""), candidate.once, self._parts(to, content.text),
            candidate.key,
        )  # fmt: skip
        return tuple.__new__(Draft, self.before + own + self.behind)

    def refused(self, to: str, content: Content) -> Outcome | None:
        """What the channel is known to refuse of it."""
        if self.refusal is None:
            return None
        own = to, self.text.locale
        message = tuple.__new__(Message, self.head + own + content)  # as in `dispatcher/messages.py`
        try:
            return self.refusal(message)
        except NotigateError:  # it cannot tell, and the message is planned for all the same
            return None

    def _parts(self, to: str, text: str) -> int:
        """How many an SMS is sent as; 0 in other media."""
        if self.signature is None:
            return 0
        return segments(text, self.signature, international=True) if is_abroad(to) else segments(text, self.signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What one project's messages are made of."""

    catalogue: Catalogue
    project: Facts
    #: the language of readers who asked for none
    locale: str
    #: what a channel is known to refuse, by its name
    refusal: Callable[[str], Refusal | None]
    #: the signature that a channel's provider sets in front of an SMS, by channel
    signatures: Mapping[str, str]
    #: why a text may not go out by a channel as it is: its provider has another copy of it, or none; empty when it may
    unapproved: Callable[[str, str, Text], str] = lambda _channel, _occasion, _text: ""
    #: by the kind of report and a day of its span
    enclosed: Callable[[str, date], Enclosed] = lambda _kind, _day: ({}, lambda _medium: ())

    def make(self, wish: Wish, candidate: Candidate, route: Route, timing: Timing) -> Form:
        """The form that a candidate's message is written on.

        Raises:
            NotigateError: the text is broken, or there is none.
        """
        occasion, occurrence, person = candidate.occasion, candidate.occurrence, candidate.person
        text = self.catalogue.text(occasion.id, route.medium, person.language or self.locale)
        given = candidate.given(wish)
        attachments: tuple[Attachment, ...] = ()
        if occasion.report:
            figures, enclosed = self.enclosed(occasion.report, occurrence.day)
            given, attachments = merged(given, {"report": figures}), enclosed(route.medium)
        context = Context(
            project=self.project, today=occurrence.day, given=given, customers=candidate.customers, columns=wish.columns
        )
        told, draft = (
            self.unapproved(route.channel, occasion.id, text),
            self._draft(wish, candidate, route, timing, text),
        )
        return Form(
            text=text, context=context, shared=text.shared(context, person.facts.get("project")),
            attachments=attachments, before=draft[: OWN.start], behind=draft[OWN.stop :],
            signature=self.signatures.get(route.channel, "") if route.medium == "sms" else None,
            head=("", "", occasion.id, occasion.category, route.medium),
            refusal=self.refusal(route.channel), stopped=Stopped(occasion.id, told, whole=False) if told else None,
        )  # fmt: skip

    def project_of(self, person: Person) -> str:
        """The project that a message is counted for."""
        return str(person.facts.get("project") or self.project.get("name") or "")

    def _draft(self, wish: Wish, candidate: Candidate, route: Route, timing: Timing, text: Text) -> Draft:
        due, occurrence = candidate.due, candidate.occurrence
        return Draft(
            occasion=due.occasion.id, occurrence=occurrence.key, day=occurrence.day, category=due.occasion.category,
            channel=route.channel, medium=route.medium, locale=text.locale, wording=text.digest,
            asked=wish.asked or occurrence.at is not None, by_moment=due.by_moment and not wish.given,
            about=occurrence.about if due.by_moment else None, note=occurrence.note or due.assumed,
            project=self.project_of(candidate.person), expires_at=timing.expires, timezone=timing.zone,
            person="", to="", content=None, **judged(timing.verdict, wish.now),
        )  # fmt: skip


def judged(verdict: Verdict, now: datetime) -> dict[str, Any]:
    """What a verdict makes of a draft."""
    if isinstance(verdict, Hold):
        return {"state": State.HELD, "reason": verdict.rule, "next_at": verdict.until}
    return {"state": State.QUEUED, "reason": "", "next_at": now}
