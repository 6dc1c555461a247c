"""The file of an embedded ledger: durable, for its owner only, never made anew, and one dispatcher at a time."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from notigate.errors import ConfigError, ExitCode, LedgerBusy, LedgerError
from notigate.ledger import open_ledger, plan, questions, runs, sqlite_file
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, State

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
REAL = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TIMES = Times(NOW, REAL)
DAY = date(2026, 11, 21)


def draft(person: str = "p1", **changed) -> Draft:
    given = {
        "occasion": "service/birthday", "occurrence": "2026", "day": DAY, "person": person, "category": Category.CARE,
        "channel": "sms", "medium": "sms", "to": "13800138000", "locale": "zh_Hans",
        "content": Content(text="生日快乐"),
    }  # fmt: skip
    return Draft(**given | changed)


def drafts(n: int, **changed) -> list[Draft]:
    return [draft(f"p{i}", **changed) for i in range(1, n + 1)]


#: for what only the embedded store has
on_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notigate.db"


@pytest.fixture
def run(ledger: Ledger) -> int:
    return runs.start(ledger, "send", TIMES)


def promise(ledger: Ledger, run: int, *wanted: Draft, times: Times = TIMES) -> plan.Promised:
    return plan.promise(ledger, run, wanted, times)


def states(ledger: Ledger) -> list[State]:
    return [delivery.state for delivery in questions.log(ledger)]


# The file


@on_sqlite
def test_everything_beside_the_ledger_is_for_its_owner_only(ledger: Ledger, run: int, file: Path):
    promise(ledger, run, draft())
    with ledger.dispatching():
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == {file.name + end: 0o600 for end in ("", "-wal", "-shm", ".lock", ".stamp")}


@on_sqlite
def test_every_connection_is_durable(ledger: Ledger):
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0}
    for transaction in (ledger.read, ledger.write):
        with transaction() as tx:
            assert {name: tx.one(f"PRAGMA {name}")[0] for name in wanted} == wanted


@on_sqlite
def test_a_ledger_keeps_its_name(ledger: Ledger, file: Path):
    again = open_ledger(f"sqlite:///{file}")
    assert again.id == ledger.id == Path(f"{file}.stamp").read_text().split()[0]
    again.close()


@on_sqlite
def test_an_absolute_path_is_shown_as_it_was_written(ledger: Ledger, file: Path):
    assert str(ledger.path) == str(file)


def test_a_relative_path_is_opened_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    open_ledger("sqlite:///here.db").close()
    assert (tmp_path / "here.db").is_file()


@pytest.mark.parametrize("url", ["notigate.db", "sqlite:///", "mysql:///x", ""])
def test_what_is_no_ledger_is_refused(url: str):
    with pytest.raises(ConfigError, match=r"is not a ledger; write sqlite:///notigate\.db"):
        open_ledger(url)


def opening(file: Path) -> LedgerError:
    with pytest.raises(LedgerError) as raised:
        open_ledger(f"sqlite:///{file}")
    assert raised.value.exit_code == ExitCode.LEDGER == 5
    return raised.value


@on_sqlite
def test_a_missing_ledger_that_existed_is_not_made_anew(ledger: Ledger, file: Path):
    ledger.close()
    file.unlink()
    assert "Restore it from a backup" in str(opening(file))
    assert not file.exists()


@on_sqlite
def test_without_its_stamp_a_new_ledger_is_begun_on_purpose(ledger: Ledger, file: Path):
    ledger.close()
    file.unlink()
    Path(f"{file}.stamp").unlink()
    anew = open_ledger(f"sqlite:///{file}")
    assert anew.id != ledger.id
    anew.close()


def foreign(file: Path) -> bytes:
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE customer (id)")
        other.execute("PRAGMA user_version = 1")
    return file.read_bytes()


@pytest.mark.parametrize("content", [b"", b"id,name\n1,\xe7\x8e\x8b\n" * 100, b"\0" * 8192, foreign])
def test_what_is_no_ledger_is_not_touched(file: Path, content):
    if callable(content):
        content = content(file)
    file.write_bytes(content)
    opening(file)
    assert file.read_bytes() == content
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@on_sqlite
def test_a_cut_off_ledger_is_refused_and_not_touched(ledger: Ledger, run: int, file: Path):
    promise(ledger, run, *drafts(200))
    ledger.close()
    cut = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(cut)
    assert "damaged" in str(opening(file))
    assert file.read_bytes() == cut


@on_sqlite
def test_a_ledger_of_a_newer_program_is_refused_and_not_touched(ledger: Ledger, file: Path):
    ledger.close()
    with contextlib.closing(sqlite3.connect(file)) as newer:
        newer.execute("PRAGMA user_version = 99")
    before = file.read_bytes()
    assert "upgrade notigate" in str(opening(file))
    assert file.read_bytes() == before


def test_a_ledger_in_a_folder_that_is_not_there_is_told(tmp_path: Path):
    assert "No such file" in str(opening(tmp_path / "nowhere" / "notigate.db"))


@on_sqlite
def test_a_full_disk_is_told_and_promises_nothing(ledger: Ledger, run: int):
    pages = ledger._connections.mine().execute("PRAGMA page_count").fetchone()[0]
    ledger._connections.mine().execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerError, match="the disk is full") as raised:
        promise(ledger, run, *drafts(500))
    assert raised.value.exit_code == ExitCode.LEDGER
    assert states(ledger) == []


def test_a_ledger_locked_by_another_program_is_told(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite_file, "BUSY_MS", 20)
    ledger = open_ledger(f"sqlite:///{file}")
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked by another program"):
            runs.start(ledger, "send", TIMES)
        other.execute("ROLLBACK")
    assert runs.start(ledger, "send", TIMES) == 1
    ledger.close()


@on_sqlite
def test_a_fault_of_our_own_is_not_blamed_on_the_file(ledger: Ledger):
    with pytest.raises(sqlite3.ProgrammingError), ledger.read() as tx:
        tx.rows("SELECT :name")


KILLED = """
import os, signal, sys
from pathlib import Path
from notigate.ledger import open_ledger, sqlite

