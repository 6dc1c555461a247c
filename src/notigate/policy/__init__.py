"""May this message go to this reader now? Pure: the rules are a list, asked in order; the first that objects decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeAlias

from notigate.model import Category, Drop, Go, Hold, Occasion, Person, State, Verdict, Window
from notigate.policy.hours import GREETINGS, WINDOWS, at_hour, at_own_hour
from notigate.preferences import Preference, Word

#: the rule of the allow-list
ONLY = "only"
#: the column with the day on which a reader agreed to be sold to
CONSENTED_ON = "marketing_consent_on"
#: the columns that rules about a reader ask for
ASKED = frozenset({"opted_out", "do_not_greet", "less_often", CONSENTED_ON})
#: where a cap leaves room for one, of those with the same `importance`: the contract first, selling last
FIRST = (Category.STAFF, Category.SERVICE, Category.CARE, Category.MARKETING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The `policy:` section of the settings."""

    #: earliest first
    windows: tuple[Window, ...] = WINDOWS
    #: `day`, `week`, `month` → most messages for one person
    per_person: Mapping[str, int] = field(default_factory=lambda: {"day": 1, "month": 8})
    #: the classes that `per_person` counts and stops, all together
    capped: frozenset[Category] = GREETINGS
    #: class → `day`, `week`, `month` → most messages of this class for one person
    per_class: Mapping[Category, Mapping[str, int]] = field(default_factory=dict)
    #: `day`, `week`, `month` → most messages for a person who wants fewer
    less_often: Mapping[str, int] = field(default_factory=lambda: {"day": 1, "month": 2})
    #: may selling go only to those whose consent is recorded?
    marketing_consent: bool = False
    #: trial: only these addresses or person ids get anything
    only: tuple[str, ...] = ()
    #: a run that would send an occasion more than so many times as often as on its largest day is stopped; 0 stops none
    guard: float = 5

    def leaves_out(self, to: str, person: str) -> bool:
        """Is this a trial, and neither the address nor the person is listed?"""
        return bool(self.only) and to not in self.only and person not in self.only

    @property
    def counted(self) -> frozenset[Category]:
        """The classes that some cap counts."""
        return self.capped.union(self.per_class)


class Case(NamedTuple):
    """What is to be judged: one occasion, one reader, one hour."""

    occasion: Occasion
    person: Person
    #: the reader's address on the chosen channel
    to: str
    #: local time
    now: datetime
    #: the day the occasion falls on
    day: date
    policy: Policy
    #: the channel, and what it carries: `sms`, `email` …
    ways: tuple[str, ...] = ()
    #: what the reader told us about being written to
    preferences: Sequence[Preference] = ()
    #: day and category of what the reader got, or will get, this month
    sent: Sequence[tuple[date, str]] = ()
    #: a person or another system asked for this very message: it need not wait for the hours of greetings
    asked: bool = False
    approved: bool = True
    #: the hour of its own, and when it is worth nothing any more; None: the windows of the day
    at: datetime | None = None
    until: datetime | None = None
    #: the day that it announces
    about: date | None = None
    #: the day for which caps count it, where it is later than its own: all that is caught up goes on one day
    counts_for: date | None = None


#: a plugin's rule: it may hold or drop, and its `Go` forces nothing
PluginRule: TypeAlias = Callable[[Occasion, Person, datetime], Verdict]


def judge(case: Case, plugins: Sequence[PluginRule] = (), hour: Verdict | None = None) -> Verdict:
    """Ask all rules, then those of plugins; `Go` when none objects. A drop by a plugin outweighs a hold of ours.

    Args:
        case: what is to be judged.
        plugins: their rules.
        hour: what `by_hour` says, where somebody else was judged before at the same hour.
    """
    verdict = _first(OF_READER, case) or hour or by_hour(case)
    if not plugins or isinstance(verdict, Drop):
        return verdict
    told = [rule(case.occasion, case.person, case.now) for rule in plugins]
    objections: list[Verdict] = [one for one in told if isinstance(one, Drop)]
    objections += [one for one in (verdict, *told) if isinstance(one, Hold)]
    return objections[0] if objections else Go()


def is_anybody(person: Person, policy: Policy, preferences: Sequence[Preference], sent: Sequence[object]) -> bool:
    """Do the rules know nothing of this reader? Then they say of them what they say of everybody at that hour."""
    return not (preferences or sent or policy.only) and person.facts.keys().isdisjoint(ASKED)


def by_hour(case: Case) -> Verdict:
    """What the hour alone has to say, whoever the reader is."""
    return _first(OF_HOUR, case) or Go()


def _first(rules: Sequence[Callable[[Case], Verdict | None]], case: Case) -> Verdict | None:
    for rule in rules:
        if (found := rule(case)) is not None:
            return found
    return None


