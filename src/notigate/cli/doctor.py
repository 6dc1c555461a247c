"""`notigate doctor`: is this installation ready to send?"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples, wrap
from notigate.cli.project import Project, pass_project
from notigate.errors import ExitCode
from notigate.language import _, _n

if TYPE_CHECKING:
    from notigate.doctor import Finding

#: columns that the mark in front of a line takes
INDENT = 2


@click.command(
    cls=Command,
    help=_("Look at everything that sending needs, and say what to do about what is wrong. Sends nothing."),
    epilog=examples(
        {
            "notigate doctor": _("after each change of the settings"),
            "notigate doctor --offline": _("without asking the providers"),
        }
    ),
)
@click.option("--offline", is_flag=True, help=_("Ask no provider."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def doctor(project: Project, ctx: click.Context, *, offline: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.doctor import examine  # noqa: PLC0415 - as above

    failed = 0

    def counted() -> Iterator[Finding]:
        nonlocal failed
        for finding in examine(project.open, offline=offline):
            failed += finding.status == "fail"
            yield finding

    if as_json:
        tables.show_json(asdict(finding) for finding in counted())
    else:
        for finding in counted():
            click.echo(_line(finding))
        told = _n("{n} thing needs mending.", "{n} things need mending.", failed) if failed else _("Ready to send.")
        project.say(told.format(n=failed))
    ctx.exit(ExitCode.SOME_FAILED if failed else ExitCode.DONE)


def _line(finding: Finding) -> str:
    from notigate.cli import tables  # noqa: PLC0415 - as in doctor
    from notigate.words import check  # noqa: PLC0415 - as in doctor

    if not tables.on_terminal():
        return f"{finding.status}\t{finding.check}\t{finding.detail}\t{finding.advice}".rstrip()
    mark = {"ok": "✓", "warn": "!", "fail": "✗"}[finding.status]
    columns = shutil.get_terminal_size().columns - INDENT
    lines = [*wrap(f"{check(finding.check)}: {finding.detail}", columns)]
    lines += [f"→ {line}" if first else f"  {line}" for first, line in _marked(wrap(finding.advice, columns - 2))]
    return f"{mark} " + f"\n{'':{INDENT}}".join(lines)


def _marked(lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """The lines that say something; the first is marked."""
    return ((number == 0, line) for number, line in enumerate(line for line in lines if line))
