"""`notigate backup`: a copy of the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _


@click.command(
    cls=Command,
    help=_(
        "Copy the ledger as it stands now, also while a run sends, and check the copy. It holds personal data: only its "
        "owner can read it. A ledger on PostgreSQL is backed up by PostgreSQL's own tools."
    ),
    epilog=examples(
        {
            "notigate backup": _("into the project's folder backups, named after the time"),
            "notigate backup /mnt/safe/notigate.db": _("to a place of your own"),
            "notigate backup /mnt/safe/notigate.db --dry-run": _(
                "is there room, and is the ledger sound? nothing is kept"
            ),
        }
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help=_("Copy and check, and keep nothing of it."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def backup(project: Project, *, file: Path | None, dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import personal, tables  # noqa: PLC0415 - no help page waits for it
    from notigate.ledger.backup import take  # noqa: PLC0415 - as above

    with project.open() as gateway:
        ledger = ledger_file(gateway.settings.ledger)
        name = f"{ledger.stem}-{gateway.clock.real().astimezone(gateway.settings.timezone):%Y%m%d-%H%M%S}.db"
        to = file or _folder(gateway.settings.folder, make=not dry_run) / name
        copy = take(ledger, to, keep=not dry_run)
        if not dry_run:
            personal.record(gateway, "backup", copy.deliveries)
    if as_json:
        tables.show_json([{"file": str(copy.file), "deliveries": copy.deliveries, "runs": copy.generation}])
    else:
        click.echo(_("It could be written: {file}").format(file=copy.file) if dry_run else copy.file)
        project.say(_("In it: deliveries {deliveries}, runs {runs}.").format(
            deliveries=copy.deliveries, runs=copy.generation
        ))  # fmt: skip


def ledger_file(url: str) -> Path:
    """The file of the project's ledger, which must be there.

    Raises:
        UsageError: there is none, or a server keeps it.
    """
    from notigate.errors import UsageError  # noqa: PLC0415 - as in backup
    from notigate.ledger.health import file_of  # noqa: PLC0415 - as in backup

    file = file_of(url)
    if file is None:
        raise UsageError("this ledger is kept by PostgreSQL: back it up with pg_dump, and restore it with pg_restore")
    return file


def _folder(project: Path, *, make: bool) -> Path:
    """Where copies usually lie; a rehearsal that would have to make it looks for room beside it."""
    folder = project / "backups"
    if make:
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder if folder.is_dir() else project
