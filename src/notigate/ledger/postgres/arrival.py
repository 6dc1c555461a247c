"""A ledger in a file becomes one on PostgreSQL: all that it holds, under the same identity, in one transaction.

What makes a promise is a keyed digest, and its key comes along: nothing that was sent before is sent again. The file is
set aside in the same breath, so that there are never two ledgers that both go on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import psycopg

from notigate.errors import LedgerBusy, LedgerError, UsageError
from notigate.ledger import backup, sqlite
from notigate.ledger.aside import Aside
from notigate.ledger.postgres import schema
from notigate.ledger.postgres.wire import Wire, address, connect, faults
from notigate.ledger.sqlite_file import lock

if TYPE_CHECKING:
    from pathlib import Path

    from notigate.ledger.store import Row

#: what one machine alone can say: who is sending now
OWN = frozenset({"worker"})
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
COLUMNS = """
SELECT table_name, column_name, data_type, is_identity = 'YES' FROM information_schema.columns
 WHERE table_schema = 'notigate' ORDER BY table_name, ordinal_position
"""
NEXT = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} HAVING max(id) IS NOT NULL"
#: to copy a large table takes its time
PATIENT = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
#: rows fetched at once
SOME = 2000


@dataclass(frozen=True, slots=True)
class Moved:
    """What came to its new place."""

    #: table → rows
    rows: Mapping[str, int]
    #: where the file is kept now; None: it was only looked at
    kept: Path | None


@dataclass(frozen=True, slots=True)
class _Table:
    """A table on the server."""

    name: str
    #: column → how PostgreSQL calls its type
    columns: Mapping[str, str]
    numbered: bool


def move(ledger: Path, url: str, *, dry_run: bool = False) -> Moved:
    """Move the ledger in a file to the database at `url`, which has none yet; a `dry_run` only looks.

    Raises:
        UsageError: there is no such ledger, or the database has one.
        LedgerBusy: something is using the file; nothing was changed.
        LedgerError: it is damaged, or the database cannot be used; nothing was changed unless it says so.
    """
    where, place = address(url)
    if not ledger.exists():
        raise UsageError("there is no ledger {file}: nothing is to be moved", file=ledger)
    with _of_the_file(ledger), lock(ledger) as ours, faults(place):
        if not ours:
            raise LedgerBusy("another run is sending from {ledger}; this one did nothing", ledger=ledger)
        sqlite.upgrade(ledger, dry_run=False)  # of our schema now, and neither an old copy nor another
        backup.inspect(ledger)
        if any(Aside(ledger.with_name(ledger.name + ".aside")).kept()):
            raise LedgerError(
                "answers wait beside {ledger} that it does not know yet: notigate send --due takes them in; then again",
                ledger=ledger,
            )
        with closing(_alone(ledger)) as source, closing(connect(where)) as target:
            if schema.standing(target, place):
                raise UsageError("the database {place} has a ledger already; name one that has none", place=place)
            if dry_run:
                return Moved(_counted(source), None)
            return _moved(ledger, source, target, place)


def _alone(ledger: Path) -> sqlite3.Connection:
    """The file, which nobody else has open from here on."""
    connection = sqlite3.connect(ledger, isolation_level=None, timeout=1)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        # A log can be given up only where nobody else has the file open.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as fault:
        connection.close()
        raise LedgerBusy(
            "something else has {ledger} open; let it end (a program that uses the Python API, too), then again",
            ledger=ledger,
        ) from fault
    return connection


def _moved(ledger: Path, source: sqlite3.Connection, target: Wire, place: str) -> Moved:
    kept = None
    target.execute("BEGIN")
    try:
        target.execute(PATIENT)
        schema.make(target, place)
        found = {name: _copied(source, target, table) for name, table in _tables(source, target).items()}
        schema.number(target)
        kept = backup.put_aside(ledger, "moved")
    except BaseException:
        target.execute("ROLLBACK")
        raise
    try:
        target.execute("COMMIT")
    except psycopg.Error as fault:
        raise LedgerError(
            "the connection to {place} broke in the last moment, and it cannot be told whether the ledger is there. Look: "
            "if it has the schema notigate, name it in notigate.yaml; if not, rename {kept} to {ledger}",
            place=place, kept=kept, ledger=ledger.name,
        ) from fault  # fmt: skip
    return Moved(found, kept)


def _tables(source: sqlite3.Connection, target: Wire) -> dict[str, _Table]:
    columns: dict[str, dict[str, str]] = {}
    numbered = set()
    for table, column, kind, identity in target.execute(COLUMNS):
        columns.setdefault(table, {})[column] = kind
        numbered |= {table} if identity else set()
    ours = {
        name: {column for _n, column, *_ in source.execute(f"PRAGMA table_info({name})")} for name in _names(source)
    }
    theirs = {name: set(found) for name, found in columns.items() if name not in OWN}
    if ours != theirs:
        raise LedgerError("the tables of both are not the same; nothing was moved")
    return {name: _Table(name, columns[name], name in numbered) for name in ours}


def _names(source: sqlite3.Connection) -> list[str]:
    return [name for (name,) in source.execute(TABLES)]


def _counted(source: sqlite3.Connection) -> dict[str, int]:
    return {name: source.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _names(source)}  # noqa: S608 - names of ours


def _copied(source: sqlite3.Connection, target: Wire, table: _Table) -> int:
    """Copy the rows of a table, read them back, and compare; returns how many."""
    listed = ", ".join(table.columns)
    sent, arrived = _Sum(), _Sum()
    with target.cursor().copy(f"COPY notigate.{table.name} ({listed}) FROM STDIN".encode()) as copy:
        for row in source.execute(f"SELECT {listed} FROM {table.name}"):  # noqa: S608 - names of ours
            copy.write_row(sent.with_(_as_kept(row, table.columns.values())))
    with target.cursor(name="arrived") as back:
        back.itersize = SOME
        back.execute(f"SELECT {listed} FROM notigate.{table.name}".encode())  # noqa: S608 - as above
        for row in back:
            arrived.with_(row)
    if (sent.rows, sent.digest) != (arrived.rows, arrived.digest):
        raise LedgerError("what arrived in the table {table} is not what was sent; nothing was moved", table=table.name)
    if table.numbered:
        target.execute(NEXT.format(table=f"notigate.{table.name}").encode())
    return sent.rows


def _as_kept(row: Row, kinds: Iterable[str]) -> Row:
    """A row as the server gives it back: it knows true and false, and no NUL in a text."""
    return tuple(
        bool(value)
        if kind == "boolean"
        else value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        if isinstance(value, str)
        else value
        for value, kind in zip(row, kinds, strict=True)
    )


class _Sum:
    """Rows, and the sum of their digests: the same in whatever order they come."""

    def __init__(self) -> None:
        self.rows = 0
        self.digest = 0

    def with_(self, row: Row) -> Row:
        """Count it."""
        self.rows += 1
        self.digest += int.from_bytes(blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest())
        return row


@contextmanager
def _of_the_file(ledger: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as fault:
        raise LedgerError("the ledger {ledger} cannot be moved: {why}", ledger=ledger, why=fault) from fault
