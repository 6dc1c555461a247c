"""`notigate erase`: forget a person."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ExitCode, NotigateError
from notigate.language import _, _n

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.model import Person
    from notigate.privacy import Erased


@click.command(
    cls=Command,
    help=_(
        "Erase a person from the ledger: addresses, texts, who it was. Counts stay, and so does what they said about "
        "messages, under a digest. PERSON is an id, a phone number or a mail address. The roster and backups are yours to clean."
    ),
    epilog=examples(
        {
            "notigate erase c0012 --dry-run": _("how much there is"),
            "notigate erase c0012": _("erase it; asks first"),
            "notigate erase 13800138000 --yes": _("all that went to one number, without asking"),
        }
    ),
)
@click.argument("person")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.option("--dry-run", is_flag=True, help=_("Erase nothing; tell how much there is."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@click.pass_context
@pass_project
def erase(  # noqa: PLR0913 - one an option
    project: Project, ctx: click.Context, *, person: str, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Run the command."""
    from notigate.cli.personal import login, sure  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        known = _in_roster(gateway, person)
        words = [known.name] if known else []
        found = gateway.privacy.erase(person, words=words, dry_run=True)
        if not dry_run:
            sure(_told(found, done=False) + " " + _("Erase for good?"), yes=yes)
            found = gateway.privacy.erase(person, words=words, by=login())
    _show(found, as_json=as_json, done=not dry_run)
    if known and not dry_run:
        project.say(_("The roster still names them (row {row}): delete that row, too.").format(row=known.row))
    if found.under_way and not dry_run:
        project.say(_("Some messages are being sent now; run this again when that is over."))
        ctx.exit(ExitCode.SOME_FAILED)


def _show(found: Erased, *, as_json: bool, done: bool) -> None:
    from dataclasses import asdict  # noqa: PLC0415 - as in erase

    from notigate.cli import tables  # noqa: PLC0415 - as in erase

    if as_json:
        tables.show_json([asdict(found)])
    else:
        click.echo(_told(found, done=done))


def _told(found: Erased, *, done: bool) -> str:
    """Sentence by sentence, how much there is or was."""
    if done:
        sentences = {
            _n(
                "{n} message names nobody any more.", "{n} messages name nobody any more.", found.deliveries
            ): found.deliveries,
            _("{n} of them had not gone out and are called off."): found.cancelled,
            _n(
                "{n} message to colleagues named them and has lost its text.",
                "{n} messages to colleagues named them and have lost their text.",
                found.texts,
            ): found.texts,
        }
    else:
        sentences = {
            _n("{n} message names this person.", "{n} messages name this person.", found.deliveries): found.deliveries,
            _("{n} of them would be called off."): found.cancelled,
            _n(
                "{n} message to colleagues names them, too.", "{n} messages to colleagues name them, too.", found.texts
            ): found.texts,
        }
    first, *others = sentences.items()
    return " ".join(told.format(n=n) for told, n in (first, *((told, n) for told, n in others if n)))


def _in_roster(gateway: Gateway, person: str) -> Person | None:
    from notigate.preferences import identify  # noqa: PLC0415 - as in erase

    with suppress(NotigateError):
        return gateway.member(identify(person).value)
    return None
