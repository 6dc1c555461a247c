"""From a message that may go to its words: content, draft; or why it cannot be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate.errors import NotigateError, TemplateError
from notigate.language import translate
from notigate.model import Drop, Scope, State
from notigate.planner.forms import judged
from notigate.planner.planned import Planned, Stopped, dropped, until_mended
from notigate.render import MISSING, Fault

if TYPE_CHECKING:
    from notigate.model import Go, Hold, Occasion, Person
    from notigate.planner.candidates import Candidate
    from notigate.planner.forms import Form, Forms
    from notigate.planner.routes import Route
    from notigate.planner.timing import Timing
    from notigate.planner.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes one project's messages."""

    forms: Forms

    def of(self, wish: Wish) -> Writing:
        """Write what one wish brings."""
        return Writing(self, wish)

    def place(self, person: Person) -> tuple[str, str]:
        """Project and building, for the counts."""
        return self.forms.project_of(person), str(person.facts.get("building") or "")


class Writing:
    """The messages of one plan."""

    def __init__(self, writer: Writer, wish: Wish) -> None:
        self._writer = writer
        self._wish = wish

    def write(self, candidate: Candidate, route: Route, verdict: Go | Hold, timing: Timing) -> Planned | Stopped:
        """What this reader would get."""
        due = candidate.due
        try:
            form = self._form(candidate, route, timing)
        except NotigateError as fault:
            return Stopped(due.occasion.id, str(fault))
        content = form.text.render(candidate.person, form.context, form.shared)
        if isinstance(content, Fault):
            return self._faulty(candidate, route, content)
        if form.attachments:
            content = content._replace(attachments=form.attachments)
        draft = form.draft(candidate, route.to, content)
        if verdict is not timing.verdict:
            draft = draft._replace(**judged(verdict, self._wish.now))
        refused = form.refused(route.to, content)
        if refused is not None and refused.scope is Scope.CHANNEL:
            return Stopped(draft.occasion, refused.detail)
        if form.stopped is not None:
            return form.stopped
        if refused is not None:
            return self._unfit(candidate, route, refused.reason.value if refused.reason else "", refused.detail)
        planned = draft, verdict, draft.parts, draft.next_at or timing.opens, due.occasion.report
        return tuple.__new__(Planned, planned)  # as a draft is made, for each message

    def later(self, candidate: Candidate, route: Route, verdict: Hold) -> Planned:
        """A report's figures are those of its hour: until then nothing is rendered, or promised."""
        planned = self.dropped(candidate, route, Drop(verdict.rule, State.HELD))
        return planned._replace(
            draft=planned.draft._replace(next_at=verdict.until), verdict=verdict, hour=verdict.until
        )

    def unreachable(self, candidate: Candidate) -> Planned:
        """The roster has no address for them yet."""
        return until_mended(self.dropped(candidate, None, Drop("unreachable")), candidate)

    def dropped(self, candidate: Candidate, route: Route | None, verdict: Drop) -> Planned:
        """Nothing is written; which rule it was is told."""
        return dropped(candidate, route, verdict, self._writer.place(candidate.person), asked=self._wish.asked)

    def _form(self, candidate: Candidate, route: Route, timing: Timing) -> Form:
        person = candidate.person
        kind = route.channel, route.medium, person.language, person.facts.get("project")
        form = timing.forms.get(kind)
        if form is None or candidate.customers:
            form = timing.forms[kind] = self._writer.forms.make(self._wish, candidate, route, timing)
        return form

    def _faulty(self, candidate: Candidate, route: Route, fault: Fault) -> Planned | Stopped:
        if lacking := _lacking(candidate.occasion, fault, self._wish):
            return lacking
        return self._unfit(candidate, route, "text", f"{fault.place}: {fault}" if fault.place else str(fault))

    def _unfit(self, candidate: Candidate, route: Route, reason: str, detail: str) -> Planned:
        """It cannot be sent as it is: the row is named, the others go on."""
        planned = self.dropped(candidate, route, Drop(reason, State.INVALID))
        return until_mended(planned._replace(draft=planned.draft._replace(detail=detail)), candidate)


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
