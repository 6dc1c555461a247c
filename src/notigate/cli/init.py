"""`notigate init`: a new project that works at once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _


@click.command(
    cls=Command,
    help=_(
        "Make a new project in DIR. Its only channel is an outbox: every message becomes a file, and nobody is "
        "reached, until you name a real channel in notigate.yaml."
    ),
    epilog=examples(
        {
            "notigate init demo --sample": _("with invented people, some of whom have a birthday today"),
            "notigate -C demo plan --days 7": _("who would get what this week"),
            "notigate -C demo send --due": _("write what is due into demo/outbox"),
        }
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--sample", "with_people", is_flag=True, help=_("With invented people to try it with."))
@click.option("--dry-run", is_flag=True, help=_("Show which files would be made."))
@pass_project
def init(project: Project, *, folder: Path, with_people: bool, dry_run: bool) -> None:
    """Run the command."""
    from notigate import sample  # noqa: PLC0415 - no help page waits for it

    for file in sample.write(folder, _today(project), sample=with_people, dry_run=dry_run):
        click.echo(file)
    if not dry_run:
        project.say(_("Next: notigate -C {folder} send --due").format(folder=folder))


def _today(project: Project) -> date:
    """The day around which something happens in the sample."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - no help page waits for it

    from notigate.edges import real_now  # noqa: PLC0415 - as above
    from notigate.sample import ZONE  # noqa: PLC0415 - as above

    return project.now.date() if isinstance(project.now, datetime) else real_now().astimezone(ZoneInfo(ZONE)).date()
