"""Every command that may send leaves a record, however it ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import NamedTuple

from notigate.address import mask_text
from notigate.ledger.alarms import Kind
from notigate.ledger.changes import Times
from notigate.ledger.store import Ledger, storable, to_ms

#: the kind of the run that cron calls
DUE = "due"

START = "INSERT INTO run (id, kind, host, pid, now, started) VALUES (?, ?, ?, ?, ?, ?)"
GENERATION = """
UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'generation' RETURNING value
"""
END = "UPDATE run SET ended = :ended, exit = :exit WHERE id = :id"
TROUBLE = "INSERT INTO trouble (run, kind, about, detail) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


class Trouble(NamedTuple):
    """What stood in the way of a run."""

    kind: Kind
    #: the occasion or the channel; empty: all of it
    about: str
    detail: str


def start(ledger: Ledger, kind: str, times: Times) -> int:
    """Record that a run begins; returns its number."""
    with ledger.write() as tx:
        (number,) = tx.new_ids("run", 1)
        tx.many(START, [(number, kind, socket.gethostname(), os.getpid(), to_ms(times.now), to_ms(times.real))])
        ((generation,),) = tx.rows(GENERATION)
    ledger.mark(int(generation))
    return number


def end(ledger: Ledger, number: int, exit_code: int, times: Times, troubles: Sequence[Trouble] = ()) -> None:
    """Record how it ended, and what stood in its way."""
    rows = [(number, kind.value, storable(about), storable(mask_text(detail))) for kind, about, detail in troubles]
    with ledger.write() as tx:
        tx.rows(END, ended=to_ms(times.real), exit=int(exit_code), id=number)
        if rows:
            tx.many(TROUBLE, rows)
