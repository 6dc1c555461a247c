"""Is a file on a network file system? WAL needs shared memory between processes of one machine, and locks that work."""

from __future__ import annotations

from pathlib import Path

from notigate.errors import LedgerError

#: file systems that other machines see too (statfs names of Linux); FUSE ones by their own names
NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ncpfs",
        "ceph",
        "glusterfs",
        "lustre",
        "gpfs",
        "9p",
        "davfs",
        "sshfs",
    }
)
MOUNTS = Path("/proc/self/mountinfo")


def refuse_network(ledger: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a ledger that two machines could open at once.

    Raises:
        LedgerError: it lies on a network file system.
    """
    kind = kind_at(ledger.resolve(), mounts)
    if kind.removeprefix("fuse.") in NETWORK:
        raise LedgerError(
            "the ledger {path} is on a network file system ({kind}), where SQLite cannot keep its promises. Put it on a local "
            "disk, or use postgresql://",
            path=ledger,
            kind=kind,
        )


def kind_at(path: Path, mounts: Path) -> str:
    """The kind of file system that holds `path`: that of the longest mount point above it; empty when it cannot be told."""
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = [(Path(point), kind) for point, kind in map(_mount, lines) if path.is_relative_to(point)]
    return max(found, key=lambda mount: len(mount[0].parts), default=(Path("/"), ""))[1]


def _mount(line: str) -> tuple[str, str]:
    """Mount point and kind; see proc(5): the kind follows the lone dash."""
    left, _, right = line.partition(" - ")
    return left.split()[4].replace(r"\040", " "), right.split()[0]
