"""`notigate optout`: who wants no more messages, or fewer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from notigate.cli.options import from_file
from notigate.cli.pages import Group, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

CLASSES = ("marketing", "care", "all")
TIMES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M")


@click.group(
    cls=Group,
    help=_(
        "Who wants no more messages, or fewer. Kept in the ledger with source, time and proof, whatever becomes of the roster. "
        "Messages that are planned already are not sent either."
    ),
)
def optout() -> None:
    """What its commands share: nothing."""


@optout.command(
    help=_("Record that a person wants no more messages. PERSON is an id, a phone number or a mail address."),
    epilog=examples(
        {
            "notigate optout add 13800138000 --source hotline": _("nothing more to this number"),
            "notigate optout add c0012 --class care": _("no greetings; notices about the contract still go"),
            "notigate optout add c0012 --channel sms": _("nothing by SMS; mail instead, where there is an address"),
            "notigate optout add c0012 --less-often": _("fewer, as policy: less_often says"),
        }
    ),
)
@click.argument("person")
@click.option("--channel", default="", metavar="C", help=_("By this channel or medium only (default: by all)."))
@click.option(
    "--class",
    "reach",
    type=click.Choice(CLASSES),
    default="all",
    metavar="C",
    help=_("marketing: no selling; care: no greetings and no selling; all: nothing at all (default)."),
)
@click.option("--less-often", is_flag=True, help=_("Not none, but fewer: lowers the caps."))
@click.option("--source", default="", metavar="S", help=_("Where it comes from: hotline, letter, front desk."))
@click.option("--proof", default="", metavar="TEXT", help=_("What shows it: the number of a call or letter."))
@click.option("--at", type=click.DateTime(TIMES), metavar="TS", help=_("When it was said (default: now)."))
@click.option("--dry-run", is_flag=True, help=_("Record nothing; tell whether it would be new."))
@pass_project
def add(project: Project, /, *, person: str, reach: str, less_often: bool, **told: Any) -> None:  # noqa: ANN401 - options
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it
    from notigate.preferences import Reach, Word  # noqa: PLC0415 - as above

    register.add(project, person, Word.LESS_OFTEN if less_often else Word.OPT_OUT, Reach(reach), **told)


@optout.command(
    help=_("Take an opt-out back: the person wants messages again. That it stood is kept."),
    epilog=examples({"notigate optout remove 13800138000": _("all that was recorded of this number")}),
)
@click.argument("person")
@click.option("--channel", metavar="C", help=_("Only what was said of this channel."))
@click.option("--class", "reach", type=click.Choice(CLASSES), metavar="C", help=_("Only what was said of this class."))
@click.option("--less-often", is_flag=True, help=_("Not an opt-out, but the wish for fewer."))
@click.option("--dry-run", is_flag=True, help=_("Change nothing; tell what would be taken back."))
@pass_project
def remove(  # noqa: PLR0913 - one an option
    project: Project, *, person: str, channel: str | None, reach: str | None, less_often: bool, dry_run: bool
) -> None:
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it
    from notigate.preferences import Reach, Word  # noqa: PLC0415 - as above

    word = Word.LESS_OFTEN if less_often else Word.OPT_OUT
    register.remove(project, person, word, reach=Reach(reach) if reach else None, channel=channel, dry_run=dry_run)


@optout.command(
    "list",
    help=_("Show what stands: opt-outs, wishes for fewer, and consents. Addresses are masked."),
    epilog=examples(
        {"notigate optout list": _("what stands now"), "notigate optout list --past": _("and what was taken back")}
    ),
)
@click.option("--past", is_flag=True, help=_("Also what was taken back."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def list_(project: Project, *, past: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it

    register.show(project, None, past=past, as_json=as_json)


@optout.command(
    "import",
    help=_(
        "Record a CSV file of opt-outs. Its columns: person, phone, email or wecom; and class, channel, source, proof, at. "
        "With a column reply (readers' answers, as a provider's console exports them) rows that are no opt-out are passed over."
    ),
    epilog=examples({"notigate optout import replies.csv": _("bad rows are named; all others are recorded")}),
)
@from_file
@click.pass_context
@pass_project
def import_(project: Project, ctx: click.Context, *, file: Path, source: str, dry_run: bool) -> None:
    """Run the command."""
    from notigate.cli import register  # noqa: PLC0415 - no help page waits for it
    from notigate.preferences import Word  # noqa: PLC0415 - as above

    ctx.exit(register.import_file(project, file, Word.OPT_OUT, source=source, dry_run=dry_run))
