"""`notigate metrics`: figures for a monitoring system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.status import Status


@click.command(
    cls=Command,
    help=_(
        "Write the state of the project as Prometheus reads it, for node_exporter's textfile collector. No personal data is "
        "in it."
    ),
    epilog=examples(
        {
            "notigate metrics": _("on standard output"),
            "notigate metrics -o /var/lib/node_exporter/notigate.prom": _("as a file, whole or not at all"),
        }
    ),
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=_("Write a file.")
)
@pass_project
def metrics(project: Project, *, output: Path | None) -> None:
    """Run the command."""
    from notigate import status as room  # noqa: PLC0415 - as above
    from notigate.edges import files  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        text = "".join(_lines(room.status(gateway)))
    if output is None:
        click.echo(text, nl=False)
    else:
        files.write(output, text.encode())


def _lines(found: Status) -> Iterator[str]:
    """The exposition format of Prometheus, version 0.0.4."""
    yield from _metric("notigate_today", "Messages of today by state.", "gauge", found.today, "state")
    yield from _metric(
        "notigate_waiting", "Messages that are not at their end, by state.", "gauge", found.waiting, "state"
    )
    yield from _metric("notigate_batches_waiting", "Batches that wait for an approval.", "gauge", {"": found.batches})
    from notigate.ledger.alarms import Kind  # noqa: PLC0415 - as above

    alarms = Counter(alarm.kind.value for alarm in found.alarms)
    kinds = {kind.value: alarms[kind.value] for kind in Kind}
    yield from _metric("notigate_alarm", "What somebody should look after, by kind.", "gauge", kinds, "alarm")
    yield from _metric("notigate_ledger_bytes", "Size of the ledger.", "gauge", {"": found.size})
    if found.free is not None:
        yield from _metric("notigate_free_bytes", "Room beside the ledger.", "gauge", {"": found.free})
    if found.due is not None:
        last = int(found.due.last_sign.timestamp())
        yield from _metric("notigate_last_run_timestamp_seconds", "When send --due last ended.", "gauge", {"": last})
        if found.due.exit is not None:
            yield from _metric("notigate_last_run_exit_code", "How it ended.", "gauge", {"": found.due.exit})


def _metric(name: str, told: str, kind: str, values: Mapping[str, int], label: str = "") -> Iterator[str]:
    yield f"# HELP {name} {told}\n# TYPE {name} {kind}\n"
    for key, value in sorted(values.items()):
        where = f'{{{label}="{key}"}}' if label else ""
        yield f"{name}{where} {value}\n"
