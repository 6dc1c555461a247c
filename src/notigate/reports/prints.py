"""What has changed since a report was first printed: receipts come late, and people decide about unknown outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.language import _
from notigate.ledger import prints
from notigate.reports.headings import PLACES, columns

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger
    from notigate.reports.figures import Figures


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences to the first print."""

    #: business time of the first print
    printed: datetime
    #: column → by how much it grew; those that did not change are left out
    by: Mapping[str, int]

    def told(self, figures: Figures) -> str:
        """`Since it was first printed on 2026-11-22 18:00: arrived +12, unknown -3`; empty when nothing has changed."""
        if not self.by:
            return ""
        shown = [f"{heading} {self.by[name]:+,}" for name, heading in columns(figures) if name in self.by]
        return _("Since it was first printed on {time}: {changes}").format(
            time=f"{self.printed:%Y-%m-%d %H:%M}", changes=", ".join(shown)
        )


def compared(ledger: Ledger, figures: Figures, now: datetime) -> Changes:
    """Compare with the first print; without one, nothing has changed."""
    found = prints.first(ledger, figures.span.name)
    if found is None:
        return Changes(now, {})
    printed, then = found
    by = {name: n - then[name] for name, n in _totals(figures).items() if name in then and n != then[name]}
    return Changes(printed.astimezone(now.tzinfo), by)


def printed(ledger: Ledger, figures: Figures, now: datetime) -> Changes:
    """Compare with the first print; from the last day of the span on, this one is remembered where there is none."""
    if now.date() >= figures.span.last:
        prints.keep(ledger, figures.span.name, _totals(figures), now)
    return compared(ledger, figures, now)


def _totals(figures: Figures) -> dict[str, int]:
    return {name: value for name, value in asdict(figures.total).items() if name not in PLACES}
