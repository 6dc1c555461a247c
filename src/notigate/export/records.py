"""What is told of each delivery, change, request and decision, under names that never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from notigate.address import mask, mask_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from notigate.ledger.extract import Decision, Entry
    from notigate.ledger.history import Event, Try

#: a cell of a file
Value: TypeAlias = str | int | None

DELIVERIES = (
    "delivery", "run", "day", "occasion", "occurrence", "person", "project", "building", "class", "channel", "medium",
    "to", "language", "state", "reason", "detail", "attempts", "provider_id", "parts", "batch", "planned_at", "changed_at",
)  # fmt: skip
#: as the reader got them
TEXTS = ("subject", "text")
EVENTS = ("delivery", "version", "at", "state", "cause")
TRIES = ("delivery", "number", "reference", "started", "ended", "status", "reason", "detail", "provider_id")
DECISIONS = ("batch", "occasion", "day", "at", "word", "who", "login", "digest", "because")


class Records:
    """Turns what the ledger keeps into values of cells, in the order of `columns`."""

    def __init__(self, zone: ZoneInfo, *, in_full: bool) -> None:
        self._zone = zone
        self._in_full = in_full
        #: kind of record → its columns
        self.columns: Mapping[str, Sequence[str]] = {
            "deliveries": DELIVERIES + TEXTS if in_full else DELIVERIES,
            "events": EVENTS,
            "tries": TRIES,
            "decisions": DECISIONS,
        }

    def delivery(self, entry: Entry) -> Sequence[Value]:
        """A delivery, as it stands."""
        d, shown = entry.story.delivery, self._shown
        told = (
            d.id, d.run, d.day.isoformat(), d.occasion, shown(d.occurrence), shown(d.person), d.project, d.building,
            d.category.value, d.channel, d.medium, d.to if self._in_full else mask(d.to), d.locale, d.state.value,
            d.reason, shown(d.detail), d.attempts, d.provider_id, d.parts, entry.batch, self._time(d.planned_at),
            self._time(d.changed_at),
        )  # fmt: skip
        if not self._in_full:
            return told
        return (*told, d.content.subject if d.content else "", d.content.text if d.content else "")

    def event(self, delivery: int, event: Event) -> Sequence[Value]:
        """A change of state."""
        return delivery, event.version, self._time(event.at), event.state, self._shown(event.cause)

    def attempt(self, delivery: int, tried: Try) -> Sequence[Value]:
        """A request to the provider that the delivery was in."""
        ended = self._time(tried.ended, "milliseconds") if tried.ended else None
        return (
            delivery, tried.number, tried.reference, self._time(tried.started, "milliseconds"), ended, tried.status,
            tried.reason, self._shown(tried.detail), tried.provider_id,
        )  # fmt: skip

    def decision(self, said: Decision) -> Sequence[Value]:
        """A word on a batch."""
        return (
            said.batch, said.occasion, said.day.isoformat(), self._time(said.at), said.word, said.who, said.login,
            said.digest, self._shown(said.because),
        )  # fmt: skip

    def _shown(self, text: str) -> str:
        return text if self._in_full else mask_text(text)

    def _time(self, moment: datetime, precision: str = "seconds") -> str:
        return moment.astimezone(self._zone).isoformat(timespec=precision)
