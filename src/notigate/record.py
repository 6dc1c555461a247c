"""What a run leaves in the ledger and in the log: begun once it is the one to work, ended however it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from notigate.errors import AudienceError, ExitCode, LedgerBusy, LedgerError, NotigateError, UsageError
from notigate.ledger import runs
from notigate.ledger.alarms import Kind
from notigate.ledger.runs import Trouble

if TYPE_CHECKING:
    from notigate.ledger.changes import Times
    from notigate.ledger.store import Ledger

log = logging.getLogger("notigate.runs")
log.addHandler(logging.NullHandler())  # for those who keep a log; others read it elsewhere


class Record:
    """One run. What ends the block of `with` too early is recorded as its end, as far as the ledger can be used.

    A run that found another at work, or was asked for what does not exist, did nothing, and leaves nothing.
    """

    def __init__(self, kind: str, ledger: Callable[[], Ledger], times: Callable[[], Times]) -> None:
        self._kind = kind
        self._ledger = ledger
        self._times = times
        self._began = times()
        #: of the run; 0 before it began
        self.number = 0
        self._ended = False

    def begin(self) -> int:
        """Record that it begins; returns its number."""
        self._began = self._times()
        self.number = runs.start(self._ledger(), self._kind, self._began)
        log.info("run began", extra={"run": self.number, "kind": self._kind})
        return self.number

    def end(self, code: int, troubles: Sequence[Trouble], counts: Mapping[str, int] | None = None) -> None:
        """Record how it ended; `counts` goes into the log."""
        times = self._times()
        runs.end(self._ledger(), self.number, code, times, troubles)
        self._ended = True
        level = logging.INFO if code in (ExitCode.DONE, ExitCode.SOME_FAILED) else logging.WARNING
        seconds = round((times.real - self._began.real).total_seconds(), 3)
        log.log(
            level,
            "run ended",
            extra={
                "run": self.number,
                "kind": self._kind,
                "exit": int(code),
                "seconds": seconds,
                "counts": counts or {},
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        did_nothing = isinstance(fault, LedgerBusy) or (isinstance(fault, UsageError) and not self.number)
        if fault is None or did_nothing or self._ended:
            return
        trouble = _trouble(fault)
        log.error("run broke off", extra={"run": self.number, "kind": self._kind, "reason": trouble.detail})
        with suppress(LedgerError):  # what is wrong with it is what is told
            if not self.number:
                self.begin()
            self.end(_code(fault), [trouble])


def _code(fault: BaseException) -> int:
    """What the process tells cron."""
    if isinstance(fault, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return fault.exit_code if isinstance(fault, NotigateError) else ExitCode.SOME_FAILED


def _trouble(fault: BaseException) -> Trouble:
    """Of what is no sentence of ours, the words are left out: they may hold what a record says."""
    if isinstance(fault, NotigateError):
        return Trouble(Kind.ROSTER if isinstance(fault, AudienceError) else Kind.EXIT, "", str(fault))
    return Trouble(Kind.EXIT, "", type(fault).__name__)
