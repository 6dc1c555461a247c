"""`notigate refuse`: call a batch off."""

from __future__ import annotations

import click

from notigate.cli.approvals import decide
from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n


@click.command(
    cls=Command,
    help=_("Call a batch off: nothing of it will be sent, now or later. Your login name is recorded."),
    epilog=examples(
        {
            "notigate approvals": _("the names of the batches"),
            "notigate refuse holiday/mid-autumn@2026": _("call it off"),
        }
    ),
)
@click.argument("batch")
@click.option("--dry-run", is_flag=True, help=_("Only tell how many messages it is about."))
@pass_project
def refuse(project: Project, *, batch: str, dry_run: bool) -> None:
    """Run the command."""
    with project.open() as gateway:
        n = decide(gateway, batch, approved=False, dry_run=dry_run)
    if dry_run:
        told = _n("{n} message of {batch} would be called off.", "{n} messages of {batch} would be called off.", n)
    else:
        told = _n("{n} message of {batch} is called off.", "{n} messages of {batch} are called off.", n)
    click.echo(told.format(n=n, batch=batch))
