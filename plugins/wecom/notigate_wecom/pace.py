"""How often one member may be written to."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime
from threading import Lock

#: (seconds, messages) of one application to one member. WeCom takes 30 a minute and 1000 an hour, and drops what is
#: more while it answers success (document 90454); some are left to other processes of the same application
WINDOWS = ((60.0, 25), (3600.0, 900))


class Pace:
    """Counts what this process sent to each member, so that nothing is dropped in silence."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sent: dict[str, deque[datetime]] = defaultdict(lambda: deque(maxlen=max(most for _, most in WINDOWS)))

    def wait(self, members: Sequence[str], now: datetime) -> float:
        """Seconds until all `members` may be written to. 0.0: they may, and are counted as written to `now`."""
        names = {member.lower() for member in members}
        with self._lock:
            seconds = max(self._wait(name, now) for name in names)
            if not seconds:
                for name in names:
                    self._sent[name].append(now)
        return seconds

    def _wait(self, name: str, now: datetime) -> float:
        sent = self._sent[name]
        waits = [span - (now - sent[-most]).total_seconds() for span, most in WINDOWS if len(sent) >= most]
        return max(0.0, min(max(waits, default=0.0), WINDOWS[-1][0]))
