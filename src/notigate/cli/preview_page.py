"""Previews as one page that looks like a phone, a mail and a chat; it fetches nothing and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

import jinja2

from notigate.cli.preview import heading, size
from notigate.language import _, translate
from notigate.model import Content

if TYPE_CHECKING:
    from notigate.planner.previews import Preview

_KINDS = {"sms": "phone-message", "email": "mail", "wecom": "chat"}
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def page(previews: Sequence[Preview]) -> bytes:
    """The page, as UTF-8."""
    source = files("notigate.cli").joinpath("preview.html").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined).from_string(
        source
    )
    groups = groupby(previews, key=lambda preview: (preview.person, preview.about, preview.locale))
    made = template.render(
        language=previews[0].locale.replace("_", "-"),
        title=_("Preview: {occasion}").format(occasion=previews[0].occasion),
        subtitle=_("What a provider adds stands in grey. Nothing has been sent."),
        as_text=_("as plain text"),
        groups=[
            (heading(shown[0]), [_figure(one) for one in shown]) for _key, found in groups if (shown := list(found))
        ],
    )
    return made.encode()


def _figure(preview: Preview) -> dict[str, object]:
    content, kind = preview.content, _KINDS.get(preview.medium, "phone-message")
    told = {"kind": kind, "caption": preview.medium, "fault": "", "signature": preview.signature}
    if not isinstance(content, Content):
        return {**told, "fault": _("This text cannot be made: {why}").format(why=translate(content))}
    return {
        **told,
        "caption": f"{preview.medium} · {size(preview, content)}",
        "subject": content.subject,
        "text": content.text,
        "html": content.html,
        "lines": list(_lines(content.text)),
    }


def _lines(markdown: str) -> Iterator[dict[str, object]]:
    """As much of WeCom's markdown as our texts use: quotes and bold words."""
    for line in markdown.splitlines():
        quoted = line.startswith(">")
        pieces = _BOLD.split(line.lstrip("> ") if quoted else line)
        yield {"quoted": quoted, "parts": [(piece, number % 2 == 1) for number, piece in enumerate(pieces) if piece]}
