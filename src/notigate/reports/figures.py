"""The figures of a span, against the span before. All from the ledger's tally, none from memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from notigate.ledger import questions
from notigate.ledger.questions import Count
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
    #: not at their end yet
    waiting: int = 0
    #: accepted in the span before, be it a week or a month
    last_week: int = 0


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

    def as_json(self) -> dict[str, Any]:
        """The object that `report --json` prints."""
        return {
            self.kind: self.span.name,
            "from": self.span.first.isoformat(),
            "to": self.span.last.isoformat(),
            "rows": [self._plain(row) for row in self.rows],
            "total": {name: value for name, value in asdict(self.total).items() if isinstance(value, int)},
            "reasons": [asdict(why) for why in self.reasons],
        }

    def _plain(self, row: Row) -> dict[str, Any]:
        plain = asdict(row)
        if not self.by_building:
            del plain["building"]
        return plain


def figures(ledger: Ledger, span: Span, *, project: str | None = None, by_building: bool = False) -> Figures:
    """Count a span: all projects, or one; each building by itself, or all together."""
    now = _by_line(questions.counts(ledger, span.first, span.last, project=project, by_building=by_building))
    earlier = span.before
    before = _by_line(questions.counts(ledger, earlier.first, earlier.last, project=project, by_building=by_building))
    rows = tuple(_row(line, now.get(line, Counter()), before.get(line, Counter())) for line in sorted({*now, *before}))
    total = _row(("", "", "", ""), _sum(now.values()), _sum(before.values()))
    reasons = tuple(
        why
        for found in questions.reasons(ledger, span.first, span.last, project=project)
        if (why := Why(*found)).state != UNCOUNTED
    )
    return Figures(span, rows, total, "week" if "W" in span.name else "month", reasons, by_building)


def _by_line(counts: Iterable[Count]) -> dict[Line, Counter[str]]:
    lines: dict[Line, Counter[str]] = {}
    for count in (one for one in counts if one.state != UNCOUNTED):
        line = (count.occasion, count.channel, count.project, count.building)
        lines.setdefault(line, Counter())[count.state] += count.n
    return lines


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _row(line: Line, now: Counter[str], before: Counter[str]) -> Row:
    occasion, channel, project, building = line
    columns = {name: sum(now[state] for state in states) for name, states in COLUMNS.items()}
    last = sum(before[state] for state in COLUMNS["accepted"])
    return Row(
        occasion=occasion, channel=channel, project=project, building=building, planned=now.total(), last_week=last,
        **columns,
    )  # fmt: skip
