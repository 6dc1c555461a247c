"""A run that sends nothing; and a moved clock, which is for such runs only."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.errors import UsageError
from notigate.planner import Planned, Stopped
from notigate.sums import Sums, exit_code, summary

if TYPE_CHECKING:
    from notigate.edges import Clock
    from notigate.lineup import Lineup
    from notigate.model import Run

#: lets `--now` through on channels that reach people
ALLOW_NOW = "NOTIGATE_ALLOW_NOW"


def rehearse(lineup: Lineup, planned: Iterable[Planned | Stopped], sums: Sums, now: datetime) -> Run:
    """Sum up what would go out. What the real run would refuse, a rehearsal refuses too.

    Raises:
        NotigateError: a channel cannot be built.
    """
    lineup.build()
    for item in planned:
        if isinstance(item, Stopped):
            sums.stopped(item)
        else:
            sums.rehearsed(item)
    return summary(None, now, sums, exit_code(sums, unknown=0))


def refuse_moved_clock(clock: Clock, lineup: Lineup, channel: str | None) -> None:
    """Nobody is sent anything at an hour that is not now.

    Raises:
        UsageError: the clock is moved, and `channel` (None: any of the project's) reaches people.
    """
    names = None if channel is None else [channel]
    if clock.shift and os.environ.get(ALLOW_NOW) != "1" and lineup.reaches_people(names):
        raise UsageError(
            "--now is for rehearsals, and a channel here reaches people; nothing was sent. Use a project whose "
            "channels are outbox or console (or set {variable}=1 if you really mean it)",
            variable=ALLOW_NOW,
        )
