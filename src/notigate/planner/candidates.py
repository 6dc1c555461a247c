"""Who may get something on a day: an occasion that comes round for a person, before any rule is asked."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from notigate.ledger import plan
from notigate.planner import readers

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence
    from datetime import datetime

    from notigate.ledger.store import Ledger
    from notigate.model import Facts, Occasion, Person
    from notigate.occurrence import Occurrence
    from notigate.planner.roundups import Roundups
    from notigate.planner.wish import Due, Wish

    #: from occasion, occurrence and subject to the key of a promise
    Key: TypeAlias = Callable[[str, str, str], bytes]


class Candidate(NamedTuple):
    """One message that may be due: to whom, and why."""

    due: Due
    occurrence: Occurrence
    person: Person
    customers: tuple[Person, ...] = ()
    #: the home or phone that is written to once, where it is not the person
    once: str = ""
    #: of the promise to this reader, home or phone
    key: bytes = b""

    @property
    def occasion(self) -> Occasion:
        """Of which occasion it would be."""
        return self.due.occasion

    @property
    def subjects(self) -> tuple[str, ...]:
        """What must not have been promised yet: the message itself, and that this person does not get it."""
        return (self.once, readers.in_home(self.once, self.person.id)) if self.once else (self.person.id,)

    @property
    def zone(self) -> str:
        """The reader's time zone; empty is the project's."""
        return str(self.person.facts.get("timezone") or "")

    def clock(self, now: datetime) -> datetime:
        """The time that the reader's clock shows."""
        return now.astimezone(ZoneInfo(self.zone)) if self.zone else now

    def given(self, wish: Wish) -> Facts:
        """What texts may ask for besides the reader's columns."""
        return merged(merged(self.due.given, self.occurrence.given), wish.given)


def of_people(
    wish: Wish,
    sifted: Iterable[tuple[Person, Sequence[Due]]],
    roundups: Roundups,
    key: Key,
    stopped: Container[str] = (),
) -> Iterator[Candidate]:
    """What may be due to people, but of `stopped` occasions; what colleagues read about them is gathered in `roundups`."""
    for person, due_now in sifted:
        for due in due_now:
            occasion = due.occasion
            if due.readers is None and occasion.id in stopped:
                continue
            for occurrence, reader in readers.concerned(wish, due, person):
                if due.readers is not None:
                    roundups.add(due, occurrence, reader)
                else:
                    once = readers.subject(occasion, reader)
                    own = key(occasion.id, occurrence.key, once or reader.id)
                    yield tuple.__new__(Candidate, (due, occurrence, reader, (), once, own))  # as in `audience/rows.py`


def of_colleagues(roundups: Roundups, key: Key) -> list[Candidate]:
    """What may be due to colleagues of ours, once all of whom they read are known."""
    return [
        Candidate(
            r.due, r.occurrence, r.reader, tuple(r.customers), "", key(r.due.occasion.id, r.occurrence.key, r.reader.id)
        )
        for r in roundups
    ]


def parted(ledger: Ledger, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Those that are not promised yet, each once; and all others."""
    keys = [_keys(ledger, candidate) for candidate in candidates]
    known = set(plan.known(ledger, list(chain.from_iterable(keys))))
    found, others = [], []
    for candidate, own in zip(candidates, keys, strict=True):
        if known.isdisjoint(own):
            # Two days that are caught up, or two rules, may bring about the same for one person. Who of a home gets
            # it is another question: the first whom no rule keeps from it.
            known.add(own[1] if candidate.once else own[0])
            found.append(candidate)
        else:
            others.append(candidate)
    return found, others


def _keys(ledger: Ledger, candidate: Candidate) -> list[bytes]:
    """All under which it may have been promised; first its own, then that of who is not the reader of a home."""
    occurrence = candidate.occurrence
    if not (candidate.once or occurrence.told_by):
        return [candidate.key]
    return [
        plan.key(ledger, candidate.due.occasion.id, time, once)
        for time in (occurrence.key, *occurrence.told_by)
        for once in candidate.subjects
    ]


def merged(facts: Facts, nearer: Facts) -> Facts:
    """Nearly always, nobody gives anything."""
    return {**facts, **nearer} if nearer else facts
