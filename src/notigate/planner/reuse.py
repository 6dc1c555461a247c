"""A key that a caller gives may have been used before: who has something else under it is told of, and gets nothing again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from notigate.language import _
from notigate.ledger import redraft
from notigate.model import State
from notigate.planner.planned import Planned, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from notigate.ledger.plan import Draft
    from notigate.ledger.store import Ledger
    from notigate.model import Delivery

#: the rules of what waits in a batch: that is compared, and written anew, with its batch
IN_BATCH = frozenset({redraft.APPROVAL, redraft.GONE})


class Reuse:
    """What one plan finds under its key."""

    def __init__(self, ledger: Ledger, key: str) -> None:
        self._ledger = ledger
        self._key = key
        self._others: Counter[str] = Counter()

    def compare(self, planned: Iterable[Planned | Stopped | None]) -> None:
        """What those would get now who were promised something before."""
        drafts: Sequence[Draft] = [item.draft for item in planned if isinstance(item, Planned)]
        for draft, found in zip(drafts, redraft.promised(self._ledger, drafts), strict=True):
            if found and not _is_in_batch(found[0]) and redraft.says_something_else(found[0], draft):
                self._others[draft.occasion] += 1

    def told(self) -> Iterator[Stopped]:
        """Of each occasion, how many have something else."""
        for occasion, people in self._others.items():
            told = _(
                "the key {key} was used before for another message (people: {n}); nothing was sent to them again. Use another "
                "--key, or none"
            )
            yield Stopped(occasion, told.format(key=self._key, n=people), whole=False)


def _is_in_batch(delivery: Delivery) -> bool:
    return delivery.state is State.HELD and delivery.reason in IN_BATCH
