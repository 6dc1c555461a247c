"""What a run came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from notigate.model.messages import State


class Problem(NamedTuple):
    """One thing that did not go as it should, in words for a person."""

    #: None where it did not come to a delivery (a roster row, an occasion)
    delivery: int | None = None
    occasion: str = ""
    person: str = ""
    state: str = ""
    reason: str = ""
    detail: str = ""


class Listed(Protocol):
    """One message in a listing: a delivery, or a draft of one in a rehearsal."""

    @property
    def occasion(self) -> str:
        """Its id."""
        ...

    @property
    def person(self) -> str:
        """The reader's id."""
        ...

    @property
    def channel(self) -> str:
        """The name of the channel."""
        ...

    @property
    def to(self) -> str:
        """The address; show it masked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run came to: what a command prints, and what decides its exit code."""

    #: None for a rehearsal, which leaves no record
    id: int | None
    #: business time at its start
    now: datetime
    #: deliveries by the state this run left them in
    counts: Mapping[State, int] = field(default_factory=dict)
    #: the same, by (occasion, channel); what an interrupted run left queued is in `counts` only
    lines: Mapping[tuple[str, str], Mapping[State, int]] = field(default_factory=dict)
    #: the first that went out (in a rehearsal: would go)
    sent: tuple[Listed, ...] = ()
    #: deliveries that had been asked for before, and were not sent anew
    repeated: tuple[int, ...] = ()
    #: what did not go as it should, also of rows and occasions that never became a delivery
    problems: tuple[Problem, ...] = ()
    #: an `ExitCode`: how the command would end
    exit_code: int = 0
