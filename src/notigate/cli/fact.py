"""`notigate fact`: tell a milestone, a payment, an event, a complaint; what occasions wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.cli.send import pairs
from notigate.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from notigate.moments import Fact


@click.group(
    cls=Group, help=_("What happened, or will: milestones, payments, news, complaints. Occasions wait for them.")
)
def fact() -> None:
    """What its commands share: nothing."""


@fact.command(
    help=_(
        "Tell a fact. Occasions with moment: {on_fact: KIND} are then due for those whom it concerns. The same key is the "
        "same fact: telling it again changes nothing."
    ),
    epilog=examples(
        {
            "notigate fact add milestone --building 3号楼 -p milestone=封顶": _("a building is topped out"),
            "notigate fact add payment --person c0012 --on 2026-11-20 --key R-881": _("a payment, by its number"),
            "notigate fact add event --all --at 2026-12-05T14:30 -p place=会所": _("something to come"),
        }
    ),
)
@click.argument("kind")
@click.option("--person", metavar="ID", help=_("It concerns this person."))
@click.option("--building", metavar="B", help=_("It concerns the people of this building."))
@click.option("--project", "of_project", metavar="P", help=_("It concerns the people of this project."))
@click.option("--all", "everyone", is_flag=True, help=_("It concerns everyone."))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=_("The day it happens (default: today)."))
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M"]),
    metavar="TS",
    help=_("The hour it happens, such as 2026-12-05T14:30."),
)
@click.option(
    "-p",
    "--param",
    "values",
    multiple=True,
    callback=pairs,
    metavar="KEY=VALUE",
    help=_("What texts and who: may ask for; repeatable."),
)
@click.option("--key", metavar="KEY", help=_("Names it, such as the number of the payment in your system."))
@click.option("--dry-run", is_flag=True, help=_("Show what would be told; tell nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def add(
    project: Project,
    /,
    *,
    kind: str,
    of_project: str | None,
    on: datetime | None,
    as_json: bool,
    **chosen: Any,  # noqa: ANN401 - options
) -> None:
    """Run the command."""
    with project.open() as gateway:
        told = gateway.fact(kind, project=of_project, on=on.date() if on else None, **chosen)
        _show([told], gateway.settings.timezone, as_json=as_json)
        awaited = gateway.agenda.kinds()
    if kind not in awaited:
        project.say(
            _("Nothing that is switched on waits for {kind}; it waits for: {known}").format(
                kind=kind, known=", ".join(sorted(awaited)) or "–"
            )
        )
    if chosen["dry_run"]:
        project.say(_("Nothing was told: this is a rehearsal."))


@fact.command(
    name="list",
    help=_("Show the facts that stand, by their days."),
    epilog=examples({"notigate fact list --kind payment --since 2026-11-01": _("the payments of this month")}),
)
@click.option("--kind", metavar="KIND", help=_("Of this kind only."))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=_("From this day on."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def list_(project: Project, *, kind: str | None, since: datetime | None, as_json: bool) -> None:
    """Run the command."""
    with project.open() as gateway:
        told = gateway.facts.told(kind, since.date() if since else None)
        _show(told, gateway.settings.timezone, as_json=as_json)
    if not told:
        project.say(_("No fact stands."))


@fact.command(
    help=_(
        "Take a fact back: what was planned for it and has not gone out is called off by the next notigate send --due."
    ),
    epilog=examples({"notigate fact withdraw payment R-881": _("it was booked by mistake")}),
)
@click.argument("kind")
@click.argument("key")
@click.option("--dry-run", is_flag=True, help=_("Show what would be taken back; take nothing back."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def withdraw(project: Project, *, kind: str, key: str, dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    with project.open() as gateway:
        taken = gateway.facts.withdraw(kind, key, dry_run=dry_run)
        _show([taken], gateway.settings.timezone, as_json=as_json)
    if not dry_run:
        project.say(_("It is withdrawn."))


def _show(told: list[Fact], zone: tzinfo, *, as_json: bool) -> None:
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    if as_json:
        tables.show_json(_as_json(one, zone) for one in told)
    elif told:
        headings = [_("kind"), _("key"), _("when"), _("whom"), _("values")]
        tables.show(headings, [_line(one, zone) for one in told], wraps=(4,))


def _as_json(told: Fact, zone: tzinfo) -> dict[str, object]:
    return {
        "kind": told.kind,
        "key": told.key,
        "on": told.day.isoformat(),
        "at": told.at.astimezone(zone).isoformat(timespec="minutes") if told.at else None,
        "concerns": _masked(told.target),
        "values": _masked(told.values),
        "told_at": told.told_at.astimezone(zone).isoformat(timespec="seconds"),
    }


def _line(told: Fact, zone: tzinfo) -> list[str]:
    when = f"{told.at.astimezone(zone):%Y-%m-%d %H:%M}" if told.at else told.day.isoformat()
    whom = _pairs({("person" if name == "id" else name): value for name, value in told.target.items()})
    return [told.kind, told.key, when, whom or _("everyone"), _pairs(told.values)]


def _pairs(said: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in _masked(said).items())


def _masked(said: Mapping[str, object]) -> dict[str, object]:
    """What others told, with phone numbers and mail addresses masked."""
    from notigate.address import mask_text  # noqa: PLC0415 - no help page waits for it

    return {name: mask_text(value) if isinstance(value, str) else value for name, value in said.items()}
