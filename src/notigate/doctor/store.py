"""The ledger, and the files of the project: are they sound, and whose eyes only?"""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.alarms.seeing import MEGABYTE, room
from notigate.doctor.findings import Finding, Status, faults
from notigate.errors import LedgerError
from notigate.language import _
from notigate.ledger import health

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.ledger.store import Ledger
    from notigate.settings import Settings

#: before it, a checkpoint and a commit at the same moment can damage a WAL file. Source: SQLite's list of changes
SOUND_SQLITE = (3, 51, 3)
#: what others than its owner may do with a file
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def ledger(gateway: Gateway) -> Iterator[Finding]:
    """Whether it is sound, safe and has room; made by nobody who only looks."""
    file = health.file_of(gateway.settings.ledger)
    if file is not None and not file.exists() and not health.existed(file):
        yield Finding(check="ledger", status="ok", detail=_("{file} will be made by the first send").format(file=file))
        return
    try:
        found = gateway.ledger
        damage = health.damage(found) if file is not None else ""
    except LedgerError as fault:
        yield from faults("ledger", fault)
        return
    if damage:
        yield Finding(check="ledger", status="fail", detail=damage, advice=_("restore the ledger from a backup"))
    else:
        yield Finding(check="ledger", status="ok", detail=_("{name}: sound").format(name=found.name))
    for told in found.check():
        status: Status = "fail" if not told.ok else "warn" if told.advice else "ok"
        yield Finding(check="ledger", status=status, detail=f"{told.name}: {told.detail}", advice=told.advice)
    if gateway.settings.ledger_key_before is not None:
        detail = _("all is sealed with ledger_key; the key before is needed for old backups only")
        yield Finding(check="ledger", status="warn", detail=detail, advice=_("take ledger_key_before out again"))
    if file is not None:
        yield from _store(file)
    yield _size(gateway.settings, found)


def _store(file: Path) -> Iterator[Finding]:
    """What can be wrong around a ledger in a file."""
    open_to = [path.name for path in health.files(file) if path.stat().st_mode & OTHERS]
    if open_to:
        detail = _("others than its owner may read {files}: they hold personal data").format(files=", ".join(open_to))
        yield Finding(check="ledger", status="fail", detail=detail, advice=f"chmod 600 {' '.join(open_to)}")
    if sqlite3.sqlite_version_info < SOUND_SQLITE:
        detail = _("SQLite {version} has a rare fault that can damage a ledger that two programs write at once").format(
            version=sqlite3.sqlite_version
        )
        advice = _("update Python or SQLite to {version} when you can; back the ledger up until then").format(
            version=".".join(map(str, SOUND_SQLITE))
        )
        yield Finding(check="ledger", status="warn", detail=detail, advice=advice)


def _size(settings: Settings, ledger: Ledger) -> Finding:
    size, free = room(settings, ledger)
    if free is None:
        detail = _("{size:,.1f} MB").format(size=size / MEGABYTE)
    else:
        detail = _("{size:,.1f} MB; {free:,.0f} MB are free beside it").format(
            size=size / MEGABYTE, free=free / MEGABYTE
        )
    if free is not None and free < settings.alarms.free * MEGABYTE:
        advice = _("make room: when the disk is full, nothing is sent")
    elif size > settings.alarms.ledger * MEGABYTE:
        advice = _("forget what is older than it must be kept: notigate purge")
    else:
        advice = ""
    return Finding(check="ledger", status="warn" if advice else "ok", detail=detail, advice=advice)


def files(gateway: Gateway) -> Iterator[Finding]:
    """Who else may read what names people: the roster, what was sent, copies of the ledger."""
    settings = gateway.settings
    roster = settings.roster.file if settings.roster else None
    private = [roster, settings.folder / "outbox", settings.folder / "backups"]
    found = [path for path in private if path is not None and path.exists()]
    shown = [_named(path, settings.folder) for path in found if path.stat().st_mode & OTHERS]
    if shown:
        detail = _("others than its owner may read {files}: they hold personal data").format(files=", ".join(shown))
        yield Finding(check="files", status="warn", detail=detail, advice=f"chmod go= {' '.join(shown)}")
    else:
        yield Finding(check="files", status="ok", detail=_("what names people is for its owner alone"))


def _named(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
