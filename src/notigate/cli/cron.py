"""`notigate cron`: the lines that let this project run by itself."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

#: minutes between two runs; a run that finds nothing new ends within a second
EVERY = 5


@click.command(
    cls=Command,
    help=_(
        "Print the lines that let this project run by itself: send what is due every few minutes, the week's report on "
        "Sunday, a backup every night. Nothing is installed."
    ),
    epilog=examples(
        {
            "notigate cron": _("for crontab -e"),
            "notigate cron --systemd": _("as units, each with its file name and the commands that install them"),
        }
    ),
)
@click.option("--systemd", is_flag=True, help=_("As systemd units instead of crontab lines."))
@click.option(
    "--every", type=click.IntRange(1, 59), default=EVERY, metavar="MINUTES", help=_("Minutes between two runs.")
)
@pass_project
def cron(project: Project, *, systemd: bool, every: int) -> None:
    """Run the command."""
    with project.open() as gateway:
        folder, zone = gateway.settings.folder.resolve(), gateway.settings.timezone
    program = _program()
    click.echo(_units(program, folder, every, zone) if systemd else _crontab(program, folder, every, zone))


def _program() -> str:
    beside = Path(sys.executable).with_name("notigate")
    return str(beside if beside.exists() else Path(sys.argv[0]).resolve())


def _crontab(program: str, folder: Path, every: int, zone: ZoneInfo) -> str:
    run = f"{_quoted(program)} -q -C {_quoted(str(folder))}"
    log = _quoted(str(folder / "cron.log"))
    sunday, night = _here(zone, 18, 0), _here(zone, 2, 30)
    due = _("What is due; nobody gets the same twice, however often it runs. Exit codes: notigate send --help")
    others = _("The week, on Sunday evening, and a copy of the ledger every night")
    return "\n".join([
        f"# {due}",
        f"*/{every} * * * *  {run} send --due >> {log}",
        f"# {others}",
        f"{sunday:%-M %-H} * * {sunday:%w}  {run} report week -o {_quoted(str(folder / 'week.xlsx'))} >> {log}",
        f"{night:%-M %-H} * * *  {run} backup >> {log}",
    ])  # fmt: skip


def _here(zone: ZoneInfo, hour: int, minute: int) -> datetime:
    """An hour of a Sunday in the project's zone, by the clock of this machine: cron knows no other."""
    from notigate.edges import real_now  # noqa: PLC0415 - no help page waits for it

    today = real_now().astimezone(zone)
    sunday = today + timedelta(days=6 - today.weekday())
    return sunday.replace(hour=hour, minute=minute).astimezone()


def _quoted(word: str) -> str:
    """As cron and the shell read words: to cron, `%` ends a line."""
    return shlex.quote(word).replace("%", r"\%")


def _units(program: str, folder: Path, every: int, zone: ZoneInfo) -> str:
    from notigate.cli.personal import login  # noqa: PLC0415 - no help page waits for it

    run = f"{_escaped(program)} -q -C {_escaped(str(folder))}"
    report = f"{run} report week -o {_escaped(str(folder / 'week.xlsx'))}"
    jobs = [
        ("notigate", _("send what is due"), f"{run} send --due", f"*:0/{every}"),
        ("notigate-report", _("the week's report"), report, f"Sun 18:00 {zone}"),
        ("notigate-backup", _("a copy of the ledger"), f"{run} backup", f"02:30 {zone}"),
    ]
    units = [_unit(name, what, line, when, folder, login()) for name, what, line, when in jobs]
    timers = " ".join(f"{name}.timer" for name, *_rest in jobs)
    return "\n\n".join([*units, f"# sudo systemctl daemon-reload && sudo systemctl enable --now {timers}"])


def _unit(name: str, what: str, line: str, when: str, folder: Path, user: str) -> str:  # noqa: PLR0913, PLR0917 - the lines of a unit
    return f"""\
# /etc/systemd/system/{name}.service
[Unit]
Description=notigate: {what}
After=network-online.target
Wants=network-online.target
[Service]
Type=oneshot
User={user}
WorkingDirectory={_plain(folder)}
# secrets as NAME=value, one a line, in a file of mode 0600; it may be missing
EnvironmentFile=-{_plain(folder)}/notigate.env
ExecStart={line}
UMask=0077
# a run that is told to stop finishes the calls in flight first
TimeoutStopSec=30
# 3: an approval is missing; 4: outcomes are unknown; 6: another run is at it: the run itself did its work
SuccessExitStatus=3 4 6

# /etc/systemd/system/{name}.timer
[Unit]
Description=notigate: {what}
[Timer]
OnCalendar={when}
Persistent=true
[Install]
WantedBy=timers.target"""


def _plain(path: Path) -> str:
    """As systemd reads a path that stands alone: `%` means something there."""
    return str(path).replace("%", "%%")


def _escaped(word: str) -> str:
    r"""As systemd reads words: `"`, `\` and `%` mean something there."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
