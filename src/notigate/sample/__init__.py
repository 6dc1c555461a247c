"""A project that works at once, for `notigate init`."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from notigate.errors import UsageError
from notigate.sample.people import COLUMNS, rows

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

SETTINGS = "notigate.yaml"
ROSTER = "customers.csv"
#: as the settings written here say
ZONE = "Asia/Shanghai"

_GITIGNORE = """\
# What was sent to whom, and who they are, is nobody else's business.
notigate.db*
outbox/
backups/
.weather.json
*.csv
*.xlsx
"""
_TEMPLATES = """\
A folder here, such as holiday/mid-autumn/, replaces the occasion of that name that comes with notigate.
"""


def write(folder: Path, today: date, *, sample: bool = False, dry_run: bool = False) -> tuple[Path, ...]:
    """Write a new project into `folder`, which is made where it does not exist; nothing is ever overwritten.

    Args:
        folder: where to.
        today: what the sample's recent days are counted from.
        sample: with invented people of whom several have a birthday on every day of every year.
        dry_run: only tell which files would be written.

    Returns:
        The files written, for their owner alone to read.

    Raises:
        UsageError: a project is there already, or one of its files.
    """
    contents = _contents(today, sample=sample)
    _refuse_existing(folder, contents)
    if dry_run:
        return tuple(folder / name for name in contents)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "templates").mkdir(mode=0o700, exist_ok=True)
        return tuple(_create(folder / name, content) for name, content in contents.items())
    except OSError as fault:
        raise UsageError("{file}: cannot be written: {why}", file=fault.filename, why=fault.strerror) from fault


def _contents(today: date, *, sample: bool) -> Mapping[str, str]:
    settings = files(__name__).joinpath("sample.yaml" if sample else "starter.yaml").read_text(encoding="utf-8")
    return {
        SETTINGS: settings,
        # Excel takes a CSV file for UTF-8 only when it begins with this mark.
        ROSTER: "\ufeff" + _csv([COLUMNS, *(rows(today) if sample else ())]),
        ".gitignore": _GITIGNORE,
        "templates/README.md": _TEMPLATES,
    }


def _csv(table: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


def _refuse_existing(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        if os.path.lexists(folder / name):
            raise UsageError(
                "{file} is there already, and nothing is overwritten; choose another folder", file=folder / name
            )


def _create(file: Path, content: str) -> Path:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(content)
    return file
