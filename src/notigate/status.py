"""How the project stands right now, and what somebody should look after: from the ledger and the calendar, no provider is asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from notigate.errors import ExitCode
from notigate.language import _, _n
from notigate.ledger import health, outlook
from notigate.ledger.outlook import Past
from notigate.model import State

if TYPE_CHECKING:
    from notigate.gateway import Gateway

#: runs that are shown
RUNS = 5
#: a run is missed when so much time went by since the last one ended
SILENCE = timedelta(hours=26)
#: how a run may end without anybody having to look
GOOD = frozenset({ExitCode.DONE, ExitCode.INTERRUPTED, ExitCode.TERMINATED, ExitCode.LOCKED})
#: bytes that should be free where the ledger stands
ROOM = 200 * 1024 * 1024
#: days before the end of the known calendar at which to say so
HORIZON = 45


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody should look after."""

    #: names it for ever, so that it is told once: `unknown`, `silence` …
    key: str
    #: what was seen, and what to do
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One screen of it."""

    now: datetime
    runs: Sequence[Past]
    #: state → deliveries of today; `open` is all that is not at its end
    today: Mapping[str, int]
    #: state → deliveries of any day that are not at their end
    waiting: Mapping[str, int]
    #: batches that wait for an approval
    batches: int
    #: bytes of the ledger's files, and what is free beside them; None where a server keeps it
    size: int | None
    free: int | None
    alarms: Sequence[Alarm]


def status(gateway: Gateway) -> Status:
    """Look at everything; takes no longer than the start of the program."""
    now, real = gateway.clock.now(), gateway.clock.real()
    runs = outlook.runs(gateway.ledger, RUNS)
    waiting = outlook.open_states(gateway.ledger)
    batches = len(gateway.approvals())
    size, free = _room(gateway)
    alarms = [*_of_runs(runs, real), *_of_messages(gateway, waiting, batches), *_of_days(gateway), *_of_room(free)]
    return Status(
        now=now, runs=runs, today=outlook.of_day(gateway.ledger, now.date().isoformat()), waiting=waiting, batches=batches,
        size=size, free=free, alarms=alarms,
    )  # fmt: skip


def _of_runs(runs: Sequence[Past], real: datetime) -> Iterator[Alarm]:
    if not runs:
        return
    last = runs[0]
    if real - (last.ended or last.started) > SILENCE:
        since = f"{last.started.astimezone(real.tzinfo):%Y-%m-%d %H:%M}"
        yield Alarm("silence", _("no run since {time}: is the cron job alive? See notigate cron").format(time=since))
    elif last.exit is not None and last.exit not in GOOD:
        yield Alarm("exit", _("the last run ended with exit code {code}; see notigate log --run {run}").format(
            code=last.exit, run=last.id
        ))  # fmt: skip
    ended = [run for run in runs[1:] if run.ended is None]
    if ended:
        yield Alarm(
            "killed",
            _("run {run} was killed; what it had under way is asked for by the next one").format(run=ended[0].id),
        )


def _of_messages(gateway: Gateway, waiting: Mapping[str, int], batches: int) -> Iterator[Alarm]:
    if unknown := waiting.get(State.UNKNOWN):
        yield Alarm(
            "unknown",
            _n(
                "{n} outcome is unknown; see notigate resolve",
                "{n} outcomes are unknown; see notigate resolve",
                unknown,
            ).format(n=unknown),
        )
    if batches:
        yield Alarm(
            "approval",
            _n(
                "{n} batch waits for an approval; see notigate approvals",
                "{n} batches wait for an approval; see notigate approvals",
                batches,
            ).format(n=batches),
        )
    if late := outlook.overdue(gateway.ledger, gateway.clock.now() - timedelta(hours=1)):
        yield Alarm(
            "overdue",
            _n(
                "{n} message should have gone out an hour ago; run notigate send --due",
                "{n} messages should have gone out an hour ago; run notigate send --due",
                late,
            ).format(n=late),
        )


def _of_days(gateway: Gateway) -> Iterator[Alarm]:
    ahead = gateway.clock.now().date() + timedelta(days=HORIZON)
    if not gateway.almanac.knows(ahead.year):
        yield Alarm("calendar", _("the workdays of {year} are not known; see notigate doctor").format(year=ahead.year))


def _of_room(free: int | None) -> Iterator[Alarm]:
    if free is not None and free < ROOM:
        told = _("only {mb} MB are free where the ledger stands; when it is full, nothing is sent").format(
            mb=free // 2**20
        )
        yield Alarm("disk", told)


def _room(gateway: Gateway) -> tuple[int | None, int | None]:
    file = health.file_of(gateway.settings.ledger)
    if file is None:
        return None, None
    return sum(path.stat().st_size for path in health.files(file)), shutil.disk_usage(file.parent).free
