"""`notigate weather`: what each source says, and which occasions that brings about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ExitCode, UsageError
from notigate.language import _

if TYPE_CHECKING:
    from notigate.forecasts.outlook import Line


@click.command(
    cls=Command,
    help=_(
        "Ask all sources of weather anew, and show what each says of each city, and which occasions that brings about. "
        "Sends nothing."
    ),
    epilog=examples(
        {
            "notigate weather": _("today, and what it means for tomorrow"),
            "notigate weather --city 成都 --json": _("for another program"),
        }
    ),
)
@click.option("--city", metavar="CITY", help=_("This city only, as `weather: cities:` calls it."))
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=_("As on that day (default: today).")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def weather(project: Project, ctx: click.Context, *, city: str | None, day: datetime | None, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.forecasts.outlook import outlook  # noqa: PLC0415 - as above

    with project.open() as gateway:
        on = day.date() if day else gateway.clock.now().date()
        occasions, _faults = gateway.catalogue.switched_on()
        cities = _cities(gateway.forecasts.cities.names(), city)
        lines = [line for name in cities for line in outlook(gateway.forecasts, occasions, name, on)]
    if as_json:
        tables.show_json(line.as_json() for line in lines)
    elif lines:
        headings = [
            _("city"), _("source"), _("what"), _("weather"), _("level"), _("day"), _("until"), _("figures"), _("text"),
        ]  # fmt: skip
        tables.show(headings, (_row(line) for line in lines), wraps=(7, 8))
    if not lines:
        project.say(_("No source of weather is set up; name one under `weather: sources:`."))
    ctx.exit(ExitCode.DATA_MISSING if any(line.kind == "missing" for line in lines) else ExitCode.DONE)


def _cities(known: Sequence[str], city: str | None) -> Sequence[str]:
    if city is None:
        return known
    if city not in known:
        raise UsageError(
            "there is no city {city!r} under `weather: cities:`; there are: {known}", city=city, known=", ".join(known)
        )
    return [city]


def _row(line: Line) -> tuple[object, ...]:
    said = line.as_json()
    kinds = {
        "warning": _("warning"), "forecast": _("forecast"), "fine": _("no warning"), "silent": _("no answer"),
        "due": _("brings about"), "missing": _("nobody can tell"),
    }  # fmt: skip
    figures = ", ".join(f"{name} {value:g}" for name, value in line.figures.items())
    shown = [said[name] for name in ("event", "level", "day", "until")]
    return (line.city, line.source, kinds[line.kind], *shown, figures, line.text)
