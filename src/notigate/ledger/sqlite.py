"""The embedded ledger: SQLite in WAL mode with synchronous=FULL, one dispatcher by flock."""

from __future__ import annotations

import json
import re
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from notigate.errors import LedgerBusy, LedgerError
from notigate.ledger import migrate, stamp
from notigate.ledger.aside import Aside
from notigate.ledger.connections import Connections
from notigate.ledger.sqlite_file import connect, faults, lock, make_ready, recognize
from notigate.ledger.store import Group, Into, Ledger, Parameters, Row, Transaction
from notigate.ledger.vault import unlock

if TYPE_CHECKING:
    from notigate.ledger.vault import Keys

Rows: TypeAlias = Sequence[Sequence[object]]

# Without it, sqlite3 asks each digest of each row for methods that bytes do not have, and drops two exceptions.
sqlite3.register_adapter(bytes, bytes)

#: well below SQLite's own limit of parameters (32,766 since 3.32)
KEYS_AT_ONCE = 1000
#: an insert whose rows may be put together
PLAIN = re.compile(r"\s*INSERT INTO \w+ \([^)]*\)\s*VALUES \([?, ]*\)")
#: rows inserted by one statement, which takes half as long as one statement for each; what is left is inserted one by one
ROWS_AT_ONCE = (100, 20)
#: numbers that follow one another, from which on a statement of their own is cheaper than to list them
MANY = 10
NUMBERED = ("run", "delivery", "call", "preference", "access", "batch", "fact")
LAST_ID = {table: f"SELECT coalesce(max(id), 0) FROM {table}" for table in NUMBERED}  # noqa: S608 - names of ours


#: the words of the rooms' statements → what they mean here. One writer at a time needs no locks on rows; who dispatches holds
#: a lock, so that every other dispatcher is gone; and a statement that fails ends its transaction: it need not be able to
#: take back itself alone, for which SQLite would copy every page that it changes into a file first
WORDS = {
    "{free}": "",
    "{locked}": "",
    "{abandoned}": "TRUE",
    "INSERT INTO": "INSERT OR ROLLBACK INTO",
    "UPDATE delivery": "UPDATE OR ROLLBACK delivery",
    "UPDATE attempt": "UPDATE OR ROLLBACK attempt",
}

#: numbers that follow one another are a range, which is found in one go; others, and names, are a list
RANGE, LIST = "BETWEEN :first_id AND :last_id", "IN (SELECT value FROM json_each(:ids))"


@lru_cache
def _native(sql: str, ids: str = "") -> str:
    sql = sql.replace("IN {ids}", ids)
    for word, meaning in WORDS.items():
        sql = sql.replace(word, meaning)
    return sql


@lru_cache
def _is_plain(sql: str) -> bool:
    return PLAIN.fullmatch(sql) is not None


@lru_cache
def _widened(sql: str, rows: int) -> str:
    """A plain insert, for many rows."""
    (row,) = re.findall(r"VALUES (.*)", sql)
    return _native(sql) + f", {row}" * (rows - 1)


@lru_cache
def _insert(into: Into, rows: int) -> str:
    """Takes what the rows share, and then row for row what each has of its own."""
    shared, own = (", ".join("?" * len(columns)) for columns in (into.alike, into.own))
    head = f"INSERT OR ROLLBACK INTO {into.table} ({', '.join(into.alike + into.own)})"
    if rows == 1:
        return f"{head} VALUES ({shared}, {own}) ON CONFLICT ({into.key}) DO NOTHING"
    every = ", ".join([f"({own})"] * rows)
    return f"{head} SELECT {shared}, own.* FROM (VALUES {every}) AS own WHERE TRUE ON CONFLICT ({into.key}) DO NOTHING"  # noqa: S608 - names of ours


