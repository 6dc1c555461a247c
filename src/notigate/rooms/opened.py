"""A project that is open: its settings, its clock, and how its rooms are opened and left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast, overload

from notigate import settings
from notigate.edges import Clock, real_now
from notigate.ledger.changes import Times

if TYPE_CHECKING:
    from notigate.logs import Log
    from notigate.settings import Settings

R = TypeVar("R")


class room(Generic[R]):  # noqa: N801 - stands above a method, as `property` does
    """Above a method that opens a room: it is opened when it is first needed, once, whichever thread needs it first."""

    def __init__(self, opens: Callable[[Any], R]) -> None:
        self._opens = opens
        self.__doc__ = opens.__doc__

    def __set_name__(self, owner: type[Opened], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, opened: None, owner: type[Opened]) -> Self: ...
    @overload
    def __get__(self, opened: Opened, owner: type[Opened]) -> R: ...
    def __get__(self, opened: Opened | None, owner: type[Opened]) -> Self | R:
        if opened is None:
            return self
        # What stands in the object's own dictionary is found there from now on, without this call and its lock.
        rooms = vars(opened)
        with opened.opening:
            if self._name not in rooms:
                rooms[self._name] = self._opens(opened)
        return cast("R", rooms[self._name])


class Opened:
    """An opened project. Its rooms are opened one by one, when they are first needed."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        #: held while a room is opened
        self.opening = threading.RLock()
        #: set it to end a run early: no new claims, calls in flight finish, the rest stays queued
        self.stop = threading.Event()
        #: told while a run goes on: how many went out, of how many that are known to go
        self.progress: Callable[[int, int], None] = lambda _done, _known: None
        self._log = _log(settings)

    @classmethod
    def open(cls, folder: str | Path | None = None, *, now: datetime | time | None = None) -> Self:
        """Open the project in `folder`; see `notigate.open`. A `now` without a day is a time of today."""
        loaded = settings.load(settings.find(folder))
        real = real_now()
        shift = timedelta(0) if now is None else _local(now, loaded) - real
        return cls(loaded, Clock(loaded.timezone, shift))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections and files."""
        if self._log is not None:
            self._log.close()

    def times(self) -> Times:
        """Now, by the business clock and by the real one."""
        return Times(self.clock.now(), self.clock.real())


def _log(settings: Settings) -> Log | None:
    if settings.log.file is None:
        return None
    from notigate.logs import Log  # noqa: PLC0415 - only for those who keep one

    return Log(settings.log, settings.timezone)


def _local(now: datetime | time, loaded: Settings) -> datetime:
    if isinstance(now, time):
        now = datetime.combine(real_now().astimezone(loaded.timezone), now)
    return now if now.tzinfo else now.replace(tzinfo=loaded.timezone)
