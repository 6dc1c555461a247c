"""Help pages that measure lines by what a terminal shows: a Chinese character is two columns wide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

import click

from notigate.language import _

#: what is never torn apart: a Latin word, or one wide character with the punctuation that may not begin a line
_UNBREAKABLE = r"\s+|[^\s\u2e80-\uffef]+[，。、：；！？）】」』》]*|.[，。、：；！？）】」』》]*"
#: columns that the terms of a list take at most
TERMS = 30


def width(text: str) -> int:
    """The columns that a terminal needs for `text`."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, columns: int) -> Iterator[str]:
    """The lines of one paragraph."""
    line = ""
    for part in re.findall(_UNBREAKABLE, " ".join(text.split())):
        if width(line + part.rstrip()) > columns and line.strip():
            yield line.rstrip()
            line = ""
        line += part if line else part.lstrip()
    yield line


class Page(click.HelpFormatter):
    """A help page."""

    def write_text(self, text: str) -> None:
        r"""Write paragraphs; one that begins with a line of `\b` keeps its lines."""
        indent = " " * self.current_indent
        for paragraph in text.split("\n\n"):
            head, _newline, rest = paragraph.partition("\n")
            lines = rest.splitlines() if head.strip() == "\b" else wrap(paragraph, self.width - self.current_indent)
            self.write("".join(f"{indent}{line}\n" for line in lines) + "\n")
        self.buffer[-1] = self.buffer[-1].removesuffix("\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = TERMS, col_spacing: int = 2) -> None:
        """Write terms and what they mean."""
        listed = [(term, meaning) for term, meaning in rows]
        first = min(max(width(term) for term, _meaning in listed), col_max) + col_spacing
        margin = " " * (self.current_indent + first)
        for term, meaning in listed:
            lines = list(wrap(meaning, max(self.width - len(margin), 10)))
            fits = width(term) + col_spacing <= first
            gap = " " * (first - width(term)) if fits else f"\n{margin}"
            self.write(f"{'':>{self.current_indent}}{term}{gap}" + f"\n{margin}".join(lines) + "\n")


class Context(click.Context):
    """A context whose help is a `Page`."""

    formatter_class = Page


class Command(click.Command):
    """A command whose help is a `Page`."""

    context_class = Context

    def get_short_help_str(self, limit: int = 0) -> str:
        """The first sentence of its help, whatever its length; the page wraps it."""
        del limit
        return first_sentence(self.help or "")


class Group(click.Group):
    """Commands of one kind, such as `receipts pull`."""

    context_class = Context
    command_class = Command
    get_short_help_str = Command.get_short_help_str


def first_sentence(text: str) -> str:
    """The first sentence, without its full stop: a Chinese one needs no space behind it."""
    return re.split(r"。|\.(?:\s|$)", text, maxsplit=1)[0]


def examples(lines: Mapping[str, str]) -> str:
    """The end of a help page: commands to copy, and what each does."""
    shown = [f"  # {meaning}\n  {line}" for line, meaning in lines.items()]
    return "\n".join(["\b", _("Examples:"), *shown])
