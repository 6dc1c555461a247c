"""Moments that somebody decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from notigate.calendar import Almanac
    from notigate.occurrence import Chooser


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
