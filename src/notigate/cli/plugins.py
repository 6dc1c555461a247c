"""`notigate plugins`: what is installed and loaded, and what each brings."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ConfigError
from notigate.language import _

if TYPE_CHECKING:
    from notigate.plugins import Plugin


@click.command(
    cls=Command,
    help=_(
        "Show all plugins, inside a project or outside: where they come from, what they bring, and why one is broken."
    ),
    epilog=examples(
        {
            "notigate plugins": _("all of them"),
            "NOTIGATE_DISABLE_PLUGINS=wecom notigate send --due": _("without one of them"),
        }
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def plugins(project: Project, *, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    found = _found(project)
    if as_json:
        tables.show_json(asdict(plugin) for plugin in found)
        return
    words = {
        "loaded": _("loaded"), "installed": _("installed"), "disabled": _("switched off"), "broken": _("broken"),
    }  # fmt: skip
    headings = [_("plugin"), _("from"), _("state"), _("channels"), _("hooks")]
    rows = [
        (p.name, p.source, f"{words[p.status]}: {p.fault}" if p.fault else words[p.status], ", ".join(p.channels),
         ", ".join(hook.removeprefix("notigate_") for hook in p.hooks))
        for p in found
    ]  # fmt: skip
    tables.show(headings, rows, wraps=(1, 2, 3, 4))


def _found(project: Project) -> tuple[Plugin, ...]:
    """All that is installed; in a project also its own files, in the order of its settings."""
    from notigate import plugins, settings  # noqa: PLC0415 - as in plugins

    try:
        file = settings.find(project.folder)
    except ConfigError:
        if project.folder is not None:
            raise
        return plugins.load((), Path.cwd(), everything=True).all
    loaded = settings.load(file)
    return plugins.load(loaded.named_plugins, loaded.folder, everything=True).all
