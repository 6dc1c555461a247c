"""`notigate approvals`: what waits for an approval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.approvals import Batch
    from notigate.gateway import Gateway


@click.command(
    cls=Command,
    help=_("Show what waits for an approval: how many messages, by which channel, and one of them to read."),
    epilog=examples(
        {
            "notigate approvals": _("what waits"),
            "notigate approve holiday/mid-autumn@2026": _("let a batch go"),
            "notigate refuse holiday/mid-autumn@2026": _("call it off"),
        }
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def approvals(project: Project, *, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        batches = gateway.approvals()
    if as_json:
        tables.show_json(_as_json(batch) for batch in batches)
    elif batches:
        _show(batches)
        project.say(_("Let a batch go with notigate approve BATCH, call it off with notigate refuse BATCH."))
    else:
        project.say(_("Nothing waits for an approval."))


def _show(batches: Sequence[Batch]) -> None:
    from notigate.cli import tables  # noqa: PLC0415 - as in approvals

    rows = [(b.name, b.example.day.isoformat(), b.channels.total(), _channels(b)) for b in batches]
    if not tables.on_terminal():
        headings = [_("batch"), _("day"), _("number"), _("channel"), _("for example")]
        tables.show(headings, [(*row, _text(batch)) for row, batch in zip(rows, batches, strict=True)])
        return
    for row, batch in zip(rows, batches, strict=True):
        tables.show_notes([("  ".join(map(str, row)), _text(batch))])
        click.echo()


def _channels(batch: Batch) -> str:
    return ", ".join(f"{channel} {n}" for channel, n in batch.channels.items())


def _text(batch: Batch) -> str:
    return batch.example.content.text if batch.example.content else ""


def _as_json(batch: Batch) -> dict[str, object]:
    return {
        "batch": batch.name,
        "occasion": batch.example.occasion,
        "day": batch.example.day.isoformat(),
        "number": batch.channels.total(),
        "channels": dict(batch.channels),
        "example": _text(batch),
    }


def decide(gateway: Gateway, batch: str, *, approved: bool, dry_run: bool) -> int:
    """A person's word on a batch; returns how many messages it concerns."""
    import getpass  # noqa: PLC0415 - no help page waits for it

    return gateway.approve(batch, approved=approved, by=getpass.getuser(), dry_run=dry_run)
