"""Why does this person get this message on that day, or not? The same rooms are asked as when sending; nothing is promised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from notigate.language import _
from notigate.ledger import plan, questions
from notigate.model import Drop, Hold
from notigate.planner import Planned, Stopped
from notigate.planner.wish import Due, Wish
from notigate.words import state, why

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.model import Person
    from notigate.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class Step:
    """One question on the way to a message, and its answer."""

    #: `switched-on`, `day`, `moment`, `who`, `ledger`, `rules`
    asked: str
    #: does it let the message through?
    passed: bool
    #: with the facts that decided
    told: str


def explain(gateway: Gateway, person: str, occasion: str, on: date | None = None) -> Iterator[Step]:
    """The questions in their order, up to the one that decides.

    Raises:
        UsageError: there is no such occasion or person.
        NotigateError: the occasion is broken, or the roster cannot be read.
    """
    now = gateway.clock.now()
    day = on or now.date()
    (reader, columns), known = gateway.readership.member(person), gateway.catalogue.occasion(occasion)
    if occasion not in gateway.settings.occasions:
        yield _no("switched-on", _("not under `occasions:` in notigate.yaml"))
        return
    yield _yes("switched-on", _("under `occasions:` in notigate.yaml"))
    due, stopped = gateway.agenda.on(day)
    yield from (_no("day", fault.fault) for fault in stopped if fault.occasion == occasion)
    ours = [one for one in due if one.occasion.id == known.id]
    if not ours:
        yield _no("day", _("it concerns nobody on {day}").format(day=day))
    hour = now if day == now.date() else datetime.combine(day, time.min, now.tzinfo)
    for one in ours:
        yield from _for(gateway, one, reader, Wish(day=day, now=hour, due=(one,), columns=columns))


def _for(gateway: Gateway, due: Due, person: Person, wish: Wish) -> Iterator[Step]:
    """One of the rules by which the occasion may be due."""
    found = due.chooser(person.facts)
    values = _values(person, due.columns)
    if not found:
        yield _no("moment", _("on another day for this person: {facts}").format(facts=values))
        return
    yield _yes("moment", values or _("the same day for everybody"))
    concerned = [one for one in found if due.concerns(person.facts, one, {}, wish.day)]
    if due.who is not None:
        yield Step(
            "who",
            bool(concerned),
            _("{rule}: {facts}").format(rule=due.who.text, facts=_values(person, due.who.names())),
        )
    for one in concerned:
        yield from _promised(gateway, due, one, person) or _judged(gateway, wish, person)


def _promised(gateway: Gateway, due: Due, occurrence: Occurrence, person: Person) -> list[Step]:
    standing = plan.number(gateway.ledger, plan.key(gateway.ledger, due.occasion.id, occurrence.key, person.id))
    if standing is None:
        return []
    (delivery,) = questions.deliveries(gateway.ledger, [standing])
    reason = why(delivery.reason, delivery.detail)
    told = _("delivery {id} is in the ledger already: {state}").format(id=standing, state=state(delivery.state))
    return [_no("ledger", f"{told} ({reason})" if reason else told)]


def _judged(gateway: Gateway, wish: Wish, person: Person) -> Iterator[Step]:
    items = list(gateway.planner.plan(wish, [person]))
    told = _("nothing like it is in the ledger") if items else _("one for this home or phone is in the ledger already")
    yield Step("ledger", bool(items), told)
    for item in items:
        yield _verdict(item, wish.now)


def _verdict(item: Planned | Stopped, now: datetime) -> Step:
    if isinstance(item, Stopped):
        return _no("rules", item.fault)
    match item.verdict:
        case Drop(rule):
            return _no("rules", why(rule, item.draft.detail))
        case Hold(until, rule):
            told = why(rule)
            when = f"{until.astimezone(now.tzinfo):%Y-%m-%d %H:%M}" if until else ""
            return _yes("rules", _("{rule}, until {when}").format(rule=told, when=when) if when else told)
    return _yes("rules", _("would go now, by {channel}").format(channel=item.draft.channel))


def _yes(asked: str, told: str) -> Step:
    return Step(asked, passed=True, told=told)


def _no(asked: str, told: str) -> Step:
    return Step(asked, passed=False, told=told)


def _values(person: Person, columns: Iterable[str]) -> str:
    """Facts as they decided; names that are answered by a day (`signed` by `signed_on`) show that day."""
    shown = []
    for name in sorted(columns):
        column = name if name in person.facts else f"{name}_on" if f"{name}_on" in person.facts else name
        shown.append(f"{column} = {_plain(person.facts.get(column))}")
    return ", ".join(shown)


def _plain(value: object) -> str:
    return "–" if value in (None, "") else str(value)
