"""What spans came to, summed up from the counts and sums that every change keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from notigate.cost import Cost
from notigate.ledger.store import Ledger, Row
from notigate.model import State

#: by day and in the order of its key, the tally is summed up without being sorted: most of it stands in these two states
MOST = """
SELECT occasion, channel, project, {place}, sum(accepted), sum(delivered)
  FROM (SELECT occasion, channel, project, {place},
               sum(CASE WHEN state = 'accepted' THEN n ELSE 0 END) AS accepted,
               sum(CASE WHEN state = 'delivered' THEN n ELSE 0 END) AS delivered
          FROM tally
         WHERE day BETWEEN :first AND :last{of_project} AND reason = ''
         GROUP BY day, occasion, channel, project{by_building}) AS days
 GROUP BY occasion, channel, project{by_building}
"""
REST = """
SELECT occasion, channel, project, {place}, state, reason, sum(n) FROM tally
 WHERE day BETWEEN :first AND :last{of_project}
   AND NOT (reason = '' AND (state = 'accepted' OR state = 'delivered'))
 GROUP BY occasion, channel, project, state, reason{by_building}
"""
TAKEN_OVER = """
SELECT occasion, channel, project, {place}, sum(n)
  FROM (SELECT occasion, channel, project, {place}, sum(n) AS n FROM tally
         WHERE day BETWEEN :first AND :last{of_project}
           AND (state = 'accepted' OR state = 'delivered' OR state = 'undelivered')
         GROUP BY day, occasion, channel, project{by_building}) AS days
 GROUP BY occasion, channel, project{by_building}
"""
SPENT = """
SELECT occasion, channel, project, {place}, currency, sum(parts), sum(cost)
  FROM (SELECT occasion, channel, project, {place}, currency, sum(parts) AS parts, sum(cost) AS cost FROM spending
         WHERE day BETWEEN :first AND :last{of_project}
         GROUP BY day, occasion, channel, project, currency{by_building}) AS days
 GROUP BY occasion, channel, project, currency{by_building}
"""


class Only(NamedTuple):
    """What of a span is counted, and how."""

    project: str | None = None
    by_building: bool = False


ALL = Only()


class Line(NamedTuple):
    """What is counted together."""

    occasion: str
    channel: str
    project: str
    #: empty where buildings are counted together
    building: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many deliveries of a span stand in one state."""

    line: Line
    #: a `State` value, or `open`
    state: str
    #: why they stand there; empty where nothing is to be said
    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What was paid for in a span, in one currency."""

    line: Line
    #: as how many parts SMS were sent
    parts: int
    #: None where the channel has no price
    cost: Cost | None


def counts(ledger: Ledger, first: date, last: date, only: Only = ALL) -> list[Count]:
    """What `first` to `last` (both included) came to, in all projects or one."""
    most, rest = _of_span(ledger, (MOST, REST), first, last, only)
    counted = [Count(Line(*line), state, reason, int(n)) for *line, state, reason, n in rest]
    for *line, accepted, delivered in most:
        for state, n in ((State.ACCEPTED, accepted), (State.DELIVERED, delivered)):
            counted.append(Count(Line(*line), state.value, "", int(n)))
    return [count for count in counted if count.n]


def taken_over(ledger: Ledger, first: date, last: date, only: Only = ALL) -> Counter[Line]:
    """How many of these days' messages providers took over, whatever became of them."""
    (found,) = _of_span(ledger, (TAKEN_OVER,), first, last, only)
    return Counter({Line(*place): int(n) for *place, n in found})


def spent(ledger: Ledger, first: date, last: date, only: Only = ALL) -> list[Spent]:
    """What was paid for of these days' messages, at the prices of then."""
    (found,) = _of_span(ledger, (SPENT,), first, last, only)
    return [
        Spent(Line(*line), int(parts), Cost.kept(int(cost), currency) if currency else None)
        for *line, currency, parts, cost in found
    ]


def _of_span(ledger: Ledger, queries: Sequence[str], first: date, last: date, only: Only) -> list[list[Row]]:
    words = {
        "place": "building" if only.by_building else "''", "by_building": ", building" if only.by_building else "",
        "of_project": "" if only.project is None else " AND project = :project",
    }  # fmt: skip
    with ledger.read() as tx:
        return [
            tx.rows(query.format_map(words), first=first.isoformat(), last=last.isoformat(), project=only.project)
            for query in queries
        ]
