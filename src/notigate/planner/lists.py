"""Lists for colleagues that wait: is anybody on them still, as the roster and the facts are now?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.planner import readers
from notigate.planner.roundups import Roundups
from notigate.planner.wish import Wish

if TYPE_CHECKING:
    from notigate.model import Delivery, Person
    from notigate.planner.review import Standing
    from notigate.planner.wish import Due


class Lists:
    """All that wait, made again while the roster streams by.

    Nothing is concluded of what is about no customer, of what nobody can tell, and from columns that the roster lacks.
    """

    def __init__(
        self,
        waiting: Sequence[Delivery],
        agenda: Standing,
        staff: Mapping[str, Person],
        columns: Collection[str],
        now: datetime,
    ) -> None:
        asked = {(one.occasion, one.day): agenda.standing(one.occasion, one.day) or () for one in waiting}
        told = {of: due for of, due in asked.items() if due and all(_can_be_told(one, columns) for one in due)}
        self._waiting = [one for one in waiting if (one.occasion, one.day) in told]
        self._due = [one for due in told.values() for one in due]
        self._wish = Wish(day=now.date(), now=now, due=())
        self._found = Roundups(staff)

    def note(self, people: Iterable[Person]) -> None:
        """Who of these people is on which list."""
        for person in people if self._due else ():
            for due in self._due:
                for occurrence, customer in readers.concerned(self._wish, due, person):
                    self._found.add(due, occurrence, customer)

    def empty(self) -> Iterator[Delivery]:
        """Those on which nobody is left."""
        found: set[tuple[str, str, str]] = {(r.due.occasion.id, r.occurrence.key, r.reader.id) for r in self._found}
        return (one for one in self._waiting if (one.occasion, one.occurrence, one.person) not in found)


def _can_be_told(due: Due, columns: Collection[str]) -> bool:
    return due.readers is not None and not due.is_about_nobody and not due.lacks(columns)
