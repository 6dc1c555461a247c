"""What a plan comes to, counted while it streams by: no more is kept than sums and the first people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from notigate.cost import Cost, Price, total
from notigate.language import _
from notigate.model import Drop, Go, Hold
from notigate.planner import Planned, Stopped
from notigate.words import NAMED, why


@dataclass(slots=True)
class Line:
    """Messages that are told together."""

    number: int = 0
    dropped: int = 0
    parts: int = 0
    costs: tuple[Cost, ...] = ()
    #: the first of them
    people: list[str] = field(default_factory=list)
    days: set[date] = field(default_factory=set)

    def add(self, planned: Planned, cost: Cost | None, *, together: bool = False) -> None:
        """One more; what is not sent is counted apart, unless all of the line is told `together`."""
        if isinstance(planned.verdict, Drop) and not together:
            self.dropped += 1
            return
        self.number += 1
        self.parts += planned.segments
        self.days.add(planned.draft.day)
        if cost is not None:
            self.costs = total([*self.costs, cost])
        if len(self.people) < NAMED:
            self.people.append(planned.draft.person)

    def money(self) -> str:
        """What it costs; empty where no price is said."""
        return ", ".join(map(str, self.costs))


class PlanSums:
    """The sums of one plan."""

    def __init__(self, first: date, length: int, prices: Mapping[str, Price]) -> None:
        self.first = first
        #: in days
        self.length = length
        #: day → (time, occasion, how) → those who get the same, or do not
        self.days: dict[date, dict[tuple[str, str, str], Line]] = {}
        self.occasions: dict[str, Line] = {}
        self.total = Line()
        #: who gets anything
        self.people: set[str] = set()
        self.stopped: dict[Stopped, None] = {}
        self._prices = prices

    def over(self, planned: Iterable[Planned | Stopped]) -> Iterator[Planned]:
        """Count, and hand on."""
        for item in planned:
            if isinstance(item, Stopped):
                self.stopped[item] = None
                continue
            self._add(item)
            yield item

    def cost(self, planned: Planned) -> Cost | None:
        """What one message costs; None where no price is said, or nothing is sent."""
        price = self._prices.get(planned.draft.channel)
        return price.of(planned.segments or 1) if price and not isinstance(planned.verdict, Drop) else None

    def _add(self, item: Planned) -> None:
        draft, cost = item.draft, self.cost(item)
        at = f"{item.hour:%H:%M}" if item.hour else ""
        lines = self.days.setdefault(draft.day, {})
        lines.setdefault((at, draft.occasion, how(item)), Line()).add(item, cost, together=True)
        self.occasions.setdefault(draft.occasion, Line()).add(item, cost)
        self.total.add(item, cost)
        if not isinstance(item.verdict, Drop):
            self.people.add(draft.person)


def how(planned: Planned) -> str:
    """By which channel it goes, and what it waits for; or why it is not sent."""
    draft = planned.draft
    match planned.verdict:
        case Go() | Hold(rule="window"):
            return draft.channel
        case Hold(rule=rule):
            return f"{draft.channel}: {why(rule)}"
        case Drop(rule=rule):
            return _("not sent: {why}").format(why=why(rule, draft.detail))
