"""Where the process touches the world: the HTTP session, and the two clocks.

The business clock says what is due and may be moved by `--now`; the real clock is what providers and other processes
see (signatures, tokens, leases, time-outs, quiet periods) and is never moved.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Timeouts(NamedTuple):
    """In seconds: until connected, until the next byte, and for the whole call."""

    connect: float = 3.0
    read: float = 10.0
    total: float = 15.0


def real_now() -> datetime:
    """The real time, aware (UTC)."""
    return datetime.now(UTC)


def login() -> str:
    """The user of this machine who runs the program; a number where the machine has no name for them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


@dataclass(frozen=True, slots=True)
class Clock:
    """The business clock of one project: the real time in its zone, moved by `shift` (rehearsals)."""

    zone: ZoneInfo
    shift: timedelta = timedelta(0)
    real: Callable[[], datetime] = field(default=real_now)

    def now(self) -> datetime:
        """Business time, aware, in the project's zone."""
        return (self.real() + self.shift).astimezone(self.zone)
