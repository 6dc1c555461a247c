"""`notigate templates`: the texts, and what can be asked about them before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.gateway import Gateway

F = TypeVar("F", bound=Callable[..., object])

_json = click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
_named = click.argument("occasions", nargs=-1, metavar="[OCCASION]...")


@click.group(cls=Group, help=_("The texts: list, check, compare with what was approved, submit, begin your own."))
def templates() -> None:
    """What its commands share: nothing."""


@templates.command(
    "list",
    help=_(
        "List the occasions: where each comes from, in which media and languages, with which codes, and what providers "
        "last said of them. Nobody is asked."
    ),
    epilog=examples(
        {"notigate templates list": _("all that there are"), "notigate templates list --json": _("for a program")}
    ),
)
@_json
@pass_project
def list_(project: Project, *, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import texts  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        texts.show_listings(list(gateway.texts.listings()), as_json=as_json)


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
@_named
@_json
@click.pass_context
@pass_project
def lint(project: Project, ctx: click.Context, *, occasions: tuple[str, ...], as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import texts  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        remarks = gateway.texts.lint(*occasions)
    ctx.exit(texts.show_remarks(remarks, project, as_json=as_json))


@templates.command(
    help=_(
        "Show each SMS text beside the copy that its provider approved: state, and word by word what differs. "
        "[-so-] is in the provider's copy only, {+so+} in ours. Exits 1 where a text could not go out as it is."
    ),
    epilog=examples(
        {
            "notigate templates diff": _("what is switched on"),
            "notigate templates diff holiday/mid-autumn": _("one occasion"),
        }
    ),
)
@_named
@_json
@click.pass_context
@pass_project
def diff(project: Project, ctx: click.Context, *, occasions: tuple[str, ...], as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import texts  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        checks = list(gateway.texts.checks())
        compared = list(gateway.texts.diff(*occasions))
    ctx.exit(texts.show_differences(compared, checks, project, as_json=as_json))


@templates.command(
    help=_(
        "Submit to their providers the SMS texts that those do not have, one after the other at the pace they ask for. "
        "What is approved or under review is left alone. Codes are written into template-codes.yaml."
    ),
    epilog=examples(
        {
            "notigate templates push --dry-run": _("what would be submitted"),
            "notigate templates push holiday/mid-autumn": _("one occasion"),
        }
    ),
)
@_named
@click.option("--dry-run", is_flag=True, help=_("Show what would be submitted; submit nothing."))
@_json
@click.pass_context
@pass_project
def push(project: Project, ctx: click.Context, *, occasions: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import texts  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.stopping import stopping  # noqa: PLC0415 - as above

    with project.open() as gateway, stopping(gateway.stop) as heard:
        pushed = gateway.texts.push(*occasions, sleep=_waits(gateway, project), dry_run=dry_run)
        code = texts.show_pushed(pushed, project, as_json=as_json)
    ctx.exit(heard.code or code)


def _waits(gateway: Gateway, project: Project) -> Callable[[float], bool]:
    def wait(seconds: float) -> bool:
        project.say(_("{seconds} seconds until the next: the provider asks for them").format(seconds=round(seconds)))
        return not gateway.stop.wait(seconds)

    return wait


@templates.command(
    help=_("Begin an occasion of your own: a folder under templates/ with its texts in every language, ready to edit."),
    epilog=examples(
        {
            "notigate templates new service/garden-day": _("a new one"),
            "notigate templates new holiday/mid-autumn --from holiday/mid-autumn": _(
                "your own copy of one that we ship"
            ),
        }
    ),
)
@click.argument("name")
@click.option("--from", "model", metavar="OCCASION", help=_("Copy this occasion, to change it."))
@click.option("--dry-run", is_flag=True, help=_("Show which files would be written; write nothing."))
@pass_project
def new(project: Project, *, name: str, model: str | None, dry_run: bool) -> None:
    """Run the command."""
    with project.open() as gateway:
        files = gateway.texts.begin(name, model, dry_run=dry_run)
    for file in files:
        click.echo(_shown(file, gateway.settings.folder))
    project.say(_("Next: notigate templates lint {name}").format(name=name))


def _shown(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder))
