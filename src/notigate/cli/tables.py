"""Results on standard output: tables on a terminal, plain lines in a pipe, JSON for programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Literal

import click

from notigate.cli.pages import width, wrap

#: what a column of several lines should have at least, and blanks between two columns
NARROWEST, GAP = 12, 2
#: blanks in front of what stands below a headline
INDENT = 6
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def on_terminal() -> bool:
    """Does a person read standard output, and not a program?"""
    return sys.stdout.isatty()


def in_colour() -> bool:
    """May standard output be coloured? Not in pipes, and not where `NO_COLOR` is set."""
    return on_terminal() and not os.environ.get("NO_COLOR")


def show(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Collection[int] = (),
    wraps: Collection[int] = (),
) -> None:
    """Print rows under their headings: with tabs between the cells, or as a table on a terminal.

    `numbers` are the columns, from 0, that stand to the right; `wraps` are those that may take several lines when the
    terminal is narrow.
    """
    if on_terminal():
        _print_table(headings, rows, numbers, wraps)
        return
    for row in chain([headings], rows):
        click.echo("\t".join(" ".join(_shown(cell).split()) for cell in row))


def show_notes(notes: Iterable[tuple[str, str]]) -> None:
    """Print headlines for a person, each with its sentences below."""
    columns = shutil.get_terminal_size().columns - INDENT
    for headline, sentences in notes:
        click.echo(printable(headline))
        for sentence in printable(sentences).splitlines():
            for line in wrap(sentence, columns):
                click.echo(f"{'':>{INDENT}}{line}")


def show_json(objects: Iterable[Mapping[str, object]]) -> None:
    """Print one JSON object a line."""
    for item in objects:
        click.echo(json.dumps(item, ensure_ascii=False))


def printable(text: str) -> str:
    """The text without what would steer a terminal, or show it in another order than it has."""
    return _CONTROLS.sub("", text)


def _shown(cell: object) -> str:
    return "" if cell is None else printable(str(cell))


def _print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], numbers: Collection[int], wraps: Collection[int]
) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(highlight=False)
    cells = [[_shown(cell) for cell in row] for row in rows]
    if not _fits([headings, *cells], wraps, console.width):
        headings = _broken(headings, numbers)
    if not _fits([headings, *cells], wraps, console.width):
        wraps = [number for number in range(len(headings)) if number not in numbers]
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold underline")
    for number, heading in enumerate(headings):
        justify: Literal["left", "right"] = "right" if number in numbers else "left"
        table.add_column(Text(heading), justify=justify, no_wrap=number not in wraps, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def have_room(headings: Sequence[str], rows: Iterable[Sequence[object]], numbers: Collection[int]) -> bool:
    """Can a person's terminal show these columns, each cell on one line?"""
    cells = [[_shown(cell) for cell in row] for row in rows]
    return _fits([_broken(headings, numbers), *cells], (), shutil.get_terminal_size().columns)


def _broken(headings: Sequence[str], numbers: Collection[int]) -> list[str]:
    """The headings of numbers, a word a line."""
    return [name.replace(" ", "\n") if number in numbers else name for number, name in enumerate(headings)]


def _fits(rows: Sequence[Sequence[str]], wraps: Collection[int], columns: int) -> bool:
    """Is there room for all that does not wrap, and some for what does?"""
    widths = [max(width(line) for cell in column for line in cell.split("\n")) for column in zip(*rows, strict=True)]
    needed = (min(wide, NARROWEST) if number in wraps else wide for number, wide in enumerate(widths))
    return sum(needed) + GAP * (len(widths) - 1) <= columns
