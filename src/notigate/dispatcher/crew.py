"""Threads that make one channel's calls. They are daemons: a channel that hangs cannot keep the process alive."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from itertools import groupby
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from notigate.address import mask_text
from notigate.dispatcher.dispatched import tell_call
from notigate.ledger.store import storable
from notigate.model import Message, Outcome, Reason, Scope, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate.ledger.claim import Call
    from notigate.plugin import Channel

log = logging.getLogger("notigate.dispatcher")

#: seconds that a provider may ask us to wait; what it says beyond is a mistake
LONGEST = 30 * 86400.0


class Answered(NamedTuple):
    """A call and its outcomes, in the order of its deliveries. `fault` is set when the channel broke its contract."""

    call: Call
    outcomes: Sequence[Outcome]
    fault: str = ""

    @property
    def different(self) -> Sequence[Outcome]:
        """One of those that follow one another and are the same: a call usually brings one for everybody in it."""
        return [outcome for outcome, _alike in groupby(self.outcomes)]

    @property
    def refused_in_company(self) -> bool:
        """The whole call was refused because of somebody in it, not told whom; nobody was sent anything."""
        return len(self.outcomes) > 1 and any(
            outcome.status is Status.REFUSED and outcome.scope is Scope.CALL for outcome in self.different
        )


class Crew:
    """`size` threads that carry begun calls to one channel and put what came of them into `answers`."""

    def __init__(self, channel: Channel, size: int, answers: SimpleQueue[Answered]) -> None:
        self._channel = channel
        self._size = size
        self._answers = answers
        self._work: SimpleQueue[tuple[Call, Sequence[Message]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._deadlines: dict[str, float] = {}
        #: given up, but their threads are not back and keep their places and connections
        self._hanging: set[str] = set()
        #: calls whose answers are waited for
        self.in_flight: dict[str, Call] = {}

    @property
    def free(self) -> int:
        """How many more calls may be begun now."""
        return self._size - len(self.in_flight) - len(self._hanging)

    @property
    def lost(self) -> bool:
        """Does every thread hang in a call that was given up?"""
        return len(self._hanging) == self._size

    def take(self, call: Call, messages: Sequence[Message], deadline: float) -> None:
        """Make a call whose intent is committed; after `deadline` seconds it counts as overdue."""
        self.in_flight[call.reference] = call
        self._deadlines[call.reference] = time.monotonic() + deadline
        if len(self._threads) < len(self.in_flight) + len(self._hanging):
            self._hire()
        self._work.put((call, messages))

    def done(self, call: Call) -> bool:
        """Its answer is here. False: it was given up before."""
        self._deadlines.pop(call.reference, None)
        self._hanging.discard(call.reference)
        return self.in_flight.pop(call.reference, None) is not None

    def overdue(self) -> list[Call]:
        """Calls that outlived their deadline, and are waited for no longer."""
        now = time.monotonic()
        late = [reference for reference, end in self._deadlines.items() if end < now]
        for reference in late:
            del self._deadlines[reference]
        self._hanging.update(late)
        return [self.in_flight.pop(reference) for reference in late]

    def dismiss(self) -> None:
        """Let the threads end; hanging ones die with the process."""
        for _ in self._threads:
            self._work.put(None)

    def _hire(self) -> None:
        thread = threading.Thread(target=self._serve, name=f"notigate-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while (task := self._work.get()) is not None:
            began = time.monotonic()
            answered = self._ask(*task)
            tell_call(answered.call, time.monotonic() - began)
            self._answers.put(answered)

    def _ask(self, call: Call, messages: Sequence[Message]) -> Answered:
        if time.monotonic() > self._deadlines.get(call.reference, 0.0):
            # The process was asleep since it committed the intent; others may have acted upon it meanwhile.
            return Answered(call, [Outcome.unknown("not begun in time")] * len(messages))
        try:
            outcomes = (
                [self._channel.send(messages[0])] if len(messages) == 1 else list(self._channel.send_many(messages))
            )
        except BaseException as fault:
            # Whatever it is, a request may exist: the ledger must hear "unknown". A channel has no business raising.
            first = call.deliveries[0]
            told = {"channel": call.channel, "delivery": first.id, "occasion": first.occasion}
            log.exception("channel failed", extra=told)
            return _broken(call, f"the channel failed: {type(fault).__name__}")
        if len(outcomes) != len(messages) or not all(isinstance(outcome, Outcome) for outcome in outcomes):
            return _broken(call, "the channel broke its contract: not one outcome for each message")
        try:
            recorded: list[Outcome] = []
            # A call usually brings one outcome for everybody in it. What it holds is not looked at before it was judged.
            for _same, some in groupby(outcomes, key=id):
                alike = list(some)
                recorded += [_recordable(alike[0])] * len(alike)
            return Answered(call, recorded)
        except (TypeError, ValueError):
            return _broken(call, "the channel broke its contract: an outcome that cannot be recorded")


def discreet(words: str) -> str:
    """What a channel says, as it is kept and shown. It should name no address; of those that it does none passes here."""
    return storable(mask_text(words)) if words else words


def _broken(call: Call, fault: str) -> Answered:
    return Answered(call, [Outcome.unknown(fault)] * len(call.deliveries), fault)


def _recordable(outcome: Outcome) -> Outcome:
    """An outcome as the ledger can keep it, whatever the provider's answer held.

    Raises:
        TypeError, ValueError: it holds what its type does not allow.
    """
    detail, provider_id, wait = outcome.detail, outcome.provider_id, outcome.retry_after
    whole = isinstance(outcome.status, Status) and isinstance(outcome.reason, Reason | None)
    if not (whole and isinstance(detail, str) and isinstance(provider_id, str | None)):
        raise TypeError("an outcome of other types")
    if wait is None and not detail and (provider_id is None or provider_id.isascii()):
        return outcome
    if wait is not None and not wait >= 0:
        raise ValueError("no time at all")
    return replace(
        outcome,
        detail=discreet(detail),
        provider_id=provider_id and storable(provider_id),
        retry_after=wait and min(float(wait), LONGEST),
    )
