"""A roster from the user's own database: one query, read only, streamed. SQLAlchemy Core knows all the dialects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from notigate import address
from notigate.audience.tables import Row, Table, simple
from notigate.errors import AudienceError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Executable

    from notigate.settings import Sql

#: rows that are fetched together
_TOGETHER = 1000
#: characters of what a database says that are shown
_SHOWN = 300
_ASKS = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*\(?\s*(?:select|with|table|values)\b", re.IGNORECASE | re.DOTALL)
#: how a transaction that can only read begins, beside PostgreSQL's own way; other databases have none
_READ_ONLY: Mapping[str, str] = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}


def opened(sql: Sql) -> Table:
    """Ask the query; its columns are the headings, its rows come while they are read.

    Raises:
        AudienceError: it cannot be asked, or the database refuses it; no password is told.
    """
    if not _ASKS.match(sql.query):
        raise AudienceError("roster: the query must begin with SELECT or WITH; notigate only reads")
    try:
        import sqlalchemy  # noqa: PLC0415 - 320 ms, for rosters from databases only
    except ImportError:
        raise AudienceError("roster: queries need SQLAlchemy; install notigate[sql]") from None
    rows = _answer(_engine(sql.url), sqlalchemy.text(sql.query.rstrip().rstrip(";").replace(":", r"\:")), sql.url)
    headings = next(rows)[1]
    return Table(name="roster", headings=tuple(str(heading).strip() for heading in headings), rows=rows)


def _engine(url: str) -> Engine:
    import sqlalchemy  # noqa: PLC0415 - as in opened
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError  # noqa: PLC0415 - as in opened

    try:
        parsed = sqlalchemy.make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and not parsed.query:
            # As it is, sqlite3 would make the database that is not there, and could write into one that is.
            parsed = parsed.set(database=f"file:{parsed.database}", query={"mode": "ro", "uri": "true"})
        return sqlalchemy.create_engine(parsed, poolclass=sqlalchemy.NullPool, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise AudienceError(
            "roster: sql.url is no database that SQLAlchemy knows; such as postgresql+psycopg://…"
        ) from None
    except ImportError as fault:
        raise AudienceError("roster: the database needs its driver; install {name}", name=fault.name) from None


def _answer(engine: Engine, query: Executable, url: str) -> Iterator[Row]:
    """The names of the columns, then the rows; the transaction ends with them, and is never committed."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - as in opened

    with ExitStack() as stack:
        stack.callback(engine.dispose)
        try:
            connection = stack.enter_context(engine.connect())
            result = _read_only(connection).execute(query)
            yield 0, tuple(result.keys())
            for number, row in enumerate(result, 1):
                yield number, [simple(cell) for cell in row]
        except SQLAlchemyError as fault:
            raise AudienceError("roster: the database refuses the query: {why}", why=_said(fault, url)) from None


def _read_only(connection: Connection) -> Connection:
    name = connection.dialect.name
    if name == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
    elif name in _READ_ONLY:
        connection.exec_driver_sql(_READ_ONLY[name])
    return connection.execution_options(stream_results=True, yield_per=_TOGETHER)


def _said(fault: Exception, url: str) -> str:
    """The first words of what the database says, without the password of its URL."""
    import sqlalchemy  # noqa: PLC0415 - as in opened

    text = str(getattr(fault, "orig", None) or type(fault).__name__).strip().splitlines()
    said = address.mask_text(text[0] if text else type(fault).__name__)
    password = sqlalchemy.make_url(url).password
    return (said.replace(password, "***") if password else said)[:_SHOWN]
