"""`notigate accesses`: who looked at personal data."""

from __future__ import annotations

from datetime import datetime

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

#: the keys of `accesses --json`
COLUMNS = ("at", "login", "host", "act", "people")


@click.command(
    cls=Command,
    help=_("Show who looked at names and addresses in full, exported, erased or purged them; oldest first."),
    epilog=examples({"notigate accesses --since 2026-11-01": _("this month's")}),
)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), metavar="D", help=_("Since this day or time.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def accesses(project: Project, *, since: datetime | None, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        zone = gateway.settings.timezone
        found = gateway.privacy.accesses(since.replace(tzinfo=zone) if since else None)
        rows = (
            (one.at.astimezone(zone).isoformat(timespec="seconds"), one.login, one.host, one.act, one.people)
            for one in found
        )
        if as_json:
            tables.show_json(dict(zip(COLUMNS, row, strict=True)) for row in rows)
        elif not tables.on_terminal():
            tables.show(COLUMNS, rows)
        elif listed := list(rows):
            tables.show([_("at"), _("login"), _("host"), _("what"), _("people")], listed, numbers=(4,), wraps=(3,))
        else:
            project.say(_("Nobody has looked."))
