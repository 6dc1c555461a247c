"""Every command that may send leaves a record."""

from __future__ import annotations

import os
import socket

from notigate.ledger.changes import Times
from notigate.ledger.store import Ledger, to_ms

START = "INSERT INTO run (id, kind, host, pid, now, started) VALUES (?, ?, ?, ?, ?, ?)"
GENERATION = """
UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'generation' RETURNING value
"""
END = "UPDATE run SET ended = :ended, exit = :exit WHERE id = :id"


def start(ledger: Ledger, kind: str, times: Times) -> int:
    """Record that a run begins; returns its number."""
    with ledger.write() as tx:
        (number,) = tx.new_ids("run", 1)
        tx.many(START, [(number, kind, socket.gethostname(), os.getpid(), to_ms(times.now), to_ms(times.real))])
        ((generation,),) = tx.rows(GENERATION)
    ledger.mark(int(generation))
    return number


def end(ledger: Ledger, number: int, exit_code: int, times: Times) -> None:
    """Record how it ended."""
    with ledger.write() as tx:
        tx.rows(END, ended=to_ms(times.real), exit=int(exit_code), id=number)
