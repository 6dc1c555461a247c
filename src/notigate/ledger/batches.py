"""Batches: deliveries that one word of a person lets go together, and every word that was said on them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from notigate.cost import Cost
from notigate.ledger import rows
from notigate.ledger.batch import Batch, LeftOut, Recipe, Said, Seal, Stage, Word
from notigate.ledger.store import Ledger, Row, Transaction, from_ms, known, to_ms
from notigate.model import Delivery

if TYPE_CHECKING:
    from notigate.ledger.changes import Times

COLUMNS = (
    "id, name, rule, occasion, day, recipe, author, state, digest, number, parts, costs, left_out, inputs, opens, closes, "
    "drafted_at"
)
#: word for word as in the index `batch_open`
OPEN = "(state = 'waiting' OR state = 'approved')"
#: what is held for a person, and nobody has been asked yet
UNASKED = f"{rows.WAITING} AND state = 'held' AND batch IS NULL AND reason IN ('approval', 'late')"

LOOSE = f"SELECT DISTINCT occasion, day, reason FROM delivery WHERE {UNASKED} ORDER BY day, occasion, reason"  # noqa: S608 - names of ours
TAKE = f"""
UPDATE delivery SET batch = :batch WHERE {UNASKED} AND reason = :rule AND occasion = :occasion AND day = :day
"""  # noqa: S608 - names of ours
INSERT = f"""
INSERT INTO batch ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608 - names of ours
SEAL = """
UPDATE batch SET state = :state, digest = :digest, number = :number, parts = :parts, costs = :costs, opens = :opens,
                 closes = :closes, author = :author, drafted_at = :drafted_at
 WHERE id = :id
"""
BREAK = "UPDATE batch SET state = 'waiting', digest = '' WHERE id = :id AND state IN ('waiting', 'approved')"
NOTE = "UPDATE batch SET left_out = :left_out WHERE id = :id"
LOOKED = "UPDATE batch SET inputs = :inputs WHERE id = :id"
MOVE = "UPDATE batch SET state = :new WHERE id = :id AND state = :old AND digest = :digest RETURNING id"
STANDING = f"SELECT {COLUMNS} FROM batch WHERE {OPEN} ORDER BY day, id"  # noqa: S608 - names of ours
EVERY = f"SELECT {COLUMNS} FROM batch ORDER BY id DESC LIMIT :limit"  # noqa: S608 - names of ours
NAMED = f"SELECT {COLUMNS} FROM batch WHERE name = :name"  # noqa: S608 - names of ours
OF_OCCASION = f"SELECT {COLUMNS} FROM batch WHERE occasion = :occasion AND day = :day ORDER BY id"  # noqa: S608 - names of ours
MEMBERS = f"SELECT {rows.COLUMNS} FROM delivery WHERE batch = :batch ORDER BY key"  # noqa: S608 - names of ours
LISTED = f"SELECT {rows.COLUMNS} FROM delivery WHERE batch = :batch ORDER BY id"  # noqa: S608 - names of ours
HELD = f"""
SELECT {rows.COLUMNS} FROM delivery WHERE batch = :batch AND state = 'held' AND id > :after ORDER BY id LIMIT :limit
"""  # noqa: S608 - names of ours
STALE = """
SELECT count(*) FROM delivery
 WHERE batch = :batch AND state = 'held' AND (expires_at IS NULL OR expires_at > :now)
"""
CHANNELS = (
    "SELECT channel, count(*) FROM delivery WHERE batch = :batch AND state = 'held' GROUP BY channel ORDER BY channel"
)
SAY = """
INSERT INTO decision (batch, number, at, real, word, who, login, digest, because) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
LAST = "SELECT coalesce(max(number), 0) FROM decision WHERE batch = :batch"
SAID = "SELECT at, word, who, login, digest, because FROM decision WHERE batch = :batch ORDER BY number"


def loose(ledger: Ledger) -> list[tuple[str, date, str]]:
    """Occasion, day and rule of what is held for a person and is in no batch yet."""
    with ledger.read() as tx:
        return [(occasion, date.fromisoformat(day), rule) for occasion, day, rule in tx.rows(LOOSE)]


def standing(ledger: Ledger, *, every: int = 0) -> list[Batch]:
    """The batches that wait or are approved, by day; or the latest `every` batches, newest first."""
    with ledger.read() as tx:
        found = tx.rows(EVERY, limit=every) if every else tx.rows(STANDING)
    return [_batch(row) for row in found]


def named(ledger: Ledger, name: str) -> Batch | None:
    """The batch of that name."""
    with ledger.read() as tx:
        row = tx.one(NAMED, name=name)
    return _batch(row) if row else None


def of_occasion(tx: Transaction, occasion: str, day: date) -> list[Batch]:
    """All batches of an occasion on a day, the oldest first."""
    return [_batch(row) for row in tx.rows(OF_OCCASION, occasion=occasion, day=day.isoformat())]


def channels(ledger: Ledger, batch: int) -> Counter[str]:
    """How many of its deliveries are still held, by channel."""
    with ledger.read() as tx:
        return Counter({channel: int(n) for channel, n in tx.rows(CHANNELS, batch=batch)})


def is_stale(ledger: Ledger, batch: int, now: datetime) -> bool:
    """Is nothing that it still holds worth sending any more?"""
    with ledger.read() as tx:
        found = tx.one(STALE, batch=batch, now=to_ms(now))
    return found is None or found[0] == 0


def members(ledger: Ledger, batch: int, *, listed: bool = False) -> Iterator[Delivery]:
    """All deliveries of a batch, whatever became of them, streamed: in an order that never changes, or `listed`, as planned."""
    with ledger.read() as tx:
        yield from map(rows.Reader(tx.vault), tx.stream(LISTED if listed else MEMBERS, batch=batch))


def held(ledger: Ledger, batch: int, limit: int, after: int = 0) -> list[Delivery]:
    """Some deliveries of a batch that are still held, from behind the id `after` on."""
    with ledger.read() as tx:
        return list(map(rows.Reader(tx.vault), tx.rows(HELD, batch=batch, after=after, limit=limit)))


def said(ledger: Ledger, batch: int) -> list[Said]:
    """Every word on a batch, the oldest first."""
    with ledger.read() as tx:
        found = tx.rows(SAID, batch=batch)
    return [
        Said(at=known(at), word=Word(word), who=who, login=login, digest=digest, because=because)
        for at, word, who, login, digest, because in found
    ]


def open_new(tx: Transaction, batch: Batch) -> Batch:
    """Put down a new batch; its number is given here."""
    (number,) = tx.new_ids("batch", 1)
    tx.many(INSERT, [_row(number, batch)])
    return replace(batch, id=number)


def take(tx: Transaction, batch: Batch) -> None:
    """Everything loose of its occasion, day and rule belongs to it."""
    tx.rows(TAKE, batch=batch.id, rule=batch.rule, occasion=batch.occasion, day=batch.day.isoformat())


def seal(tx: Transaction, batch: Batch, sealed: Seal, state: Stage, now: datetime) -> None:
    """Record what it holds now."""
    tx.rows(
        SEAL, id=batch.id, state=state, digest=sealed.digest, number=sealed.number, parts=sealed.parts,
        costs=_costs(sealed.costs), opens=to_ms(sealed.opens), closes=to_ms(sealed.closes) if sealed.closes else None,
        author=sealed.author, drafted_at=to_ms(now),
    )  # fmt: skip


def break_seal(tx: Transaction, batch: Batch) -> None:
    """Its content is about to change: whatever happens next, nothing of it is approved."""
    tx.rows(BREAK, id=batch.id)


def note(ledger: Ledger, batch: int, left_out: Mapping[str, LeftOut]) -> None:
    """Record whom it leaves out."""
    with ledger.write() as tx:
        tx.rows(NOTE, id=batch, left_out=_left_out(left_out))


def looked(ledger: Ledger, batch: int, inputs: str) -> None:
    """Record what the files looked like when it was found unchanged."""
    with ledger.write() as tx:
        tx.rows(LOOKED, id=batch, inputs=inputs)


def move(tx: Transaction, batch: Batch, new: Stage) -> bool:
    """Change where it stands, unless somebody was faster or its content changed, or is just being changed."""
    return bool(batch.digest) and tx.one(MOVE, id=batch.id, old=batch.state, new=new, digest=batch.digest) is not None


def say(  # noqa: PLR0913 - all that is recorded
    tx: Transaction, batch: Batch, word: Word, times: Times, *, who: str, login: str, digest: str, because: str = ""
) -> None:
    """Record a word on it."""
    ((last,),) = tx.rows(LAST, batch=batch.id)
    now, real = to_ms(times.now), to_ms(times.real)
    tx.many(SAY, [(batch.id, int(last) + 1, now, real, word, who, login, digest, because)])


def signed(said_: Iterable[Said], digest: str) -> Said | None:
    """The word that approved this very content."""
    return next((one for one in said_ if one.word is Word.APPROVED and one.digest == digest), None)


def _batch(row: Row) -> Batch:
    (
        id_, name, rule, occasion, day, recipe, author, state, digest, number, parts, costs, left_out, inputs, opens, closes,
        drafted_at,
    ) = row  # fmt: skip
    return Batch(
        id=id_, name=name, rule=rule, occasion=occasion, day=date.fromisoformat(day), recipe=Recipe(**json.loads(recipe)),
        author=author, state=Stage(state), digest=digest, number=number, parts=parts,
        costs=tuple(Cost(Decimal(amount), currency) for currency, amount in json.loads(costs).items()),
        left_out={
            rule: LeftOut(number=n, people=tuple(people)) for rule, (n, people) in json.loads(left_out).items()
        },
        inputs=inputs, opens=known(opens), closes=from_ms(closes), drafted_at=known(drafted_at),
    )  # fmt: skip


def _row(number: int, batch: Batch) -> Sequence[object]:
    recipe = json.dumps(asdict(batch.recipe), ensure_ascii=False)
    return (
        number, batch.name, batch.rule, batch.occasion, batch.day.isoformat(), recipe, batch.author, batch.state, batch.digest,
        batch.number, batch.parts, _costs(batch.costs), _left_out(batch.left_out), batch.inputs, to_ms(batch.opens),
        to_ms(batch.closes) if batch.closes else None, to_ms(batch.drafted_at),
    )  # fmt: skip


def _costs(costs: Iterable[Cost]) -> str:
    return json.dumps({cost.currency: str(cost.amount) for cost in costs})


def _left_out(left_out: Mapping[str, LeftOut]) -> str:
    return json.dumps({rule: [one.number, one.people] for rule, one in left_out.items()}, ensure_ascii=False)
