"""What has changed since a report was first printed: receipts come late, and people decide about unknown outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.cost import Cost
from notigate.language import _
from notigate.ledger import prints
from notigate.reports.headings import columns

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger
    from notigate.reports.figures import Figures

#: in front of a currency: the name of its sum, in millionths
MONEY = "cost "


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences to the first print."""

    #: business time of the first print
    printed: datetime
    #: column (of money: and currency) → by how much it grew; those that did not change are left out
    by: Mapping[str, int]

    def told(self, figures: Figures) -> str:
        """`Since it was first printed on 2026-11-22 18:00: arrived +12, unknown -3`; empty when nothing has changed."""
        if not self.by:
            return ""
        headings = dict(columns(figures))
        shown = [f"{headings[name]} {by:+,}" for name, by in self.by.items() if name in headings]
        for name, by in self.by.items():
            if name.startswith(MONEY):
                grown = Cost.kept(by, name.removeprefix(MONEY))
                shown.append(f"{headings['cost']} {'+' if by > 0 else ''}{grown}")
        return _("Since it was first printed on {time}: {changes}").format(
            time=f"{self.printed:%Y-%m-%d %H:%M}", changes=", ".join(shown)
        )


def compared(ledger: Ledger, figures: Figures, now: datetime) -> Changes:
    """Compare with the first print; without one, nothing has changed."""
    found = prints.first(ledger, figures.span.name)
    if found is None:
        return Changes(now, {})
    printed, then = found
    grown = {name: n - _before(then, name, n) for name, n in _totals(figures).items()}
    return Changes(printed.astimezone(now.tzinfo), {name: by for name, by in grown.items() if by})


def printed(ledger: Ledger, figures: Figures, now: datetime) -> None:
    """Somebody has seen them: from the last day of the span on, the first print is remembered."""
    if now.date() >= figures.span.last:
        prints.keep(ledger, figures.span.name, _totals(figures), now)


def _before(then: Mapping[str, int], name: str, now: int) -> int:
    """What it was then. What was not counted yet in those days has not changed; money is kept where there was some."""
    return then.get(name, 0 if name.startswith(MONEY) and "parts" in then else now)


def _totals(figures: Figures) -> dict[str, int]:
    whole = figures.total
    counts = {column.name: getattr(whole, column.name) for column in fields(whole)}
    money = {f"{MONEY}{cost.currency}": cost.millionths for cost in whole.cost}
    return {name: value for name, value in counts.items() if isinstance(value, int)} | money
