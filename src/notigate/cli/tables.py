"""Results on standard output: tables on a terminal, plain lines in a pipe, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table


def on_terminal() -> bool:
    """Does a person read standard output, and not a program?"""
    return sys.stdout.isatty()


def show(headings: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Collection[int] = ()) -> None:
    """Print rows under their headings: with tabs between the cells, or as a table on a terminal.

    `numbers` are the columns, from 0, that stand to the right.
    """
    if on_terminal():
        _print_table(headings, rows, numbers)
        return
    for row in (headings, *rows):
        click.echo("\t".join(_plain(cell) for cell in row))


def _plain(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def show_json(objects: Iterable[Mapping[str, object]]) -> None:
    """Print one JSON object a line."""
    for item in objects:
        click.echo(json.dumps(item, ensure_ascii=False))


def _print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], numbers: Collection[int]) -> None:
    from rich import box  # noqa: PLC0415 - rich is for terminals only
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table: Table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        right = number in numbers
        table.add_column(Text(heading), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console(highlight=False).print(table)
