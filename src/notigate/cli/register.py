"""What `notigate optout` and `notigate consent` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notigate.cli.personal import login
from notigate.errors import ExitCode, NotigateError
from notigate.language import _, _n, translate
from notigate.words import REACHES, SAID

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from notigate.cli.project import Project
    from notigate.gateway import Gateway
    from notigate.preferences import Reach, Recorded, Word

#: the keys of `optout list --json` and `consent list --json`
COLUMNS = ("number", "who", "word", "class", "channel", "said_at", "source", "recorded_by", "taken_back_at")


def add(  # noqa: PLR0913 - one an option
    project: Project,
    person: str,
    word: Word,
    reach: Reach,
    *,
    channel: str = "",
    source: str = "",
    proof: str = "",
    at: datetime | None = None,
    dry_run: bool = False,
) -> None:
    """Record what a person said."""
    with project.open() as gateway:
        _warn_of_strangers(project, gateway, person)
        said = at.replace(tzinfo=gateway.settings.timezone) if at else None
        new = gateway.consent.add(
            person, word, reach=reach, channel=channel, source=source or "typed", proof=proof, said=said, by=login(),
            dry_run=dry_run,
        )  # fmt: skip
    if not new:
        click.echo(_("That stands already; nothing was recorded."))
    elif dry_run:
        click.echo(_("That would be recorded."))
    else:
        click.echo(_("Recorded."))


def remove(  # noqa: PLR0913 - one an option
    project: Project, person: str, word: Word, *, reach: Reach | None = None, channel: str | None = None, dry_run: bool
) -> None:
    """Take back what a person said."""
    with project.open() as gateway:
        taken = gateway.consent.remove(person, word, reach=reach, channel=channel, by=login(), dry_run=dry_run)
        for one in taken:
            told = _("would be taken back: {what}") if dry_run else _("taken back: {what}")
            click.echo(told.format(what=_told(one)))
        if column := _in_roster(gateway, person):
            project.say(_("Their row of the roster still says {column}; change it there, too.").format(column=column))


def show(project: Project, word: Word | None, *, past: bool, as_json: bool) -> None:
    """List what stands."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        zone = gateway.settings.timezone
        found = gateway.consent.listed(word, past=past)
        if as_json:
            tables.show_json(dict(zip(COLUMNS, _row(one, zone), strict=True)) for one in found)
        elif not tables.on_terminal():
            tables.show(COLUMNS, (_row(one, zone) for one in found))
        elif listed := [_in_words(one, zone) for one in found]:
            headings = [
                _("no."),
                _("person"),
                _("what"),
                _("class"),
                _("channel"),
                _("since"),
                _("source"),
                _("by"),
                _("until"),
            ]
            tables.show(headings, listed, numbers=(0,), wraps=(6,))
        else:
            project.say(_("Nothing is recorded."))


def import_file(project: Project, file: Path, word: Word, *, source: str, dry_run: bool) -> ExitCode:
    """Record what a file tells, and name the rows that cannot be used."""
    with project.open() as gateway:
        done = gateway.consent.import_file(file, word, source=source, by=login(), dry_run=dry_run)
    told = _n("{n} new entry would be recorded", "{n} new entries would be recorded", done.new) if dry_run else None
    told = told or _n("{n} new entry is recorded", "{n} new entries are recorded", done.new)
    click.echo(_("{told}; {n} stood already.").format(told=told.format(n=done.new), n=done.rows - done.new))
    for row in done.bad:
        where = _("row {row}").format(row=row.row)
        value = f" ({row.value})" if row.value else ""
        click.echo(f"{where}: {f'{row.column}: ' if row.column else ''}{translate(row)}{value}", err=True)
    if not done.bad:
        return ExitCode.DONE
    project.say(
        _("These rows were not recorded. Mend them and import the file again: what stands is not recorded twice.")
    )
    return ExitCode.SOME_FAILED


def _warn_of_strangers(project: Project, gateway: Gateway, person: str) -> None:
    """A slip in an id would record a no for nobody, in silence."""
    from notigate.preferences import identify  # noqa: PLC0415 - as in show

    if identify(person).kind == "person" and gateway.settings.roster is not None:
        try:
            gateway.member(identify(person).value)
        except NotigateError as fault:
            project.say(_("Note: {why}; it is recorded all the same.").format(why=translate(fault)))


def _in_roster(gateway: Gateway, person: str) -> str:
    """The column that stops messages whatever the register says."""
    from notigate.preferences import identify  # noqa: PLC0415 - as in show

    try:
        facts = gateway.member(identify(person).value).facts
    except NotigateError:
        return ""
    return next((name for name in ("opted_out", "do_not_greet", "less_often") if facts.get(name)), "")


def _row(one: Recorded, zone: ZoneInfo) -> list[object]:
    return [
        one.number, one.shown or _("(erased)"), one.word.value, one.reach.value, one.channel, _day(one.said, zone), one.source,
        one.recorder, _day(one.taken_back, zone),
    ]  # fmt: skip


def _in_words(one: Recorded, zone: ZoneInfo) -> list[object]:
    """The same for a person."""
    said, until = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "" for at in (one.said, one.taken_back))
    return [
        one.number, one.shown or _("(erased)"), SAID[one.word], REACHES[one.reach], one.channel, said, one.source,
        one.recorder, until,
    ]  # fmt: skip


def _day(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="minutes") if moment else ""


def _told(one: Recorded) -> str:
    return " ".join(part for part in (one.shown, SAID[one.word], f"({REACHES[one.reach]})", one.channel) if part)
