from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notigate.errors import ExitCode, LedgerError
from notigate.ledger import open_ledger, runs
from notigate.ledger.changes import Times
from notigate.ledger.mounts import refuse_network

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def start_a_run(file: Path) -> None:
    ledger = open_ledger(f"sqlite:///{file}")
    runs.start(ledger, "send", Times(NOW, NOW))
    ledger.close()


def copy(file: Path, to: Path) -> None:
    for end in ("", "-wal", "-shm"):
        if Path(f"{file}{end}").exists():
            shutil.copy(f"{file}{end}", f"{to}{end}")


def test_an_old_copy_is_refused_and_says_how_many_runs_it_lacks(tmp_path: Path):
    file, backup = tmp_path / "notigate.db", tmp_path / "backup.db"
    start_a_run(file)
    copy(file, backup)
    start_a_run(file)
    start_a_run(file)
    copy(backup, file)
    with pytest.raises(LedgerError, match="old copy: 2 later runs") as refused:
        open_ledger(f"sqlite:///{file}")
    assert refused.value.exit_code is ExitCode.LEDGER


def test_an_old_copy_is_taken_when_its_stamp_is_deleted_on_purpose(tmp_path: Path):
    file, backup = tmp_path / "notigate.db", tmp_path / "backup.db"
    start_a_run(file)
    copy(file, backup)
    start_a_run(file)
    copy(backup, file)
    Path(f"{file}.stamp").unlink()
    start_a_run(file)


def test_another_ledger_is_refused(tmp_path: Path):
    file, other = tmp_path / "notigate.db", tmp_path / "other.db"
    start_a_run(file)
    start_a_run(other)
    copy(other, file)
    with pytest.raises(LedgerError, match="another one than"):
        open_ledger(f"sqlite:///{file}")


def test_a_crash_between_ledger_and_stamp_does_no_harm(tmp_path: Path):
    file = tmp_path / "notigate.db"
    start_a_run(file)
    before = Path(f"{file}.stamp").read_text()
    start_a_run(file)
    Path(f"{file}.stamp").write_text(before)
    start_a_run(file)


MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:27 / /srv/share rw,relatime - nfs4 server:/share rw
31 22 0:28 / /srv/with\\040space rw,relatime - fuse.sshfs me@host: rw
32 30 0:29 / /srv/share/local rw,relatime - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/srv/share/notigate.db", True),
        ("/srv/with space/notigate.db", True),
        ("/srv/share/local/notigate.db", False),
        ("/srv/shares/notigate.db", False),
        ("/var/lib/notigate.db", False),
    ],
)
def test_a_ledger_on_a_network_file_system_is_refused(tmp_path: Path, path: str, refused: bool):  # noqa: FBT001 - a column of the table
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    if refused:
        with pytest.raises(LedgerError, match="network file system"):
            refuse_network(Path(path), mounts)
    else:
        refuse_network(Path(path), mounts)
