"""Do readers still want what waits for them, as the roster, the register and the rules are now?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from notigate.errors import NotigateError
from notigate.ledger import plan, preferences, questions
from notigate.model import Category, Drop
from notigate.planner import readers
from notigate.policy import CONSENTED_ON, Case, Policy, precedence, unwanted

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger
    from notigate.model import Delivery, Occasion, Person
    from notigate.preferences import Preference


class Occasions(Protocol):
    """What the catalogue tells."""

    def occasion(self, name: str) -> Occasion:
        """The occasion of that name."""
        ...


class Unwanted(NamedTuple):
    """A delivery that must not go any more."""

    delivery: Delivery
    #: the rule that speaks against it
    rule: str
    #: the promise under which it stays, so that the next reader of a home may get what it promised; None: its own
    key: bytes | None = None
    #: only its channel is not wanted: by another it may go
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Willing:
    """Asks the rules that may have changed their mind since a message was promised."""

    ledger: Ledger
    occasions: Occasions
    policy: Policy

    def unwanted(
        self, waiting: Sequence[Delivery], people: Mapping[str, Person], columns: Collection[str], now: datetime
    ) -> Iterator[Unwanted]:
        """Those that wait for these people, and are not wanted any more.

        Nothing is concluded from columns that the roster does not have: it may be another export.
        """
        told = preferences.of_readers(self.ledger, ((d.person, readers.known_as(people[d.person])) for d in waiting))
        known = list(self._known(waiting))
        sent = self._sent(known, now)
        rules = unwanted if CONSENTED_ON in columns else _without_consent
        # Where a cap leaves room for one of them, the more important stays.
        for occasion, delivery in sorted(known, key=lambda one: (precedence(one[0]), one[1].id)):
            person, words = people[delivery.person], told.get(delivery.person, ())
            counted_on = questions.counts_for(delivery.day, delivery.planned_at, now.tzinfo)
            case = Case(
                occasion=occasion, person=person, to=delivery.to, now=now, day=delivery.day, policy=self.policy,
                ways=(delivery.channel, delivery.medium), preferences=words, sent=sent.get(person.id, ()),
                asked=delivery.asked and not delivery.by_moment, counts_for=counted_on,
            )  # fmt: skip
            drop = rules(case)
            if drop is None:
                sent.setdefault(person.id, []).append((counted_on, delivery.category))
            else:
                yield self._unwanted(case, delivery, drop)

    def _known(self, waiting: Sequence[Delivery]) -> Iterator[tuple[Occasion, Delivery]]:
        """Each with its occasion; what became of those that are broken now is told by the plan."""
        for delivery in waiting:
            with suppress(NotigateError):
                if delivery.category is not Category.STAFF:
                    yield self.occasions.occasion(delivery.occasion), delivery

    def _sent(self, known: Sequence[tuple[Occasion, Delivery]], now: datetime) -> dict[str, list[tuple[date, str]]]:
        """What caps count, without what waits here: that is counted as it is judged."""
        counted = [delivery for _, delivery in known if delivery.category in self.policy.counted]
        if not counted:
            return {}
        first = min(delivery.day for delivery in counted)
        since = min(first.replace(day=1), first - timedelta(days=first.weekday()))
        sent = questions.sent_to(self.ledger, list({delivery.person for delivery in counted}), since, now.tzinfo)
        for _, delivery in known:
            one = (questions.counts_for(delivery.day, delivery.planned_at, now.tzinfo), delivery.category)
            if one in (mine := sent.get(delivery.person, [])):
                mine.remove(one)
        return sent

    def _unwanted(self, case: Case, delivery: Delivery, drop: Drop) -> Unwanted:
        elsewhere = delivery.by_moment and drop.rule == OPTED_OUT and _is_one_channels(case)
        home = readers.subject(case.occasion, case.person)
        own = plan.key(self.ledger, delivery.occasion, delivery.occurrence, readers.in_home(home, delivery.person))
        return Unwanted(delivery, drop.rule, own if home else None, elsewhere=elsewhere)


#: the rule that the register and a column know
OPTED_OUT = "opted-out"


def _without_consent(case: Case) -> Drop | None:
    return unwanted(case, consent=False)


def _is_one_channels(case: Case) -> bool:
    """Does nothing speak against it but what was said of its channel?"""
    everywhere: Sequence[Preference] = [one for one in case.preferences if not one.channel]
    return unwanted(case._replace(preferences=everywhere)) is None
