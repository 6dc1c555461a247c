"""Every question that logs, caps and commands ask the ledger; what reports ask is in `tally`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple, TypedDict, Unpack

from notigate.ledger import rows, transitions
from notigate.ledger.store import Ledger, Transaction, from_ms, known, to_ms
from notigate.model import Attempt, Delivery, State

DELIVERY = f"SELECT {rows.COLUMNS} FROM delivery WHERE id IN {{ids}} ORDER BY id"  # noqa: S608 - names of ours
LOG = f"SELECT {rows.COLUMNS} FROM delivery WHERE {{conditions}} ORDER BY {{order}}"  # noqa: S608 - names of ours
#: in which index a state is found
INDEXED: Mapping[State, str] = {
    **dict.fromkeys(State, rows.WAITING),
    **dict.fromkeys(transitions.IN_HAND, rows.IN_HAND),
    **dict.fromkeys(transitions.SETTLED, rows.SETTLED),
}
_in_turn = attrgetter("changed_at", "id")
#: what is asked for, most telling first → how it finds its index, and how it is only looked at where another one leads
BY_INDEX: Mapping[str, tuple[str, str]] = {
    "person": ("person = :person", "coalesce(person, '') = :person"),
    "address": ("address = :address AND address <> ''", "coalesce(address, '') = :address"),
    "run": ("run = :run", "coalesce(run, 0) = :run"),
    "reason": ("reason = :reason AND reason <> ''", "coalesce(reason, '') = :reason"),
}
#: these find theirs where none of the others does: in the order of the last change
BY_CHANGE: Mapping[str, tuple[str, str]] = {
    "occasion": ("occasion = :occasion", "coalesce(occasion, '') = :occasion"),
    "state": ("state = :state", "coalesce(state, '') = :state"),
    "since": ("changed_at >= :since",) * 2,
    "until": ("changed_at < :until",) * 2,
}
IN_ORDER = "id", "changed_at, id"
LATEST_FIRST = "id DESC LIMIT :latest", "changed_at DESC, id DESC LIMIT :latest"
BEFORE = "id < :before", "(changed_at, id) < (SELECT changed_at, id FROM delivery WHERE id = :before)"
SENT = """
SELECT person, day, planned_at, category FROM delivery
 WHERE person IN {ids} AND day >= :since
   AND state IN ('queued', 'claimed', 'sending', 'retry_wait', 'held', 'accepted', 'delivered', 'undelivered', 'unknown')
"""
#: what was planned longer after its day was asked for by name, and counts for no cap
CAUGHT_UP = timedelta(days=31)
#: still to go, whoever must let it; what is in hand goes now
PENDING = f"""
SELECT {rows.COLUMNS}, batch FROM delivery
 WHERE {rows.WAITING} AND state IN ('queued', 'held', 'retry_wait') AND reason <> 'gone'
   AND (day = :day OR day < :before)
 ORDER BY day, id
"""  # noqa: S608 - names of ours
PENDING_DAYS = f"""
SELECT DISTINCT day FROM delivery
 WHERE {rows.WAITING} AND state IN ('queued', 'held', 'retry_wait') AND reason <> 'gone' AND day <= :last
"""  # noqa: S608 - names of ours
LARGEST = """
SELECT max(n) FROM (
    SELECT sum(n) AS n FROM tally
     WHERE day >= :since AND day < :today AND occasion = :occasion
       AND state IN ('open', 'accepted', 'delivered', 'undelivered', 'unknown', 'failed')
     GROUP BY day
) AS days
"""
UNKNOWNS = f"SELECT count(*) FROM delivery WHERE {rows.WAITING} AND state = 'unknown'"  # noqa: S608 - names of ours
LATEST = """
SELECT a.delivery, a.call, c.reference, c.started, a.provider_id, a.absent,
       (SELECT count(*) FROM attempt other WHERE other.call = a.call),
       (SELECT min(made.started) FROM attempt other JOIN call made ON made.id = other.call
         WHERE other.delivery = a.delivery AND coalesce(other.status, 'unknown') NOT IN ('busy', 'refused'))
  FROM attempt a JOIN call c ON c.id = a.call JOIN delivery d ON d.id = a.delivery AND d.attempts = a.number
 WHERE a.delivery IN {ids}
 ORDER BY a.call, a.delivery
"""
UNKNOWN = f"""
SELECT {rows.COLUMNS} FROM delivery
 WHERE {rows.WAITING} AND state = 'unknown' AND channel = :channel AND id > :after
 ORDER BY id LIMIT :limit
