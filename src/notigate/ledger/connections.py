"""One connection for each thread that uses a ledger; a thread's is closed with it, and all of them with the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar
from weakref import WeakSet


class Closing(Protocol):
    """What a connection of either store has."""

    def close(self) -> None:
        """Let go of it; a second time does no harm."""


C = TypeVar("C", bound=Closing)


class _Kept(Generic[C]):
    """A thread's connection; goes when the thread does."""

    __slots__ = ("__weakref__", "closed", "connection", "used")

    def __init__(self, connection: C) -> None:
        self.connection = connection
        #: by how many transactions now; a second one within the first is a fault, which the store tells
        self.used = 0
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.connection.close()

    __del__ = close


class _Mine(threading.local, Generic[C]):
    kept: _Kept[C] | None = None


class Connections(Generic[C]):
    """Made by `connect`, each in the thread that is the first to need it."""

    def __init__(self, connect: Callable[[], C]) -> None:
        self._connect = connect
        self._mine: _Mine[C] = _Mine()
        self._all: WeakSet[_Kept[C]] = WeakSet()
        self._changing = threading.Lock()

    def mine(self) -> C:
        """This thread's."""
        return self._kept().connection

    @contextmanager
    def used(self) -> Iterator[C]:
        """This thread's, while others must not close it."""
        kept = self._kept()
        with self._changing:
            kept.used += 1
        try:
            yield kept.connection
        finally:
            kept.used -= 1

    def drop(self) -> None:
        """Close this thread's; the next one that it needs is a new one."""
        if self._mine.kept is not None:
            self._mine.kept.close()
            self._mine.kept = None

    def close(self) -> None:
        """Close this thread's, and those that other threads keep and do not use now."""
        self.drop()
        with self._changing:
            for kept in list(self._all):
                if not kept.used:
                    kept.close()

    def _kept(self) -> _Kept[C]:
        kept = self._mine.kept
        if kept is None or kept.closed:
            kept = self._mine.kept = _Kept(self._connect())
            with self._changing:
                self._all.add(kept)
        return kept
