"""`notigate plan`: who gets what and when, and who does not and why; nothing is promised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.options import to_file
from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ExitCode
from notigate.language import _

if TYPE_CHECKING:
    from notigate.cli.plan_sums import PlanSums
    from notigate.gateway import Gateway
    from notigate.planner import Planned, Stopped

#: the keys of `plan --json`
COLUMNS = ("date", "at", "occasion", "person", "channel", "verdict", "rule", "until", "segments")
#: what files there are
FORMATS = (".csv", ".ics", ".json")
#: days ahead where no span is named, and at most
USUAL, MOST = 30, 400
DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    cls=Command,
    help=_(
        "Show who gets what and when, by which channel and at what cost, and who does not and why: what waits already, and "
        "what is new. On a terminal people who get the same are one line; a pipe, --verbose and --json get a line for each."
    ),
    epilog=examples(
        {
            "notigate plan": _("the next 30 days"),
            "notigate plan --from 2027-02-01 --to 2027-02-28": _("a month"),
            "notigate plan --days 7 --person c0012": _("one person's week"),
            "notigate plan --days 365 -o year.ics": _("a year, for a calendar"),
            "notigate plan --json > plan.jsonl": _("for another program"),
        }
    ),
)
@click.option("--days", type=click.IntRange(min=1, max=MOST), metavar="N", help=_("So many days (default: 30)."))
@click.option("--from", "first", type=DAY, metavar="DATE", help=_("The first day (default: today)."))
@click.option("--to", "last", type=DAY, metavar="DATE", help=_("The last day."))
@click.option("--on", type=DAY, metavar="DATE", help=_("This day only."))
@click.option("--person", metavar="ID", help=_("This person only."))
@to_file(_("Write a .csv, .ics or .json file."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def plan(  # noqa: PLR0913 - one an option
    project: Project,
    ctx: click.Context,
    *,
    days: int | None,
    first: datetime | None,
    last: datetime | None,
    on: datetime | None,
    person: str | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Run the command."""
    from notigate.cli.plan_sums import PlanSums  # noqa: PLC0415 - no help page waits for it
    from notigate.cli.progress import progress  # noqa: PLC0415 - as above

    if file is not None and file.suffix.lower() not in FORMATS:
        raise click.BadParameter(
            _("{file}: there is no such kind of file; write one that ends in {formats}").format(
                file=file, formats=", ".join(FORMATS)
            ),
            param_hint="-o",
        )
    with project.open() as gateway, progress(project, _("Planning")) as step:
        begin, n = _span(gateway.clock.now().date(), days=days, first=first, last=last, on=on)
        sums = PlanSums(begin, n, gateway.settings.prices)
        found = gateway.plan(first=begin, days=n, person=person)
        _show(project, gateway, sums.over(_watched(found, begin, n, step)), sums, file=file, as_json=as_json)
    if file is None and not as_json and _is_read_together(project):
        _show_together(sums)
    _sum_up(project, sums)
    ctx.exit(_tell_stopped(sums.stopped))


def _span(
    today: date, *, days: int | None, first: datetime | None, last: datetime | None, on: datetime | None
) -> tuple[date, int]:
    """The first day, and how many."""
    if on is not None and (days or first or last):
        raise click.UsageError(_("--on names one day: leave --days, --from and --to out"))
    if last is not None and days is not None:
        raise click.UsageError(_("--to or --days, not both"))
    if on is not None:
        return on.date(), 1
    begin = first.date() if first else today
    n = (last.date() - begin).days + 1 if last else days or USUAL
    if not 1 <= n <= MOST:
        raise click.UsageError(
            _("from {first} to {last}: at least one day, at most {most}").format(
                first=begin, last=begin + timedelta(days=n - 1), most=MOST
            )
        )
    return begin, n


def _watched(
    planned: Iterable[Planned | Stopped], first: date, days: int, step: Callable[[int, int], None]
) -> Iterator[Planned | Stopped]:
    """Count the days that are planned."""
    from notigate.planner import Planned  # noqa: PLC0415 - as in plan

    for item in planned:
        if isinstance(item, Planned):
            step((item.draft.day - first).days + 1, days)
        yield item


