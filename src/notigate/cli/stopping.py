"""Ctrl-C and SIGTERM: calls in flight finish and what came of them is written down; a second Ctrl-C ends it at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from types import FrameType

from notigate.errors import ExitCode
from notigate.language import _

#: a progress bar hides it
SHOW_CURSOR = "\x1b[?25h"


@dataclass(slots=True)
class Stopping:
    """What was heard while a run went on."""

    stop: Event
    #: how the process is to end; None while nobody asked for an end
    code: ExitCode | None = None

    def heard(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        if self.code is not None and number == signal.SIGINT:
            _tell(SHOW_CURSOR if sys.stderr.isatty() else "")
            os._exit(ExitCode.INTERRUPTED)
        self.code = ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED
        self.stop.set()
        _tell(_("Stopping: messages under way are finished first. Ctrl-C ends it at once.") + "\n")


@contextmanager
def stopping(stop: Event) -> Iterator[Stopping]:
    """Within the block, signals set `stop` instead of ending the process."""
    ours = Stopping(stop)
    before = {number: signal.signal(number, ours.heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ours
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(text: str) -> None:
    """Straight to the descriptor: the signal may have come in the middle of another line."""
    with suppress(OSError):  # the terminal may be gone: that is no reason to leave messages in doubt
        os.write(2, text.encode())
