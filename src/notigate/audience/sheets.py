"""Reads one workbook in a process of its own, and writes its rows to standard output, one JSON value a line.

    python sheets.py [SHEET] < customers.xlsx

Workbooks come from anywhere and are read by native code: what is made to fill memory, or to crash the reader, ends this
process and not the run. The first line is an object: `{"fault": …}`, `{"sheets": {name: its first rows}}` where several could
be meant, or `{"sheet": name, "hidden": n}`; then come the rows, each `[number, [cells]]`. A day is a list of its ISO form.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, load_workbook

#: of all entries, unpacked
LARGEST = 600 << 20
#: entries of an archive; and how far they may be packed, from this size on
MOST_ENTRIES, PACKED, SMALL = 1000, 100, 32 << 20
#: memory: for the program, for each byte of the workbook, and at most
PROGRAM, PER_BYTE, MOST = 256 << 20, 6, 3 << 29
#: processor seconds: at least, and bytes a second
SECONDS, RATE = 20, 1 << 20
#: characters of one cell that are handed on: more than any that may be used
LONGEST_CELL = 10_001
#: rows of each sheet that are shown where several could be meant
SHOWN = 30
#: merged cells that are filled; more are a joke
MOST_MERGED = 200_000
_CHUNK = 1 << 20

_CELL = rb'<c r="([A-Z]{1,3})(\d{1,7})"'
_FAILED = re.compile(_CELL + rb'[^>]*\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>')
_UNCOMPUTED = re.compile(_CELL + rb'(?![^>]*\bt="str")[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v></v>|<v ?/>)?</c>')
_HIDDEN = re.compile(rb'<row [^>]*\bhidden="(?:1|true)"')

Marks = dict[tuple[int, int], str]


class Unusable(Exception):  # noqa: N818 - a finding; the reader of our output makes the error of it
    """Why this workbook is not read."""


def check(data: IO[bytes]) -> int:
    """Refuse what unpacks to more than a roster can hold; returns the bytes that it unpacks to.

    Every entry is unpacked once and compared with its checksum, for what the directory says may be a lie.
    """
    if not zipfile.is_zipfile(data):
        return data.seek(0, 2) * 4  # BIFF is not packed, and its texts grow when they are read
    with zipfile.ZipFile(data) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries) or 1
        if len(entries) > MOST_ENTRIES or total > LARGEST or (total > SMALL and total > packed * PACKED):
            raise Unusable("bomb")
        for entry in entries:
            with archive.open(entry) as unpacked:
                while unpacked.read(_CHUNK):
                    pass
    return total


def limit(size: int) -> None:
    """From here on, this process gets what a workbook of so many bytes can need."""
    most = min(PROGRAM + PER_BYTE * size, MOST)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    seconds = SECONDS + size // RATE
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def choose(book: CalamineWorkbook, wanted: str) -> tuple[int, CalamineSheet]:
    """The sheet of this name, or the only one that is there to see and not empty."""
    names = book.sheet_names
    if wanted:
        for index, name in enumerate(names):
            if name.strip() == wanted.strip():
                return index, book.get_sheet_by_index(index)
        raise Unusable("no such sheet")
    shown = [i for i, about in enumerate(book.sheets_metadata) if str(about.visible).endswith(".Visible")]
    filled = [(index, sheet) for index in shown if (sheet := book.get_sheet_by_index(index)).start is not None]
    if len(filled) == 1:
        return filled[0]
    say({"sheets": {sheet.name: list(rows(sheet, {}, SHOWN)) for _index, sheet in filled}})
    sys.exit(0)


def marks(data: IO[bytes], index: int) -> tuple[Marks, int]:
    """What calamine does not tell of an .xlsx: cells whose formula failed or was never computed, and hidden rows."""
    found: Marks = {}
    hidden = 0
    for block in blocks(data, index):
        hidden += len(_HIDDEN.findall(block))
        if b't="e"' in block:
            found |= {place(m[1], m[2]): m[3].decode("ascii", "replace") for m in _FAILED.finditer(block)}
        if b"<f" in block:
            found |= {place(m[1], m[2]): "=" for m in _UNCOMPUTED.finditer(block)}
    return found, hidden


def blocks(data: IO[bytes], index: int) -> Iterator[bytes]:
    """The XML of a sheet, in pieces that end where a row ends; nothing for other kinds of files."""
    if not zipfile.is_zipfile(data):
        return
    with zipfile.ZipFile(data) as archive:
        path = part(archive, index)
        if path is None:
            return
        rest = b""
        with archive.open(path) as xml:
            while piece := xml.read(_CHUNK):
                whole, end, rest = (rest + piece).rpartition(b"</row>")
                yield whole + end
        yield rest


def part(archive: zipfile.ZipFile, index: int) -> str | None:
    """The entry that holds a sheet of an .xlsx."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    sheets = re.findall(rb"<(?:\w+:)?sheet [^>]*?r:id=\"([^\"]+)\"", archive.read("xl/workbook.xml"))
    targets = {}
    for link in re.findall(rb"<Relationship [^>]*>", archive.read("xl/_rels/workbook.xml.rels")):
        about = dict(re.findall(rb'(\w+)="([^"]*)"', link))
        targets[about.get(b"Id")] = about.get(b"Target", b"").decode("utf-8", "replace")
    target = targets.get(sheets[index], "") if index < len(sheets) else ""
    path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return path if path in names else None


