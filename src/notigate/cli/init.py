"""`notigate init`: a new project that works at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.errors import ExitCode
from notigate.language import OURS, _

if TYPE_CHECKING:
    from notigate.sample.answers import Answers


@click.command(
    cls=Command,
    help=_(
        "Make a new project in DIR. On a terminal it asks for what the options do not say; nothing is made before you "
        "agree. Without a channel of yours its only one is an outbox: every message becomes a file, and nobody is reached."
    ),
    epilog=examples(
        {
            "notigate init care": _("answer some questions"),
            "notigate init demo --sample": _("with invented people, some of whom have a birthday today"),
            "notigate init care --yes --name 青年城 --hotline 400-600-0000 --channel email --set email.host=smtp.example.com "
            "--set email.username=care@example.com --roster customers.xlsx --only me@example.com": _(
                "the same in one line; the password is looked for in the environment: SMTP_PASSWORD"
            ),
        }
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--sample", "with_people", is_flag=True, help=_("With invented people to try it with."))
@click.option("--name", metavar="TEXT", help=_("The project's name; it stands in every text."))
@click.option("--city", metavar="TEXT", help=_("Where it is; for warnings of the weather."))
@click.option("--hotline", metavar="TEXT", help=_("The number that readers may call."))
@click.option("--timezone", metavar="ZONE", help=_("Default: Asia/Shanghai."))
@click.option("--locale", type=click.Choice(OURS), help=_("Of readers who ask for no other language."))
@click.option(
    "--channel", "channels", multiple=True, type=click.Choice(["sms", "email", "wecom", "group"]),
    help=_("By Aliyun SMS, mail, WeCom messages to colleagues, or a WeCom group robot; repeatable."),
)  # fmt: skip
@click.option(
    "--set", "told", multiple=True, metavar="CHANNEL.KEY=VALUE",
    help=_("What a channel must know; a secret as env:NAME or file:PATH. Repeatable."),
)  # fmt: skip
@click.option("--roster", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              help=_("The customers, as your system exports them; the file stays where it is."))  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="ADDRESS",
    help=_("A trial: nobody but this phone, mail address or id gets anything. Repeatable."),
)  # fmt: skip
@click.option("--yes", is_flag=True, help=_("Ask nothing: what the options do not say is as in the packaged project."))
@click.option("--dry-run", is_flag=True, help=_("Show which files would be made."))
@click.pass_context
@pass_project
def init(  # noqa: PLR0913 - one an option
    project: Project, ctx: click.Context, /, *, folder: Path, with_people: bool, yes: bool, dry_run: bool,
    told: Sequence[str], **given: Any,  # noqa: ANN401 - options
) -> None:  # fmt: skip
    """Run the command."""
    from notigate import sample  # noqa: PLC0415 - no help page waits for it

    sample.refuse_existing(folder)
    if with_people and (told or any(given.values())):
        raise click.UsageError(_("--sample is a project of its own, and goes with none of these options"))
    asks = not (with_people or yes or dry_run) and sys.stdin.isatty() and sys.stderr.isatty()
    try:
        answers = None if with_people else _answers(folder, given, told, asks=asks)
    except click.Abort:
        project.say("\n" + _("Nothing was made."))
        ctx.exit(ExitCode.INTERRUPTED)
    for file in sample.write(folder, _today(project), sample=with_people, answers=answers, dry_run=dry_run):
        click.echo(file)
    if not dry_run:
        _go_on(project, folder, answers, asks=asks)


def _answers(folder: Path, given: dict[str, Any], told: Sequence[str], *, asks: bool) -> Answers:
    """What the options say, and, where somebody can be asked, what they answer."""
    from notigate.cli import answering, interview  # noqa: PLC0415 - no help page waits for it

    known = {name: value for name, value in given.items() if value not in (None, ())}
    keys = answering.pairs(told)
    return interview.ask(folder, known, keys) if asks else answering.taken(folder, known, keys)


def _go_on(project: Project, folder: Path, answers: Answers | None, *, asks: bool) -> None:
    """A first message to oneself, and what is to be done next."""
    from notigate.cli import first_steps  # noqa: PLC0415 - as above

    if asks and answers is not None and answers.only:
        first_steps.trial(project, folder, answers.only[0])
    project.say("\n" + _("What to do next:"))
    for line in first_steps.next_steps(folder, answers):
        project.say(f"  {line}")


def _today(project: Project) -> date:
    """The day around which something happens in the sample."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - no help page waits for it

    from notigate.edges import real_now  # noqa: PLC0415 - as above
    from notigate.sample import ZONE  # noqa: PLC0415 - as above

    return project.now.date() if isinstance(project.now, datetime) else real_now().astimezone(ZoneInfo(ZONE)).date()
