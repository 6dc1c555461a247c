"""`notigate log`: what became of messages."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click

from notigate.cli.pages import Command, examples
from notigate.cli.personal import show_pii
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from notigate.gateway import Gateway
    from notigate.model import Delivery

#: lines on a terminal; the latest are what people look for
LATEST = 200
STATES = (
    "queued", "claimed", "sending", "accepted", "delivered", "undelivered", "retry_wait", "held", "failed", "invalid",
    "suppressed", "duplicate", "expired", "cancelled", "unknown",
)  # fmt: skip


@click.command(
    cls=Command,
    help=_("Show what became of messages, oldest first. Addresses are masked."),
    epilog=examples(
        {
            "notigate log 1234": _("the whole story of one delivery"),
            "notigate log --run 12": _("all of one run"),
            "notigate log --phone 138-0013-8000": _("all to one number, however it is written"),
            "notigate log --state failed --since 2026-11-01": _("what was refused this month"),
            "notigate log --person C001 --limit 10 --before 1234": _("ten of one person's, before a certain one"),
        }
    ),
)
@click.argument("delivery", type=int, required=False)
@click.option("--person", metavar="ID", help=_("To this person."))
@click.option("--home", metavar="HOME", help=_("To everybody of this home, as the roster calls it."))
@click.option("--phone", metavar="N", help=_("To this phone number, however it is written."))
@click.option("--run", type=int, metavar="R", help=_("Promised by this run."))
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    metavar="D",
    help=_("Changed since this day or time."),
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    metavar="D",
    help=_("Changed before this day or time."),
)
@click.option("--occasion", metavar="O", help=_("Of this occasion."))
@click.option("--reason", metavar="R", help=_("For this reason or rule, such as bad-address or cap-day."))
@click.option(
    "--state",
    type=click.Choice(STATES),
    metavar="S",
    help=_("In this state: {states}.").format(states=", ".join(STATES)),
)
@click.option(
    "--limit",
    "latest",
    type=click.IntRange(1),
    metavar="N",
    help=_("The latest N only; on a terminal 200 where nothing else is said."),
)
@click.option("--before", type=int, metavar="DELIVERY", help=_("Those that stand before this one in the same list."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@show_pii()
@pass_project
def log(  # noqa: PLR0913 - one an option
    project: Project,
    /,
    *,
    delivery: int | None,
    phone: str | None,
    home: str | None,
    since: datetime | None,
    until: datetime | None,
    state: str | None,
    latest: int | None,
    as_json: bool,
    show_pii: bool,
    **filters: Any,  # noqa: ANN401 - options
) -> None:
    """Run the command."""
    from notigate.cli import deliveries, tables  # noqa: PLC0415 - no help page waits for it
    from notigate.model import State  # noqa: PLC0415 - as above

    with project.open() as gateway:
        zone = gateway.settings.timezone
        if delivery is not None:
            _show_story(gateway, delivery, zone, as_json=as_json)
            return
        asked = filters | {
            "address": _number(phone) if phone else None,
            "since": since.replace(tzinfo=zone) if since else None,
            "until": until.replace(tzinfo=zone) if until else None,
            "state": State(state) if state else None,
            "latest": latest,
        }
        paged = tables.on_terminal() and not as_json
        if paged:
            asked["latest"] = (latest or LATEST) + 1  # one more tells whether there are any
        found = _of_home(gateway, home, asked) if home else gateway.log(**asked)
        if paged:
            _show_page(project, gateway, list(found), latest or LATEST, in_full=show_pii)
        else:
            deliveries.show_lines(found, zone, json=as_json)


def _show_story(gateway: Gateway, delivery: int, zone: ZoneInfo, *, as_json: bool) -> None:
    from notigate.cli import story, tables  # noqa: PLC0415 - as in log

    told = gateway.story(delivery)
    if as_json:
        tables.show_json([story.as_json(told, zone)])
    else:
        story.show(told, zone)


def _of_home(gateway: Gateway, home: str, asked: dict[str, Any]) -> list[Delivery]:
    """To all who live there, as the roster is now."""
    from notigate.errors import UsageError  # noqa: PLC0415 - as in log

    people = [person.id for person in gateway.people() if str(person.facts.get("home") or "") == home]
    if not people:
        raise UsageError("nobody in the roster has the home {home!r}", home=home)
    found = chain.from_iterable(gateway.log(**{**asked, "person": person}) for person in people)
    return sorted(found, key=attrgetter("id"))[-(asked["latest"] or 0) :]


def _show_page(project: Project, gateway: Gateway, found: list[Delivery], latest: int, *, in_full: bool) -> None:
    from notigate.cli import deliveries, personal  # noqa: PLC0415 - as in log

    page = found[-latest:]
    if not page:
        project.say(_("The ledger holds nothing like that."))
        return
    if in_full:
        personal.record(gateway, "log --show-pii", len({delivery.person for delivery in page}))
        deliveries.show_table(page, gateway.settings.timezone, str)
    else:
        deliveries.show_table(page, gateway.settings.timezone)
    if len(found) > latest:
        project.say(_("Earlier ones are not shown; the page before this one: --before {id}").format(id=page[0].id))


def _number(text: str) -> str:
    from notigate.address import Fault, read_phone  # noqa: PLC0415 - as in log
    from notigate.errors import UsageError  # noqa: PLC0415 - as in log

    number = read_phone(text)
    if isinstance(number, Fault):
        raise UsageError("--phone: this is no mobile number; write it like 13800138000 or +85261234567")
    return number
