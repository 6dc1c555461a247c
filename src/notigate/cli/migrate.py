"""`notigate migrate`: bring a ledger to the tables that this notigate needs, or from its file to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.ledger.postgres.arrival import Moved


@click.command(
    cls=Command,
    help=_(
        "Bring the ledger of an older notigate to the tables that this one needs; all that it holds stays. A ledger in a "
        "file does so by itself when it is next used. One on PostgreSQL waits for this command: back it up first, and "
        "install the same notigate on every machine that uses it.\n\n"
        "With --to, move a ledger from its file to a PostgreSQL database: everything, compared row by row, so that nothing "
        "is sent again. The file is set aside."
    ),
    epilog=examples(
        {
            "notigate migrate --dry-run": _("which tables the ledger has, and which are needed"),
            "notigate migrate": _("change them, all at once or not at all"),
            "notigate migrate --to '${env:NOTIGATE_LEDGER}'": _(
                "to the database that the environment names, postgresql://user:password@host/database"
            ),
        }
    ),
)
@click.option("--to", metavar="URL", help=_("Move it to this database, written as it will stand under ledger:."))
@click.option("--dry-run", is_flag=True, help=_("Change nothing; tell what would be."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def migrate(project: Project, *, to: str | None, dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.ledger import upgrade  # noqa: PLC0415 - as above

    if to is not None:
        _move(project, to, dry_run=dry_run, as_json=as_json)
        return
    with project.open() as gateway:
        found, known = upgrade(gateway.settings.ledger, dry_run=dry_run)
    if as_json:
        tables.show_json([{"found": found, "schema": found if dry_run else known, "needed": known}])
    else:
        click.echo(_told(found, known, dry_run=dry_run))


def _move(project: Project, to: str, *, dry_run: bool, as_json: bool) -> None:
    from notigate.cli import personal, tables  # noqa: PLC0415 - no help page waits for it
    from notigate.ledger import move  # noqa: PLC0415 - as above
    from notigate.settings.databases import named  # noqa: PLC0415 - as above

    with project.open() as gateway:
        here, there = gateway.settings.ledger, named(to, gateway.settings.folder)
        moved = move(here, there, dry_run=True)
        if not dry_run:
            personal.record(gateway, "migrate --to", moved.rows["delivery"])
    if not dry_run:
        moved = move(here, there)
    if as_json:
        tables.show_json([{"moved": not dry_run, "kept": str(moved.kept) if moved.kept else None, "rows": moved.rows}])
    else:
        _tell(project, moved, to)


def _tell(project: Project, moved: Moved, to: str) -> None:
    if moved.kept is None:
        click.echo(_("Would be moved: deliveries {deliveries}, runs {runs}.").format(
            deliveries=moved.rows["delivery"], runs=moved.rows["run"]
        ))  # fmt: skip
        return
    click.echo(_("Moved, and compared row by row: deliveries {deliveries}, runs {runs}, and all that belongs to them.").format(
        deliveries=moved.rows["delivery"], runs=moved.rows["run"]
    ))  # fmt: skip
    project.say(_("The file is kept as {file}; nothing is sent from it any more.").format(file=moved.kept.name))
    # A password typed here is in the shell's memory already; it need not be on the screen, too.
    shown = to if "${" in to else "postgresql://…"
    project.say(_("Next: write into notigate.yaml: ledger: {url}; then: notigate doctor").format(url=f'"{shown}"'))


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
