"""CSV files as people and programs write them: any usual encoding and delimiter, decided once for the whole file."""

from __future__ import annotations

import codecs
import csv
import re
from typing import TYPE_CHECKING, BinaryIO

from notigate.audience.tables import Table
from notigate.errors import AudienceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_DELIMITERS = ",;\t|"
#: characters; no table has longer lines
_LONGEST_LINE = 1 << 20
#: bytes
_CHUNK = 1 << 20
#: how Excel's own files begin
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_CHINESE = re.compile("[一-鿿]")
#: so many Chinese characters that are good UTF-8 are no accident of another encoding
_NO_ACCIDENT = 3


class _Undecodable(Exception):  # noqa: N818 - a finding, not an error
    """Not in that encoding from `line` on, after `chinese` good Chinese characters."""

    def __init__(self, line: int, chinese: int) -> None:
        super().__init__(line, chinese)
        self.line = line
        self.chinese = chinese


def open_csv(path: Path, encoding: str | None = None) -> Table:
    """Open a CSV file whose first line holds the headings.

    The whole file is looked through before its first row is out, so that a fault far down stops nothing halfway.

    Args:
        path: the file.
        encoding: None means UTF-8 where all bytes are, else GB18030 (which includes GBK); a byte order mark decides.

    Raises:
        AudienceError: there is no such file, or it is no CSV; says where, and what to do.
    """
    try:
        if not path.is_file():
            raise AudienceError("{file}: there is no such file", file=path)
        chosen, quoted = _looked_through(path, encoding)
        rows = _rows(path, chosen, _delimiter(path, chosen))
        if quoted:
            for _ in _rows(path, chosen, _delimiter(path, chosen)):
                pass
        first = next(rows, None)
    except OSError as fault:
        raise AudienceError("{file}: cannot be read: {why}", file=path, why=fault.strerror or fault) from fault
    if first is None:
        raise AudienceError("{file}: is empty; its first line must hold the headings", file=path)
    return Table(name=path.name, headings=tuple(cell.strip() for cell in first[1]), rows=rows)


def _looked_through(path: Path, named: str | None) -> tuple[str, bool]:
    """The encoding of all bytes, and whether there are quotes."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(_WORKBOOKS):
        raise AudienceError("{file}: this is an Excel workbook; save it as “CSV UTF-8”", file=path)
    first, *others = [named] if named else _candidates(head)
    try:
        return first, _scanned(path, first)
    except _Undecodable as fault:
        if not others or fault.chinese >= _NO_ACCIDENT:
            raise _unreadable(path, fault.line, first) from None
    try:
        return others[0], _scanned(path, others[0])
    except _Undecodable as fault:
        raise _unreadable(path, fault.line, f"{first} or {others[0]}") from None


def _candidates(head: bytes) -> list[str]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    return ["utf-8-sig"] if head.startswith(codecs.BOM_UTF8) else ["utf-8-sig", "gb18030"]


def _unreadable(path: Path, line: int, tried: str) -> AudienceError:
    return AudienceError(
        "{file}:{line}: this is not {tried}; save the file as UTF-8, or name its encoding: roster: {{encoding: big5}}",
        file=path.name,
        line=line,
        tried=tried.replace("utf-8-sig", "UTF-8").replace("gb18030", "GB18030"),
    )


def _scanned(path: Path, encoding: str) -> bool:
    """Look through the file once, a piece at a time. Are there quotes?"""
    line, width, chinese, quoted = 1, 0, 0, False
    with path.open("rb") as file:
        try:
            for text in _decoded(file, encoding):
                lines = text.split("\n")
                _refuse_binary(path, line, text, max(width + len(lines[0]), *map(len, lines)))
                line, width = line + len(lines) - 1, len(lines[-1]) + (width if len(lines) == 1 else 0)
                quoted = quoted or '"' in text
                chinese = chinese or len(_CHINESE.findall(text))
        except UnicodeDecodeError as fault:
            good = fault.object[: fault.start].decode(encoding, "ignore")
            raise _Undecodable(line + good.count("\n"), chinese + len(_CHINESE.findall(good))) from None
        except UnicodeError:
            raise _Undecodable(line, 0) from None
    return quoted


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _refuse_binary(path: Path, line: int, text: str, longest: int) -> None:
    if "\0" in text:
        line += text.count("\n", 0, text.index("\0"))
        raise AudienceError("{file}:{line}: a zero byte; this is no text file", file=path.name, line=line)
    if longest > _LONGEST_LINE:
        raise AudienceError(
            "{file}: a line of more than {limit} characters; this is no CSV", file=path.name, limit=_LONGEST_LINE
        )


def _delimiter(path: Path, encoding: str) -> str:
    """The one that the first line has most of, outside quotes."""
    with path.open(encoding=encoding, newline="") as file:
        first = next((line for line in file if line.strip()), "")
    bare = re.sub('"[^"]*"', "", first)
    return max(_DELIMITERS, key=bare.count)


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows that are not empty, with the line they begin at."""
    line = 1
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
        try:
            for cells in reader:
                if any(cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as fault:
            raise AudienceError(
                "{file}:{line}: this is no CSV: {why}; is a quote never closed?", file=path.name, line=line, why=fault
            ) from None
