"""`notigate send`: send what is due, or occasions by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from notigate.gateway import Gateway
    from notigate.model import Run


#: options that go with named occasions only
OF_OCCASIONS = ("on", "roster", "to", "params", "channel", "key")


def pairs(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Mapping[str, str]:
    """Read `-p KEY=VALUE`, for any command that takes it."""
    parted = [pair.partition("=") for pair in given]
    for key, sign, _value in parted:
        if not (key and sign):
            raise click.BadParameter(_("write KEY=VALUE, not {given!r}").format(given=key))
    return {key: value for key, _sign, value in parted}


@click.command(
    cls=Command,
    help=_(
        "Send what is due now (--due), or occasions by name. Nobody gets the same occasion twice: run it again as "
        "often as you like."
    ),
    epilog=examples(
        {
            "notigate send --due": _("what is due now; let cron call this"),
            "notigate send holiday/mid-autumn --dry-run": _("what would go out"),
            "notigate send weather/severe-weather --to 13800138000 -p event=暴雨": _("one message"),
        }
    ),
)
@click.argument("occasions", nargs=-1, metavar="[OCCASION]...")
@click.option("--due", is_flag=True, help=_("Everything that is due now."))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=_("The day it is for (default: today)."))
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("The people of this file instead of the project's."),
)
@click.option("--to", metavar="ADDRESS", help=_("One message, now, to this phone number, mail address or WeCom id."))
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    callback=pairs,
    metavar="KEY=VALUE",
    help=_("A fact for the text; repeatable."),
)
@click.option("--channel", metavar="NAME", help=_("By this channel and no other."))
@click.option("--key", metavar="KEY", help=_("Names this time of the occasion: the same key is never sent twice."))
@click.option("--dry-run", is_flag=True, help=_("Show what would go out; send nothing."))
@click.option(
    "--max", "limit", type=click.IntRange(min=0), metavar="N", help=_("Refuse to send more messages than this.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@click.pass_context
@pass_project
def send(project: Project, ctx: click.Context, /, *, due: bool, as_json: bool, **chosen: Any) -> None:  # noqa: ANN401 - options
    """Run the command."""
    from notigate.cli.outcome import show_run  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.progress import progress  # noqa: PLC0415 - as above
    from notigate.cli.stopping import stopping  # noqa: PLC0415 - as above
    from notigate.cli.streams import unwritable  # noqa: PLC0415 - as above

    _check(due=due, chosen=chosen)
    with project.open() as gateway, stopping(gateway.stop) as heard:
        with progress(project, _("Sending")) as step:
            gateway.progress = step
            run = _run(gateway, due=due, **chosen)
        try:
            show_run(run, project, as_json=as_json)
        except OSError as fault:  # what was sent stands in the ledger, and decides the exit code
            if not unwritable(fault):
                raise
    ctx.exit(heard.code or run.exit_code)


def _check(*, due: bool, chosen: Mapping[str, Any]) -> None:
    if due == bool(chosen["occasions"]):
        raise click.UsageError(_("say what to send: either --due, or the names of occasions"))
    if due and any(chosen[name] for name in OF_OCCASIONS):
        raise click.UsageError(
            _("--due goes with --dry-run, --max and --json only; name the occasion to use the others")
        )


def _run(
    gateway: Gateway,
    *,
    due: bool,
    occasions: tuple[str, ...],
    on: datetime | None,
    **chosen: Any,  # noqa: ANN401 - options
) -> Run:
    if due:
        return gateway.send_due(dry_run=chosen["dry_run"], limit=chosen["limit"])
    return gateway.send(*occasions, on=on.date() if on else None, **chosen)
