"""A moment of several rules, each with readers of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from notigate.moments.facts import OnFact
from notigate.moments.hours import Hours
from notigate.moments.offsets import Column, Numbered, Offset
from notigate.occurrence import OnDays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate.model import Facts
    from notigate.moments.readers import Readers
    from notigate.occurrence import Chooser, Moment, Occurrence


@dataclass(frozen=True, slots=True)
class Part:
    """One rule of a moment."""

    rule: Moment
    #: whom of the occasion's readers it concerns: an expression as in `who:`; empty is everyone
    who: str = ""
    #: stands in its keys, where several rules count from the same day
    mark: str = ""
    #: who of our own people reads it; None: those of the occasion
    readers: Readers | None = None
    #: which step of an escalation it is; 0 is none
    level: int = 0
    #: a roster without the columns that it asks for does without it
    optional: bool = False

    @property
    def singly(self) -> bool:
        """Is each customer a message of its own? What happened in one minute need not be known at once."""
        return isinstance(self.rule, Hours) or (self.level > 0 and not isinstance(self.rule, OnFact))

    def marked(self, chooser: Chooser) -> Chooser:
        """The chooser of its rule, with the mark in every key."""
        if not self.mark:
            return chooser
        mark, given = f"+{self.mark}", {"level": self.level} if self.level else {}

        def choose(facts: Facts) -> Sequence[Occurrence]:
            return [
                replace(
                    found,
                    key=found.key + mark,
                    told_by=tuple(key + mark for key in found.told_by),
                    given={**found.given, **given},
                )
                for found in chooser(facts)
            ]

        return replace(chooser, choose=choose) if isinstance(chooser, OnDays) else choose

    @property
    def announces(self) -> frozenset[str]:
        """The columns whose day it announces."""
        match self.rule:
            case Offset(source=Column() | Numbered(), n=n) if n <= 0:
                return self.rule.columns()
            case Hours():
                return self.rule.columns()
        return frozenset()


@dataclass(frozen=True, slots=True)
class Several:
    """Due by any of its rules. It is asked rule by rule."""

    parts: tuple[Part, ...]

    def columns(self) -> frozenset[str]:
        """What any of its rules reads."""
        return frozenset[str]().union(*(part.rule.columns() for part in self.parts))


def parts(moment: Moment | Several) -> tuple[Part, ...]:
    """The rules of a moment, one by one."""
    return moment.parts if isinstance(moment, Several) else (Part(moment),)
