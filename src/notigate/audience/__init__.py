"""Rosters → people. Read whole before the first person is out; bad rows are named, never fatal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from notigate.address import READERS
from notigate.audience import columns, csvs, headings, layout, queries, workbooks
from notigate.audience.faults import BadRow, BadRows
from notigate.audience.people import Wanted, people
from notigate.audience.rows import Reader, stranger
from notigate.audience.spool import Spool
from notigate.audience.tables import Note, Row, Table, of_mappings
from notigate.audience.watching import Watched
from notigate.errors import AudienceError
from notigate.settings import Roster

if TYPE_CHECKING:
    from datetime import tzinfo

    from notigate.audience.checkup import Checkup
    from notigate.model import Person
    from notigate.settings import Settings

__all__ = ["EVERY_WAY", "BadRow", "BadRows", "People", "checked", "of", "read", "stranger"]

#: how people can be reached, where no channels are known
EVERY_WAY = tuple(READERS)


class Hook(Protocol):
    """The part of pluggy's relay that is asked for rosters of other kinds; see `notigate.hookspecs`."""

    def notigate_audiences(self, source: Mapping[str, object], folder: Path) -> Iterable[Mapping[str, object]] | None:
        """Read a roster that the core does not know."""
        ...


class People:
    """A roster as it was when it was read: its people, each once, and which columns there are."""

    def __init__(
        self,
        found: Callable[[Wanted], Iterator[Person | BadRow]],
        columns: frozenset[str],
        rows: int = 0,
        file: Watched | None = None,
    ) -> None:
        self._found = found
        self._file = file
        #: how many rows it has; of people there are as many, or fewer
        self.rows = rows
        #: what its rows can tell, by our names where we have one; empty where there is no roster
        self.columns = columns

    def __iter__(self) -> Iterator[Person | BadRow]:
        return self.among(lambda _facts: True)

    def among(self, wanted: Wanted) -> Iterator[Person | BadRow]:
        """Those who are wanted by what is known of them, and all rows that cannot be used.

        Raises:
            EmptyRoster: there is nobody at all.
        """
        return self._found(wanted)

    @property
    def changed(self) -> str:
        """The name of its file, when that is no longer what was read."""
        return self._file.path.name if self._file and self._file.changed() else ""


def read(settings: Settings, file: Path | None = None, hook: Hook | None = None) -> People:
    """Read the project's roster, or `file` instead with the project's `columns`; nobody when there is none.

    Raises:
        AudienceError: it cannot be read as a whole; says where, and what to do. At once, but for a roster that turns
            out to hold nobody.
    """
    roster = of(settings, file)
    if roster is None:
        return People(lambda _wanted: iter(()), frozenset())
    watched = Watched(roster.file) if roster.file is not None else None
    table, names, reader = _opened(roster, settings.folder, hook, settings.timezone)
    spool = _spooled(table, reader, watched)
    return People(partial(people, table.name, spool, reader), columns.told(names), len(spool), watched)


def checked(  # noqa: PLR0913 - one an option of the command, and the project it is in
    roster: Roster,
    folder: Path,
    hook: Hook | None = None,
    *,
    zone: tzinfo | None = None,
    kinds: Collection[str] = EVERY_WAY,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Checkup:
    """Read a roster to look at it: what is wrong with it, and who is in it.

    Args:
        roster: where it is.
        folder: the project's, for plugins.
        hook: plugins that read rosters of other kinds.
        zone: the project's, for days and hours that name one of their own.
        kinds: of addresses by which people can be reached.
        progress: hears how many rows were read so far.

    Raises:
        AudienceError: as `read`.
    """
    from notigate.audience.checkup import Checkup  # noqa: PLC0415 - sending needs none of it

    watched = Watched(roster.file) if roster.file is not None else None
    table, names, reader = _opened(roster, folder, hook, zone)
    return Checkup(table, names, _spooled(table, reader, watched, progress), reader, kinds)


def _opened(
    roster: Roster, folder: Path, hook: Hook | None, zone: tzinfo | None
) -> tuple[Table, Sequence[str], Reader]:
    table = opened(roster, folder, hook)
    names = headings.named(table, roster.columns)
    return table, names, Reader(names, headings.spare(table, names), zone)


def _spooled(
    table: Table, reader: Reader, watched: Watched | None, progress: Callable[[int], None] | None = None
) -> Spool:
    spool = Spool(_counted(table.rows, progress) if progress else table.rows, reader.key)
    if watched is not None:
        watched.refuse_changed()
    return spool


def _counted(rows: Iterator[Row], progress: Callable[[int], None]) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        progress(number)
        yield row


def of(settings: Settings, file: Path | None = None) -> Roster | None:
    """The project's roster, or the same with another file in its place, whose sheets have names of their own."""
    roster = settings.roster
    if file is None or (roster is not None and file == roster.file):
        return roster
    return replace(roster, file=file, sheet=None, sql=None, source={}) if roster else Roster(file=file)


def opened(roster: Roster, folder: Path, hook: Hook | None) -> Table:
    """The headings of a roster, and its rows.

    Raises:
        AudienceError: as `read`.
    """
    if roster.file is not None:
        return _file(roster, roster.file)
    if roster.sql is not None:
        return queries.opened(roster.sql)
    rows = hook.notigate_audiences(source=roster.source, folder=folder) if hook else None
    if rows is None:
        raise AudienceError("roster: no plugin reads {keys}; is it under `plugins:`?", keys=", ".join(roster.source))
    return of_mappings("roster", rows)


def _file(roster: Roster, path: Path) -> Table:
    told = {heading.strip().casefold(): name for name, heading in roster.columns.items()}
    notes: list[Note] = []

    def known(heading: str) -> str:
        return told.get(heading.casefold()) or headings.known(heading)

    def fits(rows: Iterator[Row]) -> bool:
        table = layout.laid_out(path.name, rows, known, [], sheet=True)
        return len({known(heading) for heading in table.headings} - {""}) > 1

    try:
        if not path.is_file():
            raise AudienceError("{file}: there is no such file", file=path)
        with path.open("rb") as file:
            is_workbook = file.read(4).startswith(workbooks.MAGIC)
        rows = (
            workbooks.rows_of(path, roster.sheet, fits, notes) if is_workbook else csvs.rows_of(path, roster.encoding)
        )
        return layout.laid_out(path.name, rows, known, notes, sheet=is_workbook)
    except OSError as fault:
        raise AudienceError("{file}: cannot be read: {why}", file=path, why=fault.strerror or fault) from fault
