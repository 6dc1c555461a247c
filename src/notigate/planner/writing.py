"""From a message that may go to its words: content, draft; or why it cannot be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from notigate.address import is_abroad
from notigate.errors import NotigateError, TemplateError
from notigate.language import translate
from notigate.ledger.plan import Draft
from notigate.model import Content, Drop, Hold, Message, Outcome, Scope, State
from notigate.planner.planned import Planned, Stopped, dropped
from notigate.render import MISSING, Fault, segments

if TYPE_CHECKING:
    from notigate.model import Facts, Go, Occasion, Person
    from notigate.planner.candidates import Candidate
    from notigate.planner.forms import Form, Forms
    from notigate.planner.routes import Route
    from notigate.planner.timing import Timing
    from notigate.planner.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes one project's messages."""

    forms: Forms
    project: Facts
    #: what a channel is known to refuse, by its name
    refusal: Callable[[str, Message], Outcome | None]
    #: the signature that a channel's provider sets in front of an SMS, by channel
    signatures: Mapping[str, str]

    def of(self, wish: Wish) -> Writing:
        """Write what one wish brings."""
        return Writing(self, wish)

    def place(self, person: Person) -> tuple[str, str]:
        """Project and building, for the counts."""
        project = person.facts.get("project") or self.project.get("name") or ""
        return str(project), str(person.facts.get("building") or "")

    def segments(self, route: Route, content: Content) -> int:
        """How many parts an SMS is sent as; 0 in other media."""
        if route.medium != "sms":
            return 0
        signature = self.signatures.get(route.channel, "")
        return segments(content.text, signature, international=is_abroad(route.to))


class Writing:
    """The messages of one plan."""

    def __init__(self, writer: Writer, wish: Wish) -> None:
        self._writer = writer
        self._wish = wish
        #: the last of each kind: most messages are like the one before
        self._last: dict[tuple[object, ...], Form] = {}

    def write(self, candidate: Candidate, route: Route, verdict: Go | Hold, timing: Timing) -> Planned | Stopped:
        """What this reader would get."""
        due = candidate.due
        try:
            form = self._form(candidate, route)
        except NotigateError as fault:
            return Stopped(due.occasion.id, str(fault))
        content = form.text.render(candidate.person, form.context, form.shared)
        if isinstance(content, Fault):
            return self._faulty(candidate, route, content)
        if form.attachments:
            content = replace(content, attachments=form.attachments)
        draft = self._draft(candidate, route, form, content, verdict, timing)
        refused = self._writer.refusal(route.channel, _message(draft, content))
        if refused is not None and refused.scope is Scope.CHANNEL:
            return Stopped(draft.occasion, refused.detail)
        if form.stopped is not None:
            return form.stopped
        if refused is not None:
            return self._unfit(candidate, route, refused.reason.value if refused.reason else "", refused.detail)
        return Planned(draft, verdict, draft.parts, draft.next_at or timing.opens, due.occasion.report)

    def later(self, candidate: Candidate, route: Route, verdict: Hold) -> Planned:
        """A report's figures are those of its hour: until then nothing is rendered, or promised."""
        planned = self.dropped(candidate, route, Drop(verdict.rule, State.HELD))
        return planned._replace(
            draft=planned.draft._replace(next_at=verdict.until), verdict=verdict, hour=verdict.until
        )

    def dropped(self, candidate: Candidate, route: Route | None, verdict: Drop) -> Planned:
        """Nothing is written; which rule it was is told."""
        return dropped(candidate, route, verdict, self._writer.place(candidate.person), asked=self._wish.asked)

    def _form(self, candidate: Candidate, route: Route) -> Form:
        person, due = candidate.person, candidate.due
        kind = due.occasion.id, route.channel, route.medium, person.language, person.facts.get("project")
        last = self._last.get(kind)
        if last is None or last.due is not due or last.occurrence != candidate.occurrence or candidate.customers:
            last = self._last[kind] = self._writer.forms.make(self._wish, candidate, route)
        return last

    def _faulty(self, candidate: Candidate, route: Route, fault: Fault) -> Planned | Stopped:
        if lacking := _lacking(candidate.occasion, fault, self._wish):
            return lacking
        return self._unfit(candidate, route, "text", f"{fault.place}: {fault}" if fault.place else str(fault))

    def _unfit(self, candidate: Candidate, route: Route, reason: str, detail: str) -> Planned:
        """It cannot be sent as it is: the row is named, the others go on."""
        planned = self.dropped(candidate, route, Drop(reason, State.INVALID))
        return planned._replace(draft=planned.draft._replace(detail=detail))

    def _draft(  # noqa: PLR0913, PLR0917 - all that a draft is made of
        self, candidate: Candidate, route: Route, form: Form, content: Content, verdict: Go | Hold, timing: Timing
    ) -> Draft:
        due, occurrence, person, wish = candidate.due, candidate.occurrence, candidate.person, self._wish
        project, building = self._writer.place(person)
        held = verdict if isinstance(verdict, Hold) else None
        return Draft(
            occasion=due.occasion.id, occurrence=occurrence.key, day=occurrence.day, person=person.id,
            project=project, building=building, category=due.occasion.category,
            channel=route.channel, medium=route.medium, to=route.to, locale=form.text.locale, wording=form.text.digest,
            asked=wish.asked or occurrence.at is not None, by_moment=due.by_moment and not wish.given,
            about=occurrence.about if due.by_moment else None, content=content,
            state=State.HELD if held else State.QUEUED, reason=held.rule if held else "",
            note=occurrence.note or due.assumed, next_at=held.until if held else wish.now,
            expires_at=timing.expires, timezone=candidate.zone, once=candidate.once,
            parts=self._writer.segments(route, content),
        )  # fmt: skip


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
