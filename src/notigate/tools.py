"""What a plugin is handed: one HTTP session of its own, made when it is first asked for, and the real time."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from notigate.edges import Timeouts, real_now
from notigate.plugin import Tools

if TYPE_CHECKING:
    import requests

    from notigate.settings import Timeout


def tools(timeout: Timeout, connections: int) -> Tools:
    """Tools with this patience; `connections` are kept open at most."""

    @cache
    def session() -> requests.Session:
        from notigate.edges.http import Session  # noqa: PLC0415 - requests costs 0.2 s that only HTTP plugins need

        return Session(Timeouts(timeout.connect, timeout.read, timeout.total), connections)

    return Tools(session=session, now=real_now, timeout=(timeout.connect, timeout.read))
