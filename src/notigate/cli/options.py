"""Options that several commands take, in the same form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from notigate.language import _

Command = TypeVar("Command", bound=Callable[..., Any])


def to_file(told: str, *, required: bool = False) -> Callable[[Command], Command]:
    """`-o FILE`: what a listing shows, as a file; `told` says which kinds there are."""
    kind = click.Path(path_type=Path, dir_okay=False)
    return click.option("-o", "--output", "file", type=kind, required=required, metavar="FILE", help=told)


def from_file(command: Command) -> Command:
    """`FILE --source S --dry-run`: what is recorded row by row."""
    dry_run = click.option("--dry-run", is_flag=True, help=_("Record nothing; tell what would be."))
    source = click.option(
        "--source", default="", metavar="S", help=_("Where it comes from (default: the file's name).")
    )
    return click.argument("file", type=click.Path(path_type=Path))(source(dry_run(command)))
