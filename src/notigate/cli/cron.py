"""`notigate cron`: the lines that let this project run by itself."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

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
        folder = gateway.settings.folder.resolve()
    program = _program()
    click.echo(_units(program, folder, every) if systemd else _crontab(program, folder, every))


def _program() -> str:
    beside = Path(sys.executable).with_name("notigate")
    return str(beside if beside.exists() else Path(sys.argv[0]).resolve())


def _crontab(program: str, folder: Path, every: int) -> str:
    run = f"{_quoted(program)} -q -C {_quoted(str(folder))}"
    log = _quoted(str(folder / "cron.log"))
    return "\n".join([
        f"# {_('What is due; nobody gets the same twice, however often it runs. Exit codes: notigate send --help')}",
        f"*/{every} * * * *  {run} send --due >> {log} 2>&1",
        f"# {_('The week, on Sunday evening, and a copy of the ledger every night')}",
        f"0 18 * * 0  {run} report week -o {_quoted(str(folder / 'week.xlsx'))} >> {log} 2>&1",
        f"30 2 * * *  {run} backup >> {log} 2>&1",
    ])  # fmt: skip


def _quoted(word: str) -> str:
    """As cron and the shell read words: to cron, `%` ends a line."""
    return shlex.quote(word).replace("%", r"\%")


def _units(program: str, folder: Path, every: int) -> str:
    run = f"{_escaped(program)} -q -C {_escaped(str(folder))}"
    service = "\n".join([
        "# /etc/systemd/system/notigate.service",
        "[Unit]",
        "Description=notigate: send what is due",
        "After=network-online.target",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={folder}",
        f"ExecStart={run} send --due",
        "UMask=0077",
        "# a run that is told to stop finishes the calls in flight first",
        "TimeoutStopSec=30",
        "# 3: an approval is missing; 4: outcomes are unknown: the run itself did its work",
        "SuccessExitStatus=3 4",
    ])  # fmt: skip
    timer = "\n".join([
        "# /etc/systemd/system/notigate.timer",
        "[Unit]",
        "Description=notigate every few minutes",
        "[Timer]",
        f"OnCalendar=*:0/{every}",
        "Persistent=true",
        "[Install]",
        "WantedBy=timers.target",
    ])  # fmt: skip
    return f"{service}\n\n{timer}\n\n# sudo systemctl daemon-reload && sudo systemctl enable --now notigate.timer"


def _escaped(word: str) -> str:
    r"""As systemd reads words: `"`, `\` and `%` mean something there."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
