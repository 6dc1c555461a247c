"""What must happen by itself: does something call notigate, how did it go, and can it draw the report?"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.alarms.sentences import told
from notigate.doctor.findings import Finding
from notigate.errors import LedgerError
from notigate.language import _
from notigate.ledger import health, outlook
from notigate.ledger.alarms import Kind

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.settings import Settings

#: where others than `crontab -e` keep lines, and where systemd keeps units
TABLES = (Path("/etc/crontab"), Path("/etc/cron.d"))
UNITS = (Path("/etc/systemd/system"), Path("~/.config/systemd/user").expanduser())
#: alarms about what has a line of its own here
ELSEWHERE = frozenset({Kind.CALENDAR, Kind.LEDGER, Kind.DISK})
#: seconds that `crontab -l` may take
PATIENCE = 5
_DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="16">{}</text></svg>'
_VARIABLE = re.compile(r"\$\{env:(\w+)\}")


def runs(gateway: Gateway) -> Iterator[Finding]:
    """The last run that cron called, and what somebody should look after."""
    file = health.file_of(gateway.settings.ledger)
    if file is not None and not file.exists():
        yield Finding(check="runs", status="ok", detail=_("nothing has run yet"))
        return
    try:
        last = next(iter(outlook.due_runs(gateway.ledger, 1)), None)
        standing = [alarm for alarm in gateway.alarms.standing() if alarm.kind not in ELSEWHERE]
    except LedgerError:  # told elsewhere
        return
    for alarm in standing:
        yield Finding(check="runs", status="warn", detail=told(alarm))
    if last is None:
        yield Finding(check="runs", status="ok", detail=_("cron has not called it yet"))
    elif not standing:
        at = f"{last.started.astimezone(gateway.settings.timezone):%Y-%m-%d %H:%M}"
        yield Finding(check="runs", status="ok", detail=_("the last one was at {time}; all is well").format(time=at))


def alarms(gateway: Gateway) -> Iterator[Finding]:
    """Whether somebody is told what somebody should look after."""
    if to := gateway.settings.alarms.to:
        yield Finding(check="alarms", status="ok", detail=_("{names} are told of them").format(names=", ".join(to)))
        return
    advice = _("name somebody under `staff`, and: alarms: {to: [NAME]}")
    yield Finding(check="alarms", status="warn", detail=_("nobody is told when something goes wrong"), advice=advice)


def cron(gateway: Gateway) -> Iterator[Finding]:
    """Whether a crontab or a timer of this machine calls it for this project, with the variables that it needs."""
    settings = gateway.settings
    folder = str(settings.folder.resolve())
    tables = [text for text in _tables() if any(_calls(line, folder) for line in text.splitlines())]
    if tables:
        lacks = sorted(name for name in _variables(settings) if not any(_sets(text, name) for text in tables))
        if lacks:
            detail = _("the crontab does not know {names}, which notigate.yaml asks for").format(names=", ".join(lacks))
            advice = _("cron has not your shell's environment: write NAME=value above its lines, or use ${file:PATH}")
            yield Finding(check="cron", status="warn", detail=detail, advice=advice)
        else:
            yield Finding(check="cron", status="ok", detail=_("a crontab calls notigate send --due"))
    elif any(_calls(line, folder) for text in _read(UNITS, "*.service") for line in text.splitlines()):
        yield Finding(check="cron", status="ok", detail=_("a unit of systemd calls notigate send --due"))
    else:
        detail = _("nothing on this machine calls notigate send --due for this project, as far as can be seen")
        yield Finding(check="cron", status="warn", detail=detail, advice=_("see: notigate cron"))


def fonts() -> Iterator[Finding]:
    """Whether a chart with Chinese in it can be drawn."""
    from notigate.reports.picture import png  # noqa: PLC0415 - nobody else here draws

    why = ""
    try:
        if png(_DRAWING.format("周报")) == png(_DRAWING.format("")):
            why = _("the font is missing")
    except (ImportError, OSError, ValueError) as fault:
        why = str(fault)
    if why:
        detail = _("charts cannot be drawn as pictures: {why}").format(why=why)
        yield Finding(check="fonts", status="warn", detail=detail, advice=_("install notigate anew, with resvg-py"))
    else:
        yield Finding(check="fonts", status="ok", detail=_("charts are drawn with a font of our own"))


def _tables() -> Iterator[str]:
    """The crontabs that can be read: the user's own, and the machine's."""
    try:
        own = subprocess.run(["crontab", "-l"], capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S607 - wherever it is
        yield own.stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        pass  # no cron on this machine
    yield from _read(TABLES, "*")


def _read(places: tuple[Path, ...], pattern: str) -> Iterator[str]:
    for place in places:
        for file in [place] if place.is_file() else sorted(place.glob(pattern)):
            try:
                yield file.read_text(encoding="utf-8", errors="replace")
            except OSError:  # not for our eyes, or no file
                continue


def _calls(line: str, folder: str) -> bool:
    plain = line.replace("\\%", "%").replace("%%", "%")
    return not plain.lstrip().startswith("#") and "notigate" in plain and "send" in plain and folder in plain


def _sets(table: str, name: str) -> bool:
    return re.search(rf"^\s*(?:export\s+)?{name}\s*=|\b{name}=", table, re.MULTILINE) is not None


def _variables(settings: Settings) -> set[str]:
    return set(_VARIABLE.findall(settings.file.read_text(encoding="utf-8")))
