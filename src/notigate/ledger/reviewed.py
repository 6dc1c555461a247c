"""What providers last said of their copies of our texts, so that not every run has to ask."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from notigate.ledger import rows
from notigate.ledger.store import Ledger, known, to_ms

REMEMBER = """
INSERT INTO reviewed (channel, code, asked, state, wording) VALUES (:channel, :code, :asked, :state, :wording)
ON CONFLICT (channel, code) DO UPDATE SET asked = excluded.asked, state = excluded.state, wording = excluded.wording
"""
RECALL = "SELECT asked, state, wording FROM reviewed WHERE channel = :channel AND code = :code"
#: texts in which something waits to go out
WAITING = f"""
SELECT channel, occasion, locale, wording FROM delivery
 WHERE {rows.WAITING} AND state <> 'unknown' AND medium = 'sms' AND wording <> '' AND next_at <= :now
 UNION
SELECT channel, occasion, locale, wording FROM delivery
 WHERE {rows.IN_HAND} AND medium = 'sms' AND wording <> '' AND next_at <= :now
"""  # noqa: S608 - names of ours


class Reviewed(NamedTuple):
    """A provider's word on one of its copies."""

    #: real time, aware
    asked: datetime
    #: `approved`, `reviewing`, `rejected`, `cancelled`, `unclear` or `missing`
    state: str
    #: the digest of its words; empty where it has none
    wording: str


def remember(ledger: Ledger, channel: str, code: str, said: Reviewed) -> None:
    """Keep what a provider said; the newest word counts."""
    with ledger.write() as tx:
        tx.rows(REMEMBER, channel=channel, code=code, asked=to_ms(said.asked), state=said.state, wording=said.wording)


def recall(ledger: Ledger, channel: str, code: str) -> Reviewed | None:
    """What a provider last said; None when it was never asked."""
    with ledger.read() as tx:
        found = tx.one(RECALL, channel=channel, code=code)
    return Reviewed(known(found[0]), found[1], found[2]) if found else None


def waiting(ledger: Ledger, now: datetime) -> list[tuple[str, str, str, str]]:
    """Channel, occasion, locale and wording of the SMS that were promised before and may go out now."""
    with ledger.read() as tx:
        return [(row[0], row[1], row[2], row[3]) for row in tx.rows(WAITING, now=to_ms(now))]
