"""Telling that the ledger itself cannot be used: without it, so at most once, which a file beside it remembers.

The file is written before anybody is told. Who is not reached, or only perhaps, is not told again: exit code 5 and the age of
what `notigate metrics` wrote say it, too.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.address import mask_text
from notigate.alarms.seeing import Alarm, marker
from notigate.language import translate
from notigate.ledger.alarms import Kind
from notigate.ledger.claim import new_reference
from notigate.model import Content, Message, Outcome, Status
from notigate.planner.routes import Routes
from notigate.render import Context

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.errors import LedgerError
    from notigate.lineup import Lineup
    from notigate.model import Occasion, Person
    from notigate.planner.routes import Route
    from notigate.settings import Settings

log = logging.getLogger("notigate.alarms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unledgered:
    """One failure of the ledger, and whom it is told."""

    settings: Settings
    catalogue: Catalogue
    lineup: Lineup
    occasion: Occasion
    now: datetime

    def tell(self, fault: LedgerError, readers: Sequence[Person]) -> None:
        """Tell each reader, if nobody was told since the ledger could be used the last time."""
        if not _remember(marker(self.settings)):
            return
        alarm = Alarm(kind=Kind.UNUSABLE, detail=mask_text(translate(fault)), since=self.now)
        context = Context(project=self.settings.project, today=self.now.date(), given=alarm.facts(self.now))
        for reader in readers:
            self._tell_one(reader, context)

    def _tell_one(self, reader: Person, context: Context) -> None:
        """By the first channel that does not refuse."""
        carriers, refused = [c for c in self.lineup.carriers() if c.name not in self.lineup.unusable()], set[str]()
        while route := Routes([c for c in carriers if c.name not in refused]).choose(
            self.occasion, reader, self.catalogue.media(self.occasion.id)
        ):
            outcome = self._send(route, reader, context) if self._may(route, reader) else None
            if outcome is None or outcome.status in (Status.ACCEPTED, Status.UNKNOWN):
                return
            refused.add(route.channel)

    def _may(self, route: Route, reader: Person) -> bool:
        only = self.settings.policy.only
        return not only or route.to in only or reader.id in only

    def _send(self, route: Route, reader: Person, context: Context) -> Outcome | None:
        text = self.catalogue.text(self.occasion.id, route.medium, reader.language or self.settings.locale)
        content = text.render(reader, context)
        if not isinstance(content, Content):
            return None
        name = new_reference()
        message = Message(
            id=name, reference=name, occasion=self.occasion.id, category=self.occasion.category, medium=route.medium,
            to=route.to, locale=text.locale, text=content.text, subject=content.subject, html=content.html,
            params=content.params,
        )  # fmt: skip
        outcome = self.lineup.channel(route.channel).send(message)
        log.warning(
            "alarm", extra={"alarm": Kind.UNUSABLE.value, "channel": route.channel, "state": outcome.status.value}
        )
        return outcome


def _remember(file: Path) -> bool:
    """Write it down; False where it stands already, or cannot be written: then nobody may be told."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return False
    os.fsync(descriptor)
    os.close(descriptor)
    return True
