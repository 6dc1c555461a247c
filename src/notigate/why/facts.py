"""What stands behind the rule that decided: the cell, the word of the reader, the messages that were counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

from notigate.address import mask
from notigate.language import _
from notigate.ledger import preferences, questions
from notigate.model import State
from notigate.planner.readers import known_as
from notigate.policy import CONSENTED_ON, Case, caps
from notigate.preferences import Word

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.model import Occasion, Person

#: messages that a cap shows, the latest ones
SHOWN = 3
#: states that a cap does not count
_NOT_SENT = frozenset({
    State.FAILED, State.INVALID, State.SUPPRESSED, State.DUPLICATE, State.EXPIRED, State.CANCELLED,
})  # fmt: skip

_Told: TypeAlias = "Callable[[Gateway, Occasion, Person, date], str]"


def behind(rule: str, gateway: Gateway, occasion: Occasion, person: Person, day: date) -> str:
    """The facts of a rule; empty where its name says it all."""
    told = _FACTS.get(rule)
    return told(gateway, occasion, person, day) if told else ""


def plain(value: object) -> str:
    """A cell as people read it."""
    return "–" if value in (None, "") else str(value)


def _wants_none(gateway: Gateway, _occasion: Occasion, person: Person, _day: date) -> str:
    if person.facts.get("opted_out"):
        return _cell(person, "opted_out")
    return "; ".join(_words(gateway, person, Word.OPT_OUT))


def _words(gateway: Gateway, person: Person, word: Word) -> Iterator[str]:
    """What the reader told, as it was recorded."""
    for who in known_as(person):
        for one in preferences.of(gateway.ledger, who):
            if one.word is word and one.taken_back is None:
                yield _("{who} said so on {day}, by {source}; recorded by {recorder}").format(
                    who=one.shown, day=f"{one.said:%Y-%m-%d}", source=one.source or "–", recorder=one.recorder
                )


def _no_consent(_gateway: Gateway, _occasion: Occasion, person: Person, _day: date) -> str:
    return _("{cell}, and no consent is recorded: notigate consent add").format(cell=_cell(person, CONSENTED_ON))


def _cap(gateway: Gateway, occasion: Occasion, person: Person, day: date) -> str:
    month = day.replace(day=1) - timedelta(days=6)
    had = [
        found
        for found in questions.log(gateway.ledger, person=person.id)
        if month <= found.day <= day and found.state not in _NOT_SENT
    ]
    told = preferences.of_readers(gateway.ledger, [(person.id, known_as(person))]).get(person.id, ())
    case = Case(
        occasion=occasion, person=person, to="", now=gateway.clock.now(), day=day, policy=gateway.settings.policy,
        preferences=told,
    )  # fmt: skip
    least: dict[str, int] = {}
    for _classes, most_of in caps(case):
        least |= {span: min(most, least.get(span, most)) for span, most in most_of.items()}
    kept_to = ", ".join(f"{span}: {most}" for span, most in least.items())
    latest = ", ".join(f"{found.day} {found.occasion} ({found.id})" for found in had[-SHOWN:])
    return _("caps are {caps}; the latest: {latest}").format(caps=kept_to, latest=latest or "–")


def _hours(gateway: Gateway, occasion: Occasion, _person: Person, _day: date) -> str:
    windows = (occasion.at,) if occasion.at else gateway.settings.policy.windows
    return _("its hours are {windows}; late: {late}").format(windows=", ".join(map(str, windows)), late=occasion.late)


def _no_way(_gateway: Gateway, occasion: Occasion, person: Person, _day: date) -> str:
    known = ", ".join(_cell(person, kind) for kind in ("phone", "email", "wecom"))
    return _("it goes by {channels}; {known}").format(channels=", ".join(occasion.channels), known=known)


def _greeting(_gateway: Gateway, _occasion: Occasion, person: Person, _day: date) -> str:
    return _cell(person, "do_not_greet")


def _approval(_gateway: Gateway, _occasion: Occasion, _person: Person, _day: date) -> str:
    return _("see notigate approvals")


def _cell(person: Person, column: str) -> str:
    value = plain(person.facts.get(column))
    return f"{column} = {mask(value) if column in person.addresses else value}"


_FACTS: Mapping[str, _Told] = {
    "opted-out": _wants_none, "do-not-greet": _greeting, "no-consent": _no_consent, "cap-day": _cap, "cap-week": _cap,
    "cap-month": _cap, "window": _hours, "hour": _hours, "late": _hours, "unreachable": _no_way, "approval": _approval,
}  # fmt: skip
