"""`notigate calendar`: rest days, moved days, lunar days and festivals; and taking over the State Council's notices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from notigate.yearbook import Day, Taken

#: who says whether a day is a workday
SOURCES: Mapping[str, str] = {
    "own": _("your file, or a plugin"),
    "every-day": _("workdays: every-day"),
    "notice": _("notice taken over"),
    "built-in": _("State Council"),
    "nobody": _("not known"),
}


@click.group(cls=Group, help=_("The project's calendar: rest days, moved days, lunar days, festivals, weeks."))
def calendar() -> None:
    """What its commands share: nothing."""


@calendar.command(
    help=_("Show a month day by day, and where each workday and rest day is known from."),
    epilog=examples(
        {
            "notigate calendar show": _("this month"),
            "notigate calendar show --of 2026-10 --json": _("October, for another program"),
            "notigate calendar show --of 2027-02 --occasion progress/fortnightly": _("as that occasion counts"),
        }
    ),
)
@click.option("--of", metavar="MONTH", help=_("Another month, such as 2026-10."))
@click.option("--occasion", metavar="NAME", help=_("By the workdays of this occasion."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def show(project: Project, *, of: str | None, occasion: str | None, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.reports.spans import named  # noqa: PLC0415 - as above
    from notigate.yearbook import days  # noqa: PLC0415 - as above

    with project.open() as gateway:
        span = named("month", of, gateway.clock.now().date())
        almanac = gateway.agenda.almanac_of(gateway.catalogue.occasion(occasion)) if occasion else gateway.almanac
        found = list(days(almanac, span.first, span.last))
    if as_json:
        tables.show_json(_as_json(day) for day in found)
        return
    headings = [_("day"), _("week"), _("workday"), _("known from"), _("lunar day"), _("festival")]
    tables.show(headings, [_line(day) for day in found], wraps=(3, 5))
    if unknown := sum(day.workday is None for day in found):
        project.say(_("Days of which nobody knows: {n}; notigate calendar import FILE").format(n=unknown))


@calendar.command(
    name="import",
    help=_(
        "Take over a notice of rest days and make-up workdays: a file with years, rest and work. It is checked first; if "
        "anything is wrong with it, nothing is taken over."
    ),
    epilog=examples({"notigate calendar import 2027.yaml": _("next year's notice, written down")}),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help=_("Check it; take nothing over."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@pass_project
def import_(project: Project, *, file: Path, dry_run: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.yearbook import take_over  # noqa: PLC0415 - as above

    with project.open() as gateway:
        taken = take_over(file.absolute(), gateway.settings.calendar_file, gateway.almanac, dry_run=dry_run)
    if as_json:
        tables.show_json([_taken_as_json(taken)])
    else:
        _tell(taken, dry_run=dry_run)


def _tell(taken: Taken, *, dry_run: bool) -> None:
    told = _("{years}: {rest} rest days, {work} make-up workdays; would be kept in {file}")
    kept = _("{years}: {rest} rest days, {work} make-up workdays; kept in {file}")
    years = ", ".join(map(str, taken.years))
    click.echo((told if dry_run else kept).format(years=years, rest=taken.rest, work=taken.work, file=taken.file.name))
    if taken.differing:
        days = ", ".join(day.isoformat() for day in taken.differing[:10])
        click.echo(_("differs from what was known before: {days}").format(days=days))


def _taken_as_json(taken: Taken) -> dict[str, object]:
    return {
        "file": str(taken.file),
        "years": list(taken.years),
        "rest": taken.rest,
        "work": taken.work,
        "differing": [day.isoformat() for day in taken.differing],
    }


def _as_json(day: Day) -> dict[str, object]:
    lunar = day.lunar
    return {
        "date": day.day.isoformat(),
        "workday": day.workday,
        "moved": day.moved,
        "source": day.source,
        "lunar": f"{lunar.year}-{'L' if lunar.leap else ''}{lunar.month}-{lunar.day}" if lunar else None,
        "term": day.term,
        "festivals": list(day.festivals),
        "week": day.week,
        "odd_week": day.is_odd_week,
    }


def _line(day: Day) -> Sequence[object]:
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    works = {True: _("workday"), False: _("rest"), None: "?"}[day.workday]
    parity = _("odd") if day.is_odd_week else _("even")
    named = [*day.festivals, *([day.term] if day.term and day.term not in day.festivals else [])]
    return (
        f"{day.day:%m-%d} {weekdays[day.day.weekday()]}",
        f"{day.week} {parity}",
        f"{works} *" if day.moved else works,
        SOURCES[day.source],
        day.lunar.name if day.lunar else "",
        ", ".join(named),
    )
