"""`notigate refuse`: call a batch off."""

from __future__ import annotations

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n


@click.command(
    cls=Command,
    help=_("Call a batch off: nothing of it will be sent, now or later. Who says so is recorded, with the time."),
    epilog=examples(
        {
            "notigate approvals": _("the names of the batches"),
            "notigate refuse holiday/mid-autumn": _("call it off"),
        }
    ),
)
@click.argument("batch")
@click.option("--by", default="", metavar="NAME", help=_("Who says so (default: the user of this machine)."))
@click.option("--because", default="", metavar="TEXT", help=_("Why; recorded with it."))
@click.option("--dry-run", is_flag=True, help=_("Only tell how many messages it is about."))
@pass_project
def refuse(project: Project, *, batch: str, by: str, because: str, dry_run: bool) -> None:
    """Run the command."""
    with project.open() as gateway:
        n = gateway.approve(batch, approved=False, by=by, because=because, dry_run=dry_run)
    if dry_run:
        told = _n("{n} message of {batch} would be called off.", "{n} messages of {batch} would be called off.", n)
    else:
        told = _n("{n} message of {batch} is called off.", "{n} messages of {batch} are called off.", n)
    click.echo(told.format(n=n, batch=batch))
