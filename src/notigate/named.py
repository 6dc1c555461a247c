"""Occasions that a caller names: what they are sent for, and how that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.ledger.batch import Recipe
from notigate.planner.wish import Wish

if TYPE_CHECKING:
    from notigate.agenda import Agenda
    from notigate.planner import Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One call of `send` by name."""

    occasions: Sequence[str]
    #: the business day it is for
    day: date
    now: datetime
    #: facts for the texts, before columns of the same name
    given: Mapping[str, str]
    #: this channel and no other
    channel: str | None
    #: the occurrence, where the caller names it
    key: str | None
    #: a file instead of the project's
    roster: Path | None
    #: one message to one address, now
    asked: bool

    def wish(self, agenda: Agenda) -> tuple[Wish, Sequence[Stopped]]:
        """What is to be planned, and what cannot be told.

        Raises:
            UsageError: there is no such occasion.
        """
        due, stopped = agenda.named(self.occasions, self.day, self.given, self.key, asked=self.asked)
        wish = Wish(
            day=self.day, now=self.now, due=due, given=self.given, channel=self.channel, asked=self.asked, key=self.key or "",
        )  # fmt: skip
        return wish, stopped

    @property
    def recipe(self) -> Recipe:
        """What is recorded of it, so that its batches can be drafted again."""
        roster = str(self.roster) if self.roster else None
        return Recipe(named=True, asked=self.asked, given=self.given, channel=self.channel, key=self.key, roster=roster)
