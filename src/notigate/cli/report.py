"""`notigate report`: the counts of a week or month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.reports.figures import Figures

#: what files there are
FORMATS = (".csv",)
#: columns that a terminal shows even where nothing is to be counted
ALWAYS = ("occasion", "channel", "project", "planned", "accepted", "last_week")


@click.command(
    cls=Command,
    help=_(
        "Count the messages of a week (Monday to Sunday) or a month, by occasion, channel and project, and beside it "
        "what was sent the week or month before."
    ),
    epilog=examples(
        {
            "notigate report week": _("this week so far"),
            "notigate report week --of 2026-W47 -o week.csv": _("a week as a file for Excel"),
            "notigate report month --json": _("this month, for another program"),
        }
    ),
)
@click.argument("kind", type=click.Choice(["week", "month"]))
@click.option("--of", metavar="WHEN", help=_("Another week (2026-W47) or month (2026-11)."))
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Write a .csv file."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def report(project: Project, *, kind: str, of: str | None, file: Path | None, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    if file is not None and file.suffix.lower() not in FORMATS:
        raise click.BadParameter(
            _("{file}: there is no such kind of file; write one that ends in {formats}").format(
                file=file, formats=", ".join(FORMATS)
            ),
            param_hint="-o",
        )
    with project.open() as gateway:
        figures = gateway.report(kind, of)
    if file is not None:
        _write(file, figures)
        project.say(_("{span} is in {file}.").format(span=figures.span.name, file=file))
    if as_json:
        tables.show_json([figures.as_json()])
    elif file is None:
        _show(figures)


def _show(figures: Figures) -> None:
    from notigate.cli import tables  # noqa: PLC0415 - as in report

    span, total = figures.span, figures.total
    shown = [column for column in _columns(figures) if column[0] in ALWAYS or getattr(total, column[0])]
    if tables.on_terminal():
        click.echo(_("{span}: {first} to {last}").format(span=span.name, first=span.first, last=span.last) + "\n")
    else:
        shown = _columns(figures)
    rows = [[getattr(row, name) for name, _heading in shown] for row in figures.rows]
    last = [getattr(total, name) for name, _heading in shown]
    tables.show([heading for _name, heading in shown], [*rows, [_("total"), *last[1:]]], numbers=range(3, len(shown)))


def _columns(figures: Figures) -> list[tuple[str, str]]:
    """Attributes of a row and their headings."""
    before = _("last week") if figures.kind == "week" else _("last month")
    return [
        ("occasion", _("occasion")), ("channel", _("channel")), ("project", _("project")), ("planned", _("planned")),
        ("accepted", _("sent")), ("delivered", _("arrived")), ("undelivered", _("did not arrive")),
        ("failed", _("failed")), ("unknown", _("unknown")), ("suppressed", _("not sent")), ("waiting", _("waiting")),
        ("last_week", before),
    ]  # fmt: skip


def _write(file: Path, figures: Figures) -> None:
    from notigate.cli.files import write  # noqa: PLC0415 - as in report
    from notigate.reports.tables import as_csv  # noqa: PLC0415 - as in report

    write(file, as_csv(figures).encode())
