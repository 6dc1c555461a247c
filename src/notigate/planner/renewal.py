"""What waits for its hours says what roster, facts and texts say by then: its text is made again, its promise stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from notigate.ledger import redraft
from notigate.model import Drop, State
from notigate.planner.planned import Planned, Stopped
from notigate.planner.wish import Wish
from notigate.policy.hours import HOURS

if TYPE_CHECKING:
    from notigate.ledger.changes import Times
    from notigate.ledger.store import Ledger
    from notigate.model import Delivery, Person
    from notigate.planner.review import Standing

#: plans a wish for these people
Plan: TypeAlias = "Callable[[Wish, Iterable[Person]], Iterable[Planned | Stopped]]"
#: what is due together
_together = attrgetter("occasion", "day")


class Renewal:
    """Writes what waits anew, where it would say something else now."""

    def __init__(self, ledger: Ledger, agenda: Standing, plan: Plan, times: Times) -> None:
        self._ledger = ledger
        self._agenda = agenda
        self._plan = plan
        self._times = times

    def of(self, waiting: Sequence[Delivery], people: Mapping[str, Person], columns: Collection[str]) -> None:
        """Of those that wait for these people; what anything but its hours holds is let go by whoever set it right.

        Nothing is concluded from columns that the roster does not have.
        """
        held = sorted((one for one in waiting if one.state is State.HELD and one.reason in HOURS), key=_together)
        for (occasion, day), some in groupby(held, key=_together):
            due = self._agenda.standing(occasion, day)
            if due and not any(one.lacks(columns) for one in due):
                wish = Wish(day=day, now=self._times.now, due=tuple(due), again=True, columns=frozenset(columns))
                self._renew(wish, list(some), people)

    def _renew(self, wish: Wish, waiting: Sequence[Delivery], people: Mapping[str, Person]) -> None:
        ids, readers = {one.id for one in waiting}, {one.person: people[one.person] for one in waiting}
        planned = [item for item in self._plan(wish, readers.values()) if isinstance(item, Planned)]
        drafts = [item.draft for item in planned if not isinstance(item.verdict, Drop)]
        # By its promise: of an owner of two homes, each may have a message of its own.
        promised = zip(drafts, redraft.promised(self._ledger, drafts), strict=True)
        standing = [(found[0], draft) for draft, found in promised if found is not None and found[0].id in ids]
        # Whether another address is right for it is another question.
        changed = [
            (one, draft) for one, draft in standing if one.to == draft.to and redraft.says_something_else(one, draft)
        ]
        if changed:
            with self._ledger.write() as tx:
                redraft.rewrite(self._ledger, tx, changed, self._times)
