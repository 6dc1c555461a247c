"""An .xlsx as the archive that it is: calamine reads a sheet whole, so it is handed workbooks that hold some of its rows."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import IO

from notigate.sheets.marks import hidden

#: bytes of a sheet's XML that are read at once, but as many as there are of texts: each piece reads those anew
PIECE = 4 << 20
_WORKBOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_TEXTS = re.compile(r".*/sharedStrings\.xml", re.IGNORECASE)
#: what is read beside sheets and texts
_FRAME = re.compile(r"\[Content_Types\]\.xml|_rels/.*|xl/workbook\.xml|xl/_rels/.*|.*/styles\.xml", re.IGNORECASE)
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,7})"')
_END = b"</row>"


class Archive:
    """The archive of an .xlsx."""

    def __init__(self, archive: zipfile.ZipFile, parts: list[str], piece: int) -> None:
        self._archive, self._parts = archive, parts
        texts = sum(entry.file_size for entry in archive.infolist() if _TEXTS.fullmatch(entry.filename))
        self._most = max(piece, texts)
        self._frame = self._framed()

    @classmethod
    def of(cls, data: IO[bytes], piece: int) -> Archive | None:
        """None where it is a file of another kind."""
        if not zipfile.is_zipfile(data):
            return None
        archive = zipfile.ZipFile(data)
        found = parts(archive)
        return cls(archive, found, piece) if found else None

    def holds(self, index: int) -> bool:
        """Is there an entry for this sheet?"""
        return index < len(self._parts) and bool(self._parts[index])

    def blocks(self, index: int) -> Iterator[bytes]:
        """The XML of a sheet, in pieces that end where a row ends; the last is what stands below the rows."""
        rest = b""
        with self._archive.open(self._parts[index]) as xml:
            while read := xml.read(self._most):
                block = rest + read
                end = block.rfind(_END) + len(_END)
                if end < len(_END):
                    rest = block
                    continue
                block, rest = block[:end], block[end:]
                yield block
        yield rest

    def with_sheet(self, index: int, *xml: bytes) -> BytesIO:
        """The workbook with no other sheet than this one, and this in it."""
        made = self.without_sheets()
        with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive, archive.open(self._parts[index], "w") as part:
            for piece in xml:
                part.write(piece)
        made.seek(0)
        return made

    def without_sheets(self) -> BytesIO:
        """The workbook alone."""
        made = BytesIO()
        made.write(self._frame)
        made.seek(0)
        return made

    def _framed(self) -> bytes:
        kept = BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as frame:
            for entry in self._archive.infolist():
                if _FRAME.fullmatch(entry.filename) or _TEXTS.fullmatch(entry.filename):
                    with self._archive.open(entry) as source, frame.open(entry.filename, "w") as copy:
                        shutil.copyfileobj(source, copy)
        return kept.getvalue()


class Outline:
    """What a look through the XML of a sheet tells."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._head = self._below = b""
        self.hidden = 0
        #: rows are numbered and in their order, and nothing hides where one ends
        self.can_be_cut = True
        last = 0
        for block in blocks:
            self._head = self._head or block.partition(b"<row")[0]
            numbers = [last, *map(int, _ROW.findall(block))]
            told = block.count(b"<row ") + block.count(b"<row>")
            ascend = all(number < following for number, following in pairwise(numbers))
            self.can_be_cut &= ascend and told == len(numbers) - 1 and b"<!" not in block
            self.hidden += hidden(block)
            self._below, last = block, numbers[-1]
        self.can_be_cut &= last > 0

    def around(self, block: bytes) -> tuple[bytes, ...]:
        """The XML of the sheet with the rows of one block alone; nothing where it has none."""
        return (self._head, block[block.find(b"<row") :], b"</sheetData></worksheet>") if block.endswith(_END) else ()

    def without_rows(self) -> tuple[bytes, ...]:
        """The XML of the sheet around its rows."""
        return self._head, self._below


def parts(archive: zipfile.ZipFile) -> list[str]:
    """The entries that hold the sheets of an .xlsx, in their order; an empty one for a sheet that has none."""
    names = set(archive.namelist())
    if not {_WORKBOOK, _LINKS} <= names:
        return []
    targets = {}
    for link in re.findall(rb"<Relationship [^>]*>", archive.read(_LINKS)):
        about = dict(re.findall(rb'(\w+)="([^"]*)"', link))
        target = about.get(b"Target", b"").decode("utf-8", "replace")
        targets[about.get(b"Id")] = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    found = re.findall(rb"<(?:\w+:)?sheet [^>]*?r:id=\"([^\"]+)\"", archive.read(_WORKBOOK))
    return [path if (path := targets.get(link, "")) in names else "" for link in found]
