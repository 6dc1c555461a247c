"""Where the reports of one project are made: for whoever asks, and for messages that bring one along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from notigate.errors import NotigateError
from notigate.reports import enclosed, prints, spans
from notigate.reports.figures import figures

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger
    from notigate.model import Attachment
    from notigate.reports.figures import Figures
    from notigate.reports.shelf import Shelf


class Desk:
    """Makes reports from the ledger, with the titles of occasions that still exist."""

    def __init__(self, ledger: Ledger, catalogue: Catalogue, clock: Clock, shelf: Shelf | None = None) -> None:
        self._ledger = ledger
        self._catalogue = catalogue
        self._clock = clock
        self._shelf = shelf
        #: what messages enclose is made once for all their readers
        self._made = lru_cache(maxsize=4)(self._of_day)
        self.enclosed = lru_cache(maxsize=4)(self._enclosed)

    def figures(self, kind: str, of: str | None, *, project: str | None = None, by_building: bool = False) -> Figures:
        """The counts of a week (`2026-W47`) or month (`2026-11`); the current one when `of` is None.

        Raises:
            UsageError: there is no such week or month.
        """
        span = spans.named(kind, of, self._clock.now().date())
        found = figures(self._ledger, span, project=project, by_building=by_building)
        return replace(found, titles=self._titles({row.occasion for row in found.rows}))

    def _enclosed(self, kind: str, day: date) -> tuple[Mapping[str, object], Callable[[str], tuple[Attachment, ...]]]:
        """The report of the week or month of a day: what its text may say, and its files for a medium, made once."""
        found = self._made(kind, day)
        changed = self._changed(found)
        link = self._shelf.link(found) if self._shelf else ""
        return enclosed.facts(found, changed, link), cache(lambda medium: enclosed.attachments(found, changed, medium))

    def _changed(self, found: Figures) -> str:
        return prints.compared(self._ledger, found, self._clock.now()).told(found)

    def _of_day(self, kind: str, day: date) -> Figures:
        return self.figures(kind, (spans.week(day) if kind == "week" else spans.month(day)).name)

    def publish(self, kind: str, day: date) -> None:
        """Lay down the page that messages of this day are about to link to.

        Raises:
            UsageError: it cannot be written.
        """
        if self._shelf:
            found = self._made(kind, day)
            self._shelf.lay(found, self._changed(found))

    def sent(self, kind: str, day: date) -> None:
        """What messages of this day enclosed has gone to its readers: it is a print."""
        prints.printed(self._ledger, self._made(kind, day), self._clock.now())

    def _titles(self, occasions: Iterable[str]) -> dict[str, str]:
        titles = {}
        for name in occasions:
            with suppress(NotigateError):
                titles[name] = self._catalogue.occasion(name).title
        return titles
