"""`notigate channels`: the configured channels, what each can do, and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.lineup import Standing


@click.command(
    cls=Command,
    help=_("Show the project's channels: which plugin carries each, what it can do, and what is missing to use it."),
    epilog=examples(
        {"notigate channels": _("works without any credentials"), "notigate doctor": _("asks the providers too")}
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def channels(project: Project, *, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        standings = gateway.lineup.standings()
    if as_json:
        tables.show_json(standing._asdict() for standing in standings)
        return
    headings = [_("channel"), _("plugin"), _("from"), _("carries"), _("can"), _("missing")]
    if not tables.on_terminal():
        tables.show(headings, [(*_row(standing), "\n".join(standing.missing)) for standing in standings])
        return
    tables.show(headings, [(*_row(standing), len(standing.missing) or None) for standing in standings], wraps=(2, 4))
    tables.show_notes((f"\n{s.name}", "\n".join(s.missing)) for s in standings if s.missing)


def _row(standing: Standing) -> tuple[str, ...]:
    media = _("everything") if "*" in standing.media else ", ".join(standing.media)
    return standing.name, standing.plugin, standing.source, media, ", ".join(standing.powers)
