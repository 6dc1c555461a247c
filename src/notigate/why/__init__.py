"""Why does this person get this message on that day, or not? The same rooms are asked as when sending; nothing is promised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING

from notigate.errors import DataMissing
from notigate.language import _, translate
from notigate.ledger import plan, questions
from notigate.model import Drop, Go, Hold
from notigate.moments import Manual, OnFact, Weather, parts
from notigate.planner import Planned, Stopped
from notigate.planner.wish import Due, Wish
from notigate.why.facts import behind, plain
from notigate.words import state, why

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.model import Facts, Occasion, Person
    from notigate.occurrence import Occurrence


#: days ahead that an occasion is looked for
A_YEAR = 400


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
        yield _no("day", _when(gateway, known, day))
    hour = now if day == now.date() else datetime.combine(day, time.min, now.tzinfo)
    for one in ours:
        yield from _for(gateway, one, reader, Wish(day=day, now=hour, due=(one,), columns=columns))


def _when(gateway: Gateway, occasion: Occasion, day: date) -> str:
    """Why an occasion is not due on a day, and when it is next."""
    rules = [part.rule for part in parts(occasion.moment)]
    for rule in rules:
        if isinstance(rule, Manual):
            return _("it goes when somebody sends it: notigate send {occasion}").format(occasion=occasion.id)
        if isinstance(rule, OnFact):
            return _("nobody has told of {kind} for {day}: notigate fact list").format(kind=rule.kind, day=day)
        if isinstance(rule, Weather):
            return _("no such weather is known for {day}: notigate weather").format(day=day)
    almanac = gateway.agenda.almanac_of(occasion)
    try:
        later = (day + timedelta(days=n) for n in range(1, A_YEAR))
        coming = next((one for one in later if any(rule.on(one, almanac) for rule in rules)), None)
    except DataMissing as fault:
        return translate(fault)
    told = _("it concerns nobody on {day}").format(day=day)
    return told if coming is None else _("{told}; the next day is {coming}").format(told=told, coming=coming)


def _for(gateway: Gateway, due: Due, person: Person, wish: Wish) -> Iterator[Step]:
    """One of the rules by which the occasion may be due."""
    if lacking := due.lacks(wish.columns):
        yield _no("moment", _("the roster has no column {column}: notigate roster columns").format(column=lacking))
        return
    records = [facts for facts in person.each_record if due.chooser(facts)]
    if not records:
        yield _no("moment", _not_then(person, due.columns))
        return
    yield _yes("moment", _values(records, due.columns) or _("the same day for everybody"))
    found = {one.key: (one, facts) for facts in records for one in due.chooser(facts)}
    concerned = [one for one, facts in found.values() if due.concerns(facts, one, {}, wish.day)]
    if due.who is not None:
        facts = _values(records, due.who.names())
        yield Step("who", bool(concerned), _("{rule}: {facts}").format(rule=due.who.text, facts=facts))
    for one in concerned:
        yield from _promised(gateway, due, one, person) or _judged(gateway, due.occasion, wish, person)


def _not_then(person: Person, columns: Collection[str]) -> str:
    """Why its moment chooses none of a person's records."""
    values, held = _values(person.each_record, columns), [f.get(name) for f in person.each_record for name in columns]
    if columns and all(value in (None, "") for value in held):
        return _("the record does not say: {facts}").format(facts=values)
    if any(name.endswith("_at") for name in columns) and not any(isinstance(value, datetime) for value in held):
        return _("a day without an hour: {facts}").format(facts=values)
    return _("on another day for this person: {facts}").format(facts=values)


def _promised(gateway: Gateway, due: Due, occurrence: Occurrence, person: Person) -> list[Step]:
    standing = plan.number(gateway.ledger, plan.key(gateway.ledger, due.occasion.id, occurrence.key, person.id))
    if standing is None:
        return []
    (delivery,) = questions.deliveries(gateway.ledger, [standing])
    reason = why(delivery.reason, delivery.detail)
    told = _("delivery {id} is in the ledger already: {state}").format(id=standing, state=state(delivery.state))
    more = _("its story: notigate log {id}").format(id=standing)
    return [_no("ledger", f"{told} ({reason}); {more}" if reason else f"{told}; {more}")]


def _judged(gateway: Gateway, occasion: Occasion, wish: Wish, person: Person) -> Iterator[Step]:
    items = list(gateway.planner.plan(wish, [person]))
    told = _("nothing like it is in the ledger") if items else _("one for this home or phone is in the ledger already")
    yield Step("ledger", bool(items), told)
    for item in items:
        if isinstance(item, Stopped):
            yield _no("rules", item.fault)
            continue
        rule = "" if isinstance(item.verdict, Go) else item.verdict.rule
        yield _verdict(item, wish.now, behind(rule, gateway, occasion, person, wish.day))


def _verdict(item: Planned, now: datetime, facts: str) -> Step:
    match item.verdict:
        case Drop(rule):
            return _no("rules", _with(why(rule, item.draft.detail), facts))
        case Hold(until, rule):
            told = why(rule)
            when = f"{until.astimezone(now.tzinfo):%Y-%m-%d %H:%M}" if until else ""
            held = _("{rule}, until {when}").format(rule=told, when=when) if when else told
            return _yes("rules", _with(held, facts))
    return _yes("rules", _("would go now, by {channel}").format(channel=item.draft.channel))


def _with(told: str, facts: str) -> str:
    return f"{told} ({facts})" if facts else told


def _yes(asked: str, told: str) -> Step:
    return Step(asked, passed=True, told=told)


def _no(asked: str, told: str) -> Step:
    return Step(asked, passed=False, told=told)


def _values(records: Iterable[Facts], columns: Iterable[str]) -> str:
    """Facts as they decided; names that are answered by a day (`signed` by `signed_on`) show that day."""
    shown = dict[str, None]()
    for facts, name in product(records, sorted(columns)):
        column = name if name in facts else f"{name}_on" if f"{name}_on" in facts else name
        shown[f"{column} = {plain(facts.get(column))}"] = None
    return ", ".join(shown)
