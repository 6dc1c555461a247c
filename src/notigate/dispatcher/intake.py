"""What is due, from the ledger into the lines' backlogs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from notigate.dispatcher.decisions import judged
from notigate.dispatcher.dispatched import Step, steps_to
from notigate.dispatcher.messages import as_message
from notigate.dispatcher.objections import objections
from notigate.ledger import changes, claim
from notigate.model import Delivery, State, Verdict

if TYPE_CHECKING:
    from notigate.dispatcher.line import Line
    from notigate.ledger.changes import Times
    from notigate.ledger.store import Ledger
    from notigate.plugin import Limits

#: seconds between looks for what others have promised meanwhile
LOOK = 0.25
#: deliveries claimed in one transaction
CLAIM = 1000


def _in_a_minute(limits: Limits, most: int) -> int:
    """At most so many, and no more than go out in a minute: whoever waits longer would be judged too early."""
    return most if limits.rate is None else min(most, max(1, int(60 * limits.rate)) * limits.batch)


class Intake:
    """Claims what is due when a line's backlog runs low. `note` hears of those that will not be sent after all."""

    def __init__(
        self,
        ledger: Ledger,
        times: Callable[[], Times],
        judge: Callable[[Sequence[Delivery]], Sequence[Verdict]],
        note: Callable[[Iterable[Step]], None],
        *,
        asked_only: bool,
    ) -> None:
        self._ledger = ledger
        self._times = times
        self._judge = judge
        self._note = note
        self._asked_only = asked_only
        self._looked: dict[tuple[str, str], float] = {}

    def open(self, lines: Iterable[Line]) -> None:
        """A round begins: what was held until now may go on, and calls are repeated whose answers were lost."""
        self._looked.clear()
        for line in lines:
            if not line.aside:
                self._note(steps_to(claim.wake(self._ledger, line.name, self._times())))
                self._repeat(line)

    def _repeat(self, line: Line) -> None:
        if not self._asked_only:
            window = timedelta(seconds=line.limits.repeat_window or 0.0)
            self._take(line, claim.repeated(self._ledger, line.name, self._times(), window), first=True)

    def fill(self, line: Line) -> None:
        """Claim what is asked for by name now and then, and the rest when the backlog runs low."""
        if line.aside:
            return
        if self._time_to_look(line, "asked"):
            self._claim(line, CLAIM, asked=True)
        enough = line.limits.batch * line.limits.concurrency
        if not self._asked_only and line.waiting < enough and self._time_to_look(line, "others"):
            most = _in_a_minute(line.limits, min(CLAIM, max(200, 2 * enough)))
            if self._claim(line, most, asked=False) == most:
                self.look_at_once(line.name)

    def look_at_once(self, name: str) -> None:
        """There is more for the line of that name."""
        self._looked.pop((name, "asked"), None)
        self._looked.pop((name, "others"), None)

    def _time_to_look(self, line: Line, kind: str) -> bool:
        """An empty ledger is asked only now and then."""
        now = time.monotonic()
        if now - self._looked.get((line.name, kind), -LOOK) < LOOK:
            return False
        self._looked[line.name, kind] = now
        return True

    def _claim(self, line: Line, most: int, *, asked: bool) -> int:
        found = claim.claim(self._ledger, line.name, self._times(), most, asked=asked)
        self._take(line, found, first=asked)
        return len(found)

    def _take(self, line: Line, found: Sequence[Delivery], *, first: bool) -> None:
        if not found:
            return
        picked = State.CLAIMED  # once: to look it up for each takes longer than to compare it
        claimed = [delivery for delivery in found if delivery.state is picked]
        self._note(steps_to(delivery for delivery in found if delivery.state is not picked))
        line.load(self._still_due(claimed), partial(as_message, self._ledger), first=first)

    def _still_due(self, claimed: Sequence[Delivery]) -> list[Delivery]:
        """What was promised hours ago must still be right to send at this hour."""
        objected = objections(self._ledger, claimed)
        verdicts = zip(claimed, self._judge(claimed), strict=True)
        steps = [objected.get(delivery.id) or judged(delivery, verdict) for delivery, verdict in verdicts]
        unfit = [step for step in steps if step is not None]
        if unfit:
            with self._ledger.write() as tx:
                won = changes.apply(tx, unfit, self._times())
            self._note(map(Step.made, won))
        return [delivery for delivery, step in zip(claimed, steps, strict=True) if step is None]