"""  # noqa: S608 - names of ours


def deliveries(ledger: Ledger, ids: Sequence[int]) -> list[Delivery]:
    """The deliveries of these numbers, in their order; unknown numbers are left out."""
    with ledger.read() as tx:
        return list(map(rows.Reader(tx.vault), tx.rows_of(DELIVERY, ids)))


class Asked(TypedDict, total=False):
    """What a log may be narrowed down to; what is None or missing is not asked."""

    person: str | None
    #: as the channel gets it
    address: str | None
    run: int | None
    #: changed from then on
    since: datetime | None
    #: changed before
    until: datetime | None
    state: State | None
    #: a rule of ours, or a `Reason`
    reason: str | None
    occasion: str | None
    #: so many, and no more: the latest
    latest: int | None
    #: those that stand before this delivery in the same log
    before: int | None


def log(ledger: Ledger, **asked: Unpack[Asked]) -> Iterator[Delivery]:
    """Deliveries that fit all that is asked, oldest first, streamed.

    By person, address, run and reason they come in the order in which they were promised; by occasion, state and span
    alone, in the order of their last change.
    """
    given = {name: _kept(value) for name, value in asked.items() if value is not None}
    if "address" in given:
        given["address"] = ledger.kept_address(str(given["address"]))
    by_change = not BY_INDEX.keys() & given and bool(BY_CHANGE.keys() & given)
    with ledger.read() as tx:
        read = rows.Reader(tx.vault)
        found = _by_change(tx, read, given) if by_change else map(read, tx.stream(_one_log(given), **given))
        if "latest" in given:
            found = reversed(list(islice(found, given["latest"])))
        yield from found


def _kept(value: object) -> Any:  # noqa: ANN401 - what a parameter of a query may be
    return to_ms(value) if isinstance(value, datetime) else value


def _one_log(given: Mapping[str, object]) -> str:
    """The question of which the first condition finds the rows."""
    asked = [terms for name, terms in BY_INDEX.items() if name in given]
    conditions = [terms[number > 0] for number, terms in enumerate(asked)]
    conditions += [look for name, (_find, look) in BY_CHANGE.items() if name in given]
    return _question(conditions, given, by_change=False)


def _by_change(tx: Transaction, read: rows.Reader, given: Mapping[str, object]) -> Iterator[Delivery]:
    """State by state, each from its index, put together in their order."""
    terms = [find for name, (find, _look) in BY_CHANGE.items() if name in given and name != "state"]
    streams = []
    for state in [State(str(given["state"]))] if "state" in given else list(State):
        question = _question([INDEXED[state], "state = :state", *terms], given, by_change=True)
        streams.append(map(read, tx.stream(question, **{**given, "state": state})))
    return merge(*streams, key=_in_turn, reverse="latest" in given)


def _question(conditions: Sequence[str], given: Mapping[str, object], *, by_change: bool) -> str:
    before = [BEFORE[by_change]] if "before" in given else []
    order = (LATEST_FIRST if "latest" in given else IN_ORDER)[by_change]
    return LOG.format(conditions=" AND ".join([*conditions, *before]) or "1 = 1", order=order)


def sent_to(
    ledger: Ledger, people: Sequence[str], since: date, zone: tzinfo | None
) -> dict[str, list[tuple[date, str]]]:
    """For the caps: the day that counts, and category, of what each of `people` got or will get since then.

    What was planned late counts for the day it was planned on: of days that are caught up, a reader gets all at once.
    """
    sent: dict[str, list[tuple[date, str]]] = {}
    with ledger.read() as tx:
        for person, day, planned_at, category in tx.rows_of(SENT, people, since=(since - CAUGHT_UP).isoformat()):
            counted_on = counts_for(date.fromisoformat(day), known(planned_at), zone)
            if counted_on >= since:
                sent.setdefault(person, []).append((counted_on, category))
    return sent


def counts_for(day: date, planned_at: datetime, zone: tzinfo | None) -> date:
    """The day for which caps count it; what was planned late, for the day it was planned on."""
    return max(day, planned_at.astimezone(zone).date())


def pending_days(ledger: Ledger, first: date, last: date) -> set[date]:
    """The days of a span for which something is promised and still to go; what is older counts for the first."""
    with ledger.read() as tx:
        return {max(first, date.fromisoformat(day)) for (day,) in tx.rows(PENDING_DAYS, last=last.isoformat())}


def pending(ledger: Ledger, day: date, *, earlier: bool) -> Iterator[tuple[Delivery, int | None]]:
    """What is promised for a day (with `earlier`, or for one before) and still to go, with its batch; streamed."""
    with ledger.read() as tx:
        read = rows.Reader(tx.vault)
        for row in tx.stream(PENDING, day=day.isoformat(), before=day.isoformat() if earlier else ""):
            yield read(row[:-1]), row[-1]


def largest_day(ledger: Ledger, occasion: str, today: date, past: int) -> int:
    """How many messages of an occasion went out, or are to, on its largest day of the `past` days before today."""
    with ledger.read() as tx:
        found = tx.one(
            LARGEST, occasion=occasion, today=today.isoformat(), since=(today - timedelta(days=past)).isoformat()
        )
    return int(found[0] or 0) if found else 0


def unknowns(ledger: Ledger) -> int:
    """How many outcomes are unknown now."""
    with ledger.read() as tx:
        ((n,),) = tx.rows(UNKNOWNS)
    return int(n)


class Tried(NamedTuple):
    """A delivery with its latest attempt."""

    delivery: Delivery
    attempt: Attempt
    #: deliveries of one call have the same
    call: int
    #: how many deliveries were in that call
    company: int
    #: real time of its first attempt that may have gone out
    in_doubt_since: datetime
    #: real time of the first full answer that it is not there
    absent_since: datetime | None


def tried(ledger: Ledger, found: Sequence[Delivery]) -> list[Tried]:
    """The latest attempts of those deliveries that have one, call by call."""
    by_id = {delivery.id: delivery for delivery in found}
    with ledger.read() as tx:
        latest = tx.rows_of(LATEST, list(by_id))
    return [
        Tried(
            delivery=by_id[id_],
            attempt=Attempt(reference=reference, to=by_id[id_].to, started_at=known(started), provider_id=provider_id),
            call=call,
            company=company,
            in_doubt_since=known(in_doubt),
            absent_since=from_ms(absent),
        )
        for id_, call, reference, started, provider_id, absent, company, in_doubt in latest
    ]


def unknown(ledger: Ledger, channel: str, *, after: int = 0, limit: int = 1000) -> list[Delivery]:
    """Deliveries of a channel whose outcome is unknown, from behind id `after` on."""
    with ledger.read() as tx:
        return list(map(rows.Reader(tx.vault), tx.rows(UNKNOWN, channel=channel, after=after, limit=limit)))
