"""`notigate report`: the counts of a week or month."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.reports.figures import Figures

#: columns of files; a terminal tells their totals below the table, and those of others that it has no room for
IN_FILES = ("last_parts", "last_cost")
FIRST_TO_GO = ("opted_out", "parts", "undelivered", "delivered", "waiting", "cost")
#: what files there are
FORMATS = (".csv", ".xlsx", ".html", ".svg", ".png")


@click.command(
    cls=Command,
    help=_(
        "Count the messages of a week (Monday to Sunday) or a month, by occasion, channel and project, and beside it "
        "what was sent the week or month before."
    ),
    epilog=examples(
        {
            "notigate report week": _("this week so far"),
            "notigate report week --of 2026-W47 -o week.xlsx": _(
                "a week as a workbook; .csv, .html, .svg and .png too"
            ),
            "notigate report month --by-building --project 青年城": _("one project, building by building"),
            "notigate report month --json": _("this month, for another program"),
        }
    ),
)
@click.argument("kind", type=click.Choice(["week", "month"]))
@click.option("--of", metavar="WHEN", help=_("Another week (2026-W47) or month (2026-11)."))
@click.option("--project", "only", metavar="NAME", help=_("One project; default: all in the ledger."))
@click.option("--by-building", is_flag=True, help=_("A line for each building."))
@click.option(
    "-o",
    "--output",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Write a file: .xlsx, .html, .csv, or a chart as .png or .svg; repeatable."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def report(  # noqa: PLR0913 - one an option
    project: Project,
    *,
    kind: str,
    of: str | None,
    only: str | None,
    by_building: bool,
    files: Sequence[Path],
    as_json: bool,
) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.reports.prints import compared, printed  # noqa: PLC0415 - as above

    for file in files:
        _check(file)
    with project.open() as gateway:
        figures = gateway.report(kind, of, project=only, by_building=by_building)
        if only is not None and not figures.rows:
            _tell_others(project, only, gateway.report(kind, of))
        ledger, now = gateway.ledger, gateway.clock.now()
        # The first print is that of the whole.
        changes = compared(ledger, figures, now).told(figures) if only is None else ""
        for file in files:
            _write(file, figures, changes)
            project.say(_("{span} is in {file}.").format(span=figures.span.name, file=file))
        if only is None:
            printed(ledger, figures, now)
    if only is None and not figures.rows:
        project.say(_("There are no messages in {span}.").format(span=figures.span.name))
    if as_json:
        tables.show_json([figures.as_json()])
    elif not files:
        _show(figures)
        if changes:
            project.say(changes)


def _tell_others(project: Project, only: str, whole: Figures) -> None:
    """A name that is not in the ledger may be misspelt."""
    others = ", ".join(sorted({row.project for row in whole.rows if row.project}))
    if others:
        project.say(_("There is nothing of {project} in {span}; the ledger has: {others}").format(
            project=only, span=whole.span.name, others=others
        ))  # fmt: skip


def _check(file: Path) -> None:
    if file.suffix.lower() not in FORMATS:
        raise click.BadParameter(
            _("{file}: there is no such kind of file; write one that ends in {formats}").format(
                file=file, formats=", ".join(FORMATS)
            ),
            param_hint="-o",
        )


def _show(figures: Figures) -> None:
    from notigate.cli import tables  # noqa: PLC0415 - as in report
    from notigate.reports.headings import columns, filled  # noqa: PLC0415 - as in report

    if not tables.on_terminal():
        headings, rows, counts = _table(figures, columns(figures))
        tables.show(headings, rows, numbers=counts)
        return
    span, every = figures.span, _with_room(figures)
    click.echo(_("{span}: {first} to {last}").format(span=span.name, first=span.first, last=span.last) + "\n")
    headings, rows, counts = _table(figures, every)
    tables.show(headings, rows, numbers=counts)
    told = [
        f"{heading}: {_cell(getattr(figures.total, name))}"
        for name, heading in filled(figures)
        if (name, heading) not in every
    ]
    if told:
        click.echo("\n" + " · ".join(told))


def _with_room(figures: Figures) -> list[tuple[str, str]]:
    """The columns that this terminal can show."""
    from notigate.cli import tables  # noqa: PLC0415 - as in report
    from notigate.reports.headings import filled  # noqa: PLC0415 - as in report

    every = [column for column in filled(figures) if column[0] not in IN_FILES]
    for name in FIRST_TO_GO:
        if tables.have_room(*_table(figures, every)):
            break
        every = [column for column in every if column[0] != name]
    return every


def _table(figures: Figures, every: Sequence[tuple[str, str]]) -> tuple[list[str], list[list[object]], list[int]]:
    """Headings, rows and total, and which columns are numbers."""
    from notigate.reports.figures import PLACES  # noqa: PLC0415 - as in report

    rows = [[_cell(getattr(row, name)) for name, _heading in every] for row in (*figures.rows, figures.total)]
    rows[-1][0] = _("total")
    counts = [number for number, (name, _heading) in enumerate(every) if name not in PLACES]
    return [heading for _name, heading in every], rows, counts


def _cell(value: object) -> object:
    from notigate.reports.headings import shown  # noqa: PLC0415 - as in report

    return shown(value) if isinstance(value, tuple) else value


def _write(file: Path, figures: Figures, changes: str) -> None:
    from notigate.edges.files import write  # noqa: PLC0415 - as in report
    from notigate.reports.files import MAKERS  # noqa: PLC0415 - as in report

    write(file, MAKERS[file.suffix.lower()](figures, changes))
