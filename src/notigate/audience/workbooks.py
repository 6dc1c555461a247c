"""Excel and OpenDocument workbooks, read by `sheets` in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO, TypeAlias, cast

from notigate import sheets
from notigate.audience.tables import Note, Row
from notigate.errors import AudienceError, sentence

#: number and cells of a row, as the reader's process writes them
Line: TypeAlias = tuple[int, list[object]]

#: how workbooks begin: packed (.xlsx, .xlsm, .ods) and not (.xls)
MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
#: sheets that are named where one must be chosen
_NAMED = 12

_FAULTS: Mapping[str, str] = {
    "bomb": sentence("{file}: unpacks to more than any roster holds; save what is needed as “CSV UTF-8”"),
    "password": sentence("{file}: is locked with a password; save a copy without one"),
    "broken": sentence("{file}: is no workbook, or a damaged one; open it in Excel and save it again"),
}
_TOO_LARGE = "{file}: takes more memory or time than a roster should; save the sheet as “CSV UTF-8”"
_HIDDEN = sentence("{n} hidden rows of sheet {sheet!r} are read like all others")


def rows_of(path: Path, sheet: str | None, fits: Callable[[Iterator[Row]], bool], notes: list[Note]) -> Iterator[Row]:
    """The rows of a workbook's sheet that are not blank.

    Args:
        path: the file.
        sheet: its name; None where there is one only, or one only that `fits`.
        fits: could a sheet that begins like this be the roster?
        notes: what the clerk should know is added to it.

    Raises:
        AudienceError: it cannot be read, or several sheets could be meant.
    """
    lines = _lines(path, sheet or "")
    head = next(lines, None)
    if not isinstance(head, dict):
        raise AudienceError(_TOO_LARGE, file=path.name)
    if fault := head.get("fault"):
        raise _refused(path, str(fault), sheet, head.get("names"))
    if "sheets" in head:
        chosen = _chosen(path, cast("Mapping[str, list[Line]]", head["sheets"]), fits)
        return rows_of(path, chosen, fits, notes)
    if head["hidden"]:
        notes.append(Note(_HIDDEN, {"n": head["hidden"], "sheet": head["sheet"]}))
    return ((number, [_cell(cell) for cell in cells]) for number, cells in cast("Iterator[Line]", lines))


def _chosen(path: Path, found: Mapping[str, list[Line]], fits: Callable[[Iterator[Row]], bool]) -> str:
    """The only sheet that could be meant."""
    if not found:
        raise AudienceError("{file}: is empty; its first line must hold the headings", file=path.name)
    fitting = [name for name, rows in found.items() if fits((n, [_cell(c) for c in cells]) for n, cells in rows)]
    if len(fitting) == 1:
        return fitting[0]
    raise AudienceError(
        "{file}: holds several sheets: {sheets}. Say which one is meant: roster: {{sheet: {example}}}",
        file=path.name,
        sheets=_listed(fitting or list(found)),
        example=(fitting or list(found))[0],
    )


def _refused(path: Path, fault: str, sheet: str | None, names: object) -> AudienceError:
    if fault in _FAULTS:
        return AudienceError(_FAULTS[fault], file=path.name)
    return AudienceError(
        "{file}: has no sheet {sheet!r}, which roster: {{sheet: …}} names; there are: {sheets}",
        file=path.name,
        sheet=sheet,
        sheets=_listed(names if isinstance(names, list) else []),
    )


def _listed(names: list[str]) -> str:
    return ", ".join(name[:40] for name in names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _lines(path: Path, sheet: str) -> Iterator[object]:
    """What the reader says of the file, line by line; its process ends with the last, or with us."""
    import subprocess  # noqa: PLC0415 - most rosters are text

    found_alike = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with path.open("rb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own program; the sheet's name is an argument, no shell sees it
            [sys.executable, "-P", "-m", sheets.__name__, sheet],
            env=found_alike,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    said = cast("IO[bytes]", process.stdout)
    try:
        for line in said:
            yield json.loads(line)
        if process.wait() != 0:
            raise AudienceError(_TOO_LARGE, file=path.name)
    finally:
        said.close()
        process.kill()
        process.wait()


def _cell(cell: object) -> object:
    """A day, where it is one; a time of day stays text."""
    if type(cell) is not list:
        return cell
    text = str(cell[0])
    try:
        return datetime.fromisoformat(text) if " " in text else date.fromisoformat(text)
    except ValueError:
        return text
