"""`notigate receipts`: did it arrive? Ask for the carriers' words, and list the addresses that are dead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.options import to_file
from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from notigate.ledger.receipts import Dead

#: the keys of `receipts dead --json`, and the columns of its file
COLUMNS = ("person", "channel", "to", "times", "first", "last", "detail", "delivery")


@click.group(cls=Group, help=_("The carriers' words on what was sent: did it arrive?"))
def receipts() -> None:
    """What its commands share: nothing."""


@receipts.command(
    help=_("Ask the providers whether messages arrived. Every notigate send asks by itself; this is for in between."),
    epilog=examples({"notigate receipts pull": _("ask now"), "notigate report week": _("see how many arrived")}),
)
@click.option("--dry-run", is_flag=True, help=_("Ask nobody; tell how many messages it is time to ask about."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def pull(project: Project, *, dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        told = gateway.pull_receipts(dry_run=dry_run)
    words = ("waiting",) if dry_run else ("delivered", "undelivered", "opted_out")
    counts = {word: told[word] for word in words}
    if as_json:
        tables.show_json([counts])
    elif dry_run:
        click.echo(
            _n("{n} message would be asked about.", "{n} messages would be asked about.", told["waiting"]).format(
                n=told["waiting"]
            )
        )
    else:
        click.echo(_("{delivered} arrived, {undelivered} did not.").format(**counts))
        if counts["opted_out"]:
            click.echo(
                _("{opted_out} answered that they want no more messages; see notigate optout list.").format(**counts)
            )


@receipts.command(
    help=_(
        "List the addresses that took no message the last time: refused as no address, or nobody is there. For the "
        "customer records; addresses are masked, the person is named. Who took a message since is not in it."
    ),
    epilog=examples(
        {
            "notigate receipts dead": _("all that are known"),
            "notigate receipts dead --since 2026-11-01 -o dead.csv": _("this month's, as a file for Excel"),
        }
    ),
)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), metavar="D", help=_("Told since this day or time.")
)
@to_file(_("Write a .csv file."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def dead(project: Project, *, since: datetime | None, file: Path | None, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.ledger.receipts import dead as found  # noqa: PLC0415 - as above

    if file is not None and file.suffix.lower() != ".csv":
        raise click.BadParameter(_("{file}: write one that ends in .csv").format(file=file), param_hint="-o")
    with project.open() as gateway:
        zone = gateway.settings.timezone
        listed = list(found(gateway.ledger, since=since.replace(tzinfo=zone) if since else None))
    if file is not None:
        _write(file, listed, zone)
        project.say(
            _n("{n} address is in {file}.", "{n} addresses are in {file}.", len(listed)).format(
                n=len(listed), file=file
            )
        )
    if as_json:
        tables.show_json(dict(zip(COLUMNS, _values(one, zone), strict=True)) for one in listed)
    elif file is None:
        _show(project, listed, zone)


def _values(one: Dead, zone: ZoneInfo) -> Sequence[object]:
    from notigate.address import mask  # noqa: PLC0415 - as in dead

    first, last = (moment.astimezone(zone).isoformat(timespec="seconds") for moment in (one.first, one.last))
    return (one.person, one.channel, mask(one.to), one.times, first, last, one.detail, one.delivery)


def _show(project: Project, listed: Iterable[Dead], zone: ZoneInfo) -> None:
    from notigate.cli import tables  # noqa: PLC0415 - as in dead

    rows = [_values(one, zone) for one in listed]
    if not tables.on_terminal():
        tables.show(COLUMNS, rows)
    elif rows:
        headings = [
            _("person"), _("channel"), _("address"), _("times"), _("first"), _("last"), _("what was said"), _("no."),
        ]  # fmt: skip
        tables.show(headings, rows, numbers=(3, 7), wraps=(6,))
    else:
        project.say(_("No address is known to be dead."))


def _write(file: Path, listed: Iterable[Dead], zone: ZoneInfo) -> None:
    from notigate.edges.files import write  # noqa: PLC0415 - as in dead
    from notigate.reports.tables import csv_of  # noqa: PLC0415 - as above

    write(file, csv_of(COLUMNS, (_values(one, zone) for one in listed)).encode())
