"""S08: whom a batch waits for is told that it waits; and when its hour came without a word, its author, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.approvals import Stage
from notigate.cost import total
from notigate.language import _
from notigate.planner import Planned, Stopped
from notigate.planner.wish import Due, Wish, always

if TYPE_CHECKING:
    from notigate.approvals import Batch
    from notigate.catalogue import Catalogue
    from notigate.model import Occasion, Person
    from notigate.planner import Planner
    from notigate.settings import Settings

#: its hour came, and nobody had said a word
MISSED = "missed"


class Telling:
    """What one run has to tell about batches, by the occasions whose moment is `approval`."""

    def __init__(self, occasions: Sequence[Occasion], settings: Settings, catalogue: Catalogue, now: datetime) -> None:
        self._occasions = occasions
        self._settings = settings
        self._catalogue = catalogue
        self._now = now
        self._events: list[tuple[Batch, str]] = []

    def of(self, batch: Batch, event: str) -> None:
        """Tell that a batch was `drafted`, has `changed`, or was `missed`."""
        told_of = {occasion.id for occasion in self._occasions}
        if batch.occasion not in told_of and (batch.state is Stage.WAITING or event == MISSED):
            self._events.append((batch, event))

    def planned(self, planner: Planner) -> Iterator[Planned | Stopped]:
        """The messages; each event is told once to each reader, a missed one again every day."""
        for occasion in self._occasions:
            for batch, event in self._events:
                readers = self._readers(batch, event)
                if not readers:
                    told = _(
                        "{batch}: nobody under `staff` is an approver, so nobody is told; name them: approval.approvers"
                    )
                    yield Stopped(occasion.id, told.format(batch=batch.name))
                    continue
                due = Due(occasion=occasion, chooser=always(self._key(batch, event), self._now.date()))
                wish = Wish(day=self._now.date(), now=self._now, due=(due,), given=self._facts(batch, event))
                yield from planner.plan(wish, readers)

    def _key(self, batch: Batch, event: str) -> str:
        return f"{batch.name}/{event}/{self._now.date() if event == MISSED else batch.digest[:12]}"

    def _readers(self, batch: Batch, event: str) -> list[Person]:
        """Who may approve; and who answers for it, where it is too late."""
        approval = self._settings.approval
        approvers = set(approval.approvers) - ({batch.author} if approval.four_eyes else set())
        wanted = approvers | ({batch.author} if event == MISSED else set())
        return [person for person in self._settings.staff if wanted.intersection(names(person))]

    def _facts(self, batch: Batch, event: str) -> Mapping[str, object]:
        opens = batch.opens.astimezone(self._now.tzinfo)
        return {
            "batch": batch.name, "batch_event": event, "batch_title": self._catalogue.occasion(batch.occasion).title,
            "batch_day": batch.day, "batch_opens": opens.time(), "batch_number": batch.number, "batch_author": batch.author,
            "batch_cost": money(batch),
        }  # fmt: skip


def names(person: Person) -> Iterable[str]:
    """By what a colleague may be named where batches are approved."""
    login = person.facts.get("login")
    return [person.name, *([str(login)] if login else [])]


def money(batch: Batch) -> str:
    """What a batch costs; empty where no price is said."""
    return ", ".join(map(str, total(batch.costs)))
