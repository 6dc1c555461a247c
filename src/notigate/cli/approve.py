"""`notigate approve`: let a batch go."""

from __future__ import annotations

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n


@click.command(
    cls=Command,
    help=_(
        "Let a batch go: with notigate send --due, in its hours, if nothing of it changes before. Who says so is recorded."
    ),
    epilog=examples(
        {
            "notigate approvals": _("the names of the batches"),
            "notigate approve holiday/mid-autumn": _("the only one of it that waits"),
            "notigate approve holiday/mid-autumn@2026-09-25 --by 周敏 --digest 9f2c41": _(
                "what was looked at, and no other"
            ),
        }
    ),
)
@click.argument("batch")
@click.option("--by", default="", metavar="NAME", help=_("Who says so (default: the user of this machine)."))
@click.option("--digest", default="", metavar="D", help=_("Only if its digest still begins like this."))
@click.option("--dry-run", is_flag=True, help=_("Only tell how many messages it is about."))
@pass_project
def approve(project: Project, *, batch: str, by: str, digest: str, dry_run: bool) -> None:
    """Run the command."""
    with project.open() as gateway:
        n = gateway.approve(batch, approved=True, by=by, digest=digest, dry_run=dry_run)
    if dry_run:
        told = _n("{n} message of {batch} would be approved.", "{n} messages of {batch} would be approved.", n)
    else:
        told = _n("{n} message of {batch} is approved.", "{n} messages of {batch} are approved.", n)
    click.echo(told.format(n=n, batch=batch))
    project.say(_("Next: notigate send --due"))
