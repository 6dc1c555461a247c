"""The sheets of one workbook, and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice, repeat
from typing import IO, Any, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from notigate.sheets.archives import PIECE, Archive, Outline
from notigate.sheets.guards import Unusable
from notigate.sheets.marks import Marks, marks

#: characters of one cell that are handed on: more than any that may be used
LONGEST_CELL = 10_001
#: merged cells that are filled; more are a joke
MOST_MERGED = 200_000


class Piece(NamedTuple):
    """Rows that follow each other, the first and last of which are not blank. Places are counted from 0."""

    top: int
    left: int
    right: int
    rows: Iterable[list[Any]]
    #: what calamine does not tell of them
    marks: Marks


def _piece(read: CalamineSheet, found: Marks) -> Piece | None:
    """What was read; None where all is blank."""
    if read.start is None or read.end is None:
        return None
    (top, left), (_bottom, right) = read.start, read.end
    return Piece(top, left, right, islice(read.iter_rows(), top, None), found)


class Sheet:
    """One sheet, read whole."""

    def __init__(self, read: CalamineSheet, found: Marks, hidden: int) -> None:
        self._read, self._found = read, found
        #: rows that are not there to see
        self.hidden = hidden

    def pieces(self) -> Iterator[Piece]:
        """Its rows, from the top."""
        if piece := _piece(self._read, self._found):
            yield piece

    def merged(self) -> Merged:
        """Its merged cells."""
        return Merged(self._read)

    def rows(self) -> Iterator[tuple[int, list[object]]]:
        """The rows that are not blank, with what stands in merged cells in each of them."""
        merged, done, width = self.merged(), 0, 0
        for piece in self.pieces():
            if piece.top < done:
                raise Unusable("broken")
            width = max(width, piece.right + 1)
            left, blank = [""] * piece.left, repeat(list[Any](), piece.top - done)
            for number, values in enumerate(chain(blank, piece.rows), done):
                cells = left + values
                cells += [""] * (width - len(cells))
                for column, text in piece.marks.get(number, ()):
                    if column < width and cells[column] == "":
                        cells[column] = text
                merged.fill(number, cells)
                done = number + 1
                if told := _shortened(cells):
                    yield done, told


class CutSheet(Sheet):
    """One sheet of an .xlsx, of which a piece at a time is in memory."""

    def __init__(self, archive: Archive, index: int, outline: Outline) -> None:
        self._archive, self._index, self._outline = archive, index, outline
        self.hidden = outline.hidden

    def pieces(self) -> Iterator[Piece]:
        """Its rows, from the top."""
        for block in self._archive.blocks(self._index):
            xml = self._outline.around(block)
            if xml and (piece := _piece(self._opened(*xml), marks(block))):
                yield piece

    def merged(self) -> Merged:
        """Its merged cells, which are told below the rows."""
        return Merged(self._opened(*self._outline.without_rows()))

    def _opened(self, *xml: bytes) -> CalamineSheet:
        return load_workbook(self._archive.with_sheet(self._index, *xml)).get_sheet_by_index(self._index)


def _shortened(cells: list[Any]) -> list[object]:
    """Without the blank ones behind the last, and without more of a text than anybody writes."""
    while cells and cells[-1] == "":
        cells.pop()
    return [cell[:LONGEST_CELL] if type(cell) is str and len(cell) > LONGEST_CELL else cell for cell in cells]


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
        if not self._begin:
            return
        begun = [(bottom, a, b, cells[a] if a < len(cells) else "") for bottom, a, b in self._begin.get(row, ())]
        self._open = [one for one in self._open if one[0] >= row] + begun
        for _bottom, first, last, value in self._open:
            for column in range(first, min(last + 1, len(cells))):
                if cells[column] == "":
                    cells[column] = value


class Book:
    """A workbook of any kind; `piece` is how many bytes of a sheet are read at once."""

    def __init__(self, data: IO[bytes], piece: int = PIECE) -> None:
        self._data = data
        self._archive = Archive.of(data, piece)
        self.sheet = cache(self._sheet)
        opened = load_workbook(self._archive.without_sheets()) if self._archive else self._whole()
        self.names: list[str] = opened.sheet_names
        #: the places of those that are there to see
        self.shown = [i for i, about in enumerate(opened.sheets_metadata) if str(about.visible).endswith(".Visible")]

    def _sheet(self, index: int) -> Sheet:
        """One of its sheets: in pieces, where that reads the same."""
        if self._archive is None or not self._archive.holds(index):
            return Sheet(self._whole().get_sheet_by_index(index), {}, 0)
        outline = Outline(self._archive.blocks(index))
        if outline.can_be_cut:
            return CutSheet(self._archive, index, outline)
        found: Marks = {}
        for block in self._archive.blocks(index):
            found |= marks(block)
        return Sheet(self._whole().get_sheet_by_index(index), found, outline.hidden)

    def _whole(self) -> CalamineWorkbook:
        self._data.seek(0)
        return load_workbook(self._data)
