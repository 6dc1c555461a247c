"""What waits for its hours says what roster, facts and texts say by then: its text is made again, its promise stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from notigate.ledger import redraft
from notigate.ledger.rows import encode
from notigate.model import Drop, State
from notigate.planner.planned import Planned, Stopped
from notigate.planner.wish import Wish

if TYPE_CHECKING:
    from notigate.ledger.changes import Times
    from notigate.ledger.plan import Draft
    from notigate.ledger.store import Ledger
    from notigate.model import Delivery, Person
    from notigate.planner.review import Standing

#: plans a wish for these people
Plan: TypeAlias = "Callable[[Wish, Iterable[Person]], Iterable[Planned | Stopped]]"
#: the rules of what waits for its hours; what anything else holds is let go by whoever set it right
HOURS = frozenset({"hour", "window"})
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
        """Of those that wait for these people. Nothing is concluded from columns that the roster does not have."""
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
        changed = [
            (found[0], draft)
            for draft, found in promised
            if found is not None and found[0].id in ids and _says_something_else(found[0], draft)
        ]
        if changed:
            with self._ledger.write() as tx:
                redraft.rewrite(self._ledger, tx, changed, self._times)


def _says_something_else(standing: Delivery, draft: Draft) -> bool:
    """To the same reader, by the same way; whether another is right for it is another question."""
    if draft.content is None or standing.content is None:
        return False
    alike = (standing.person, standing.channel, standing.medium, standing.to) == (
        draft.person, draft.channel, draft.medium, draft.to,
    )  # fmt: skip
    return alike and encode(standing.content) != encode(draft.content)
