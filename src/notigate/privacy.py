"""Forget people: one who asks for it, or all whose time is over. What was sent, what came of it and the counts stay."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from notigate.address import Fault, recognise
from notigate.dispatcher.replay import replay
from notigate.errors import NotigateError, UsageError
from notigate.ledger import accesses, changes, claim, erasure, facts, preferences, transitions
from notigate.ledger.accesses import Access
from notigate.ledger.changes import Change, Times
from notigate.model import Category, Delivery, State
from notigate.preferences import Who, identify

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger
    from notigate.lineup import Lineup

#: deliveries erased in one transaction
SOME = 1000
#: reason and cause of a delivery that was called off because its reader was erased
ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure came to."""

    #: deliveries that name nobody any more
    deliveries: int
    #: of those, called off because they had not gone out
    cancelled: int = 0
    #: messages to our own people that named the person, and have lost their text
    texts: int = 0
    #: left alone: another dispatcher is sending them now
    under_way: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """All that the ledger has of a person."""

    deliveries: Sequence[Delivery]
    #: every name they are known by: ids and addresses
    names: frozenset[Who]
    #: messages to our own people whose text names them
    texts: Sequence[int] = field(default=())
    #: what other systems told of them
    facts: Sequence[int] = field(default=())


class Privacy:
    """The records of one project, and who may still be read in them."""

    def __init__(
        self, ledger: Ledger, lineup: Lineup, times: Callable[[], Times], keep: Mapping[str, timedelta]
    ) -> None:
        self._ledger = ledger
        self._lineup = lineup
        self._times = times
        self._keep = keep

    def erase(self, person: str, *, words: Sequence[str] = (), by: str = "", dry_run: bool = False) -> Erased:
        """Take a person out of the ledger, the file beside it, and the outbox. What they said about messages stands on.

        Args:
            person: a person's id, phone number or mail address.
            words: names under which messages to our own people may speak of them.
            by: who does it.
            dry_run: only tell what would go.

        Raises:
            LedgerBusy: a run is sending; nothing was erased.
            LedgerError: it could not be written, or traces may be left (says which).
            UsageError: the ledger knows nothing of them.
        """
        who = identify(person)
        if dry_run:
            return self._counted(self._found(who, words))
        with self._ledger.dispatching():
            # What an earlier run left beside the ledger goes in first, so that nothing of it is left over.
            replay(self._ledger, self._times())
            claim.recover(self._ledger, self._times())
            found = self._found(who, words)
            self._record("erase", 1, by)
            self._forget(found.deliveries, by)
            with self._ledger.write() as tx:
                erasure.blank_texts(self._ledger, tx, found.texts)
                preferences.forget(self._ledger, tx, found.names)
                facts.forget(self._ledger, tx, found.facts, self._times().now)
        self._ledger.scrub()
        return self._counted(found)

    def purge(
        self,
        *,
        older_than: timedelta | None = None,
        category: Category | None = None,
        by: str = "",
        dry_run: bool = False,
    ) -> Counter[str]:
        """Take the people out of messages that are older than the settings keep them; returns how many, by class.

        Facts that are older than any message may be are forgotten, too, unless a class is named; they count as `fact`.

        Raises:
            LedgerError: it could not be written; what is gone is gone, and another call goes on.
        """
        gone: Counter[str] = Counter()
        for some in self._old(older_than, category):
            gone.update(delivery.category.value for delivery in some)
            if not dry_run:
                self._forget(some, by)
        if category is None:
            gone += self._forget_facts(older_than or max(self._keep.values()), dry_run=dry_run)
        if gone and not dry_run:
            self._record("purge", gone.total(), by)
            self._ledger.scrub()
        return gone

    def _forget_facts(self, keep: timedelta, *, dry_run: bool) -> Counter[str]:
        """What other systems told is kept as long as any message about it may be."""
        before = self._times().now.date() - keep
        found = facts.older(self._ledger, before)
        if found and not dry_run:
            facts.forget_older(self._ledger, before)
        return Counter(fact=found)

    def accessed(self, act: str, people: int, by: str) -> None:
        """Record that somebody looks at personal data unmasked, or takes it out; call it before anything is shown.

        Raises:
            LedgerError: it could not be recorded; then nothing is to be shown.
        """
        self._record(act, people, by)

    def accesses(self, since: datetime | None = None) -> Iterator[Access]:
        """Who looked, exported, erased or purged; oldest first."""
        return accesses.listed(self._ledger, since)

    def _record(self, act: str, people: int, by: str) -> None:
        accesses.record(self._ledger, act, people, by, self._times().real)

    def _found(self, who: Who, words: Sequence[str]) -> _Found:
        """Their deliveries: by id also those to the same addresses that were sent to a stranger."""
        theirs = (
            erasure.of_people(self._ledger, [who.value])
            if who.kind == "person"
            else erasure.of_address(self._ledger, who.value)
        )
        names = {who, *(Who("person", d.person) for d in theirs if who.kind == "person")}
        for address in {d.to for d in theirs if d.to and d.category is not Category.STAFF}:
            read = recognise(address)
            if not isinstance(read, Fault):
                names.add(Who(*read))
        strangers = [self._ledger.stranger(one.kind, one.value) for one in names if one.kind != "person"]
        found = {one.id for one in theirs}
        theirs += [d for d in erasure.of_people(self._ledger, strangers) if d.id not in found]
        texts = erasure.naming(self._ledger, [*words, *(one.value for one in names if one.kind != "person")])
        told = facts.of_people(self._ledger, {one.value for one in names if one.kind == "person"})
        if not (theirs or texts or told or any(preferences.of(self._ledger, one) for one in names)):
            raise UsageError("the ledger knows nothing of {who}", who=who.shown)
        return _Found(deliveries=theirs, names=frozenset(names), texts=texts, facts=told)

    def _counted(self, found: _Found) -> Erased:
        under_way = sum(d.state in transitions.IN_HAND for d in found.deliveries)
        return Erased(
            deliveries=len(found.deliveries) - under_way,
            cancelled=sum(_is_open(d) for d in found.deliveries),
            texts=len(found.texts),
            under_way=under_way,
        )

    def _forget(self, deliveries: Sequence[Delivery], by: str) -> None:
        """Call off what has not gone out, and take the people out of all of them."""
        at_rest = [d for d in deliveries if d.state not in transitions.IN_HAND]
        salt = secrets.token_bytes(16)
        with self._ledger.write() as tx:
            steps = [
                Change([d], State.CANCELLED, cause=f"erased by {by}" if by else ERASED, reason=ERASED)
                for d in at_rest
                if _is_open(d)
            ]
            changes.apply(tx, steps, self._times())
            erasure.blank(self._ledger, tx, at_rest, salt)
            erasure.blank_lists(tx, {d.person for d in at_rest})
        for name in {d.channel for d in at_rest if d.channel}:
            with suppress(NotigateError):  # a channel that is not there any more keeps nothing for us
                tokens = [self._ledger.token(d.id) for d in at_rest if d.channel == name]
                self._lineup.channel(name).forget(tokens)

    def _old(self, older_than: timedelta | None, category: Category | None) -> Iterator[list[Delivery]]:
        today = self._times().now.date()
        own = {name for name in self._keep if "/" in name} if older_than is None else set[str]()
        for name, keep in self._keep.items() if older_than is None else ((c, older_than) for c in Category):
            of_class = None if "/" in name else Category(name)
            if category is not None and of_class not in (None, category):
                continue
            before = today - keep
            for some in self._older(of_class, None if of_class else name, before):
                kept = [
                    d for d in some if (of_class is None or d.occasion not in own) and category in (None, d.category)
                ]
                if kept:
                    yield kept

    def _older(self, category: Category | None, occasion: str | None, before: date) -> Iterator[list[Delivery]]:
        after = 0
        while some := erasure.old(
            self._ledger, category=category, occasion=occasion, before=before, after=after, limit=SOME
        ):
            yield some
            after = some[-1].id


def _is_open(delivery: Delivery) -> bool:
    waits = transitions.OPEN - transitions.IN_HAND
    return delivery.state in waits or delivery.state is State.UNKNOWN
