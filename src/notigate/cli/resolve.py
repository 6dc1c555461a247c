"""`notigate resolve`: unknown outcomes; ask the providers, or record a person's decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ExitCode
from notigate.language import _, _n

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from notigate.model import Delivery


@click.command(
    cls=Command,
    help=_(
        "Settle messages of which nobody knows whether they went out. Without DELIVERY the providers are asked, and "
        "what still waits is listed. With it, record what you found out: sent (it arrived), resend (send it again), "
        "give-up (leave it)."
    ),
    epilog=examples(
        {
            "notigate resolve": _("ask the providers; list what still waits"),
            "notigate resolve 1017 --as sent": _("the customer has it"),
            "notigate resolve 1017 --as resend": _("the customer does not have it; send it again"),
        }
    ),
)
@click.argument("delivery", type=int, required=False)
@click.option("--as", "decision", type=click.Choice(["sent", "resend", "give-up"]), help=_("What you decided."))
@click.option(
    "--dry-run", is_flag=True, help=_("Ask nobody and record nothing; show what waits, or what would be recorded.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def resolve(  # noqa: PLR0913 - one an option
    project: Project, ctx: click.Context, *, delivery: int | None, decision: str | None, dry_run: bool, as_json: bool
) -> None:
    """Run the command."""
    if (delivery is None) != (decision is None):
        raise click.UsageError(_("name a delivery and what you decided (--as), or neither"))
    if delivery is not None and decision is not None:
        _decide(project, delivery, decision, dry_run=dry_run)
    else:
        ctx.exit(_ask(project, dry_run=dry_run, as_json=as_json))


def _decide(project: Project, delivery: int, decision: str, *, dry_run: bool) -> None:
    import getpass  # noqa: PLC0415 - no help page waits for it

    from notigate.words import state  # noqa: PLC0415 - as above

    with project.open() as gateway:
        decided = gateway.decide(delivery, decision, getpass.getuser(), dry_run=dry_run)
    told = _("Delivery {id} would be: {state}") if dry_run else _("Delivery {id} is now: {state}")
    click.echo(told.format(id=decided.id, state=state(decided.state)))
    if decision == "resend":
        project.say(_("Next: notigate send --due"))


def _ask(project: Project, *, dry_run: bool, as_json: bool) -> ExitCode:
    from notigate.model import State  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        told = Counter[str]() if dry_run else gateway.resolve()
        waiting = list(gateway.log(state=State.UNKNOWN))
        asked = {standing.name for standing in gateway.lineup.standings() if "lookup" in standing.powers}
        _show(waiting, gateway.settings.timezone, as_json=as_json)
    if settled := told["found"]:
        project.say(_n("{n} outcome is settled.", "{n} outcomes are settled.", settled).format(n=settled))
    if again := told["absent"] + told["repeated"]:
        project.say(_n("{n} message is to be sent again.", "{n} messages are to be sent again.", again).format(n=again))
        project.say(_("Next: notigate send --due"))
    if not waiting:
        project.say(_("No outcome is unknown."))
        return ExitCode.DONE
    still = _n("{n} outcome is still unknown.", "{n} outcomes are still unknown.", len(waiting))
    project.say(still.format(n=len(waiting)))
    channels = {delivery.channel for delivery in waiting}
    if silent := sorted(channels - asked):
        advice = _(
            "Nobody can be asked of {channels}: look into the log there, or ask the reader; then: notigate resolve DELIVERY "
            "--as sent|resend|give-up"
        )
        project.say(advice.format(channels=", ".join(silent)))
    if channels & asked:
        project.say(
            _("Providers are asked again later. If you know: notigate resolve DELIVERY --as sent|resend|give-up")
        )
    return ExitCode.SOME_UNKNOWN


def _show(waiting: Sequence[Delivery], zone: ZoneInfo, *, as_json: bool) -> None:
    from notigate.cli import deliveries, tables  # noqa: PLC0415 - no help page waits for it

    if tables.on_terminal() and waiting and not as_json:
        deliveries.show_table(waiting, zone)
    elif waiting:
        deliveries.show_lines(waiting, zone, json=as_json)
