"""Stops a run that would be far larger than meant: by the caller's own limit, or by what was usual so far."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

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
#: items of a plan that are counted in memory; and of what is more, those that are written together
IN_MEMORY, TOGETHER = 2000, 500
#: days that tell what is usual
PAST = 400


def at_most(limit: int, planned: Iterator[Planned | Stopped]) -> Iterator[Planned | Stopped]:
    """Hand a plan through, unless it would send more messages than the caller wants.

    Raises:
        UsageError: it would; nothing was promised.
    """

    def refuse(going: Counter[str]) -> None:
        if going.total() > limit:
            raise UsageError(
                "messages that would go out: {going}, more than --max {limit}; nothing was sent",
                going=going.total(),
                limit=limit,
            )

    return _counted(planned, refuse, waiting=True)


def usual(
    ledger: Ledger, factor: float, wish: Wish, planned: Iterator[Planned | Stopped]
) -> Iterator[Planned | Stopped]:
    """Hand a plan through, unless it would send far more of an occasion than its largest day so far saw.

    What never went out before has no usual size, and up to a hundred messages are never too many. What waits for an
    approval is not counted: a person sees its size. Where nothing has a usual size, nothing is counted.

    Args:
        ledger: where the earlier days are.
        factor: how many times the largest day is too much; 0 lets everything go.
        wish: what is planned.
        planned: the plan.

    Raises:
        NotApproved: it would be too much; nothing was promised.
    """
    largest = _largest(ledger, wish) if factor else {}
    return _counted(planned, partial(_refuse_unusual, largest, factor), waiting=False) if largest else planned


def _counted(
    planned: Iterator[Planned | Stopped], refuse: Callable[[Counter[str]], None], *, waiting: bool
) -> Iterator[Planned | Stopped]:
    """Hand a plan on once all of it was counted, and not refused. A large one waits in a file that goes with the process."""
    first = list(islice(planned, IN_MEMORY))
    going, pieces = _going(first, waiting=waiting), 0
    with TemporaryFile() as file:
        while piece := list(islice(planned, TOGETHER)):
            going += _going(piece, waiting=waiting)
            _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(piece)
            pieces += 1
        refuse(going)
        yield from first
        file.seek(0)
        for _piece in range(pieces):
            yield from pickle.load(file)  # noqa: S301 - it has no name, and nobody else can write it


class _Pickler(pickle.Pickler):
    """Writes views of mappings, too, as what they show."""

    def reducer_override(self, obj: object) -> Any:  # noqa: ANN401 - as the standard library declares it
        """As dictionaries."""
        return (dict, (dict(obj),)) if isinstance(obj, MappingProxyType) else NotImplemented


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
