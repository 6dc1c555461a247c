"""Read the rule that waits for what other systems tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from notigate.moments import words
from notigate.moments.facts import OnFact
from notigate.moments.reading.tables import Rules, table
from notigate.moments.words import Entry, MomentError, misfit

if TYPE_CHECKING:
    from notigate.occurrence import Moment

#: how far from a fact
OFFSETS: Mapping[str, tuple[words.Counted, Literal[1, -1]]] = {
    "days_after": ("days", 1),
    "days_before": ("days", -1),
    "workdays_after": ("workdays", 1),
    "workdays_before": ("workdays", -1),
    "months_after": ("months", 1),
    "months_before": ("months", -1),
    "hours_after": ("hours", 1),
    "hours_before": ("hours", -1),
    "minutes_after": ("minutes", 1),
    "minutes_before": ("minutes", -1),
}
#: the word for all whom a fact does not name itself
WIDELY = "project"
#: options that tell a rule from others about the same kind
MARKING = frozenset({"for", *OFFSETS})


def _on_fact(rule: str, entry: Entry) -> Moment:
    kind = words.name(rule, entry[rule])
    unless = words.name("unless", entry["unless"]) if "unless" in entry else ""
    if (whom := entry.get("for", WIDELY)) != WIDELY:
        raise misfit("for", whom, "'project', the only one there is")
    widely = "for" in entry
    said = [option for option in OFFSETS if option in entry]
    if len(said) > 1:
        raise MomentError("{option!r} does not go with {rule!r}", option=said[1], rule=said[0])
    unit, sign = OFFSETS[said[0]] if said else ("minutes", 1)
    n = sign * words.number(said[0], entry, unit, 0) if said else 0
    if unit == "hours" or unit == "minutes":  # noqa: PLR1714 - so that mypy sees what is left
        within = words.span("within", entry["within"]) if "within" in entry else None
        return OnFact(kind=kind, shift=timedelta(**{unit: n}), within=within, unless=unless, widely=widely)
    if "within" in entry:
        raise MomentError("{option!r} does not go with {rule!r}", option="within", rule=said[0])
    return OnFact(kind=kind, n=n, unit=unit, unless=unless, widely=widely)


RULES: Rules = table(("on_fact", _on_fact, {"within", "unless", *MARKING}))
