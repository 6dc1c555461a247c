"""`notigate export`: a span of the ledger, for auditors."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.options import to_file
from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from datetime import date

    from notigate.export import Exported

DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    cls=Command,
    help=_(
        "Write all that happened in a span into a file for auditors: every message planned for these days with what became "
        "of it, every change, every request to a provider, every approval. Addresses are masked and texts left out. The "
        "digest (SHA-256) of the file is printed, and recorded with who took it out: notigate accesses."
    ),
    epilog=examples(
        {
            "notigate export --since 2026-11-01 --until 2026-11-30 -o november.xlsx": _("a month, as a workbook"),
            "notigate export --since 2026-11-01 --until 2026-11-30 -o november.jsonl > november.sha256": _(
                "for a program; sha256sum -c november.sha256 tells later whether the file is unchanged"
            ),
            'notigate export --since 2026-11-21 --until 2026-11-21 -o day.csv --show-pii --because "complaint 4711"': _(
                "with addresses and texts; who took them out, and why, is recorded"
            ),
        }
    ),
)
@click.option("--since", "first", type=DAY, required=True, metavar="D", help=_("The first day, as reports count days."))
@click.option("--until", "last", type=DAY, required=True, metavar="D", help=_("The last day, included."))
@to_file(_("A new file that ends in .csv, .jsonl or .xlsx."), required=True)
@click.option("--show-pii", is_flag=True, help=_("Addresses and texts in full; recorded, and wants --because."))
@click.option("--because", default="", metavar="TEXT", help=_("Why it is taken out; recorded."))
@click.option("--dry-run", is_flag=True, help=_("Count what would be in it, and keep nothing of it."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def export(  # noqa: PLR0913 - one an option
    project: Project,
    *,
    first: datetime,
    last: datetime,
    file: Path,
    show_pii: bool,
    because: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.export import FORMATS  # noqa: PLC0415 - as above

    if file.suffix.lower() not in FORMATS:
        told = _("{file}: there is no such kind of file; write one that ends in {formats}")
        raise click.BadParameter(told.format(file=file, formats=", ".join(FORMATS)), param_hint="-o")
    if last < first:
        raise click.BadParameter(_("the last day is before the first"), param_hint="--until")
    if show_pii and not because.strip():
        raise click.UsageError(_("--show-pii wants a reason: --because TEXT"))
    done = _written(
        project, file, (first.date(), last.date()), in_full=show_pii, because=because.strip(), keep=not dry_run
    )
    if as_json:
        tables.show_json([{
            "file": str(file), "from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}", "sha256": done.sha256,
            "masked": not show_pii, **done.counts,
        }])  # fmt: skip
    else:
        click.echo(_("It could be written: {file}").format(file=file) if dry_run else f"{done.sha256}  {file}")
        project.say(_("In it: deliveries {deliveries}, changes {events}, requests {tries}, decisions {decisions}.")
                    .format(**done.counts))  # fmt: skip


def _written(  # noqa: PLR0913 - all that is asked for
    project: Project, file: Path, span: tuple[date, date], *, in_full: bool, because: str, keep: bool
) -> Exported:
    from notigate.cli import personal  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.progress import progress  # noqa: PLC0415 - as above
    from notigate.edges.files import new_file  # noqa: PLC0415 - as above
    from notigate.export import export as write  # noqa: PLC0415 - as above

    with project.open() as gateway, new_file(file, keep=keep) as out:
        with progress(project, _("Export")) as step:
            done = write(
                gateway.ledger, *span, out, suffix=file.suffix.lower(), zone=gateway.settings.timezone,
                in_full=in_full, progress=step,
            )  # fmt: skip
        act = f"export {span[0]}..{span[1]}{' --show-pii' if in_full else ''} sha256:{done.sha256}"
        # Before the file has its name: what nobody could record, nobody gets.
        if keep:
            personal.record(gateway, f"{act} because: {because}" if because else act, done.counts["deliveries"])
    return done
