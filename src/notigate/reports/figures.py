"""The figures of a span, against the span before. All from the ledger's tally, none from memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeAlias

from notigate.cost import Cost, total
from notigate.ledger import questions
from notigate.ledger.store import Ledger
from notigate.model import State
from notigate.reports.spans import Span

#: what a row counts → the ledger's states in it. `planned` is all of them but `delivered` and `undelivered` once more.
COLUMNS: Mapping[str, frozenset[str]] = {
    "accepted": frozenset({State.ACCEPTED, State.DELIVERED, State.UNDELIVERED}),
    "delivered": frozenset({State.DELIVERED}),
    "undelivered": frozenset({State.UNDELIVERED}),
    "failed": frozenset({State.FAILED, State.INVALID, State.EXPIRED}),
    "unknown": frozenset({State.UNKNOWN}),
    "suppressed": frozenset({State.SUPPRESSED, State.CANCELLED}),
    "waiting": frozenset({"open"}),
}
#: the rule that keeps messages from those who want none
OPTED_OUT = "opted-out"
#: columns of a row that say where, and those that are money
PLACES = ("occasion", "channel", "project", "building")
COSTS = ("cost", "last_cost")
#: what another message tells as well is no message of its own
UNCOUNTED = State.DUPLICATE
Line: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One occasion on one channel in one project, and in one building where the report is made by building."""

    occasion: str
    channel: str
    project: str
    building: str = ""
    #: every delivery of the span: accepted + failed + unknown + suppressed + waiting
    planned: int = 0
    #: taken over by the provider
    accepted: int = 0
    #: of these, confirmed by the carrier
    delivered: int = 0
    #: of these, returned by the carrier
    undelivered: int = 0
    #: refused, invalid or too late
    failed: int = 0
    #: may have gone out; wait for `resolve`
    unknown: int = 0
    #: kept back by a rule
    suppressed: int = 0
    #: of these, because the reader wants none
    opted_out: int = 0
    #: not at their end yet
    waiting: int = 0
    #: as how many parts the accepted SMS were sent
    parts: int = 0
    #: what the accepted ones cost at the price of then, one a currency
    cost: tuple[Cost, ...] = ()
    #: accepted in the span before, be it a week or a month; and the same of parts and cost
    last_week: int = 0
    last_parts: int = 0
    last_cost: tuple[Cost, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it: an amount of money is a string, by its currency."""
        values = {column.name: getattr(self, column.name) for column in fields(self)}
        return values | {name: {one.currency: one.figure for one in values[name]} for name in COSTS}


@dataclass(frozen=True, slots=True)
class Why:
    """How many messages did not go, or did not arrive, for one reason."""

    state: str
    #: a rule of ours, or a `Reason` of a provider
    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts of a span."""

    span: Span
    rows: tuple[Row, ...]
    total: Row
    #: what the span is: `week` or `month`
    kind: str
    #: the most frequent first
    reasons: tuple[Why, ...] = ()
    #: are the rows those of single buildings?
    by_building: bool = False
    #: occasion → its title, for files that people read
    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, row: Row) -> str:
        """What a row is about, for people."""
        return self.titles.get(row.occasion, row.occasion)

    def named(self, row: Row) -> Row:
        """A row with its occasion named for people."""
        return replace(row, occasion=self.title(row))

    def as_json(self) -> dict[str, Any]:
        """The object that `report --json` prints."""
        return {
            self.kind: self.span.name,
            "from": self.span.first.isoformat(),
            "to": self.span.last.isoformat(),
            "rows": [self._plain(row) for row in self.rows],
            "total": {name: value for name, value in self.total.plain().items() if name not in PLACES},
            "reasons": [asdict(why) for why in self.reasons],
        }

    def _plain(self, row: Row) -> dict[str, Any]:
        plain = row.plain()
        if not self.by_building:
            del plain["building"]
        return plain


def figures(ledger: Ledger, span: Span, *, project: str | None = None, by_building: bool = False) -> Figures:
    """Count a span: all projects, or one; each building by itself, or all together."""
    now, earlier = (_counted(ledger, one, project, by_building=by_building) for one in (span, span.before))
    rows = tuple(_row(line, now.get(line, _Sums()), earlier.get(line, _Sums())) for line in sorted({*now, *earlier}))
    whole = _together(now.values())
    totals = _row(("", "", "", ""), whole, _together(earlier.values()))
    reasons = sorted((Why(*told, n) for told, n in whole.why.items()), key=lambda why: (-why.n, why.state, why.reason))
    return Figures(span, rows, totals, "week" if "W" in span.name else "month", tuple(reasons), by_building)


@dataclass(slots=True)
class _Sums:
    """What is summed up for a line."""

    states: Counter[str] = field(default_factory=Counter)
    #: state and reason → how many
    why: Counter[tuple[str, str]] = field(default_factory=Counter)
    parts: int = 0
    cost: tuple[Cost, ...] = ()


def _counted(ledger: Ledger, span: Span, project: str | None, *, by_building: bool) -> dict[Line, _Sums]:
    lines: dict[Line, _Sums] = {}
    for count in questions.counts(ledger, span.first, span.last, project=project, by_building=by_building):
        if count.state == UNCOUNTED:
            continue
        sums = lines.setdefault((count.occasion, count.channel, count.project, count.building), _Sums())
        sums.states[count.state] += count.n
        if count.reason:
            sums.why[count.state, count.reason] += count.n
    for spent in questions.spent(ledger, span.first, span.last, project=project, by_building=by_building):
        sums = lines.setdefault((spent.occasion, spent.channel, spent.project, spent.building), _Sums())
        sums.parts += spent.parts
        sums.cost = total(filter(None, (*sums.cost, spent.cost)))
    return lines


def _together(every: Collection[_Sums]) -> _Sums:
    whole = _Sums()
    for sums in every:
        whole.states.update(sums.states)
        whole.why.update(sums.why)
    whole.parts = sum(sums.parts for sums in every)
    whole.cost = total(cost for sums in every for cost in sums.cost)
    return whole


def _row(line: Line, now: _Sums, earlier: _Sums) -> Row:
    occasion, channel, project, building = line
    columns = {name: sum(now.states[state] for state in states) for name, states in COLUMNS.items()}
    last = sum(earlier.states[state] for state in COLUMNS["accepted"])
    return Row(
        occasion=occasion, channel=channel, project=project, building=building, planned=now.states.total(), **columns,
        opted_out=now.why[State.SUPPRESSED.value, OPTED_OUT], parts=now.parts, cost=now.cost,
        last_week=last, last_parts=earlier.parts, last_cost=earlier.cost,
    )  # fmt: skip
