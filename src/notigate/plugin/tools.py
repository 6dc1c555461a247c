"""The edges that a plugin is handed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True)
class Tools:
    """The edges, handed in: a channel opens no connection pool and reads no clock of its own."""

    #: makes the one HTTP session of this channel: time-outs always, no redirects, no retries, bounded bodies
    session: Callable[[], requests.Session] = field(repr=False)
    #: the real time, aware (UTC)
    now: Callable[[], datetime]
    #: (connect, read) time-out in seconds, for channels that do not speak HTTP
    timeout: tuple[float, float] = (3.0, 10.0)

    @property
    def http(self) -> requests.Session:
        """The channel's HTTP session; safe for concurrent calls as long as nobody changes it."""
        return self.session()
