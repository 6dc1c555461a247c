"""The kinds of file that an export may be; each takes what there is as it comes, and keeps none of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from notigate.audience.cleaned import safe
from notigate.edges.workbooks import new_workbook
from notigate.ledger.extract import Decision, Entry

if TYPE_CHECKING:
    from notigate.export.records import Records, Value

#: rows that a worksheet has room for, and characters that a cell has
SHEET, CELL = 1_048_576, 32_767

_Found: TypeAlias = Iterable[Entry | Decision]
_Writer: TypeAlias = "Callable[[IO[bytes], Records, _Found], None]"


def jsonl(out: IO[bytes], records: Records, found: _Found) -> None:
    """One object a line: a delivery with its `events` and `tries` in it, or a decision; `record` tells which."""
    names = records.columns
    for one in found:
        if isinstance(one, Decision):
            told = {"record": "decision", **_named(names["decisions"], records.decision(one))}
        else:
            id_, story = one.story.delivery.id, one.story
            told = {
                "record": "delivery",
                **_named(names["deliveries"], records.delivery(one)),
                "events": [_named(names["events"][1:], records.event(id_, e)[1:]) for e in story.events],
                "tries": [_named(names["tries"][1:], records.attempt(id_, a)[1:]) for a in story.tries],
            }
        out.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def text(out: IO[bytes], records: Records, found: _Found) -> None:
    """A table as CSV for spreadsheets: each delivery, below it its events and tries; `record` tells which."""
    columns = tuple(dict.fromkeys(name for names in records.columns.values() for name in names))
    places = {kind: [columns.index(name) + 1 for name in names] for kind, names in records.columns.items()}
    # Excel takes a CSV file for UTF-8 only when it begins with this mark.
    with _lent(out) as file:
        writer = csv.writer(file)
        writer.writerow(("record", *columns))
        for kind, values in _rows(records, found):
            row: list[object] = [""] * (len(columns) + 1)
            row[0] = _ONE[kind]
            for place, value in zip(places[kind], values, strict=True):
                row[place] = safe(value)
            writer.writerow(row)


def workbook(out: IO[bytes], records: Records, found: _Found) -> None:
    """A workbook with a sheet for each kind of record, and more of them where one is full; nothing in it is ever run."""
    with new_workbook(out) as book:
        bold = book.add_format({"bold": True})
        sheets = {kind: _Pages(book, kind, names, bold) for kind, names in records.columns.items()}
        for kind, values in _rows(records, found):
            sheets[kind].write(values)


WRITERS: Mapping[str, _Writer] = {".csv": text, ".jsonl": jsonl, ".xlsx": workbook}
#: what a row of each kind is called
_ONE = {"deliveries": "delivery", "events": "event", "tries": "try", "decisions": "decision"}


class _Pages:
    """The worksheets of one kind of record."""

    def __init__(self, book: Any, kind: str, names: Sequence[str], bold: object) -> None:  # noqa: ANN401 - XlsxWriter has no types
        self._book, self._kind, self._names, self._bold = book, kind, names, bold
        self._pages = 0
        self._turn()

    def write(self, values: Sequence[Value]) -> None:
        if self._row == SHEET:
            self._turn()
        for column, value in enumerate(values):
            if isinstance(value, int):
                self._sheet.write_number(self._row, column, value)
            elif value:
                self._sheet.write_string(self._row, column, value[:CELL])
        self._row += 1

    def _turn(self) -> None:
        self._pages += 1
        self._sheet = self._book.add_worksheet(self._kind if self._pages == 1 else f"{self._kind} {self._pages}")
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, len(self._names) - 1, 18)
        self._sheet.write_row(0, 0, self._names, self._bold)
        self._row = 1


def _rows(records: Records, found: _Found) -> Iterator[tuple[str, Sequence[Value]]]:
    """Kind of record and its values: each delivery before its events, these before its tries."""
    for one in found:
        if isinstance(one, Decision):
            yield "decisions", records.decision(one)
            continue
        id_ = one.story.delivery.id
        yield "deliveries", records.delivery(one)
        yield from (("events", records.event(id_, event)) for event in one.story.events)
        yield from (("tries", records.attempt(id_, tried)) for tried in one.story.tries)


def _named(names: Sequence[str], values: Sequence[Value]) -> dict[str, object]:
    return dict(zip(names, values, strict=True))


@contextmanager
def _lent(out: IO[bytes]) -> Iterator[IO[str]]:
    """The file for text; it stays open."""
    file = io.TextIOWrapper(out, encoding="utf-8-sig", errors="replace", newline="")
    try:
        yield file
    finally:
        file.detach()
