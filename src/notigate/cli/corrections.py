"""`notigate corrections`: what went out and is no longer true, because the day that it announced has moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n

if TYPE_CHECKING:
    from notigate.ledger.review import Correction


@click.command(
    cls=Command,
    help=_(
        "Show messages that went out and announced a day that has moved since: somebody should tell their readers. With "
        "DELIVERY, record that this was done."
    ),
    epilog=examples(
        {
            "notigate corrections": _("whom to tell what"),
            "notigate corrections 1017 1018": _("these two know"),
        }
    ),
)
@click.argument("deliveries", type=int, nargs=-1, metavar="[DELIVERY]...")
@click.option("--dry-run", is_flag=True, help=_("Record nothing; show what is open."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def corrections(project: Project, *, deliveries: Sequence[int], dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    import getpass  # noqa: PLC0415 - no help page waits for it

    from notigate.cli import tables  # noqa: PLC0415 - as above

    with project.open() as gateway:
        if deliveries and not dry_run:
            done = gateway.daily().corrected(deliveries, getpass.getuser())
            project.say(
                _n("{n} correction is recorded.", "{n} corrections are recorded.", len(done)).format(n=len(done))
            )
        found = gateway.daily().corrections()
    if as_json:
        tables.show_json(_as_json(one) for one in found)
    elif found:
        headings = [_("delivery"), _("occasion"), _("person"), _("said"), _("is now")]
        tables.show(
            headings, [(o.delivery, o.occasion, o.person, o.said, o.now_on or "-") for o in found], numbers=(0,)
        )
    elif not deliveries:
        project.say(_("Nothing is to be corrected."))


def _as_json(one: Correction) -> dict[str, object]:
    return {
        "delivery": one.delivery,
        "occasion": one.occasion,
        "person": one.person,
        "said": one.said.isoformat(),
        "now_on": one.now_on.isoformat() if one.now_on else None,
        "noticed": one.noticed.isoformat(timespec="seconds"),
    }
