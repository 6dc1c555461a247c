"""`notigate consent`: who has agreed to advertising."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from notigate.cli.options import from_file
from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

TIMES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M")


@click.group(
    cls=Group,
    help=_(
        "Who has agreed to advertising. With policy: {marketing_consent: required} nobody else gets any; a column "
        "marketing_consent_on of the roster counts, too. An opt-out goes before a consent."
    ),
)
def consent() -> None:
    """What its commands share: nothing."""


@consent.command(
    help=_("Record that a person agrees. PERSON is an id, a phone number or a mail address."),
    epilog=examples({"notigate consent add c0012 --source 'signed form' --proof F-2026-118": _("with what shows it")}),
)
@click.argument("person")
@click.option("--source", default="", metavar="S", help=_("Where it comes from: form, counter, website."))
@click.option("--proof", default="", metavar="TEXT", help=_("What shows it: the number of a form."))
@click.option("--at", type=click.DateTime(TIMES), metavar="TS", help=_("When it was said (default: now)."))
@click.option("--dry-run", is_flag=True, help=_("Record nothing; tell whether it would be new."))
@pass_project
def add(project: Project, /, *, person: str, **told: Any) -> None:  # noqa: ANN401 - options
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it
    from notigate.preferences import Reach, Word  # noqa: PLC0415 - as above

    register.add(project, person, Word.CONSENT, Reach.MARKETING, **told)


@consent.command(
    help=_("Take a consent back. That it stood is kept."),
    epilog=examples({"notigate consent remove c0012": _("no more advertising, where consent is required")}),
)
@click.argument("person")
@click.option("--dry-run", is_flag=True, help=_("Change nothing; tell what would be taken back."))
@pass_project
def remove(project: Project, *, person: str, dry_run: bool) -> None:
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it
    from notigate.preferences import Word  # noqa: PLC0415 - as above

    register.remove(project, person, Word.CONSENT, dry_run=dry_run)


@consent.command(
    "list",
    help=_("Show the consents that stand. Addresses are masked."),
    epilog=examples({"notigate consent list --json": _("for another program")}),
)
@click.option("--past", is_flag=True, help=_("Also what was taken back."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def list_(project: Project, *, past: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it
    from notigate.preferences import Word  # noqa: PLC0415 - as above

    register.show(project, Word.CONSENT, past=past, as_json=as_json)


@consent.command(
    "import",
    help=_("Record a CSV file of consents. Its columns: person, phone, email or wecom; and source, proof, at."),
    epilog=examples({"notigate consent import forms.csv": _("bad rows are named; all others are recorded")}),
)
@from_file
@click.pass_context
@pass_project
def import_(project: Project, ctx: click.Context, *, file: Path, source: str, dry_run: bool) -> None:
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it
    from notigate.preferences import Word  # noqa: PLC0415 - as above

    ctx.exit(register.import_file(project, file, Word.CONSENT, source=source, dry_run=dry_run))
