"""The command line: one file a command, imported when it is called.

Results go to standard output, talk to standard error. Help, version and completion import click and the standard
library only.
"""

from __future__ import annotations

import atexit
import gc
import logging
import sys
from contextlib import suppress
from datetime import datetime, time
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from notigate import __version__
from notigate.cli.pages import Command, Context, examples
from notigate.cli.project import Project
from notigate.cli.streams import Masked, mask_faults, say, unwritable
from notigate.errors import ExitCode, NotigateError
from notigate.language import _, speak, translate

#: each in the module of its name; the order is that of the help page
COMMANDS = (
    "init", "send", "plan", "why", "preview", "calendar", "fact", "corrections", "approvals", "approve", "refuse", "resolve", "log",
    "report", "weather", "channels", "plugins", "doctor", "status", "watch", "alarms", "metrics", "roster", "cron", "backup", "restore",
    "export",
    "migrate", "receipts", "templates", "schema", "optout", "consent", "erase", "purge", "accesses", "completion",
)  # fmt: skip


class Commands(click.Group):
    """Finds a command in the module of its name, or at the project's plugins; tells our own faults in one sentence."""

    context_class = Context
    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse a line that is no text: no ledger could keep it, and no reader read it."""
        for argument in args:
            shown = argument.encode("utf-8", "replace").decode()
            if shown != argument:
                ctx.fail(_("{argument} is not written in UTF-8").format(argument=shown))
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Our own commands, in the order of the help page; those of plugins are not asked for."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; one that is not ours is looked for at the project's plugins."""
        if cmd_name in COMMANDS:
            command: click.Command = getattr(import_module(f"notigate.cli.{cmd_name}"), cmd_name)
            return command
        # A half-typed line that the shell wants completed is no reason to load plugins.
        return None if ctx.resilient_parsing else _project(ctx).commands().get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of this line; name a near one where there is none."""
        name, *rest = args
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing:
            near = get_close_matches(name, COMMANDS, 1) or [_("notigate --help lists them")]
            ctx.fail(_("There is no command {name!r}; near: {near}").format(name=name, near=near[0]))
        return name if command else None, command, rest

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run the command; what a person can put right is told without a traceback."""
        try:
            return super().invoke(ctx)
        except NotigateError as fault:
            for line in translate(fault).splitlines():
                say(_("Error: {message}").format(message=line))
            ctx.exit(fault.exit_code)
        except KeyboardInterrupt:
            say(_("Interrupted."))
            ctx.exit(ExitCode.INTERRUPTED)
        except OSError as fault:
            if not unwritable(fault):
                raise
            ctx.exit(ExitCode.SOME_FAILED)


def _moment(_ctx: click.Context, _option: click.Parameter, text: str | None) -> datetime | time | None:
    """A timestamp in ISO form, or a time of today."""
    if text is None:
        return None
    with suppress(ValueError):
        return time.fromisoformat(text)
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    raise click.BadParameter(_("{value} is no time; write 2026-11-21T10:05, or 10:05 for today").format(value=text))


@click.group(
    "notigate",
    cls=Commands,
    help=_("The right message, once, by SMS, email or WeCom."),
    epilog=examples(
        {
            "notigate init demo --sample": _("make a project to try it with"),
            "notigate -C demo send --due": _("send what is due; nobody real is reached"),
            "notigate -C demo report week": _("see what the week came to"),
        }
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=_("The project's folder (default: $NOTIGATE_PROJECT, or from here upwards)."),
)
@click.option(
    "--now",
    callback=_moment,
    metavar="TIMESTAMP",
    help=_("Rehearse as if it were then: 2026-11-21T10:05, or 10:05 today."),
)
@click.option("-q", "--quiet", is_flag=True, help=_("Results only, no talk."))
@click.option("-v", "--verbose", count=True, help=_("Tell more; -vv tells everything."))
@click.version_option(__version__, message="notigate %(version)s", help=_("Show the version and exit."))
@click.pass_context
def cli(ctx: click.Context, /, verbose: int, **_chosen: object) -> None:
    """What every command shares."""
    ctx.obj = _project(ctx)
    if verbose:
        level = logging.INFO if verbose == 1 else logging.DEBUG
        handler = logging.StreamHandler()
        handler.setFormatter(Masked("%(levelname)s %(name)s: %(message)s"))
        logging.basicConfig(level=level, handlers=[handler])


def _project(ctx: click.Context) -> Project:
    chosen = ctx.params
    return Project(folder=chosen["folder"], now=chosen["now"], quiet=chosen["quiet"], verbose=chosen["verbose"] > 0)


def main() -> None:
    """The program `notigate`."""
    # To import, and to plan for thousands, is to make many objects and drop none in circles: look less often in vain.
    gc.set_threshold(100_000, 20, 20)
    # What is left at the end goes with the process: to look for circles in it takes a fifth of a short command.
    atexit.register(gc.freeze)
    speak()
    mask_faults()
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character gets a substitute, never a traceback in the middle of a report.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text streams
    cli(prog_name="notigate")
