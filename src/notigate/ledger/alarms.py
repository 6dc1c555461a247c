"""Since when something is to be looked after: what is told of it is told once, whichever process sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from notigate.ledger.store import Ledger, known, to_ms


class Kind(StrEnum):
    """What somebody should look after."""

    #: `send --due` should have run, and did not
    SILENCE = "silence"
    #: the last run ended with exit code 2, 5 or 7, or broke off
    EXIT = "exit"
    #: the ledger cannot be used: told without it, once
    UNUSABLE = "unusable"
    #: a run was killed
    KILLED = "killed"
    #: an occasion could not be planned
    STOPPED = "stopped"
    #: the roster could not be read
    ROSTER = "roster"
    #: a provider refused our credentials
    CREDENTIALS = "credentials"
    #: the balance at a provider is used up
    CREDIT = "credit"
    #: a provider was not reached or failed, and was left alone
    PROVIDER = "provider"
    #: outcomes have been unknown for long
    UNKNOWN = "unknown"
    #: the hour of a batch came, and nobody had approved it
    APPROVAL = "approval"
    #: messages should have gone out an hour ago
    OVERDUE = "overdue"
    #: the workdays of the days to come are not known
    CALENDAR = "calendar"
    #: the ledger has grown large
    LEDGER = "ledger"
    #: little room is left where the ledger stands
    DISK = "disk"


#: an alarm, and the channel, occasion or batch that it is about
Name: TypeAlias = tuple[Kind, str]

STANDING = "SELECT kind, about, since FROM alarm WHERE gone IS NULL"
NOTED = "SELECT count(*) FROM alarm"
SEEN = """
INSERT INTO alarm (kind, about, since) VALUES (:kind, :about, :now)
ON CONFLICT (kind, about) DO UPDATE
   SET since = CASE WHEN alarm.gone <= :calm THEN excluded.since ELSE alarm.since END, gone = NULL
RETURNING since
"""
GONE = "UPDATE alarm SET gone = :now WHERE kind = :kind AND about = :about AND gone IS NULL"
FORGOTTEN = "DELETE FROM alarm WHERE gone <= :calm"


def standing(ledger: Ledger) -> Mapping[Name, datetime]:
    """Since when (business time) each stands that was noted."""
    with ledger.read() as tx:
        return {(Kind(kind), about): known(since) for kind, about, since in tx.rows(STANDING)}


def note(ledger: Ledger, seen: Collection[Name], now: datetime, calm: timedelta) -> Mapping[Name, datetime]:
    """Record what is to be looked after now; since when each stands.

    What comes back after less than `calm` was never gone.

    Raises:
        LedgerError: it could not be recorded.
    """
    with ledger.read() as tx:
        ((noted,),) = tx.rows(NOTED)
    if not (noted or seen):
        return {}
    at, before = to_ms(now), to_ms(now - calm)
    with ledger.write() as tx:
        for kind, about in {(Kind(kind), about) for kind, about, _since in tx.rows(STANDING)} - set(seen):
            tx.rows(GONE, kind=kind, about=about, now=at)
        since = {name: known(tx.rows(SEEN, kind=name[0], about=name[1], now=at, calm=before)[0][0]) for name in seen}
        tx.rows(FORGOTTEN, calm=before)
    return since
