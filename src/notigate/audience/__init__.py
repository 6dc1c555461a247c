"""Rosters → people. Streaming: no more is kept than ids. Bad rows are named, never fatal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from notigate.audience import headings
from notigate.audience.csvs import open_csv
from notigate.audience.rows import BadRow, Reader, stranger
from notigate.audience.tables import Table, of_mappings
from notigate.errors import AudienceError, EmptyRoster
from notigate.settings import Roster

if TYPE_CHECKING:
    from notigate.model import Person
    from notigate.settings import Settings

__all__ = ["BadRow", "People", "read", "stranger"]


class Hook(Protocol):
    """The part of pluggy's relay that is asked for rosters of other kinds; see `notigate.hookspecs`."""

    def notigate_audiences(self, source: Mapping[str, object], folder: Path) -> Iterable[Mapping[str, object]] | None:
        """Read a roster that the core does not know."""
        ...


class People:
    """An open roster: its rows, each read once, and which columns there are."""

    def __init__(self, found: Iterator[Person | BadRow], columns: frozenset[str]) -> None:
        self._found = found
        #: by our names where we have one; empty where there is no roster
        self.columns = columns

    def __iter__(self) -> Iterator[Person | BadRow]:
        return self._found

    def __next__(self) -> Person | BadRow:
        return next(self._found)


def read(settings: Settings, file: Path | None = None, hook: Hook | None = None) -> People:
    """Read the project's roster, or `file` instead with the project's `columns`; nobody when there is none.

    Raises:
        AudienceError: it cannot be read as a whole; says where, and what to do. At once, but for a roster that turns
            out to hold nobody.
    """
    roster = settings.roster
    if file is not None:
        roster = replace(roster, file=file, sql=None, source={}) if roster else Roster(file=file)
    if roster is None:
        return People(iter(()), frozenset())
    table = _table(roster, settings.folder, hook)
    names = headings.named(table, roster.columns)
    return People(_people(table, Reader(names)), frozenset(names))


def _table(roster: Roster, folder: Path, hook: Hook | None) -> Table:
    if roster.file is not None:
        return open_csv(roster.file, roster.encoding)
    if roster.sql is not None:
        raise AudienceError("roster: queries are not read yet; export a CSV file and name it: roster: {{file: …}}")
    rows = hook.notigate_audiences(source=roster.source, folder=folder) if hook else None
    if rows is None:
        raise AudienceError("roster: no plugin reads {keys}; is it under `plugins:`?", keys=", ".join(roster.source))
    return of_mappings("roster", rows)


def _people(table: Table, reader: Reader) -> Iterator[Person | BadRow]:
    empty = True
    for row, cells in table.rows:
        found = reader.read(row, cells)
        if found is not None:
            empty = False
            yield found
    if empty:
        raise EmptyRoster("{file}: holds headings and no people", file=table.name)
