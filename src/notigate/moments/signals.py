"""Moments that something outside the calendar brings about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate.calendar import ONE_DAY, Almanac
from notigate.occurrence import Chooser, Occurrence

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Weather:
    """When tomorrow's weather asks for it.

    The planner asks the weather source and hands what it says in the fact `weather` to those whom it concerns;
    nobody else is ever due. The key is the day of that weather.
    """

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Choose those with a `weather` fact."""
        del almanac
        occurrences = (Occurrence((day + ONE_DAY).isoformat(), day),)
        return lambda facts: occurrences if facts.get("weather") else ()

    def columns(self) -> frozenset[str]:
        """No column of the roster: the fact comes from the weather source."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Approval:
    """When a batch waits for a person's word; its approvers read it, and its author when its hour came without one.

    Drafting a batch brings it about, so that nobody of a roster is ever due. The key is the batch and the occasion to tell it.
    """

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Nobody of a roster."""
        del day, almanac
        return None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Manual:
    """When somebody says so; never by itself."""

    def on(self, day: date, almanac: Almanac) -> Chooser | None:
        """Nobody."""
        del day, almanac
        return None

    def columns(self) -> frozenset[str]:
        """It needs no column."""
        return frozenset()
