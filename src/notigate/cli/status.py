"""`notigate status`: how the project stands, on one screen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.alarms import Alarm
    from notigate.status import Status


@click.command(
    cls=Command,
    help=_(
        "Show how the project stands on one screen: the last runs, today's messages, what waits, and what somebody should "
        "look after. No provider is asked; notigate doctor does that. Exit code 1 when there is something to look after."
    ),
    epilog=examples(
        {
            "notigate status": _("one look"),
            "notigate -q status --json": _("for a monitor"),
        }
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@click.pass_context
@pass_project
def status(project: Project, ctx: click.Context, *, as_json: bool) -> None:
    """Run the command."""
    from notigate import status as room  # noqa: PLC0415 - no help page waits for it
    from notigate.cli import tables  # noqa: PLC0415 - as above

    with project.open() as gateway:
        found = room.status(gateway)
    if as_json:
        tables.show_json([_as_json(found)])
    else:
        _show(found)
    ctx.exit(1 if found.alarms else 0)


def _show(found: Status) -> None:
    from notigate.alarms.sentences import told  # noqa: PLC0415 - as in status
    from notigate.cli import tables  # noqa: PLC0415 - as in status
    from notigate.words import state  # noqa: PLC0415 - as in status

    zone = found.now.tzinfo
    click.echo(_("It is {time}.").format(time=f"{found.now:%Y-%m-%d %H:%M}"))
    for alarm in found.alarms:
        since = f"{alarm.since.astimezone(zone):%m-%d %H:%M}  " if alarm.since else ""
        click.echo(f"! {since}{tables.printable(told(alarm))}")
    if not found.alarms:
        click.echo(_("Nothing is to be looked after."))
    click.echo()
    today = ", ".join(f"{state(name)} {n:,}" for name, n in sorted(found.today.items()))
    click.echo(_("Today: {counts}").format(counts=today or _("no messages yet")))
    waiting = ", ".join(f"{state(name)} {n:,}" for name, n in sorted(found.waiting.items()))
    click.echo(_("Not at their end: {counts}").format(counts=waiting or _("none")))
    if found.batches:
        click.echo(_("Batches that wait for approval: {n}; see notigate approvals").format(n=found.batches))
    click.echo(_room(found))
    click.echo()
    rows = [
        (run.id, f"{run.started.astimezone(zone):%m-%d %H:%M:%S}", _seconds(run.started, run.ended), _code(run.exit))
        for run in found.runs
    ]
    tables.show([_("run"), _("started"), _("seconds"), _("exit code")], rows, numbers=(0, 2, 3))


def _seconds(started: datetime, ended: datetime | None) -> str:
    return _("did not end") if ended is None else f"{(ended - started).total_seconds():.1f}"


def _room(found: Status) -> str:
    size = found.size / 2**20
    if found.free is None:
        return _("Ledger: {size:,.1f} MB").format(size=size)
    return _("Ledger: {size:,.1f} MB; free beside it: {free:,.0f} MB").format(size=size, free=found.free / 2**20)


def _code(exit_code: int | None) -> str:
    return "" if exit_code is None else str(exit_code)


def alarm_as_json(alarm: Alarm) -> dict[str, object]:
    """An alarm, for programs."""
    from notigate.alarms.sentences import told  # noqa: PLC0415 - as in status

    since = alarm.since.isoformat(timespec="seconds") if alarm.since else None
    return {
        "key": alarm.kind.value, "about": alarm.about, "number": alarm.number, "detail": alarm.detail, "since": since,
        "told": told(alarm),
    }  # fmt: skip


def _as_json(found: Status) -> dict[str, object]:
    return {
        "now": found.now.isoformat(timespec="seconds"),
        "alarms": [alarm_as_json(alarm) for alarm in found.alarms],
        "today": dict(found.today),
        "waiting": dict(found.waiting),
        "batches": found.batches,
        "ledger_bytes": found.size,
        "free_bytes": found.free,
        "runs": [
            {
                "run": run.id, "kind": run.kind, "now": run.now.isoformat(timespec="seconds"),
                "started": run.started.isoformat(timespec="seconds"),
                "ended": run.ended.isoformat(timespec="seconds") if run.ended else None, "exit": run.exit,
            }
            for run in found.runs
        ],
    }  # fmt: skip
