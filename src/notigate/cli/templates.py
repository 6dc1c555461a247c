"""`notigate templates`: the texts, and what can be asked about them before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate.lint import Remark


@click.group(cls=Group, help=_("The texts: check them before anything is sent."))
def templates() -> None:
    """What its commands share: nothing."""


@templates.command(
    help=_(
        "Check occasions and their texts: every language and medium, with the sample and with awkward readers, and by the "
        "rules of carriers and providers. Exits 2 where a message would be refused or wrong; warnings are for people."
    ),
    epilog=examples(
        {
            "notigate templates lint": _("all that there are"),
            "notigate templates lint holiday/mid-autumn": _("one of them"),
            "notigate templates lint --json": _("for a build"),
        }
    ),
)
@click.argument("occasions", nargs=-1, metavar="[OCCASION]...")
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def lint(project: Project, ctx: click.Context, *, occasions: tuple[str, ...], as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.errors import ExitCode  # noqa: PLC0415 - as above

    with project.open() as gateway:
        remarks = gateway.texts.lint(*occasions)
    if as_json:
        tables.show_json(_as_json(remark) for remark in remarks)
    else:
        for remark in remarks:
            click.echo(tables.printable(_line(remark)))
        project.say(_sum(remarks))
    ctx.exit(ExitCode.CONFIGURATION if any(remark.severity == "error" for remark in remarks) else ExitCode.DONE)


def _as_json(remark: Remark) -> dict[str, object]:
    return {
        "severity": remark.severity,
        "rule": remark.rule,
        "occasion": remark.occasion,
        "file": remark.file,
        "line": remark.line,
        "message": str(remark),
    }


def _line(remark: Remark) -> str:
    severity = _("error") if remark.severity == "error" else _("warning")
    return f"{remark.where}: {severity}: {translate(remark)} [{remark.rule}]"


def _sum(remarks: Sequence[Remark]) -> str:
    errors = sum(remark.severity == "error" for remark in remarks)
    if not remarks:
        return _("Nothing to say against these texts.")
    told = _n("{n} error", "{n} errors", errors).format(n=errors)
    warnings = len(remarks) - errors
    return f"{told}, " + _n("{n} warning", "{n} warnings", warnings).format(n=warnings)
