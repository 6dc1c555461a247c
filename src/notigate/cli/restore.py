"""`notigate restore`: put a copy of the ledger back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n

if TYPE_CHECKING:
    from notigate.ledger.backup import Copy


@click.command(
    cls=Command,
    help=_(
        "Put a copy back in the place of a ledger that is lost or damaged. The copy is checked first. What was sent after it "
        "was taken is not in it and may be sent again: look into the provider's records before the next send. The ledger "
        "that stands there is kept beside it."
    ),
    epilog=examples(
        {
            "notigate restore backups/notigate-20261121-180000.db --dry-run": _("what is in it, and what is not"),
            "notigate restore backups/notigate-20261121-180000.db": _("put it back"),
        }
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help=_("Check the copy; change nothing."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@pass_project
def restore(project: Project, *, file: Path, dry_run: bool, yes: bool) -> None:
    """Run the command."""
    from notigate.cli.backup import ledger_file  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.personal import sure  # noqa: PLC0415 - as above
    from notigate.ledger.backup import inspect, missing_runs, put_back  # noqa: PLC0415 - as above

    with project.open() as gateway:
        ledger = ledger_file(gateway.settings.ledger)
    copy = inspect(file)
    click.echo(_told(copy, missing_runs(ledger, copy)))
    if dry_run:
        return
    sure(_("Put it back?"), yes=yes)
    kept = put_back(copy, ledger)
    if kept is not None:
        project.say(_("The ledger that stood there is kept as {file}.").format(file=kept.name))
    click.echo(_("The ledger is back. See what would go out now: notigate send --due --dry-run"))


def _told(copy: Copy, missing: int | None) -> str:
    told = _("{file}: sound. In it: deliveries {deliveries}, runs {runs}.").format(
        file=copy.file, deliveries=copy.deliveries, runs=copy.generation
    )
    if missing is None:
        return told + " " + _("Nothing here tells whether later runs are missing in it.")
    if not missing:
        return told + " " + _("No run is missing in it.")
    return f"{told} " + _n(
        "{n} later run is not in it: what it sent may be sent again.",
        "{n} later runs are not in it: what they sent may be sent again.",
        missing,
    ).format(n=missing)
