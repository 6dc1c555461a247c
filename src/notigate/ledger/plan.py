"""Promise deliveries: once for each occasion, occurrence and reader, whatever file, rerun, rename or channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from notigate.ledger import changes, rows, transitions
from notigate.ledger.changes import Times
from notigate.ledger.store import Ledger, Transaction, to_ms
from notigate.model import Category, Content, State

INSERT = """
INSERT INTO delivery (id, key, version, run, occasion, occurrence, day, person, project, building, category, channel, medium,
                      address, locale, asked, content, digest, state, reason, detail, attempts, planned_at, changed_at, next_at,
                      expires_at, timezone)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO NOTHING
"""
INSERTED = "SELECT id FROM delivery WHERE id IN {ids}"
BY_KEY = "SELECT key, id, digest FROM delivery WHERE key IN {keys}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A delivery that is not promised yet."""

    occasion: str
    occurrence: str
    day: date
    person: str
    project: str = ""
    building: str = ""
    category: Category
    channel: str
    medium: str
    to: str = field(repr=False)
    locale: str
    #: asked for by name, or at an hour of its own: it need not wait for the hours of greetings
    asked: bool = False
    content: Content | None = field(repr=False)
    state: State = State.QUEUED
    reason: str = ""
    detail: str = ""
    next_at: datetime | None = None
    expires_at: datetime | None = None
    #: of the reader, where it is not the project's
    timezone: str = ""


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


def known(ledger: Ledger, keys: Sequence[bytes]) -> Collection[bytes]:
    """Those of the keys that are promised already."""
    with ledger.read() as tx:
        return {bytes(found) for found, _, _ in tx.rows_by_key(BY_KEY, keys)}


def promise(ledger: Ledger, run: int, drafts: Sequence[Draft], times: Times) -> Promised:
    """Promise `drafts` in one durable transaction.

    Raises:
        LedgerError: nothing was promised.
    """
    made = [_Made(ledger, d) for d in drafts]
    with ledger.write() as tx:
        ids = tx.new_ids("delivery", len(made))
        tx.many(INSERT, (_row(id_, run, m, times) for id_, m in zip(ids, made, strict=True)))
        new = {id_ for (id_,) in tx.rows_of(INSERTED, list(ids))}
        _record(tx, ((i, m.draft) for i, m in zip(ids, made, strict=True) if i in new), times)
        standing = _standing(tx, [m for i, m in zip(ids, made, strict=True) if i not in new])
    known = {m.key: standing[m.key] for i, m in zip(ids, made, strict=True) if i not in new}
    return Promised(
        all=tuple(i if i in new else known[m.key][0] for i, m in zip(ids, made, strict=True)),
        new=tuple(i for i in ids if i in new),
        conflicting=tuple(known[m.key][0] for m in made if m.key in known and known[m.key][1] != m.digest),
    )


class _Made:
    """A draft with what is computed once."""

    __slots__ = ("address", "content", "digest", "draft", "key")

    def __init__(self, ledger: Ledger, draft: Draft) -> None:
        self.key = key(ledger, draft.occasion, draft.occurrence, draft.person)
        self.draft = draft
        text = None if draft.content is None else rows.encode(draft.content)
        self.digest = ledger.fingerprint(text or "")
        self.address = ledger.kept_address(draft.to)
        self.content = text and ledger.kept(text)


def _record(tx: Transaction, new: Iterable[tuple[int, Draft]], times: Times) -> None:
    now, real = to_ms(times.now), to_ms(times.real)
    cells: Counter[changes.Cell] = Counter()
    events = []
    for id_, draft in new:
        if draft.state not in transitions.FIRST:
            raise ValueError(f"a delivery cannot begin as {draft.state}")
        events.append((id_, 1, now, real, draft.state, "planned"))
        cells[changes.cell(draft, draft.state, draft.reason)] += 1
    tx.many(changes.EVENT, events)
    changes.count(tx, cells)


def _standing(tx: Transaction, rest: Sequence[_Made]) -> dict[bytes, tuple[int, bytes]]:
    """Id and digest of the promises that stood already, by key."""
    found = tx.rows_by_key(BY_KEY, [m.key for m in rest])
    return {bytes(found_key): (id_, bytes(digest)) for found_key, id_, digest in found}


def _row(id_: int, run: int, made: _Made, times: Times) -> tuple[object, ...]:
    d, now = made.draft, to_ms(times.now)
    return (
        id_, made.key, 1, run, d.occasion, d.occurrence, d.day.isoformat(), d.person, d.project, d.building, d.category, d.channel,
        d.medium, made.address, d.locale, d.asked, made.content, made.digest, d.state, d.reason, d.detail, 0, now, now,
        changes.next_ms(d.state, d.next_at, now), to_ms(d.expires_at) if d.expires_at else None,
        d.timezone,
    )  # fmt: skip
