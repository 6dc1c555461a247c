"""`notigate roster`: what is in a roster, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ConfigError, ExitCode
from notigate.language import _, translate

if TYPE_CHECKING:
    from notigate.audience.checkup import Checkup, Finding

#: findings that a terminal shows
SHOWN = 200
#: the keys of `roster check --json`
KEYS = ("kind", "row", "cell", "column", "heading", "value", "reason")


def _encoding(_ctx: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    from notigate.settings.rosters import check_encoding  # noqa: PLC0415 - as in check

    try:
        check_encoding(name)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None
    return name


@click.group(cls=Group, help=_("The people: which columns a roster has, and what is wrong with it."))
def roster() -> None:
    """What its commands share: nothing."""


@roster.command(
    help=_(
        "Read a roster (the project's, or FILE) and tell every fault with its place, whom it concerns and what to do. "
        "Rows with faults are left out when messages are sent; the others go on."
    ),
    epilog=examples(
        {
            "notigate roster check": _("look at the project's roster"),
            "notigate roster check export.xls --fixed clean.xlsx": _("write a clean copy of an export beside it"),
            "notigate roster check --json | head": _("for another program"),
        }
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--fixed",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Write a copy with every cell as it was read: .xlsx or .csv, never over another file."),
)
@click.option("--sheet", metavar="NAME", help=_("This sheet of a workbook."))
@click.option(
    "--encoding",
    callback=_encoding,
    metavar="NAME",
    help=_("The encoding of a CSV file, such as gb18030."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def check(  # noqa: PLR0913 - one an option of the command
    project: Project,
    ctx: click.Context,
    *,
    file: Path | None,
    fixed: Path | None,
    sheet: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.progress import progress  # noqa: PLC0415 - as above

    with progress(project, _("Reading")) as step:
        checkup = _read(project, file, sheet, encoding, lambda n: step(n, 0))
    with progress(project, _("Checking")) as step:
        found = checkup.examine(step)
        if as_json:
            tables.show_json(map(as_json_line, found))
        elif tables.on_terminal():
            _show_first(found)
        else:
            tables.show(KEYS, (list(as_json_line(finding).values()) for finding in found))
    if fixed is not None:
        from notigate.audience import cleaned  # noqa: PLC0415 - as above

        _record(project, checkup)
        with progress(project, _("Writing")) as step:
            cleaned.write(checkup, fixed, step)
    _sum_up(project, checkup, fixed)
    ctx.exit(ExitCode.SOME_FAILED if checkup.faulty else ExitCode.DONE)


def _record(project: Project, checkup: Checkup) -> None:
    """A copy takes people out of the house: who made it is recorded, where there is a ledger to record it in."""
    from notigate import settings  # noqa: PLC0415 - as in check
    from notigate.cli import personal  # noqa: PLC0415 - as in check

    with suppress(ConfigError):
        settings.find(project.folder)
        with project.open() as gateway:
            personal.record(gateway, "roster check --fixed", checkup.people)


def _read(
    project: Project,
    file: Path | None,
    sheet: str | None = None,
    encoding: str | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Checkup:
    """The project's roster, or a file; a file needs no project."""
    from notigate import audience, settings  # noqa: PLC0415 - as in check

    try:
        settings.find(project.folder)
    except ConfigError:
        if file is None or project.folder is not None:
            raise
        roster = settings.Roster(file=file, sheet=sheet, encoding=encoding)
        return audience.checked(roster, Path.cwd(), progress=progress)
    with project.open() as gateway:
        return gateway.check_roster(file, sheet=sheet, encoding=encoding, progress=progress)


def as_json_line(finding: Finding) -> dict[str, object]:
    """The object of `roster check --json`."""
    column = finding.column
    return {
        "kind": finding.kind,
        "row": finding.row,
        "cell": finding.cell,
        "column": column.name if column else "",
        "heading": column.heading if column else "",
        "value": finding.value,
        "reason": translate(finding),
    }


def _show_first(found: Iterator[Finding]) -> None:
    """The first findings as a table, in the order of the file; of the rest only how many there are."""
    from notigate.cli import tables  # noqa: PLC0415 - as in check

    first = sorted(islice(found, SHOWN), key=lambda finding: finding.row)
    rest = sum(1 for _finding in found)
    if first:
        headings = [_("row"), _("column"), _("value"), _("what to do")]
        tables.show(headings, [_line(finding) for finding in first], numbers=(0,), wraps=(3,))
    if rest:
        click.echo(_("… and {n} more; --json tells them all, --fixed writes them beside their rows").format(n=rest))


def _line(finding: Finding) -> tuple[object, ...]:
    told = translate(finding)
    where = f"{finding.column.heading} ({finding.column.letter})" if finding.column else ""
    return finding.row, where, finding.value, told if finding.kind == "fault" else _("note: {told}").format(told=told)


def _sum_up(project: Project, checkup: Checkup, fixed: Path | None) -> None:
    for note in checkup.notes():
        project.say(_("Note: {told}").format(told=translate(note)))
    project.say(
        _(
            "{file}: rows {rows}, people {people}; rows that cannot be used {faulty}, people not to be reached {unreachable}"
        ).format(
            file=checkup.name,
            people=checkup.people,
            rows=checkup.rows,
            faulty=checkup.faulty,
            unreachable=checkup.unreachable,
        )
    )
    if fixed is not None:
        project.say(_("A copy with every cell as it was read is in {file}.").format(file=fixed))


@roster.command(
    help=_("Show which column of a roster is read as what; what has no name of ours is a fact that texts may use."),
    epilog=examples(
        {
            "notigate roster columns": _("the project's roster"),
            "notigate roster columns --save": _("keep this reading in notigate.yaml, whatever headings come later"),
        }
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--save", is_flag=True, help=_("Write it into notigate.yaml under roster: {columns: …}."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def columns(project: Project, *, file: Path | None, save: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    found = _read(project, file).columns
    if as_json:
        tables.show_json({"column": one.letter, "heading": one.heading, "name": one.name} for one in found)
    else:
        rows = [(one.letter, one.heading, one.name or _("not read"), _meaning(one.name, one.heading)) for one in found]
        tables.show([_("column"), _("heading"), _("read as"), ""], rows)
    if save:
        _save(project, {one.name: one.heading for one in found if one.name not in ("", one.heading)})


def _save(project: Project, kept: Mapping[str, str]) -> None:
    from notigate import settings  # noqa: PLC0415 - no help page waits for it
    from notigate.settings.saving import save_columns  # noqa: PLC0415 - as above

    if kept:
        saved = save_columns(settings.find(project.folder), kept)
        project.say(_("{n} columns are in {file}.").format(n=len(kept), file=saved))
    else:
        project.say(_("The headings are our own names; there is nothing to save."))


def _meaning(name: str, heading: str) -> str:
    from notigate.address import READERS  # noqa: PLC0415 - as in columns
    from notigate.audience.headings import COLUMNS, known  # noqa: PLC0415 - as in columns

    if name != heading or not name or name in COLUMNS:
        return ""
    if (kind := known(heading)) in READERS:
        return _("a fact; and {name}, where the column of that is blank").format(name=kind)
    return _("a fact")
