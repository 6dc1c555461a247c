"""What planning brings: a delivery as it would be promised, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from notigate.ledger.plan import Draft

if TYPE_CHECKING:
    from datetime import datetime

    from notigate.model import Drop, Verdict
    from notigate.planner.candidates import Candidate
    from notigate.planner.routes import Route


class Planned(NamedTuple):
    """One delivery as it would be promised, and the verdict that made it so."""

    draft: Draft
    verdict: Verdict
    #: parts of an SMS; 0 in other media, or where nothing was rendered
    segments: int = 0
    #: from when it may go, once nothing holds it; None where that cannot be told
    hour: datetime | None = None
    #: `week` or `month` where it tells the figures of one
    report: str = ""


class Stopped(NamedTuple):
    """An occasion that cannot be planned, and why; the others go on."""

    occasion: str
    fault: str
    #: a calendar or weather source could not tell
    data_missing: bool = False
    #: False: only the readers of one text are concerned
    whole: bool = True
    #: only who changes the roster, the settings or the texts puts it right
    lasting: bool = False
    #: the year of which the calendar does not know the rest days: for one occasion that is told once, not for each day
    year: str = ""


def dropped(
    candidate: Candidate, route: Route | None, verdict: Drop, place: tuple[str, str], *, asked: bool = False
) -> Planned:
    """A delivery that is not to be, by which rule: it is promised too, so that it can be told why nobody got it."""
    occasion, (project, building) = candidate.occasion, place
    draft = Draft(
        occasion=occasion.id, occurrence=candidate.occurrence.key, day=candidate.occurrence.day,
        person=candidate.person.id, project=project, building=building, category=occasion.category,
        channel=route.channel if route else "",
        medium=route.medium if route else "", to=route.to if route else "", locale="", asked=asked, content=None,
        state=verdict.state, reason=verdict.rule, once=candidate.subjects[-1] if candidate.once else "",
    )  # fmt: skip
    return Planned(draft=draft, verdict=verdict)


def until_mended(planned: Planned, candidate: Candidate) -> Planned:
    """What roster or text can put right may go then: so that it could not go stands under a key of its own."""
    draft = planned.draft
    once = "\x1f".join((candidate.subjects[-1], draft.reason, draft.detail))
    return planned._replace(draft=draft._replace(once=once))
