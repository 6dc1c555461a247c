"""`notigate approve`: let a batch go."""

from __future__ import annotations

import click

from notigate.cli.approvals import decide
from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n


@click.command(
    cls=Command,
    help=_("Let a batch go. It goes out with the next notigate send --due, in its hours. Your login name is recorded."),
    epilog=examples(
        {
            "notigate approvals": _("the names of the batches"),
            "notigate approve holiday/mid-autumn@2026": _("let it go"),
        }
    ),
)
@click.argument("batch")
@click.option("--dry-run", is_flag=True, help=_("Only tell how many messages it is about."))
@pass_project
def approve(project: Project, *, batch: str, dry_run: bool) -> None:
    """Run the command."""
    with project.open() as gateway:
        n = decide(gateway, batch, approved=True, dry_run=dry_run)
    if dry_run:
        told = _n("{n} message of {batch} would be approved.", "{n} messages of {batch} would be approved.", n)
    else:
        told = _n("{n} message of {batch} is approved.", "{n} messages of {batch} are approved.", n)
    click.echo(told.format(n=n, batch=batch))
    project.say(_("Next: notigate send --due"))
