"""Looking on while a long run sends: counts, rate and remaining time, from the ledger; nothing is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.ledger import outlook
from notigate.model import State

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.ledger.outlook import Past

#: what the run still has before it
TO_GO = (State.QUEUED, State.CLAIMED, State.SENDING, State.RETRY_WAIT)
#: runs among which one that is under way is looked for
LATEST = 50
#: seconds over which the rate is taken
WINDOW = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look."""

    now: datetime
    #: the one that is watched; None while none is under way
    run: Past | None
    #: state → messages of today; `open` is all that is not at its end
    today: Mapping[str, int]
    #: state → messages of any day that are not at their end
    waiting: Mapping[str, int]
    #: by how many a second fewer are to go; None before the second look
    rate: float | None

    @property
    def to_go(self) -> int:
        """How many are still to be sent."""
        return sum(self.waiting.get(state, 0) for state in TO_GO)

    @property
    def seconds_left(self) -> float | None:
        """Until all is sent, at this rate; None where nobody can tell."""
        return self.to_go / self.rate if self.rate else None

    @property
    def is_last(self) -> bool:
        """Is the run over?"""
        return self.run is None or self.run.ended is not None


def looks(gateway: Gateway, wait: Callable[[], object]) -> Iterator[Look]:
    """Look at the run that is under way until it has ended; `wait` between two looks. One look where none is."""
    ledger, clock = gateway.ledger, gateway.clock
    run = next((one for one in outlook.runs(ledger, LATEST) if one.lives(clock.real())), None)
    seen: deque[tuple[datetime, int]] = deque()
    while True:
        if run is not None:
            run = outlook.run(ledger, run.id)
        killed = run is not None and run.ended is None and not run.lives(clock.real())
        waiting = outlook.open_states(ledger)
        seen.append((clock.real(), sum(waiting.get(state, 0) for state in TO_GO)))
        today = outlook.of_day(ledger, clock.now().date().isoformat())
        look = Look(now=clock.now(), run=run, today=today, waiting=waiting, rate=_rate(seen))
        yield look
        if look.is_last or killed:
            return
        wait()


def _rate(seen: deque[tuple[datetime, int]]) -> float | None:
    """How many fewer there were to go, a second; while more are being promised than sent, nobody can tell."""
    while len(seen) > 2 and (seen[-1][0] - seen[0][0]).total_seconds() > WINDOW:  # noqa: PLR2004 - the first and the last
        seen.popleft()
    (first, before), (last, after) = seen[0], seen[-1]
    seconds = (last - first).total_seconds()
    return max(0, before - after) / seconds if seconds > 0 else None
