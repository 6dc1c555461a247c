"""What somebody should look after, and telling it: once, to those who can see to it, by a channel that works.

An alarm is told by deliveries like any other: promised under a key of its kind and of the time since when it stands, so that
no crash, no second process and no later run tells it twice, and none loses it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from notigate import approvals
from notigate.alarms import seeing
from notigate.alarms.seeing import Alarm, Sight
from notigate.errors import LedgerBusy, LedgerError, NotigateError
from notigate.language import translate
from notigate.ledger import alarms as noted
from notigate.ledger.alarms import Kind
from notigate.occurrence import Occurrence
from notigate.planner.wish import Due, Wish

if TYPE_CHECKING:
    from notigate.calendar import Almanac
    from notigate.catalogue import Catalogue
    from notigate.ledger.changes import Times
    from notigate.ledger.store import Ledger
    from notigate.lineup import Lineup
    from notigate.model import Occasion, Person
    from notigate.planner import Planned, Planner, Stopped
    from notigate.settings import Settings

__all__ = ["Alarm", "Alarms", "Kind"]

log = logging.getLogger("notigate")
kept = logging.getLogger("notigate.alarms")
kept.addHandler(logging.NullHandler())  # for those who keep a log; others read it elsewhere

#: the packaged occasion that tells of them
OCCASION = "staff/alarm"
#: how many times `again` what has time is told again
PATIENT: Mapping[Kind, int] = {Kind.CALENDAR: 7, Kind.LEDGER: 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """The alarms of one project."""

    settings: Settings
    ledger: Callable[[], Ledger]
    almanac: Callable[[], Almanac]
    catalogue: Callable[[], Catalogue]
    planner: Callable[[], Planner]
    times: Callable[[], Times]
    #: refuses to tell anybody anything at an hour that is not now
    refuse: Callable[[], None]
    lineup: Callable[[], Lineup]
    #: promises what is planned, and carries it at once
    send: Callable[[Sequence[Planned | Stopped]], object]

    def standing(self) -> list[Alarm]:
        """What is to be looked after now, with the time since when, where that was noted; changes nothing.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        sight = self._sight()
        since = noted.standing(sight.ledger)
        return [replace(alarm, since=since.get(alarm.name)) for alarm in seeing.seen(sight)]

    def tell(self) -> list[Alarm]:
        """Note what is to be looked after now, and tell what was not told yet; returns all that stands.

        Raises:
            UsageError: the clock is moved, and a channel reaches people.
            NotigateError: it cannot be noted, or the occasion is broken.
        """
        self.refuse()
        sight = self._sight()
        found, written = seeing.seen(sight), self.settings.alarms
        since = noted.note(sight.ledger, [alarm.name for alarm in found], sight.now, written.calm)
        seeing.marker(self.settings).unlink(missing_ok=True)  # it can be used
        found = [replace(alarm, since=since[alarm.name]) for alarm in found]
        if found and (readers := self._readers()) and (planned := list(self._planned(found, readers, sight.now))):
            self.send(planned)
        return found

    @contextmanager
    def after(self) -> Iterator[None]:
        """Tell what the block has brought about, however it ends. What goes wrong in telling changes nothing of that."""
        try:
            yield
        except LedgerBusy:
            raise  # the run that is at work tells
        except LedgerError as fault:
            self._quietly(partial(self._tell_without, fault))
            raise
        except Exception:
            self._quietly(self.tell)
            raise
        else:
            self._quietly(self.tell)

    def _tell_without(self, fault: LedgerError) -> None:
        """The ledger cannot be used."""
        from notigate.alarms.unledgered import Unledgered  # noqa: PLC0415 - hardly ever needed

        self.refuse()
        unledgered = Unledgered(
            settings=self.settings, catalogue=self.catalogue(), lineup=self.lineup(), occasion=self._occasion(),
            now=self.times().now,
        )  # fmt: skip
        unledgered.tell(fault, self._readers())

    def _quietly(self, tell: Callable[[], object]) -> None:
        if not self.settings.alarms.to:
            return
        try:
            tell()
        except NotigateError as fault:
            log.warning("alarms were not told: %s", translate(fault))
        except Exception:
            log.exception("alarms were not told")

    def _sight(self) -> Sight:
        times, ledger = self.times(), self.ledger()
        return Sight(
            ledger=ledger, settings=self.settings, almanac=self.almanac(), now=times.now, real=times.real,
            batches=[batch for batch in approvals.waiting(ledger) if batch.channels],
        )  # fmt: skip

    def _readers(self) -> list[Person]:
        wanted = set(self.settings.alarms.to)
        return [person for person in self.settings.staff if wanted.intersection(_called(person))]

    def _planned(self, found: Sequence[Alarm], readers: Sequence[Person], now: datetime) -> Iterator[Planned | Stopped]:
        """The messages that were not promised yet."""
        occasion, planner = self._occasion(), self.planner()
        failing = self.lineup().unusable().union(alarm.about for alarm in found if alarm.kind in seeing.OF_CHANNELS)
        for alarm in found:
            occurrence = self._occurrence(alarm, now)
            due = Due(occasion=occasion, chooser=_always(occurrence))
            wish = Wish(day=now.date(), now=now, due=(due,), given=alarm.facts(now), avoid=failing)
            told = list(planner.plan(wish, readers))
            if told:
                kept.warning("alarm", extra={"alarm": alarm.kind.value, "about": alarm.about})
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
