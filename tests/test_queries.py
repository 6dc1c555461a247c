from __future__ import annotations

import sqlite3
import sys
import tracemalloc
from datetime import date

import pytest

from notigate.audience import read
from notigate.errors import AudienceError
from notigate.settings import load


@pytest.fixture
def crm(tmp_path):
    """A company's database."""
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE owner (no INTEGER, 姓名 TEXT, 手机 INTEGER, signed TEXT, note TEXT)")
        rows = [(n, f"王{n}", 13800138000 + n, "2026-09-05", "x:y") for n in range(3)]
        database.executemany("INSERT INTO owner VALUES (?, ?, ?, ?, ?)", rows)
    database.close()
    return path


@pytest.fixture
def asked(tmp_path, crm):  # noqa: ARG001 - the database must be there
    """Reads the people that a query tells of."""

    def ask(query: str, url: str = "sqlite:///crm.db"):
        settings = tmp_path / "notigate.yaml"
        columns = "columns: {id: no, signed_on: signed}"
        settings.write_text(
            f"project: {{name: x}}\nroster:\n  sql:\n    url: '{url}'\n    query: \"{query}\"\n  {columns}\n"
        )
        settings.chmod(0o600)
        return list(read(load(settings)))

    return ask


def refusal(asked, *told) -> str:
    with pytest.raises(AudienceError) as refused:
        asked(*told)
    return str(refused.value)


def test_a_query_tells_the_people(asked):
    people = asked("SELECT * FROM owner WHERE note = 'x:y' ORDER BY no; ")
    assert [(p.id, p.addresses["phone"], p.facts["signed_on"], p.row) for p in people] == [
        (str(n), str(13800138000 + n), date(2026, 9, 5), n + 1) for n in range(3)
    ]


@pytest.mark.parametrize("query", ["DELETE FROM owner", "UPDATE owner SET note = ''", "PRAGMA x", "", "selection"])
def test_what_does_not_begin_with_select_is_not_asked(asked, query):
    assert "must begin with SELECT or WITH" in refusal(asked, query or " ")


def test_nothing_can_be_written(asked):
    told = refusal(asked, "WITH x AS (SELECT 1) INSERT INTO owner SELECT 9, 'a', 13800138009, '2026-01-01', '' FROM x")
    assert told.startswith("roster: the database refuses the query: ")
    assert len(asked("SELECT * FROM owner")) == 3


@pytest.mark.parametrize(
    ("query", "url", "told"),
    [
        ("SELECT missing FROM owner", "sqlite:///crm.db", "no such column: missing"),
        ("SELECT 1", "sqlite:///gone.db", "unable to open database file"),
        ("SELECT 1", "nonsense://me:canary@db/crm", "is no database that SQLAlchemy knows"),
        ("SELECT 1", "postgresql+psycopg://me:canary@127.0.0.1:1/crm", "the database refuses the query"),
        ("SELECT 1", "mssql+pyodbc://me:canary@127.0.0.1:1/crm", "the database needs its driver; install pyodbc"),
        ("SELECT * FROM owner WHERE 0", "sqlite:///crm.db", "roster: holds headings and no people"),
    ],
)
def test_what_a_database_refuses_is_told_without_its_password(asked, tmp_path, query, url, told):
    said = refusal(asked, query, url)
    assert told in said
    assert "canary" not in said
    assert not (tmp_path / "gone.db").exists()


def test_without_sqlalchemy_it_is_said_what_to_install(asked, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert "install notigate[sql]" in refusal(asked, "SELECT 1")


def test_the_rows_of_a_query_are_streamed(asked, tmp_path, crm):
    with sqlite3.connect(crm) as database:
        rows = ((n, f"王{n}", 13800200000 + n, "2026-09-05", "some text" * 10) for n in range(10, 20_000))
        database.executemany("INSERT INTO owner VALUES (?, ?, ?, ?, ?)", rows)
    database.close()
    settings = load(tmp_path / "notigate.yaml") if asked("SELECT * FROM owner LIMIT 1") else None
    (tmp_path / "notigate.yaml").write_text((tmp_path / "notigate.yaml").read_text().replace(" LIMIT 1", ""))
    settings = load(tmp_path / "notigate.yaml")
    tracemalloc.start()
    count = sum(1 for _ in read(settings))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 19_993
    assert peak < 8_000_000


def test_postgresql_is_asked_in_a_transaction_that_only_reads(asked, postgres):
    postgres.execute(
        "CREATE TABLE IF NOT EXISTS owner (no int, name text, phone bigint)", "DELETE FROM owner",
        "CREATE SEQUENCE IF NOT EXISTS numbers",
        "INSERT INTO owner VALUES (1, '王芳', 13800138000)",
    )  # fmt: skip
    url = postgres.url().replace("postgresql://", "postgresql+psycopg://")
    [person] = asked("SELECT no, name, phone, now()::date AS signed FROM owner", url)
    assert person.addresses == {"phone": "13800138000"}
    assert "in a read-only transaction" in refusal(
        asked, "SELECT nextval('numbers') AS no, name, phone FROM owner", url
    )
