"""Runs of the command `notigate` in forks of a process that has imported everything: ready in milliseconds, killed at will.

A run begins where the installed command begins, in `notigate.cli.main`, with descriptors, arguments and signals of its
own; what it saves is the start of the interpreter and the imports. It tells when it begins and ends to send.
"""

from __future__ import annotations

import os
import pkgutil
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import notigate
from notigate.cli import main
from notigate.dispatcher import Dispatched, Dispatcher

#: what a run tells
BEGUN, ENDED = b"s", b"e"
#: exit code of a run that broke instead of ending
BROKEN = 70
#: modules that a run does not use
APART = ("notigate.testing", "notigate.__main__", "notigate.ledger.postgres")


def preload() -> None:
    """Import what a run would import."""
    for module in pkgutil.walk_packages(notigate.__path__, "notigate."):
        if not module.name.startswith(APART):
            import_module(module.name)
    for name in (
        "requests",
        "babel.dates",
        "babel.numbers",
        "notigate_sms_aliyun.channel",
        "http.client",
        "phonenumbers",
    ):
        import_module(name)


@dataclass(slots=True)
class Child:
    """One run."""

    pid: int
    _told: int
    started: float = field(default_factory=time.monotonic)
    #: seconds that it lived, and of processor time that it took
    lived: float = 0.0
    used: float = 0.0
    #: its exit code as a shell shows it (128 + signal); None while it runs
    code: int | None = None
    heard: bytes = b""

    @property
    def sending(self) -> bool:
        """Was it in the middle of sending when it was last heard of?"""
        return BEGUN in self.heard and ENDED not in self.heard

    def hears(self, word: bytes, patience: float = 60.0) -> bool:
        """Wait until it tells `word`; False when it ends without."""
        end = time.monotonic() + patience
        while word not in self.heard and self.code is None and time.monotonic() < end:
            self.gone(end - time.monotonic(), listen_once=True)
        return word in self.heard

    def gone(self, seconds: float, *, listen_once: bool = False) -> bool:
        """Wait up to `seconds` for its end."""
        end = time.monotonic() + seconds
        while self.code is None and select.select([self._told], [], [], max(0.0, end - time.monotonic()))[0]:
            word = os.read(self._told, 1)
            self.heard += word
            if not word:
                self._bury()
            if listen_once:
                break
        return self.code is not None

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`."""
        self.signal(signal.SIGKILL)
        self.gone(60.0)

    def _bury(self) -> None:
        _, status, usage = os.wait4(self.pid, 0)
        self.lived, self.used = time.monotonic() - self.started, usage.ru_utime + usage.ru_stime
        code = os.waitstatus_to_exitcode(status)
        self.code = 128 - code if code < 0 else code
        os.close(self._told)


def nothing() -> None:
    """What is done to a run before it begins, unless something is."""


def start(arguments: Sequence[str], log: Path, prepare: Callable[[], None] = nothing, *, tells: bool = True) -> Child:
    """Begin a run of `notigate ARGUMENTS`; what it prints is added to `log`, `prepare` is called in it first.

    With `tells` it makes two system calls of its own, to tell when it begins and ends to send.
    """

    def run() -> None:
        prepare()
        sys.argv = ["notigate", *arguments]
        main()

    return fork(run, log, tells=tells)


def fork(work: Callable[[], None], log: Path, *, tells: bool = False) -> Child:
    """Begin `work` in a process of its own; what it prints is added to `log`."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _work(work, log, tell if tells else None)
    os.close(tell)
    return Child(pid, told)


def _work(work: Callable[[], None], log: Path, tell: int | None) -> NoReturn:
    code = BROKEN
    try:
        _take_over(log)
        if tell is not None:
            _tell_of_sending(tell)
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - a fork must not go on as its parent
        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _take_over(log: Path) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115 - until the end


def _tell_of_sending(tell: int) -> None:
    dispatch = Dispatcher.dispatch

    def told(self: Dispatcher) -> Dispatched:
        os.write(tell, BEGUN)
        try:
            return dispatch(self)
        finally:
            os.write(tell, ENDED)

    Dispatcher.dispatch = told  # type: ignore[method-assign]  # looks on
