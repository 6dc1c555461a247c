"""Which alarms there are to be seen: from the ledger, the calendar and the disk; no provider is asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.errors import ExitCode
from notigate.ledger import health, outlook
from notigate.ledger.alarms import Kind
from notigate.ledger.runs import DUE

if TYPE_CHECKING:
    from notigate.approvals import Batch
    from notigate.calendar import Almanac
    from notigate.ledger.alarms import Name
    from notigate.ledger.outlook import Past
    from notigate.ledger.store import Ledger
    from notigate.settings import Settings

#: a run that ended so had its work cut off; what else it could not do is an alarm of its own
BAD = frozenset({ExitCode.CONFIGURATION, ExitCode.LEDGER, ExitCode.DATA_MISSING})
#: kinds that are about a channel, which is not the one to tell it by
OF_CHANNELS = frozenset({Kind.CREDENTIALS, Kind.CREDIT, Kind.PROVIDER})
#: days before the end of the known calendar at which to say so
HORIZON = 45
#: messages are late by then
LATE = timedelta(hours=1)
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that somebody should look after. No personal data is in it."""

    kind: Kind
    #: the channel, occasion, batch or run
    about: str = ""
    #: how many messages, megabytes, or the exit code
    number: int = 0
    #: what was heard
    detail: str = ""
    #: since when it stands (business time), as far as it was noted
    since: datetime | None = None

    @property
    def name(self) -> Name:
        """What tells it from others."""
        return self.kind, self.about

    def facts(self, now: datetime) -> Mapping[str, object]:
        """As texts ask for it."""
        return {
            "alarm": self.kind.value, "alarm_about": self.about, "alarm_number": self.number, "alarm_detail": self.detail,
            "alarm_since": (self.since or now).astimezone(now.tzinfo),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What there is to look at."""

    ledger: Ledger
    settings: Settings
    almanac: Almanac
    #: business time, and the real one
    now: datetime
    real: datetime
    #: those that wait for an approval
    batches: Sequence[Batch]


def seen(sight: Sight) -> list[Alarm]:
    """All that is to be looked after now."""
    runs = outlook.due_runs(sight.ledger, 3)
    finders = (_of_runs(sight, runs), _of_troubles(sight, runs), _of_messages(sight), _of_days(sight), _of_room(sight))
    return [alarm for found in finders for alarm in found]


def room(settings: Settings, ledger: Ledger) -> tuple[int, int | None]:
    """Bytes of the ledger, and what is free beside its files; None where a server keeps it, whose disk we do not see."""
    file = health.file_of(settings.ledger)
    return health.size(ledger, settings.ledger), shutil.disk_usage(file.parent).free if file else None


def marker(settings: Settings) -> Path:
    """The file that remembers that the ledger could not be used, and that this was told."""
    file = health.file_of(settings.ledger) or settings.folder / "notigate"
    return file.with_name(f"{file.name}.alarm")


def _of_runs(sight: Sight, runs: Sequence[Past]) -> Iterator[Alarm]:
    """Cron was silent before the last run, or is since; a run was killed."""
    if runs and (gap := _silent(sight, runs)):
        yield Alarm(kind=Kind.SILENCE, number=round(gap.total_seconds() / 60))
    first = runs[1].id if len(runs) > 1 else 0
    for run in outlook.open_runs(sight.ledger, first - 1):
        # On SQLite one run sends at a time: one that cron called after it is proof.
        overtaken = health.file_of(sight.settings.ledger) and run.kind == DUE and run.id < runs[0].id
        if overtaken or not run.lives(sight.real):
            yield Alarm(kind=Kind.KILLED, about=str(run.id))


def _silent(sight: Sight, runs: Sequence[Past]) -> timedelta | None:
    last, expected = runs[0], sight.settings.alarms.expect_every
    since = timedelta(0) if last.lives(sight.real) else sight.real - last.last_sign
    before = last.started - runs[1].last_sign if len(runs) > 1 else timedelta(0)
    return next((gap for gap in (since, before) if gap > expected), None)


def _of_troubles(sight: Sight, runs: Sequence[Past]) -> Iterator[Alarm]:
    """What stood in the way of the last run that ended; and of channels also what was met by single messages since."""
    ended = next((number for number, run in enumerate(runs) if run.ended), None)
    if ended is None:
        return
    last, earlier = runs[ended], runs[ended + 1 :]
    met = outlook.troubles(sight.ledger, earlier[0].id if earlier else 0)
    own = [trouble for run, trouble in met if run == last.id]
    others = [trouble for run, trouble in met if run != last.id and trouble.kind in OF_CHANNELS]
    for (kind, about), detail in {(one.kind, one.about): one.detail for one in (*own, *others)}.items():
        number = last.exit or 0 if kind is Kind.EXIT else 0
        yield Alarm(kind=kind, about=about, number=number, detail=detail)
    if last.exit in BAD and not own:
        yield Alarm(kind=Kind.EXIT, number=last.exit)


def _of_messages(sight: Sight) -> Iterator[Alarm]:
    oldest = outlook.oldest_unknown(sight.ledger)
    if oldest is not None and sight.now - oldest >= sight.settings.alarms.unknown_after:
        yield Alarm(kind=Kind.UNKNOWN, number=outlook.open_states(sight.ledger).get("unknown", 0))
    for batch in sight.batches:
        if batch.opens <= sight.now:
            yield Alarm(kind=Kind.APPROVAL, about=batch.name, number=batch.channels.total())
    if late := outlook.overdue(sight.ledger, sight.now - LATE):
        yield Alarm(kind=Kind.OVERDUE, number=late)


def _of_days(sight: Sight) -> Iterator[Alarm]:
    ahead = sight.now.date() + timedelta(days=HORIZON)
    if not sight.almanac.knows(ahead.year):
        yield Alarm(kind=Kind.CALENDAR, about=str(ahead.year))


def _of_room(sight: Sight) -> Iterator[Alarm]:
    size, free = room(sight.settings, sight.ledger)
    if size > sight.settings.alarms.ledger * MEGABYTE:
        yield Alarm(kind=Kind.LEDGER, number=size // MEGABYTE)
    if free is not None and free < sight.settings.alarms.free * MEGABYTE:
        yield Alarm(kind=Kind.DISK, number=free // MEGABYTE)
