"""A ledger in a program of many threads: each has a connection of its own, and none is left behind."""

from __future__ import annotations

import gc
import threading
from datetime import UTC, datetime

import pytest

from notigate.ledger import runs
from notigate.ledger.changes import Times
from notigate.ledger.store import Ledger

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)


class Worker:
    """A thread that lives on between its uses of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._go, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._over = False
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def use(self) -> None:
        self._go.release()
        self._done.acquire()

    def end(self) -> None:
        self._over = True
        self._go.release()
        self.thread.join()

    def _work(self) -> None:
        while self._go.acquire() and not self._over:
            runs.start(self._ledger, "send", TIMES)
            self._done.release()


def opened(ledger: Ledger) -> int:
    return sum(not kept.closed for kept in ledger._connections._all)


@pytest.fixture
def worker(ledger: Ledger):
    made = Worker(ledger)
    yield made
    made.end()


def test_a_thread_that_ends_leaves_no_connection(ledger: Ledger):
    worker = Worker(ledger)
    worker.use()
    assert opened(ledger) == 2
    worker.end()
    gc.collect()
    assert opened(ledger) == 1


def test_a_ledger_that_is_closed_leaves_no_connection_of_any_thread(ledger: Ledger, worker: Worker):
    worker.use()
    ledger.close()
    assert opened(ledger) == 0


def test_a_thread_whose_connection_was_closed_gets_another(ledger: Ledger, worker: Worker):
    worker.use()
    ledger.close()
    worker.use()
    with ledger.read() as tx:
        assert tx.rows("SELECT count(*) FROM run") == [(2,)]


def test_who_closes_the_ledger_does_not_close_what_another_thread_is_using(ledger: Ledger):
    begun, closed = threading.Event(), threading.Event()
    found: list[tuple] = []

    def read() -> None:
        with ledger.read() as tx:
            begun.set()
            closed.wait()
            found.extend(tx.rows("SELECT count(*) FROM run"))

    thread = threading.Thread(target=read)
    thread.start()
    begun.wait()
    ledger.close()
    closed.set()
    thread.join()
    assert found == [(0,)]
