"""Who looked at personal data unmasked, took it out, or had it erased."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.ledger.store import known, to_ms

if TYPE_CHECKING:
    from notigate.ledger.store import Ledger

INSERT = "INSERT INTO access (id, at, login, host, act, people) VALUES (?, ?, ?, ?, ?, ?)"
LISTED = "SELECT at, login, host, act, people FROM access WHERE at >= :since ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access."""

    #: real time
    at: datetime
    #: the login name
    login: str
    host: str
    #: what was done: the command, and how it was narrowed down; never an address
    act: str
    #: how many persons or messages it was about
    people: int


def record(ledger: Ledger, act: str, people: int, login: str, at: datetime) -> None:
    """Record an access before anything is shown.

    Raises:
        LedgerError: it could not be recorded; then nothing is to be shown.
    """
    with ledger.write() as tx:
        (number,) = tx.new_ids("access", 1)
        tx.many(INSERT, [(number, to_ms(at), login, socket.gethostname(), act, people)])


def listed(ledger: Ledger, since: datetime | None = None) -> Iterator[Access]:
    """Oldest first, streamed."""
    with ledger.read() as tx:
        for at, login, host, act, people in tx.stream(LISTED, since=to_ms(since) if since else 0):
            yield Access(at=known(at), login=login, host=host, act=act, people=people)
