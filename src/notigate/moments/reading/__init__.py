"""Read the value of `moment:` into a rule."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from notigate.moments import words
from notigate.moments.parts import Part, Several
from notigate.moments.reading.facts import MARKING
from notigate.moments.reading.tables import Rules, several
from notigate.moments.words import Entry, MomentError, misfit

if TYPE_CHECKING:
    from notigate.occurrence import Moment

#: options that go with every rule
_FOR_ALL = ("who", "until", "optional")

#: rules whose key is the day they are sent on: no two of them say something twice on one day
_BY_DAY = frozenset({"daily", "workdays", "weekly", "every", "monthly"})

#: rule → the file that reads it, imported when such a rule is met; in the order in which who misspells one is told them
RULES: Mapping[str, str] = {
    rule: file
    for file, rules in (
        ("yearly", "birthday anniversary lunar_anniversary date lunar term holiday before_holiday"),
        ("distances", "day_of workday_after nth_day days_after days_before workdays_after workdays_before"),
        ("distances", "months_after months_before within_days hours_after hours_before minutes_after minutes_before"),
        ("recurring", "daily workdays weekly every monthly birthdays_of_month"),
        ("signals", "weather approval manual"),
        ("facts", "on_fact"),
    )
    for rule in rules.split()
}


def parse(value: object) -> Moment | Several:
    """Read a moment from its YAML value: a word, a mapping of one rule with its options, or a list of these.

    Raises:
        MomentError: the rule is unknown, or what it is given does not fit.
    """
    parts = [_part(one) for one in several(value)]
    if len(parts) == 1:
        part = replace(parts[0], mark="")
        return Several((part,)) if part.who or part.optional else part.rule
    repeated = [part.mark for part in parts if part.mark]
    if len(set(repeated)) < len(repeated):
        raise MomentError("two of its rules are the same")
    return Several(tuple(parts))


def _part(value: object) -> Part:
    entry: Entry = {value: None} if isinstance(value, str) else value if isinstance(value, Mapping) else {}
    rule = "on_fact" if "on_fact" in entry else next((key for key in entry if key in RULES), None)
    if rule is None:
        raise _unknown(next(iter(entry), value))
    rules: Rules = import_module(f"{__name__}.{RULES[rule]}").RULES
    read, options = rules[rule]
    if strange := [key for key in entry if key not in (rule, *options, *_FOR_ALL)]:
        raise MomentError("{option!r} does not go with {rule!r}", option=strange[0], rule=rule)
    if not isinstance(optional := entry.get("optional", False), bool):
        raise misfit("optional", optional, "true or false")
    mark = "" if rule in _BY_DAY else _mark(rule, entry)
    return Part(read(rule, entry), _readers(entry), mark, optional=optional)


def _readers(entry: Entry) -> str:
    """What `who` and `until` say together."""
    said = [f"({words.who('who', entry['who'])})"] if "who" in entry else []
    if "until" in entry:
        said.append(f"not {words.column('until', words.text('until', entry, 'a column'))}")
    return " and ".join(said)


def _mark(rule: str, entry: Entry) -> str:
    """What tells a rule from the others of a list: all that says when it is due."""
    said = [rule, *(option for option in entry if option in MARKING and option != rule)]
    return " ".join(f"{key} {entry[key]}" if entry[key] is not None else key for key in said)


def _unknown(name: object) -> MomentError:
    near = difflib.get_close_matches(str(name), RULES, n=1)
    known = ", ".join(near or RULES)
    return MomentError("unknown moment {name!r}; known: {known}", name=name, known=known)