def killed_at(line: int, file: Path) -> bool:
    # Fork, and kill the child at the line-th line that it runs of the ledger's code.
    def trace(frame, event, _):
        nonlocal line
        if "/ledger/" not in frame.f_code.co_filename:
            return None
        line -= event == "line"
        if line == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    child = os.fork()
    if child == 0:
        sys.settrace(trace)
        open_ledger(f"sqlite:///{file}")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)

line, killed = 1, True
while killed:
    folder = Path(sys.argv[1], str(line))
    folder.mkdir()
    killed = killed_at(line, folder / "notigate.db")
    ledger = open_ledger(f"sqlite:///{folder / 'notigate.db'}")
    with ledger.read() as tx:
        assert tx.rows("PRAGMA integrity_check") == [("ok",)]
    assert (folder / "notigate.db.stamp").exists()
    ledger.close()
    line += int(sys.argv[2])
print(line)
"""


def test_a_kill_in_the_middle_of_creation_leaves_nothing_damaged(tmp_path: Path):
    command = [sys.executable, "-c", KILLED, str(tmp_path), "5"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert int(ran.stdout) > 100


# One dispatcher


@on_sqlite
def test_a_second_dispatcher_is_told_that_another_is_at_work(ledger: Ledger, file: Path):
    other = open_ledger(f"sqlite:///{file}")
    with ledger.dispatching(), pytest.raises(LedgerBusy) as raised, other.dispatching():
        pass
    assert raised.value.exit_code == ExitCode.LOCKED == 6
    with other.dispatching():
        pass
    other.close()


def test_promising_goes_on_while_another_dispatches(ledger: Ledger, run: int, url: str):
    other = open_ledger(url)
    with ledger.dispatching():
        assert promise(other, run, draft()).new == (1,)
    other.close()


HOLD = """
import sys
from notigate.ledger import open_ledger
with open_ledger(f"sqlite:///{sys.argv[1]}").dispatching():
    print("held", flush=True)
    sys.stdin.read()
"""


@on_sqlite
def test_the_dispatchers_lock_dies_with_its_process(ledger: Ledger, file: Path):
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LedgerBusy), ledger.dispatching():
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with ledger.dispatching():
        pass
