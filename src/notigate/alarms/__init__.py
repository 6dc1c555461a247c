"""What somebody should look after, and telling it: once, to those who can see to it, by a channel that works.

An alarm is told by deliveries like any other: promised under a key of its kind and of the time since when it stands, so that
no crash, no second process and no later run tells it twice, and none loses it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from notigate.alarms import seeing
from notigate.alarms.seeing import Alarm, Kind
from notigate.ledger import alarms as noted
from notigate.occurrence import Occurrence
from notigate.planner.wish import Due, Wish

if TYPE_CHECKING:
    from notigate.alarms.seeing import Sight
    from notigate.catalogue import Catalogue
    from notigate.model import Occasion, Person
    from notigate.planner import Planned, Planner, Stopped
    from notigate.settings import Settings

__all__ = ["Alarm", "Alarms", "Kind"]

log = logging.getLogger("notigate.alarms")

#: the packaged occasion that tells of them
OCCASION = "staff/alarm"
#: kinds that are about a channel, which is not the one to tell it by
OF_CHANNELS = frozenset({Kind.CREDENTIALS, Kind.CREDIT, Kind.PROVIDER})
#: how many times `again` what has time is told again
PATIENT: Mapping[Kind, int] = {Kind.CALENDAR: 7, Kind.LEDGER: 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """The alarms of one project."""

    settings: Settings
    #: what there is to be seen now
    sight: Callable[[], Sight]
    catalogue: Callable[[], Catalogue]
    planner: Callable[[], Planner]
    #: promises what is planned, and carries it at once
    send: Callable[[Sequence[Planned | Stopped]], object]

    def standing(self) -> list[Alarm]:
        """What is to be looked after now, with the time since when, where that was noted; changes nothing."""
        sight = self.sight()
        since = noted.standing(sight.ledger)
        return [replace(alarm, since=since.get(alarm.name)) for alarm in seeing.seen(sight)]

    def tell(self) -> list[Alarm]:
        """Note what is to be looked after now, and tell what was not told yet; returns all that stands.

        Raises:
            NotigateError: it cannot be noted, or the occasion is broken.
        """
        sight = self.sight()
        found, written = seeing.seen(sight), self.settings.alarms
        since = noted.note(sight.ledger, [alarm.name for alarm in found], sight.now, written.calm)
        found = [replace(alarm, since=since[alarm.name]) for alarm in found]
        if found and (readers := self._readers()):
            planned = list(self._planned(found, readers, sight.now))
            if planned:
                self.send(planned)
        return found

    def _readers(self) -> list[Person]:
        wanted = set(self.settings.alarms.to)
        return [person for person in self.settings.staff if wanted.intersection(_called(person))]

    def _planned(
        self, found: Sequence[Alarm], readers: Sequence[Person], now: datetime
    ) -> Iterator[Planned | Stopped]:
        """The messages that were not promised yet."""
        occasion, planner = self._occasion(), self.planner()
        failing = frozenset(alarm.about for alarm in found if alarm.kind in OF_CHANNELS)
        for alarm in found:
            occurrence = self._occurrence(alarm, now)
            due = Due(occasion=occasion, chooser=_always(occurrence))
            wish = Wish(day=now.date(), now=now, due=(due,), given=alarm.facts(now), avoid=failing)
            told = list(planner.plan(wish, readers))
            if told:
                log.warning("alarm", extra={"alarm": alarm.kind.value, "about": alarm.about})
            yield from told

    def _occasion(self) -> Occasion:
        occasion = self.catalogue().occasion(OCCASION)
        return replace(occasion, channels=self.settings.alarms.channels or occasion.channels)

    def _occurrence(self, alarm: Alarm, now: datetime) -> Occurrence:
        """The same for whoever sees it, until it is to be told again."""
        again = self.settings.alarms.again * PATIENT.get(alarm.kind, 1)
        since = alarm.since or now
        times = max(0, (now - since) // again)
        key = "/".join((alarm.kind, alarm.about, f"{since.timestamp():.3f}", str(times)))
        return Occurrence(key, now.date(), at=min(now, since), until=since + again * (times + 1))


def _called(person: Person) -> tuple[str, ...]:
    groups = person.facts.get("groups")
    return (person.name, *(groups if isinstance(groups, tuple) else ()))


def _always(occurrence: Occurrence) -> Callable[[object], tuple[Occurrence, ...]]:
    return lambda _facts: (occurrence,)
