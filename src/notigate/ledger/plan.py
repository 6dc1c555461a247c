"""Promise deliveries: once for each occasion, occurrence and reader, whatever file, rerun, rename or channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from notigate.ledger import changes, rows, transitions
from notigate.ledger.changes import Times
from notigate.ledger.store import Group, Into, Ledger, Row, Transaction, to_ms
from notigate.model import Category, Content, State, shown

INTO = Into(
    table="delivery",
    key="key",
    alike=(
        "version", "run", "attempts", "planned_at", "changed_at", "occasion", "occurrence", "day", "category", "channel", "medium",
        "locale", "state", "reason", "detail", "project", "asked", "next_at", "expires_at", "timezone", "wording", "by_moment",
        "about",
    ),
    own=("id", "key", "digest", "person", "building", "address", "content", "parts"),
)  # fmt: skip
#: key, digest, person, building, address, content and parts: of `INTO.own`, what is known before the ids are
Own: TypeAlias = tuple[bytes, bytes, str, str, str, str | None, int]
INSERTED = "SELECT id FROM delivery WHERE id IN {ids}"
BY_KEY = "SELECT key, id, digest FROM delivery WHERE key IN {keys}"


class Draft(NamedTuple):
    """A delivery that is not promised yet. `repr` shows neither address nor text."""

    occasion: str
    occurrence: str
    day: date
    category: Category
    channel: str
    medium: str
    locale: str
    # A reader's own, one after the other: see OWN.
    person: str
    to: str
    content: Content | None
    building: str = ""
    #: what the promise "once" is made to, where it is not the person: a home, a phone
    once: str = ""
    #: of an SMS, as it is sent and paid; 0 in other media
    parts: int = 0
    #: of its promise, where who planned it knows it already
    key: bytes = b""
    # What many have in common, as what stands first.
    state: State = State.QUEUED
    reason: str = ""
    detail: str = ""
    project: str = ""
    #: asked for by name, or at an hour of its own: it need not wait for the hours of greetings
    asked: bool = False
    next_at: datetime | None = None
    expires_at: datetime | None = None
    #: of the reader, where it is not the project's
    timezone: str = ""
    #: where what it says comes from; kept in its history
    note: str = ""
    #: the digest of the text it was made from
    wording: str = ""
    #: due by the moment of its occasion, which is asked again before it goes
    by_moment: bool = False
    #: the day that it announces
    about: date | None = None

    def __repr__(self) -> str:
        return shown(self)


#: where in a draft the fields stand that are a reader's own
OWN = slice(Draft._fields.index("person"), Draft._fields.index("state"))


class Promised(NamedTuple):
    """What came of promising."""

    #: the id that each draft has now, new or not, in their order
    all: tuple[int, ...]
    #: those that are new
    new: tuple[int, ...]
    #: those that stood already, saying something else
    conflicting: tuple[int, ...]


def key(ledger: Ledger, occasion: str, occurrence: str, person: str) -> bytes:
    """The unique key of the promise "once"."""
    return ledger.digest("delivery", occasion, occurrence, person)


def key_of(ledger: Ledger, draft: Draft) -> bytes:
    """The key of a draft."""
    return draft.key or key(ledger, draft.occasion, draft.occurrence, draft.once or draft.person)


def known(ledger: Ledger, keys: Sequence[bytes]) -> frozenset[bytes]:
    """Those of the keys that are promised already."""
    with ledger.read() as tx:
        return frozenset(bytes(found) for found, _, _ in tx.rows_by_key(BY_KEY, keys))


def number(ledger: Ledger, key: bytes) -> int | None:
    """The number of the delivery that stands under a key; None when there is none."""
    with ledger.read() as tx:
        return next((int(id_) for _, id_, _ in tx.rows_by_key(BY_KEY, [key])), None)


def promise(ledger: Ledger, run: int, drafts: Sequence[Draft], times: Times) -> Promised:
    """Promise `drafts` in one durable transaction.

    Raises:
        LedgerError: nothing was promised.
    """
    own = _own(ledger, drafts)
    kinds = _kinds(drafts)
    with ledger.write() as tx:
        ids, now = tx.new_ids("delivery", len(drafts)), to_ms(times.now)
        groups = [Group(_alike(run, drafts[some[0]], now), [(ids[i], *own[i]) for i in some]) for some in kinds]
        if tx.add(INTO, groups) == len(ids):
            every = tuple(ids)
            promised = Promised(all=every, new=every, conflicting=())
        else:
            promised = _promised(tx, list(ids), own)
            new = set(promised.new)
            kinds = [[i for i in some if ids[i] in new] for some in kinds]
        _record(tx, [([ids[i] for i in some], [drafts[i] for i in some]) for some in kinds if some], times)
    return promised


def _promised(tx: Transaction, ids: Sequence[int], own: Sequence[Own]) -> Promised:
    """What came of promising where something stood already."""
    new = {id_ for (id_,) in tx.rows_of(INSERTED, ids)}
    rest = [(key, digest) for id_, (key, digest, *_) in zip(ids, own, strict=True) if id_ not in new]
    found = tx.rows_by_key(BY_KEY, [key for key, _ in rest])
    standing = {bytes(key): (id_, bytes(digest)) for key, id_, digest in found}
    return Promised(
        all=tuple([id_ if id_ in new else standing[key][0] for id_, (key, *_) in zip(ids, own, strict=True)]),
        new=tuple([id_ for id_ in ids if id_ in new]),
        conflicting=tuple([standing[key][0] for key, digest in rest if standing[key][1] != digest]),
    )


def _own(ledger: Ledger, drafts: Sequence[Draft]) -> list[Own]:
    """What is kept of each draft alone."""
    #: by the identity of what is kept: readers who see the same words have one content
    contents: dict[int, tuple[str | None, bytes]] = {}
    own: list[Own] = []
    for draft in drafts:
        person, to, content, building, _, parts, its_key = _readers_own(draft)
        if (there := contents.get(id(content))) is None:
            there = contents[id(content)] = kept(ledger, content)
        text, digest = there
        own.append((its_key or key_of(ledger, draft), digest, person, building, ledger.kept_address(to), text, parts))
    return own


def kept(ledger: Ledger, content: Content | None) -> tuple[str | None, bytes]:
    """A content as it is kept, and the digest by which another one is told."""
    text = None if content is None else rows.encode(content)
    return text and ledger.kept(text), ledger.fingerprint(text or "")


_readers_own = itemgetter(OWN)
#: in what the drafts of one statement are alike: all but what is a reader's own
_kind = itemgetter(slice(OWN.start), slice(OWN.stop, None))


def _kinds(drafts: Sequence[Draft]) -> list[list[int]]:
    """The places of drafts that are alike."""
    kinds: dict[object, list[int]] = {}
    for kind, some in groupby(range(len(drafts)), key=list(map(_kind, drafts)).__getitem__):
        kinds.setdefault(kind, []).extend(some)
    return list(kinds.values())


def _alike(run: int, draft: Draft, now: int) -> Row:
    """What all drafts of a kind have, in the order of `INTO.alike`."""
    d = draft
    next_at = to_ms(d.next_at) if d.next_at else changes.next_ms(d.state, None, now)
    return (
        1, run, 0, now, now, d.occasion, d.occurrence, d.day.isoformat(), d.category, d.channel, d.medium, d.locale, d.state,
        d.reason, d.detail, d.project, d.asked, next_at, to_ms(d.expires_at) if d.expires_at else None, d.timezone, d.wording,
        d.by_moment, d.about.isoformat() if d.about else None,
    )  # fmt: skip


def _record(tx: Transaction, kinds: Iterable[tuple[Sequence[int], Sequence[Draft]]], times: Times) -> None:
    """The events of what is new, and its place in the tally."""
    cells: Counter[changes.Cell] = Counter()
    for ids, some in kinds:
        first = some[0]
        if first.state not in transitions.FIRST:
            raise ValueError(f"a delivery cannot begin as {first.state}")
        cause = f"planned: {first.note}" if first.note else "planned"
        tx.note(changes.EVENTS, ids, now=to_ms(times.now), real=to_ms(times.real), cause=cause)
        for building, n in Counter([draft.building for draft in some]).items():
            place = (first.day, first.occasion, first.channel, first.project, building)
            cells[changes.cell(place, first.state, first.reason)] += n
    changes.count(tx, cells)