class SqliteTransaction(Transaction):
    """A transaction on one thread's connection."""

    #: the only one who may; where several may, none has that number
    worker = -1

    def __init__(self, connection: sqlite3.Connection, ledger: Ledger) -> None:
        self._connection = connection
        self.vault = ledger.vault
        self.prices = ledger.prices

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        return self._connection.execute(_native(sql), parameters).fetchall()

    def stream(self, sql: str, **parameters: object) -> Iterator[Row]:
        return self._connection.execute(_native(sql), parameters)

    def rows_of(self, sql: str, ids: Sequence[int] | Sequence[str], **parameters: object) -> list[Row]:
        return self._of(sql, ids, parameters).fetchall()

    def note(self, sql: str, ids: Sequence[int], **parameters: object) -> None:
        self.changed(sql, ids, **parameters)

    def changed(self, sql: str, ids: Sequence[int], **parameters: object) -> int:
        return sum(self._of(sql, some, parameters).rowcount for some in _portions(ids))

    def _of(self, sql: str, ids: Sequence[int] | Sequence[str], parameters: Parameters) -> sqlite3.Cursor:
        if _is_range(ids):
            return self._connection.execute(_native(sql, RANGE), {**parameters, "first_id": ids[0], "last_id": ids[-1]})
        return self._connection.execute(_native(sql, LIST), {**parameters, "ids": json.dumps(ids)})

    def rows_by_key(self, sql: str, keys: Sequence[bytes]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[start : start + KEYS_AT_ONCE]
            listed = sql.replace("{keys}", f"({', '.join('?' * len(some))})")
            found += self._connection.execute(listed, some)
        return found

    def new_ids(self, table: str, count: int) -> range:
        # BEGIN IMMEDIATE holds every other writer off, so the next numbers are ours.
        ((last,),) = self.rows(LAST_ID[table])
        return range(last + 1, last + 1 + count)

    def many(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        together, rest = _together(list(parameters)) if _is_plain(sql) else ([], parameters)
        for some in together:
            self._connection.execute(_widened(sql, len(some)), tuple(chain.from_iterable(some)))
        self._connection.executemany(_native(sql), rest)

    def add(self, into: Into, groups: Sequence[Group]) -> int:
        return sum(self._add(into, group) for group in groups)

    def _add(self, into: Into, group: Group) -> int:
        together, rest = _together(group.own)
        added = 0
        for some in together:
            given = (*group.alike, *chain.from_iterable(some))
            added += self._connection.execute(_insert(into, len(some)), given).rowcount
        alone = [(*group.alike, *row) for row in rest]
        return added + self._connection.executemany(_insert(into, 1), alone).rowcount


def _portions(ids: Sequence[int]) -> list[Sequence[int]]:
    """Numbers as ranges where many follow one another, as those of one call do; the rest as a list."""
    if _is_range(ids):
        return [ids]
    numbers, start = sorted(set(ids)), 0
    ranges: list[Sequence[int]] = []
    rest: list[int] = []
    while start < len(numbers):
        if numbers[start : start + MANY][-1] - numbers[start] == MANY - 1:
            # A number is as far from its place as the first one is, until one is left out.
            end = bisect_right(range(len(numbers)), numbers[start] - start, start, key=lambda at: numbers[at] - at)
            ranges.append(numbers[start:end])
            start = end
        else:
            rest.append(numbers[start])
            start += 1
    return [*ranges, rest] if rest else ranges


def _is_range(ids: Sequence[int] | Sequence[str]) -> bool:
    first = ids[0] if ids else None
    return isinstance(first, int) and ids == list(range(first, first + len(ids)))


def _together(rows: Rows) -> tuple[list[Rows], Rows]:
    """Rows that are inserted by one statement, as many as it takes; and those that are left."""
    together: list[Rows] = []
    done = 0
    for size in ROWS_AT_ONCE:
        while len(rows) - done >= size:
            together.append(rows[done : done + size])
            done += size
    return together, rows[done:]


class SqliteLedger(Ledger):
    """A ledger in one file."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self.path = path
        self.name = f"SQLite {sqlite3.sqlite_version} (WAL, FULL), schema {migrate.SCHEMA}, {path.name}"
        self.aside = Aside(path.with_name(path.name + ".aside"))
        self._connections = Connections(lambda: connect(path))
        with self.read() as tx:
            meta: dict[str, str] = dict(tx.rows("SELECT name, value FROM meta"))
        self.id = meta["id"]
        self.vault, self._secret = unlock(meta["secret"], keys, path.name)

    @contextmanager
    def write(self) -> Iterator[SqliteTransaction]:
        with faults(self.path), self._connections.used() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(connection, self)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[SqliteTransaction]:
        with faults(self.path), self._connections.used() as connection:
            connection.execute("BEGIN")
            try:
                yield SqliteTransaction(connection, self)
            finally:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")

    @contextmanager
    def dispatching(self) -> Iterator[None]:
        with lock(self.path) as ours:
            if not ours:
                raise LedgerBusy("another run is sending from {ledger}; this one did nothing", ledger=self.path)
            yield

    def mark(self, generation: int) -> None:
        with faults(self.path):
            stamp.write(self.path, self.id, generation)

    def scrub(self) -> None:
        # `secure_delete` has overwritten the cells; pages that were rebuilt, and the log, may hold them still.
        with faults(self.path):
            connection = self._connections.mine()
            connection.execute("VACUUM")
            ((busy, _pages, _moved),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if busy:
                raise LedgerError(
                    "the ledger {path} is in use: traces of what was erased may stay in its log until it is not",
                    path=self.path,
                )

    def close(self) -> None:
        self._connections.close()


def open_sqlite(path: Path, keys: Keys) -> SqliteLedger:
    """Open the ledger at `path`; make it on the very first use.

    Raises:
        LedgerError: missing although it existed, damaged, of another schema, not writable.
    """
    make_ready(path)
    return SqliteLedger(path, keys)


def upgrade(path: Path, *, dry_run: bool) -> int:
    """Bring the ledger at `path` to our schema, unless it is a `dry_run`; returns the schema that stood (0: none).

    Raises:
        LedgerError: it cannot be used, or was written by a newer program.
        LedgerBusy: somebody is sending from it.
    """
    found = 0
    if path.exists():
        with faults(path):
            recognize(path)
            with closing(connect(path)) as connection:
                found = migrate.version(connection)
        migrate.refuse_newer(path, found)
    if not dry_run:
        make_ready(path)
    return found
