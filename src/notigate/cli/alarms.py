"""`notigate alarms`: tell our own people what somebody should look after."""

from __future__ import annotations

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _


@click.command(
    cls=Command,
    help=_(
        "Tell the people of `alarms: to:` in notigate.yaml what they were not told yet, and list what somebody should look "
        "after. notigate send --due does the same when it ends; call this one from somewhere else than that cron job, so "
        "that its silence is noticed. Exit code 1 when there is something to look after."
    ),
    epilog=examples(
        {
            "notigate alarms": _("tell what is new; let a second timer call this"),
            "notigate alarms --dry-run": _("tell nobody"),
            "notigate -q alarms --json": _("one object a line"),
        }
    ),
)
@click.option("--dry-run", is_flag=True, help=_("Only list them; tell nobody."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def alarms(project: Project, ctx: click.Context, *, dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.alarms.sentences import told  # noqa: PLC0415 - no help page waits for it
    from notigate.cli import tables  # noqa: PLC0415 - as above
    from notigate.cli.status import alarm_as_json  # noqa: PLC0415 - as above

    with project.open() as gateway:
        found = gateway.alarms.standing() if dry_run else gateway.alarms.tell()
        nobody = not gateway.settings.alarms.to
    if as_json:
        tables.show_json(alarm_as_json(alarm) for alarm in found)
    else:
        for alarm in found:
            click.echo(f"! {tables.printable(told(alarm))}")
        if not found:
            click.echo(_("Nothing is to be looked after."))
        if found and nobody:
            project.say(_("Nobody is told; name somebody: alarms: {to: [ops]}"))
    ctx.exit(1 if found else 0)