def allow_list(case: Case) -> Verdict | None:
    """Trial: nobody but the listed gets anything."""
    return Drop(ONLY) if case.policy.only and case.policy.leaves_out(case.to, case.person.id) else None


def opted_out(case: Case) -> Verdict | None:
    """F04: none for those who opted out. Our own people cannot opt out of their work."""
    category = case.occasion.category
    if category is Category.STAFF:
        return None
    told = case.preferences and any(preference.stops(category, *case.ways) for preference in case.preferences)
    return Drop("opted-out") if told or case.person.facts.get("opted_out") else None


def no_consent(case: Case) -> Verdict | None:
    """Selling to those only who agreed to it, where the settings ask for that."""
    if case.occasion.category is not Category.MARKETING or not case.policy.marketing_consent:
        return None
    agreed = case.person.facts.get(CONSENTED_ON)
    if any(preference.word is Word.CONSENT for preference in case.preferences) or (
        isinstance(agreed, date) and agreed <= case.day
    ):
        return None
    return Drop("no-consent")


def do_not_greet(case: Case) -> Verdict | None:
    """An open complaint, a lawsuit, mourning: no greetings, but notices about the contract still go."""
    if case.occasion.category in GREETINGS and case.person.facts.get("do_not_greet"):
        return Drop("do-not-greet")
    return None


def capped(case: Case) -> Verdict | None:
    """F04: never a nuisance. What somebody asks for by name is no nuisance."""
    if case.asked:
        return None
    got = len(case.sent)
    for counted, most_of in caps(case):
        for span, most in most_of.items():
            if got >= most and _sent(case, counted, span) >= most:
                return Drop(f"cap-{span}")
    return None


def _sent(case: Case, counted: frozenset[Category], span: str) -> int:
    """How many messages of these classes the reader gets in the day, week or month."""
    last = case.counts_for or case.day
    first = _first_day(span, last)
    return sum(first <= day <= last for day, category in case.sent if category in counted)


def caps(case: Case) -> Iterator[tuple[frozenset[Category], Mapping[str, int]]]:
    """The caps that a message must keep to, each with the classes it counts."""
    category, policy = case.occasion.category, case.policy
    if category in policy.capped:
        yield policy.capped, policy.per_person
        if _wants_fewer(case):
            yield policy.capped, policy.less_often
    if category in policy.per_class:
        yield frozenset({category}), policy.per_class[category]


def _wants_fewer(case: Case) -> bool:
    told = case.preferences and any(preference.word is Word.LESS_OFTEN for preference in case.preferences)
    return bool(told or case.person.facts.get("less_often"))


def announced(case: Case) -> Verdict | None:
    """What was to be told before a day is worth nothing once that day has gone by, whatever `late` says."""
    if case.about is None or case.asked or not case.day < case.about < case.now.date():
        return None
    return Drop("late", State.EXPIRED)


def approval(case: Case) -> Verdict | None:
    """F06: what needs an approval waits for it; what has an hour of its own keeps it. What is too late needs none any more."""
    if case.approved:
        return None
    late = in_hours(case)
    return late if isinstance(late, Drop) else Hold(case.at, "approval")


def in_hours(case: Case) -> Verdict | None:
    """F03: in its window, or held, or handled as `late` says."""
    if case.at is not None and not case.asked:
        verdict = at_own_hour(case.occasion, case.at, case.until, case.now)
    else:
        verdict = at_hour(case.occasion, case.policy, case.day, case.now, asked=case.asked)
    return None if isinstance(verdict, Go) else verdict


#: the order is the policy: what concerns the reader, then what is the same for all readers at one hour
OF_READER: tuple[Callable[[Case], Verdict | None], ...] = (
    allow_list, opted_out, do_not_greet, no_consent, announced, capped,
)  # fmt: skip
OF_HOUR: tuple[Callable[[Case], Verdict | None], ...] = approval, in_hours


def unwanted(case: Case, *, consent: bool = True) -> Drop | None:
    """What speaks, now, against a message that was promised before; its hour is another question.

    Args:
        case: its reader and rules as they are now; `sent` without the message itself.
        consent: may a missing consent speak against it?
    """
    rules = (opted_out, do_not_greet, *([no_consent] if consent else ()), capped)
    return next((found for rule in rules if isinstance(found := rule(case), Drop)), None)


def precedence(occasion: Occasion) -> tuple[int, int, str]:
    """Sorts occasions for one reader on one day: where a cap leaves room for one, the first gets it.

    By `importance`, then by class (the contract first, selling last), then by name: never by the order of files.
    """
    return -occasion.importance, FIRST.index(occasion.category), occasion.id


def _first_day(span: str, day: date) -> date:
    match span:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case _:
            return day.replace(day=1)
