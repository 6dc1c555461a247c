"""`notigate preview`: what a reader would see."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notigate.cli.pages import Command, examples
from notigate.cli.personal import show_pii
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n, translate

if TYPE_CHECKING:
    from notigate.model import Content
    from notigate.planner.previews import Preview

#: columns of one text, where a terminal has room for two
CARD = 60


@click.command(
    cls=Command,
    help=_(
        "Show the texts of an occasion as a reader would see them: the occasion's sample person, or one of the roster, "
        "whose name and addresses are masked."
    ),
    epilog=examples(
        {
            "notigate preview holiday/mid-autumn": _("for the sample person"),
            "notigate preview holiday/mid-autumn --person c0012": _("for one of the roster"),
            "notigate preview holiday/mid-autumn --locale en": _("in another language"),
            "notigate preview holiday/mid-autumn --awkward -o page.html": _("as a page, also for difficult names"),
        }
    ),
)
@click.argument("occasion")
@click.option("--person", metavar="ID", help=_("Somebody of the roster."))
@click.option(
    "--locale", "locales", metavar="L", multiple=True, help=_("A language such as zh_Hans, zh_Hant or en; repeatable.")
)
@click.option("--awkward", is_flag=True, help=_("Also for people with long, rare or missing names."))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help=_("Write one page instead of showing it here."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@show_pii()
@click.pass_context
@pass_project
def preview(  # noqa: PLR0913 - one an option
    project: Project,
    ctx: click.Context,
    /,
    *,
    occasion: str,
    output: Path | None,
    person: str | None,
    as_json: bool,
    show_pii: bool,
    **chosen: Any,  # noqa: ANN401 - options
) -> None:
    """Run the command."""
    from notigate.cli import personal, tables  # noqa: PLC0415 - no help page waits for it
    from notigate.model import Content  # noqa: PLC0415 - as above

    with project.open() as gateway:
        previews = gateway.preview(occasion, person=person, masked=not show_pii, **chosen)
        if show_pii and person is not None:
            personal.record(gateway, f"preview {occasion} --person {person} --show-pii", 1)
    if output is not None:
        _write(output, previews)
    elif as_json:
        tables.show_json(_as_json(item) for item in previews)
    elif tables.on_terminal() and shutil.get_terminal_size().columns >= 2 * CARD:
        _show_side_by_side(previews)
    else:
        click.echo("\n\n".join(tables.printable(_page(item)) for item in previews))
    ctx.exit(0 if all(isinstance(item.content, Content) for item in previews) else 1)


def _write(file: Path, previews: Sequence[Preview]) -> None:
    from notigate.cli import preview_page  # noqa: PLC0415 - as above
    from notigate.edges import files  # noqa: PLC0415 - no help page waits for it

    files.write(file, preview_page.page(previews))
    click.echo(file)


def _show_side_by_side(previews: Sequence[Preview]) -> None:
    """All media of one reader beside each other."""
    from rich.columns import Columns  # noqa: PLC0415 - rich is for terminals only
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.panel import Panel  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    console = Console(highlight=False)
    for _reader, shown in groupby(previews, key=heading):
        cards = [Text(tables.printable(_page(item)), overflow="fold") for item in shown]
        console.print(Columns([Panel(card, width=CARD) for card in cards]))


def heading(preview: Preview) -> str:
    """For whom: `service/birthday · zh_Hans · sample`."""
    about = f" ({_(preview.about)})" if preview.about else ""
    return f"{preview.occasion} · {preview.locale} · {preview.person}{about}"


def _page(preview: Preview) -> str:
    from notigate.model import Content  # noqa: PLC0415 - as in preview

    content = preview.content
    head = f"--- {preview.medium} · {heading(preview)}"
    if not isinstance(content, Content):
        return f"{head}\n" + _("This text cannot be made: {why}").format(why=translate(content))
    lines = [f"{head} · {size(preview, content)}"]
    if content.subject:
        lines += [_("Subject: {subject}").format(subject=content.subject), ""]
    in_front = f"【{preview.signature}】" if preview.signature else ""
    return "\n".join([*lines, in_front + content.text])


def size(preview: Preview, content: Content) -> str:
    """`38 characters · 1 SMS part · 0.045 CNY`."""
    told = _n("{n} character", "{n} characters", len(content.text)).format(n=len(content.text))
    if preview.segments:
        told += " · " + _n("{n} SMS part", "{n} SMS parts", preview.segments).format(n=preview.segments)
    if preview.cost is not None:
        told += f" · {preview.cost}"
    if content.html:
        told += " · " + _("HTML {n} bytes").format(n=len(content.html.encode()))
    return told


def _as_json(preview: Preview) -> dict[str, object]:
    from notigate.model import Content  # noqa: PLC0415 - as in preview

    told = {
        "occasion": preview.occasion,
        "person": preview.person,
        "about": preview.about,
        "medium": preview.medium,
        "locale": preview.locale,
        "segments": preview.segments,
        "signature": preview.signature,
        "cost": str(preview.cost) if preview.cost else None,
    }
    content = preview.content
    if not isinstance(content, Content):
        return {**told, "fault": str(content)}
    return {**told, "subject": content.subject, "text": content.text, "html_bytes": len(content.html.encode())}
