"""`notigate watch`: look on while a long run sends."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from notigate.watching import Look

#: seconds between two looks where a person watches, and where lines are written
ON_SCREEN, IN_LINES = 1.0, 10.0


@click.command(
    cls=Command,
    help=_(
        "Look on while a run sends, from another terminal: what is still to go, how fast it goes, how long it will take, and "
        "what is unknown. It ends with the run, or with Ctrl-C, which does not touch the run. Nothing is written."
    ),
    epilog=examples(
        {
            "notigate watch": _("on a terminal: one screen; in a pipe: a line every ten seconds"),
            "notigate watch --every 60 --json": _("one object a minute"),
        }
    ),
)
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help=_("Seconds between two looks (default: 1 or 10)."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a look."))
@pass_project
def watch(project: Project, *, every: float | None, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.watching import looks  # noqa: PLC0415 - as above

    on_screen = tables.on_terminal() and not as_json
    seconds, never = every or (ON_SCREEN if on_screen else IN_LINES), threading.Event()
    with project.open() as gateway, suppress(KeyboardInterrupt):
        seen = looks(gateway, lambda: never.wait(seconds))
        if as_json:
            tables.show_json(map(_as_json, seen))
        elif on_screen:
            _show(seen)
        else:
            for look in seen:
                click.echo(_line(look))


def _show(seen: Iterable[Look]) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only
    from rich.live import Live  # noqa: PLC0415 - as above

    with Live(console=Console(highlight=False, markup=False), auto_refresh=False) as screen:
        for look in seen:
            screen.update("\n".join(_screen(look)), refresh=True)


def _screen(look: Look) -> list[str]:
    return [
        _heading(look),
        _("To go: {n:,}").format(n=look.to_go) + (f"   {_pace(look)}" if _pace(look) else ""),
        _("Not at their end: {counts}").format(counts=_counts(look.waiting) or _("none")),
        _("Today: {counts}").format(counts=_counts(look.today) or _("no messages yet")),
    ]


def _line(look: Look) -> str:
    told = [_heading(look), _("to go: {n:,}").format(n=look.to_go), _pace(look), _counts(look.waiting)]
    return "; ".join(filter(None, told))


def _heading(look: Look) -> str:
    now, run = f"{look.now:%H:%M:%S}", look.run
    if run is None:
        return _("{now}  no run is under way").format(now=now)
    if run.ended is None:
        return _("{now}  run {run} is under way").format(now=now, run=run.id)
    return _("{now}  run {run} has ended with exit code {code}").format(now=now, run=run.id, code=run.exit)


def _pace(look: Look) -> str:
    if not look.rate or look.is_last:
        return ""
    minutes, seconds = divmod(round(look.seconds_left or 0), 60)
    return _("{rate:,.1f} a second, about {minutes}:{seconds:02} left").format(
        rate=look.rate, minutes=minutes, seconds=seconds
    )


def _counts(counts: Mapping[str, int]) -> str:
    from notigate.words import state  # noqa: PLC0415 - as in watch

    return ", ".join(f"{state(name)} {n:,}" for name, n in sorted(counts.items()))


def _as_json(look: Look) -> dict[str, object]:
    run, left = look.run, look.seconds_left
    return {
        "now": look.now.isoformat(timespec="seconds"), "run": run.id if run else None,
        "exit": run.exit if run else None, "to_go": look.to_go,
        "rate": None if look.rate is None else round(look.rate, 1), "seconds_left": None if left is None else round(left),
        "waiting": dict(look.waiting), "today": dict(look.today),
    }  # fmt: skip
