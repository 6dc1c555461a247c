"""The figures of a span, against the span before. All from the ledger's tally, none from memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from notigate.cost import Cost, total
from notigate.ledger import tally
from notigate.ledger.store import Ledger
from notigate.ledger.tally import Line, Only
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
    lines: defaultdict[Line, _Sums] = defaultdict(_Sums)
    only = Only(project=project, by_building=by_building)
    for count in tally.counts(ledger, span.first, span.last, only):
        if count.state != UNCOUNTED:
            lines[count.line].states[count.state] += count.n
            lines[count.line].why[count.state, count.reason] += count.n
    earlier = span.before
    for line, n in tally.taken_over(ledger, earlier.first, earlier.last, only).items():
        lines[line].last = n
    for spent in tally.spent(ledger, span.first, span.last, only):
        lines[spent.line].paid.add(spent.parts, spent.cost)
    for spent in tally.spent(ledger, earlier.first, earlier.last, only):
        lines[spent.line].last_paid.add(spent.parts, spent.cost)
    rows = tuple(_row(line, lines[line]) for line in sorted(lines))
    whole = _together(lines.values())
    reasons = [Why(*told, n) for told, n in whole.why.items() if told[1]]
    reasons.sort(key=lambda why: (-why.n, why.state, why.reason))
    kind = "week" if "W" in span.name else "month"
    return Figures(span, rows, _row(Line("", "", "", ""), whole), kind, tuple(reasons), by_building)


@dataclass(slots=True)
class _Paid:
    """Parts and cost."""

    parts: int = 0
    cost: tuple[Cost, ...] = ()

    def add(self, parts: int, *costs: Cost | None) -> None:
        self.parts += parts
        self.cost = total(cost for cost in (*self.cost, *costs) if cost)


@dataclass(slots=True)
class _Sums:
    """What is summed up for a line."""

    states: Counter[str] = field(default_factory=Counter)
    #: state and reason → how many
    why: Counter[tuple[str, str]] = field(default_factory=Counter)
    paid: _Paid = field(default_factory=_Paid)
    #: accepted in the span before, and its parts and cost
    last: int = 0
    last_paid: _Paid = field(default_factory=_Paid)


def _together(every: Iterable[_Sums]) -> _Sums:
    whole = _Sums()
    for sums in every:
        whole.states.update(sums.states)
        whole.why.update(sums.why)
        whole.paid.add(sums.paid.parts, *sums.paid.cost)
        whole.last += sums.last
        whole.last_paid.add(sums.last_paid.parts, *sums.last_paid.cost)
    return whole


def _row(line: Line, sums: _Sums) -> Row:
    columns = {name: sum(sums.states[state] for state in states) for name, states in COLUMNS.items()}
    return Row(
        occasion=line.occasion, channel=line.channel, project=line.project, building=line.building,
        planned=sums.states.total(), **columns, opted_out=sums.why[State.SUPPRESSED.value, OPTED_OUT],
        parts=sums.paid.parts, cost=sums.paid.cost, last_week=sums.last, last_parts=sums.last_paid.parts,
        last_cost=sums.last_paid.cost,
    )  # fmt: skip
