"""Results on standard output: tables on a terminal, plain lines in a pipe, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence

import click

#: columns that a cell with several lines keeps
NARROWEST = 12


def on_terminal() -> bool:
    """Does a person read standard output, and not a program?"""
    return sys.stdout.isatty()


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
    for row in (headings, *rows):
        click.echo("\t".join(_plain(cell) for cell in row))


def show_json(objects: Iterable[Mapping[str, object]]) -> None:
    """Print one JSON object a line."""
    for item in objects:
        click.echo(json.dumps(item, ensure_ascii=False))


def _plain(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], numbers: Collection[int], wraps: Collection[int]
) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold underline")
    for number, heading in enumerate(headings):
        table.add_column(
            Text(heading),
            justify="right" if number in numbers else "left",
            no_wrap=number not in wraps,
            overflow="fold" if number in wraps else "ellipsis",
            min_width=NARROWEST if number in wraps else None,
        )
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console(highlight=False).print(table)
