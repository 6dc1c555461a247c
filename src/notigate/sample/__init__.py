"""A project that works at once, for `notigate init`."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING

from notigate.errors import UsageError
from notigate.sample.answers import Answers, written
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


def write(
    folder: Path, today: date, *, sample: bool = False, answers: Answers | None = None, dry_run: bool = False
) -> tuple[Path, ...]:
    """Write a new project into `folder`, which is made where it does not exist; nothing is ever overwritten.

    Args:
        folder: where to.
        today: what the sample's recent days are counted from.
        sample: with invented people of whom several have a birthday on every day of every year.
        answers: what it is to be like, where it is no sample.
        dry_run: only tell which files would be written.

    Returns:
        The files written, for their owner alone to read.

    Raises:
        UsageError: a project is there already, or one of its files.
    """
    contents = _contents(today, sample=sample, answers=answers or Answers())
    _refuse_existing(folder, contents)
    if dry_run:
        return tuple(folder / name for name in contents)
    made: list[Path] = []
    try:
        return tuple(_create(folder / name, content, made) for name, content in contents.items())
    except BaseException as fault:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(fault, OSError):
            raise UsageError("{file}: cannot be written: {why}", file=fault.filename, why=fault.strerror) from fault
        raise


def refuse_existing(folder: Path) -> None:
    """Refuse a folder in which there is a project already.

    Raises:
        UsageError: there is.
    """
    if os.path.lexists(folder / SETTINGS):
        raise UsageError(
            "{file} is there already, and nothing is overwritten. See how that project stands: notigate -C {folder} doctor; or "
            "choose another folder",
            file=folder / SETTINGS, folder=folder,
        )  # fmt: skip


def _contents(today: date, *, sample: bool, answers: Answers) -> Mapping[str, str]:
    # Excel takes a CSV file for UTF-8 only when it begins with this mark.
    empty = {} if answers.roster else {ROSTER: "\ufeff" + _csv([COLUMNS, *(rows(today) if sample else ())])}
    return {
        SETTINGS: files(__name__).joinpath("sample.yaml").read_text(encoding="utf-8") if sample else written(answers),
        **empty,
        ".gitignore": _GITIGNORE,
        "templates/README.md": _TEMPLATES,
    }


def _csv(table: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


def _refuse_existing(folder: Path, names: Iterable[str]) -> None:
    refuse_existing(folder)
    for name in names:
        if os.path.lexists(folder / name):
            raise UsageError(
                "{file} is there already, and nothing is overwritten; choose another folder", file=folder / name
            )


def _create(file: Path, content: str, made: list[Path]) -> Path:
    """Write a file and the folders that it wants; all that was made is noted at once."""
    for folder in reversed(file.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700)
            made.append(folder)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    made.append(file)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(content)
    return file
