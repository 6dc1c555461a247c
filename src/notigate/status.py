"""How the project stands right now, and what somebody should look after: from the ledger and the calendar, no provider is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.alarms.seeing import room
from notigate.ledger import outlook

if TYPE_CHECKING:
    from notigate.alarms import Alarm
    from notigate.gateway import Gateway
    from notigate.ledger.outlook import Past

#: runs that are shown
RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One screen of it."""

    now: datetime
    runs: Sequence[Past]
    #: the last that cron called; None before the first
    due: Past | None
    #: state → deliveries of today; `open` is all that is not at its end
    today: Mapping[str, int]
    #: state → deliveries of any day that are not at their end
    waiting: Mapping[str, int]
    #: batches that wait for an approval
    batches: int
    #: bytes of the ledger, and what is free beside its files; None where a server keeps it, whose disk we do not see
    size: int
    free: int | None
    alarms: Sequence[Alarm]


def status(gateway: Gateway) -> Status:
    """Look at everything; takes no longer than the start of the program."""
    now, ledger = gateway.clock.now(), gateway.ledger
    size, free = room(gateway.settings, ledger)
    return Status(
        now=now, runs=outlook.runs(ledger, RUNS), due=next(iter(outlook.due_runs(ledger, 1)), None),
        today=outlook.of_day(ledger, now.date().isoformat()), waiting=outlook.open_states(ledger),
        batches=len(gateway.approvals()), size=size, free=free, alarms=gateway.alarms.standing(),
    )  # fmt: skip
