"""`notigate receipts pull`: ask for the carriers' words on what was sent."""

from __future__ import annotations

import click

from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _


@click.group(cls=Group, help=_("The carriers' words on what was sent: did it arrive?"))
def receipts() -> None:
    """What its commands share: nothing."""


@receipts.command(
    help=_("Ask the providers whether messages arrived. Every notigate send asks by itself; this is for in between."),
    epilog=examples({"notigate receipts pull": _("ask now"), "notigate report week": _("see how many arrived")}),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def pull(project: Project, *, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        told = gateway.pull_receipts()
    counts = {word: told[word] for word in ("delivered", "undelivered", "opted_out")}
    if as_json:
        tables.show_json([counts])
    else:
        click.echo(_("{delivered} arrived, {undelivered} did not.").format(**counts))
        if counts["opted_out"]:
            click.echo(
                _("{opted_out} answered that they want no more messages; see notigate optout list.").format(**counts)
            )
