"""When a message may go, and until when: the same for all readers of one occurrence by one clock, so it is judged once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notigate import policy
from notigate.model import Hold, Person
from notigate.policy import Case, Policy, hours

if TYPE_CHECKING:
    from datetime import datetime

    from notigate.model import Verdict
    from notigate.occurrence import Occurrence
    from notigate.planner.candidates import Candidate
    from notigate.planner.forms import Form
    from notigate.planner.wish import Due, Wish

#: of whom nothing is known
ANYBODY = Person(id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the hour says of one occurrence."""

    due: Due
    occurrence: Occurrence
    #: by the reader's clock
    now: datetime
    #: what the rules of the hour say; a hold by the project's clock
    verdict: Verdict
    #: what all rules say of readers of whom they know nothing
    of_anybody: Verdict
    #: from when it may go, unless something holds it
    opens: datetime
    #: worth nothing from then on; None: never
    expires: datetime | None
    #: the reader's time zone; empty is the project's
    zone: str
    #: what is written then, by channel, medium, language and project
    forms: dict[tuple[object, ...], Form] = field(default_factory=dict)


class Timings:
    """The timings of one plan."""

    def __init__(self, wish: Wish, rules: Policy) -> None:
        self._wish = wish
        self._policy = rules
        #: the last of each occasion and clock: most candidates follow one of the same
        self._last: dict[tuple[str, str], Timing] = {}

    def of(self, candidate: Candidate) -> Timing:
        """When a candidate may go."""
        due, occurrence = candidate.due, candidate.occurrence
        asked = due.occasion.id, (zone := candidate.zone)
        last = self._last.get(asked)
        if last is None or last.due is not due or not (last.occurrence is occurrence or last.occurrence == occurrence):
            last = self._last[asked] = self._made(candidate, zone)
        return last

    def _made(self, candidate: Candidate, zone: str) -> Timing:
        occasion, day = candidate.occasion, candidate.occurrence.day
        now = candidate.clock(self._wish.now)
        case = self._case(candidate, now)
        verdict = policy.by_hour(case)
        verdict = by_clock(verdict, self._wish.now) if isinstance(verdict, Hold) else verdict
        return Timing(
            due=candidate.due, occurrence=candidate.occurrence, now=now, zone=zone, verdict=verdict,
            of_anybody=policy.judge(case._replace(person=ANYBODY), hour=verdict),
            opens=hours.opening(occasion, self._policy, day, self._wish.now), expires=self._expiry(candidate, now),
        )  # fmt: skip

    def _case(self, candidate: Candidate, now: datetime) -> Case:
        occasion, occurrence = candidate.occasion, candidate.occurrence
        return Case(
            occasion=occasion, person=candidate.person, to="", now=now, day=occurrence.day, policy=self._policy,
            asked=self._wish.asked, approved=occasion.approval == "none", at=occurrence.at, until=occurrence.until,
            about=occurrence.about,
        )  # fmt: skip

    def _expiry(self, candidate: Candidate, now: datetime) -> datetime | None:
        occurrence = candidate.occurrence
        if self._wish.asked or occurrence.at is not None:
            return occurrence.until
        ends = (
            hours.last_moment(candidate.occasion, self._policy, occurrence.day, now),
            hours.gone_by(occurrence.day, occurrence.about, now.tzinfo),
        )
        return min((end for end in ends if end is not None), default=None)


def by_clock(hold: Hold, now: datetime) -> Hold:
    """Until the same hour, told by the clock of `now`."""
    return Hold(hold.until.astimezone(now.tzinfo), hold.rule) if hold.until else hold