def _show(  # noqa: PLR0913 - one plan, all ways to show it
    project: Project, gateway: Gateway, planned: Iterator[Planned], sums: PlanSums, *, file: Path | None, as_json: bool
) -> None:
    from notigate.cli import plan_files, tables  # noqa: PLC0415 - as in plan

    if file is not None:
        plan_files.write(file, planned, sums, gateway)
        project.say(_("The plan is in {file}.").format(file=file))
    elif as_json:
        tables.show_json(as_json_line(item) for item in planned)
    elif _is_read_together(project):
        # Nothing is printed while the bar moves: it would stand in the same line.
        for _item in planned:
            pass
    else:
        tables.show(COLUMNS, (list(as_json_line(item).values()) for item in planned))


def _is_read_together(project: Project) -> bool:
    """Does a person read the plan, who wants those that get the same in one line?"""
    from notigate.cli import tables  # noqa: PLC0415 - as in plan

    return tables.on_terminal() and not project.verbose


def as_json_line(planned: Planned) -> dict[str, object]:
    """The object of `plan --json`; `at` is the time of day from which it goes, where that is known."""
    from notigate.model import Drop, Hold  # noqa: PLC0415 - as in plan

    draft, verdict = planned.draft, planned.verdict
    until = verdict.until if isinstance(verdict, Hold) else None
    return {
        "date": draft.day.isoformat(),
        "at": f"{planned.hour:%H:%M}" if planned.hour else None,
        "occasion": draft.occasion,
        "person": draft.person,
        "channel": draft.channel,
        "verdict": type(verdict).__name__.lower(),
        "rule": verdict.rule if isinstance(verdict, Hold | Drop) else None,
        "until": until.isoformat(timespec="minutes") if until else None,
        "segments": planned.segments,
    }


def _show_together(sums: PlanSums) -> None:
    """One line for all who get the same at the same time, or do not for the same reason; each day under its date."""
    from notigate.cli import tables  # noqa: PLC0415 - as in plan
    from notigate.words import named  # noqa: PLC0415 - as in plan

    rows: list[tuple[object, ...]] = []
    for day, lines in sorted(sums.days.items()):
        rows.append((_named_day(day), *[None] * 6))
        rows += [
            (
                f"  {at}",
                occasion,
                line.number,
                named(line.people, line.number),
                how,
                line.parts or None,
                line.money() or None,
            )
            for (at, occasion, how), line in sorted(lines.items())
        ]
    columns = [_("when"), _("occasion"), _("people"), _("who"), _("how"), _("SMS"), _("cost")]
    used = [0, 1, 2, 3, 4, 5, *([6] if sums.total.costs else [])]
    tables.show(
        [columns[n] for n in used],
        ([row[n] for n in used] for row in rows),
        numbers=(2, 5, 6)[: len(used) - 4],
        wraps=(3, 4),
    )
    if len(sums.occasions) > 1:
        click.echo()
        _show_occasions(sums)


def _show_occasions(sums: PlanSums) -> None:
    """What each occasion comes to, over all days."""
    from notigate.cli import tables  # noqa: PLC0415 - as in plan

    rows = [
        (name, len(one.days), one.number, one.dropped or None, one.parts or None, one.money() or None)
        for name, one in sorted(sums.occasions.items())
    ]
    total = sums.total
    rows.append(
        (_("total"), len(total.days), total.number, total.dropped or None, total.parts or None, total.money() or None)
    )
    headings = [_("occasion"), _("days"), _("messages"), _("not sent"), _("SMS"), _("cost")]
    tables.show(headings, rows, numbers=range(1, len(headings)))


def _named_day(day: date) -> str:
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return f"{day:%m-%d} {weekdays[day.weekday()]}"


def _sum_up(project: Project, sums: PlanSums) -> None:
    total = sums.total
    told = _("days {days}: messages {messages}, people {people}, not sent {dropped}, SMS parts {parts}").format(
        days=sums.length, messages=total.number, people=len(sums.people), dropped=total.dropped, parts=total.parts
    )
    project.say("; ".join(part for part in (told, total.money()) if part))


def _tell_stopped(stopped: Iterable[Stopped]) -> ExitCode:
    """Tell each occasion that could not be planned once; whatever `--quiet` says, for the plan lacks them."""
    first: dict[str, Stopped] = {}
    for item in stopped:
        first.setdefault(item.occasion or item.fault, item)
    for item in first.values():
        click.echo(f"{item.occasion}: {item.fault}" if item.occasion else item.fault, err=True)
    if any(item.data_missing for item in first.values()):
        return ExitCode.DATA_MISSING
    return ExitCode.CONFIGURATION if first else ExitCode.DONE
