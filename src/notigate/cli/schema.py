"""`notigate schema`: what may stand in the files that people write, for their editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import NotigateError
from notigate.language import _


@click.command(
    cls=Command,
    help=_(
        "Print the JSON Schema of notigate.yaml (settings) or of occasion.yaml (occasion), by which editors complete and "
        "check as you type."
    ),
    epilog=examples(
        {
            "notigate schema settings > settings.schema.json": _("then name it in the first line of notigate.yaml"),
            "# yaml-language-server: $schema=settings.schema.json": _("that line"),
        }
    ),
)
@click.argument("file", type=click.Choice(["settings", "occasion"]))
@pass_project
def schema(project: Project, *, file: Literal["settings", "occasion"]) -> None:
    """Run the command."""
    from notigate import plugins, schemas  # noqa: PLC0415 - no help page waits for it
    from notigate.settings import find, load  # noqa: PLC0415 - as above

    if file == "occasion":
        made = schemas.occasion()
    else:
        try:
            loaded = load(find(project.folder))
            named, folder = loaded.plugins, loaded.folder
        except NotigateError:  # without a project, or with one that its author is still mending
            named, folder = (), Path()
        made = schemas.settings(plugins.load(named, folder, everything=True).specs.values())
    click.echo(json.dumps(made, ensure_ascii=False, indent=2))