def place(column: bytes, row: bytes) -> tuple[int, int]:
    """Row and column from 0, of a name such as `AB12`."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return int(row) - 1, number - 1


def rows(sheet: CalamineSheet, found: Marks, most: int | None = None) -> Iterator[tuple[int, list[object]]]:
    """The rows that are not blank, with what stands in merged cells in each of them."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    marked: dict[int, dict[int, str]] = {}
    for (row, column), text in found.items():
        marked.setdefault(row, {})[column] = text
    merged = Merged(sheet)
    told = 0
    for number, values in enumerate(sheet.iter_rows()):
        cells: list[Any] = [*left, *values]
        for column, text in marked.get(number, {}).items():
            if column < len(cells) and cells[column] == "":
                cells[column] = text
        merged.fill(number, cells)
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            yield number + 1, [shorten(cell) for cell in cells]
            told += 1
        if told == most:
            return


def shorten(cell: object) -> object:
    """Cut what is longer than anybody writes."""
    return cell[:LONGEST_CELL] if type(cell) is str and len(cell) > LONGEST_CELL else cell


class Merged:
    """The merged cells of a sheet: each of them shows what its first one holds."""

    def __init__(self, sheet: CalamineSheet) -> None:
        try:
            ranges = sheet.merged_cell_ranges or []
        except CalamineError:
            ranges = []
        if sum((last[0] - first[0] + 1) * (last[1] - first[1] + 1) for first, last in ranges) > MOST_MERGED:
            ranges = []
        self._begin: dict[int, list[tuple[int, int, int]]] = {}
        for (top, first), (bottom, last) in ranges:
            self._begin.setdefault(top, []).append((bottom, first, last))
        self._open: list[tuple[int, int, int, object]] = []

    def fill(self, row: int, cells: list[Any]) -> None:
        """Fill the cells of the next row."""
        begun = [(bottom, a, b, cells[a] if a < len(cells) else "") for bottom, a, b in self._begin.get(row, ())]
        self._open = [one for one in self._open if one[0] >= row] + begun
        for _bottom, first, last, value in self._open:
            for column in range(first, min(last + 1, len(cells))):
                if cells[column] == "":
                    cells[column] = value


def say(value: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(value, default=lambda day: [str(day)]) + "\n")


def main(wanted: str) -> None:
    """Read what standard input holds."""
    data = open(0, "rb", closefd=False)  # noqa: SIM115 - it is not ours to close
    names: list[str] = []
    try:
        limit(check(data))
        data.seek(0)
        book = load_workbook(data)
        names = book.sheet_names
        index, sheet = choose(book, wanted)
        found, hidden = marks(data, index)
        say({"sheet": sheet.name, "hidden": hidden})
        for row in rows(sheet, found):
            say(row)
    except Unusable as fault:
        say({"fault": str(fault), "names": names})
    except PasswordError:
        say({"fault": "password"})
    except (MemoryError, SystemExit, BrokenPipeError):
        raise
    except BaseException:  # noqa: BLE001 - a panic of the native reader is one; whatever it was, the file is not usable
        say({"fault": "broken"})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
