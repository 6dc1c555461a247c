"""Who is told next, and when, while something stays unanswered: each step is one more rule of a moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from notigate.moments import words
from notigate.moments.facts import OnFact
from notigate.moments.hours import Hours
from notigate.moments.offsets import Column, Offset
from notigate.moments.parts import Part
from notigate.moments.words import MomentError, misfit

if TYPE_CHECKING:
    from notigate.moments.readers import Readers
    from notigate.occurrence import Moment

_AFTER = re.compile(r"([1-9][0-9]{0,3})\s*(?:(m|h|d)|(workdays?))")
_CLOCK = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}
_FACT = re.compile(r"fact ([a-z][a-z0-9_-]{0,40})")


@dataclass(frozen=True, slots=True)
class Mark:
    """A column that is filled, or a fact that is told: where an escalation starts, and where it ends."""

    column: str = ""
    fact: str = ""


def mark(key: str, text: str) -> Mark:
    """Read `complained_at` or `fact complaint`.

    Raises:
        MomentError: it is neither.
    """
    if found := _FACT.fullmatch(text.strip()):
        return Mark(fact=found[1])
    if not text.strip().isidentifier():
        raise misfit(key, text, "a column, or 'fact KIND'")
    return Mark(column=text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One step, as it is written."""

    #: from 1, in the order of the file
    number: int
    #: `15m`, `3h`, `2d`, `3 workdays`
    after: str
    #: whom of those that the occasion is about
    who: str = ""
    #: None: those of the occasion
    readers: Readers | None = None

    def part(self, start: Mark, end: Mark) -> Part:
        """The rule that it is, from `start` on and until `end`.

        Raises:
            MomentError: `after` is no distance, or start and end do not go together.
        """
        found = _AFTER.fullmatch(self.after.strip())
        if not found:
            raise misfit("after", self.after, "a distance such as 15m, 3h, 2d or '3 workdays'")
        if end.fact and not start.fact:
            raise MomentError("`until: fact …` goes with `from: fact …`, for both bear one key")
        said = [f"({words.who('who', self.who)})"] if self.who else []
        said += [f"not {end.column}"] if end.column else []
        rule = _rule(start, end, int(found[1]), found[2] or "workdays")
        return Part(rule, " and ".join(said), self._mark(), self.readers, self.number)

    def _mark(self) -> str:
        """Stands in its keys: what tells it from the others, whatever is written before or behind it."""
        to = self.readers
        told = f"to {to.group or to.column} {to.head or ''}".strip() if to else ""
        return " ".join(filter(None, ("after", self.after.strip(), told, self.who)))


def _rule(start: Mark, end: Mark, n: int, unit: str) -> Moment:
    whole: Literal["days", "workdays"] = "workdays" if unit == "workdays" else "days"
    shift = n * _CLOCK[unit] if unit in _CLOCK else None
    if start.fact:
        return OnFact(kind=start.fact, n=n, unit=whole, shift=shift, unless=end.fact)
    if shift is not None:
        return Hours(words.clock("from", start.column), shift)
    return Offset(Column(start.column), n, whole)
