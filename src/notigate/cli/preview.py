"""`notigate preview`: what a reader would see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _, _n, translate

if TYPE_CHECKING:
    from notigate.model import Content
    from notigate.planner.previews import Preview


@click.command(
    cls=Command,
    help=_(
        "Show the texts of an occasion as a reader would see them: the occasion's sample person, or one of the roster."
    ),
    epilog=examples(
        {
            "notigate preview holiday/mid-autumn": _("for the sample person"),
            "notigate preview holiday/mid-autumn --person c0012": _("for one of the roster"),
            "notigate preview holiday/mid-autumn --locale en": _("in another language"),
        }
    ),
)
@click.argument("occasion")
@click.option("--person", metavar="ID", help=_("Somebody of the roster."))
@click.option("--locale", metavar="L", help=_("A language such as zh_Hans, zh_Hant or en."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.pass_context
@pass_project
def preview(  # noqa: PLR0913 - one an option
    project: Project, ctx: click.Context, *, occasion: str, person: str | None, locale: str | None, as_json: bool
) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it
    from notigate.model import Content  # noqa: PLC0415 - as above

    with project.open() as gateway:
        previews = gateway.preview(occasion, person=person, locale=locale)
    if as_json:
        tables.show_json(_as_json(item) for item in previews)
    else:
        click.echo("\n\n".join(tables.printable(_page(item)) for item in previews))
    ctx.exit(0 if all(isinstance(item.content, Content) for item in previews) else 1)


def _page(preview: Preview) -> str:
    from notigate.model import Content  # noqa: PLC0415 - as in preview

    content = preview.content
    head = f"--- {preview.occasion} · {preview.medium} · {preview.locale} · {preview.person}"
    if not isinstance(content, Content):
        return f"{head}\n" + _("This text cannot be made: {why}").format(why=translate(content))
    lines = [f"{head} · {_size(preview, content)}"]
    if content.subject:
        lines += [_("Subject: {subject}").format(subject=content.subject), ""]
    return "\n".join([*lines, content.text])


def _size(preview: Preview, content: Content) -> str:
    size = _n("{n} character", "{n} characters", len(content.text)).format(n=len(content.text))
    if preview.segments:
        size += " · " + _n("{n} SMS part", "{n} SMS parts", preview.segments).format(n=preview.segments)
    if content.html:
        size += " · " + _("HTML {n} bytes").format(n=len(content.html.encode()))
    return size


def _as_json(preview: Preview) -> dict[str, object]:
    from notigate.model import Content  # noqa: PLC0415 - as in preview

    told = {
        "occasion": preview.occasion,
        "person": preview.person,
        "medium": preview.medium,
        "locale": preview.locale,
        "segments": preview.segments,
    }
    content = preview.content
    if not isinstance(content, Content):
        return {**told, "fault": str(content)}
    return {**told, "subject": content.subject, "text": content.text, "html_bytes": len(content.html.encode())}
