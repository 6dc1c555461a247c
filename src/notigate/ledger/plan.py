"""Promise deliveries: once for each occasion, occurrence and reader, whatever file, rerun, rename or channel."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from notigate.ledger import changes, rows, transitions
from notigate.ledger.changes import Times
from notigate.ledger.store import Ledger, Transaction, to_ms
from notigate.model import Category, Content, State, shown

INSERT = """
INSERT INTO delivery (id, key, version, run, occasion, occurrence, day, person, project, building, category, channel, medium,
                      address, locale, asked, content, digest, state, reason, detail, attempts, planned_at, changed_at, next_at,
                      expires_at, timezone, wording, by_moment, about, parts)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO NOTHING
"""
INSERTED = "SELECT id FROM delivery WHERE id IN {ids}"
BY_KEY = "SELECT key, id, digest FROM delivery WHERE key IN {keys}"


class Draft(NamedTuple):
    """A delivery that is not promised yet. `repr` shows neither address nor text."""

    occasion: str
    occurrence: str
    day: date
    person: str
    category: Category
    channel: str
    medium: str
    to: str
    locale: str
    content: Content | None
    state: State = State.QUEUED
    reason: str = ""
    detail: str = ""
    project: str = ""
    building: str = ""
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
    #: what the promise "once" is made to, where it is not the person: a home, a phone
    once: str = ""
    #: due by the moment of its occasion, which is asked again before it goes
    by_moment: bool = False
    #: the day that it announces
    about: date | None = None
    #: of an SMS, as it is sent and paid; 0 in other media
    parts: int = 0

    def __repr__(self) -> str:
        return shown(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
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
    return key(ledger, draft.occasion, draft.occurrence, draft.once or draft.person)


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
    made = [_Made(ledger, d) for d in drafts]
    with ledger.write() as tx:
        ids = tx.new_ids("delivery", len(made))
        now = to_ms(times.now)
        tx.many(INSERT, [_row(id_, run, m, now) for id_, m in zip(ids, made, strict=True)])
        new = {id_ for (id_,) in tx.rows_of(INSERTED, list(ids))}
        promised = [(id_, m.draft) for id_, m in zip(ids, made, strict=True) if id_ in new]
        for note, some in _by_note(promised).items():
            cause = f"planned: {note}" if note else "planned"
            tx.note(changes.EVENTS, some, now=now, real=to_ms(times.real), cause=cause)
        changes.count(tx, _cells(draft for _, draft in promised))
        rest = [m for id_, m in zip(ids, made, strict=True) if id_ not in new]
        standing = _standing(tx, rest)
    return Promised(
        all=tuple(id_ if id_ in new else standing[m.key][0] for id_, m in zip(ids, made, strict=True)),
        new=tuple(id_ for id_, _ in promised),
        conflicting=tuple(standing[m.key][0] for m in made if m.key in standing and standing[m.key][1] != m.digest),
    )


class _Made:
    """A draft with what is computed once."""

    __slots__ = ("address", "content", "digest", "draft", "key")

    def __init__(self, ledger: Ledger, draft: Draft) -> None:
        self.key = key_of(ledger, draft)
        self.draft = draft
        self.content, self.digest, self.address = kept(ledger, draft)


def kept(ledger: Ledger, draft: Draft) -> tuple[str | None, bytes, str]:
    """As they are kept: its content, the digest by which another content is told, and its address."""
    text = None if draft.content is None else rows.encode(draft.content)
    return text and ledger.kept(text), ledger.fingerprint(text or ""), ledger.kept_address(draft.to)


def _by_note(new: Iterable[tuple[int, Draft]]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for id_, draft in new:
        found[draft.note].append(id_)
    return found


def _cells(new: Iterable[Draft]) -> Counter[changes.Cell]:
    cells: Counter[changes.Cell] = Counter()
    for (state, reason), some in groupby(new, key=attrgetter("state", "reason")):
        if state not in transitions.FIRST:
            raise ValueError(f"a delivery cannot begin as {state}")
        cells.update(changes.cells(some, state, reason))
    return cells


def _standing(tx: Transaction, rest: Sequence[_Made]) -> dict[bytes, tuple[int, bytes]]:
    """Id and digest of the promises that stood already, by key."""
    found = tx.rows_by_key(BY_KEY, [m.key for m in rest])
    return {bytes(found_key): (id_, bytes(digest)) for found_key, id_, digest in found}


#: a run's drafts have the same few times
_ms = lru_cache(to_ms)


def _row(id_: int, run: int, made: _Made, now: int) -> tuple[object, ...]:
    d = made.draft
    next_at = _ms(d.next_at) if d.next_at else changes.next_ms(d.state, None, now)
    return (
        id_, made.key, 1, run, d.occasion, d.occurrence, d.day.isoformat(), d.person, d.project, d.building, d.category, d.channel,
        d.medium, made.address, d.locale, d.asked, made.content, made.digest, d.state, d.reason, d.detail, 0, now, now,
        next_at, _ms(d.expires_at) if d.expires_at else None, d.timezone, d.wording, d.by_moment,
        d.about.isoformat() if d.about else None, d.parts,
    )  # fmt: skip
