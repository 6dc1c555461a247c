"""`notigate migrate`: bring the ledger of an older notigate to the tables that this one needs."""

from __future__ import annotations

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _


@click.command(
    cls=Command,
    help=_(
        "Bring the ledger of an older notigate to the tables that this one needs; all that it holds stays. A ledger in a "
        "file does so by itself when it is next used. One on PostgreSQL waits for this command: back it up first, and "
        "install the same notigate on every machine that uses it."
    ),
    epilog=examples(
        {
            "notigate migrate --dry-run": _("which tables the ledger has, and which are needed"),
            "notigate migrate": _("change them, all at once or not at all"),
        }
    ),
)
@click.option("--dry-run", is_flag=True, help=_("Change nothing; tell what would be."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def migrate(project: Project, *, dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.ledger import upgrade  # noqa: PLC0415 - as above

    with project.open() as gateway:
        found, known = upgrade(gateway.settings.ledger, dry_run=dry_run)
    if as_json:
        tables.show_json([{"found": found, "schema": found if dry_run else known, "needed": known}])
    else:
        click.echo(_told(found, known, dry_run=dry_run))


def _told(found: int, known: int, *, dry_run: bool) -> str:
    if found == known:
        told = _("The ledger has schema {known}, which this notigate needs: nothing is to be done.")
    elif found == 0:
        told = _("There is no ledger yet: it would be made.") if dry_run else _("The ledger is made (schema {known}).")
    elif dry_run:
        told = _("The ledger has schema {found} and would get schema {known}.")
    else:
        told = _("The ledger had schema {found} and has schema {known} now. All that it held is there.")
    return told.format(found=found, known=known)
