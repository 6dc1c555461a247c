"""A transaction on PostgreSQL: the rooms' statements in its words, and as few waits for the server as can be.

What is only written is noted down, and sent together with the next question or with the commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from notigate.ledger.postgres.wire import Wire, commit
from notigate.ledger.store import Group, Into, Row, Transaction

if TYPE_CHECKING:
    from psycopg import Cursor

    from notigate.ledger.store import Ledger

#: of one row: by place, or by name
Parameters: TypeAlias = Sequence[object] | Mapping[str, object]

#: rows up to which an insert is not worth a COPY
FEW = 50
#: rows fetched at once when they are streamed
STREAM = 1000

LOCK = "SELECT id FROM delivery WHERE id IN {ids} ORDER BY id FOR UPDATE"
NEXT_IDS = "SELECT nextval(:sequence) FROM generate_series(1, :count)"
INSERT = re.compile(r"\s*INSERT INTO (?P<table>\w+) \((?P<columns>[^)]*)\)\s*VALUES \([?, ]*\)\s*")
#: where rows wait that may be there already
DRAFT = """
CREATE TEMP TABLE IF NOT EXISTS draft_{table} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {table} WITH NO DATA
"""
ONE = "INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT ({key}) DO NOTHING"
TAKE_OVER = """
INSERT INTO {table} ({columns}) SELECT {columns} FROM draft_{table} ORDER BY {key}, id ON CONFLICT ({key}) DO NOTHING
"""

#: the words of the rooms' statements → what they mean here
WORDS = {
    "%": "%%",
    "?": "%s",
    "IN {ids}": "= ANY(:ids)",
    "IN {keys}": "= ANY(:keys)",
    # as a text, which the driver hands over as it is
    "json_array(": "text '' || json_build_array(",
    "{free}": "FOR UPDATE SKIP LOCKED",
    "{locked}": "FOR UPDATE",
    "{abandoned}": "worker NOT IN (SELECT id FROM worker)",
}
PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


@lru_cache
def native(sql: str) -> str:
    """A statement of the rooms as psycopg takes it."""
    for word, meaning in WORDS.items():
        sql = sql.replace(word, meaning)
    return PARAMETER.sub(r"%(\1)s", sql)


def _kept(value: object) -> object:
    """PostgreSQL has no NUL in texts; a provider may have, and its answer must be recorded all the same."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) and "\0" in value else value


def _all_kept(parameters: Mapping[str, object]) -> dict[str, object]:
    return {name: _kept(value) for name, value in parameters.items()}


class PostgresTransaction(Transaction):
    """A transaction on one thread's connection."""

    def __init__(self, connection: Wire, ledger: Ledger, worker: int = 0) -> None:
        self._connection = connection
        self.vault = ledger.vault
        self.prices = ledger.prices
        self.worker = worker
        self._streams = 0
        self._noted: list[tuple[str, Sequence[Parameters]]] = []
        self._last: dict[str, list[Sequence[Any]]] = {}

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """Run one statement and return all its rows."""
        cursor = self._run(sql, **parameters)
        return cursor.fetchall() if cursor.description else []

    def _run(self, sql: str, **parameters: object) -> Cursor[Row]:
        with self._after_notes():
            return self._connection.execute(native(sql), _all_kept(parameters))

    def stream(self, sql: str, **parameters: object) -> Iterator[Row]:
        """Run one query by a cursor that ends with the transaction."""
        self._streams += 1
        name = f"stream_{self._streams}"
        self.rows(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", **parameters)
        while some := self.rows(f"FETCH {STREAM} FROM {name}"):
            yield from some

    def rows_of(self, sql: str, ids: Sequence[int] | Sequence[str], **parameters: object) -> list[Row]:
        """Run one statement with `{ids}`."""
        return self.rows(sql, ids=list(ids), **parameters)

    def note(self, sql: str, ids: Sequence[int], **parameters: object) -> None:
        """Note one statement with `{ids}` down."""
        self._noted.append((native(sql), [_all_kept(parameters) | {"ids": list(ids)}]))

    def changed(self, sql: str, ids: Sequence[int], **parameters: object) -> int:
        """Run one statement with `{ids}`, and count what it wrote."""
        return self._run(sql, ids=list(ids), **parameters).rowcount

    def lock(self, deliveries: Iterable[int]) -> None:
        """Lock their rows, in one order for all: two who change the same never wait for each other crosswise."""
        self.note(LOCK, list(deliveries))

    def rows_by_key(self, sql: str, keys: Sequence[bytes]) -> list[Row]:
        """Run one statement with `{keys}`."""
        return self.rows(sql, keys=list(keys))

    def new_ids(self, table: str, count: int) -> list[int]:
        """Numbers of the table's sequence; those of a transaction that fails are lost, which does no harm."""
        return [id_ for (id_,) in self.rows(NEXT_IDS, sequence=f"{table}_id_seq", count=count)]

    def many(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        """Note it down; large inserts go by COPY at once."""
        rows: list[Sequence[object]] = [[_kept(value) for value in row] for row in parameters]
        insert = INSERT.fullmatch(sql)
        if not rows:
            return
        if insert and len(rows) > FEW:
            self._copy(insert["table"], insert["columns"], rows)
        else:
            self._noted.append((native(sql), rows))

    def add(self, into: Into, groups: Sequence[Group]) -> int:
        """Many go by COPY, and what is new is taken over in the order of its keys: two who insert the same never wait crosswise."""
        rows = [[_kept(value) for value in (*group.alike, *own)] for group in groups for own in group.own]
        columns = into.alike + into.own
        named = {"table": into.table, "columns": ", ".join(columns), "key": into.key}
        if len(rows) == 1:
            with self._after_notes():
                places = ", ".join(["%s"] * len(columns))
                return self._connection.execute(ONE.format(places=places, **named), rows[0]).rowcount
        self.rows(DRAFT.format_map(named))
        self._copy(f"draft_{into.table}", named["columns"], rows)
        return self._run(TAKE_OVER.format_map(named)).rowcount

    def at_end(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Note it down, to be sent last of all."""
        self._last.setdefault(native(sql), []).extend(parameters)

    def commit(self) -> None:
        """Send what was noted, and commit.

        What is last goes in one order for all: two who change the same rows never wait for each other crosswise.
        """
        last = [(sql, sorted(rows, key=tuple)) for sql, rows in self._last.items()]
        commit(self._connection, [*self._noted, *last])

    @contextmanager
    def _after_notes(self) -> Iterator[None]:
        """Send what was noted, and with it what is asked in the block."""
        if not self._noted:
            yield
            return
        with self._connection.pipeline():
            for sql, rows in self._noted:
                self._connection.cursor().executemany(sql, rows)
            self._noted.clear()
            yield

    def _copy(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        with self._after_notes():
            pass
        with self._connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
