"""Plans that were promised to their end, by what they were made of: while that stays as it is, nothing new can come of it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from notigate.ledger.store import to_ms
from notigate.model import Problem

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger, Transaction

#: what other commands write, and plans are made of
MARKS = """
SELECT (SELECT max(id) FROM fact), (SELECT count(*) FROM fact), (SELECT count(*) FROM fact WHERE withdrawn IS NOT NULL),
       (SELECT max(id) FROM preference), (SELECT count(*) FROM preference WHERE taken_back IS NOT NULL)
"""
LATEST = "SELECT coalesce(max(id), 0) FROM delivery"
#: somebody else has promised something meanwhile
OTHERS = "SELECT id FROM delivery WHERE id > :after AND run <> :run LIMIT 1"
FIND = """
SELECT told FROM remembered
 WHERE digest = :digest AND day = :day AND (until IS NULL OR until > :now)
   AND latest >= (SELECT coalesce(max(id), 0) FROM delivery)
"""
FORGET_OLD = "DELETE FROM remembered WHERE day <> :day"
REMEMBER = """
INSERT INTO remembered (digest, day, until, latest, told) VALUES (:digest, :day, :until, :latest, :told)
ON CONFLICT (digest) DO UPDATE SET day = excluded.day, until = excluded.until, latest = excluded.latest, told = excluded.told
"""
FORGET = "DELETE FROM remembered"


class Plan(NamedTuple):
    """A plan that was promised to its end."""

    #: of all that it was made of
    digest: bytes
    day: date
    #: from then on more of it can be planned; None: not on that day
    until: datetime | None
    #: what every run tells that finds things so
    told: tuple[Problem, ...]


def marks(ledger: Ledger) -> tuple[int | None, ...]:
    """Changes whenever a fact, an opt-out or a consent is recorded or taken back."""
    with ledger.read() as tx:
        return tuple(tx.rows(MARKS)[0])


def latest(ledger: Ledger) -> int:
    """The number of the last promise."""
    with ledger.read() as tx:
        return int(tx.rows(LATEST)[0][0])


def recall(ledger: Ledger, digest: bytes, now: datetime) -> tuple[Problem, ...] | None:
    """What was told of a plan of today that nothing new can come of; None where it must be made."""
    with ledger.read() as tx:
        found = tx.one(FIND, digest=digest.hex(), day=now.date().isoformat(), now=to_ms(now))
    return None if found is None else tuple(Problem(**one) for one in json.loads(found[0]))


def remember(ledger: Ledger, plan: Plan, run: int, after: int) -> None:
    """Remember what a run has promised, unless others have promised something since `after`, the last promise before it."""
    told = json.dumps([problem._asdict() for problem in plan.told], ensure_ascii=False)
    with ledger.write() as tx:
        if tx.one(OTHERS, after=after, run=run) is None:
            tx.rows(FORGET_OLD, day=plan.day.isoformat())
            tx.rows(
                REMEMBER, digest=plan.digest.hex(), day=plan.day.isoformat(), until=to_ms(plan.until) if plan.until else None,
                latest=tx.rows(LATEST)[0][0], told=told,
            )  # fmt: skip


def forget(tx: Transaction) -> None:
    """Some promise was given back, or somebody erased: every plan is to be made again."""
    tx.rows(FORGET)
