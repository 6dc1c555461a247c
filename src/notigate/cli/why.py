"""`notigate why`: what let a message through, or kept it back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.why import Step


@click.command(
    cls=Command,
    help=_(
        "Tell why a person gets a message of an occasion on a day, or does not: each question in its order, with the facts "
        "that decided, up to the one that settles it. Nothing is promised or sent."
    ),
    epilog=examples(
        {
            "notigate why c0012 service/birthday": _("today"),
            "notigate why 13800138000 service/birthday": _("somebody whose number you know"),
            "notigate why c0012 holiday/mid-autumn --on 2026-09-25": _("on another day"),
        }
    ),
)
@click.argument("person")
@click.argument("occasion")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=_("The day asked about (default: today).")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def why(project: Project, *, person: str, occasion: str, on: datetime | None, as_json: bool) -> None:
    """Run the command."""
    from notigate import why as room  # noqa: PLC0415 - no help page waits for it
    from notigate.cli import tables  # noqa: PLC0415 - as above

    with project.open() as gateway:
        steps = list(room.explain(gateway, person, occasion, on.date() if on else None))
    if as_json:
        tables.show_json({"asked": step.asked, "passed": step.passed, "told": step.told} for step in steps)
    else:
        for step in steps:
            click.echo(tables.printable(_line(step)))


def _line(step: Step) -> str:
    names = {
        "switched-on": _("switched on"), "day": _("its day"), "moment": _("its moment"), "who": _("whom it concerns"),
        "ledger": _("not promised before"), "rules": _("rules, address and text"),
    }  # fmt: skip
    return f"{'✓' if step.passed else '✗'} {names[step.asked]}: {step.told}"
