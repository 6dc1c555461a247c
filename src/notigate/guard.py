"""Stops a run that would be far larger than meant: by the caller's own limit, or by what was usual so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING

from notigate.approvals import APPROVAL
from notigate.errors import NotApproved, UsageError
from notigate.ledger import questions
from notigate.model import Drop
from notigate.planner import Planned, Stopped

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger
    from notigate.planner.wish import Wish

#: messages of one occasion on one day that are never too many
FEW = 100
#: items of a plan that are looked at before it is counted as a whole
LOOKED_AT = 2000
#: days that tell what is usual
PAST = 400


def refuse_more_than(limit: int, planned: Iterator[Planned | Stopped]) -> None:
    """Refuse what would send more messages than the caller wants.

    Raises:
        UsageError: it would; nothing was promised.
    """
    going = _going(planned).total()
    if going > limit:
        raise UsageError(
            "{going} messages would go out, more than --max {limit}; nothing was sent", going=going, limit=limit
        )


def usual(
    ledger: Ledger,
    factor: float,
    wish: Wish,
    planned: Iterator[Planned | Stopped],
    again: Callable[[], Iterator[Planned | Stopped]],
) -> Iterator[Planned | Stopped]:
    """Hand a plan through, unless it would send far more of an occasion than its largest day so far saw.

    What never went out before has no usual size, and up to a hundred messages are never too many. What waits for an
    approval is not counted: a person sees its size. A plan is made once, unless it is large and has a usual size: then it
    is counted first.

    Args:
        ledger: where the earlier days are.
        factor: how many times the largest day is too much; 0 lets everything go.
        wish: what is planned.
        planned: the plan.
        again: makes it another time.

    Raises:
        NotApproved: it would be too much; nothing was promised.
    """
    largest = _largest(ledger, wish) if factor else {}
    first = list(islice(planned, LOOKED_AT)) if largest else []
    if len(first) == LOOKED_AT or max(_going(first, waiting=False).values(), default=0) > FEW:
        _refuse_unusual(largest, factor, _going(again(), waiting=False))
    yield from chain(first, planned)


def _largest(ledger: Ledger, wish: Wish) -> dict[str, int]:
    """The occasions of a wish that went out before, each with the messages of its largest day."""
    occasions = dict.fromkeys(due.occasion.id for due in wish.due)
    found = {occasion: questions.largest_day(ledger, occasion, wish.day, PAST) for occasion in occasions}
    return {occasion: n for occasion, n in found.items() if n}


def _refuse_unusual(largest: Mapping[str, int], factor: float, going: Counter[str]) -> None:
    for occasion, most in largest.items():
        if (n := going[occasion]) > max(FEW, factor * most):
            raise NotApproved(
                "{occasion} would go out {n} times, and was sent {largest} times at most on one day before; nothing was sent. "
                "Look at it with notigate plan --days 1; if it is meant, say so: --max {total}",
                occasion=occasion,
                n=n,
                largest=most,
                total=going.total(),
            )


def _going(planned: Iterable[Planned | Stopped], *, waiting: bool = True) -> Counter[str]:
    """How many messages would go, by occasion; `waiting`: also those that a person must let go first."""
    return Counter(
        item.draft.occasion
        for item in planned
        if isinstance(item, Planned)
        and not isinstance(item.verdict, Drop)
        and (waiting or item.draft.reason != APPROVAL)
    )
