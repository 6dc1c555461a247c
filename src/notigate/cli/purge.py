"""`notigate purge`: forget everybody whose time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n

if TYPE_CHECKING:
    from datetime import timedelta


def _age(_ctx: click.Context, _option: click.Parameter, text: str | None) -> timedelta | None:
    from notigate.documents.scalars import duration  # noqa: PLC0415 - no help page waits for it

    try:
        return None if text is None else duration(text)
    except (ValueError, OverflowError):
        raise click.BadParameter(_("{value} is no age; write 90d or 2y").format(value=text)) from None


@click.command(
    cls=Command,
    help=_(
        "Take addresses, texts and people out of messages that are older than privacy: keep says. Counts stay, and nobody is "
        "written to twice for it."
    ),
    epilog=examples(
        {
            "notigate purge --dry-run": _("how many, by class"),
            "notigate purge --yes": _("for cron, once a month"),
            "notigate purge --class care --older-than 90d": _("sooner than the settings say"),
        }
    ),
)
@click.option(
    "--older-than", callback=_age, metavar="AGE", help=_("This age instead of what the settings say: 90d, 2y.")
)
@click.option(
    "--class",
    "category",
    type=click.Choice(["service", "care", "marketing", "staff"]),
    metavar="C",
    help=_("Messages of this class only: service, care, marketing or staff."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.option("--dry-run", is_flag=True, help=_("Change nothing; tell how many there are."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object: how many, by class."))
@pass_project
def purge(  # noqa: PLR0913 - one an option
    project: Project, *, older_than: timedelta | None, category: str | None, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.personal import login, sure  # noqa: PLC0415 - as above
    from notigate.model import Category  # noqa: PLC0415 - as above

    of_class = Category(category) if category else None
    with project.open() as gateway:
        found = gateway.privacy.purge(older_than=older_than, category=of_class, dry_run=True)
        if found and not dry_run:
            n = found.total()
            sure(_n("Forget whom {n} message went to?", "Forget whom {n} messages went to?", n).format(n=n), yes=yes)
            found = gateway.privacy.purge(older_than=older_than, category=of_class, by=login())
    if as_json:
        tables.show_json([dict(found)])
    elif found:
        tables.show([_("class"), _("messages")], sorted(found.items()), numbers=(1,))
    else:
        project.say(_("Nothing is that old."))
