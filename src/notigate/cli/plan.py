"""`notigate plan`: who gets what and when, and who does not and why; nothing is promised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ExitCode
from notigate.language import _

if TYPE_CHECKING:
    from notigate.planner import Planned, Stopped

#: the keys of `plan --json`
COLUMNS = ("date", "at", "occasion", "person", "channel", "verdict", "rule", "until", "segments")


@click.command(
    cls=Command,
    help=_(
        "Show who gets what and when, and who does not and why, from today on. On a terminal people who get the same "
        "are one line; a pipe, --verbose and --json get a line for each."
    ),
    epilog=examples(
        {
            "notigate plan": _("the next 30 days"),
            "notigate plan --days 7 --person c0012": _("one person's week"),
            "notigate plan --json > plan.jsonl": _("for another program"),
        }
    ),
)
@click.option(
    "--days", type=click.IntRange(min=1, max=400), default=30, metavar="N", help=_("Days to look ahead (default: 30).")
)
@click.option("--person", metavar="ID", help=_("This person only."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def plan(project: Project, ctx: click.Context, *, days: int, person: str | None, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.progress import progress  # noqa: PLC0415 - as above
    from notigate.planner import Planned, Stopped  # noqa: PLC0415 - as above

    with project.open() as gateway, progress(project, _("Planning")) as step:
        found = list(_watched(gateway.plan(days=days, person=person), days, step))
    planned = [item for item in found if isinstance(item, Planned)]
    if as_json:
        tables.show_json(as_json_line(item) for item in planned)
    elif tables.on_terminal() and not project.verbose:
        _show_together(planned)
    else:
        tables.show(COLUMNS, (list(as_json_line(item).values()) for item in planned))
    _sum_up(project, planned, days)
    ctx.exit(_tell_stopped([item for item in found if isinstance(item, Stopped)]))


def _watched(
    planned: Iterable[Planned | Stopped], days: int, step: Callable[[int, int], None]
) -> Iterator[Planned | Stopped]:
    """Count the days that are planned."""
    from notigate.planner import Planned  # noqa: PLC0415 - as in plan

    seen: set[date] = set()
    for item in planned:
        if isinstance(item, Planned):
            seen.add(item.draft.day)
            step(len(seen), days)
        yield item


def as_json_line(planned: Planned) -> dict[str, object]:
    """The object of `plan --json`; `at` is the time of day at which it goes, where that is known."""
    from notigate.model import Drop, Hold  # noqa: PLC0415 - as in plan

    draft, verdict = planned.draft, planned.verdict
    until = verdict.until if isinstance(verdict, Hold) else None
    return {
        "date": draft.day.isoformat(),
        "at": f"{draft.next_at:%H:%M}" if draft.next_at else None,
        "occasion": draft.occasion,
        "person": draft.person,
        "channel": draft.channel,
        "verdict": type(verdict).__name__.lower(),
        "rule": verdict.rule if isinstance(verdict, Hold | Drop) else None,
        "until": until.isoformat(timespec="minutes") if until else None,
        "segments": planned.segments,
    }


def _show_together(planned: Sequence[Planned]) -> None:
    """One line for all who get the same at the same time, or do not for the same reason; each day under its date."""
    from notigate.cli import tables  # noqa: PLC0415 - as in plan
    from notigate.words import named  # noqa: PLC0415 - as in plan

    days: dict[date, dict[tuple[str, str, str], list[Planned]]] = {}
    for item in planned:
        at = str(as_json_line(item)["at"] or "")
        lines = days.setdefault(item.draft.day, {})
        lines.setdefault((at, item.draft.occasion, _how(item)), []).append(item)
    rows: list[tuple[object, ...]] = []
    for day, lines in sorted(days.items()):
        rows.append((_named_day(day), *[None] * 5))
        rows += [
            (f"  {at}", occasion, len(items), named([i.draft.person for i in items]), how, _parts(items) or None)
            for (at, occasion, how), items in sorted(lines.items())
        ]
    headings = [_("when"), _("occasion"), _("people"), _("who"), _("how"), _("SMS")]
    tables.show(headings, rows, numbers=(2, 5), wraps=(3, 4))


def _named_day(day: date) -> str:
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return f"{day:%m-%d} {weekdays[day.weekday()]}"


def _how(planned: Planned) -> str:
    from notigate.model import Drop, Go, Hold  # noqa: PLC0415 - as in plan
    from notigate.words import why  # noqa: PLC0415 - as in plan

    draft = planned.draft
    match planned.verdict:
        case Go() | Hold(rule="window" | "hour"):
            return draft.channel
        case Hold(rule=rule):
            return f"{draft.channel}: {why(rule)}"
        case Drop(rule=rule):
            return _("not sent: {why}").format(why=why(rule, draft.detail))


def _parts(items: Iterable[Planned]) -> int:
    return sum(item.segments for item in items)


def _sum_up(project: Project, planned: Sequence[Planned], days: int) -> None:
    from notigate.model import Drop  # noqa: PLC0415 - as in plan

    going = [item for item in planned if not isinstance(item.verdict, Drop)]
    project.say(
        _("{days} days: {messages} messages to {people} people, {dropped} not sent; {parts} SMS parts").format(
            days=days,
            messages=len(going),
            people=len({item.draft.person for item in going}),
            dropped=len(planned) - len(going),
            parts=_parts(going),
        )
    )


def _tell_stopped(stopped: Sequence[Stopped]) -> ExitCode:
    """Tell each occasion that could not be planned once; whatever `--quiet` says, for the plan lacks them."""
    first: dict[str, Stopped] = {}
    for item in stopped:
        first.setdefault(item.occasion or item.fault, item)
    for item in first.values():
        click.echo(f"{item.occasion}: {item.fault}" if item.occasion else item.fault, err=True)
    if any(item.data_missing for item in stopped):
        return ExitCode.DATA_MISSING
    return ExitCode.CONFIGURATION if stopped else ExitCode.DONE
