"""The file beside an embedded ledger that tells a restored copy from the ledger itself: its id, and its generation.

Each run raises the generation in the ledger, then in the stamp. A ledger that is behind its stamp is an old copy: it does
not know what was sent since, and would send it again.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from notigate.errors import LedgerError


def path_of(ledger: Path) -> Path:
    """Where the stamp of a ledger stands."""
    return ledger.with_name(ledger.name + ".stamp")


def write(ledger: Path, identity: str, generation: int) -> None:
    """Replace the stamp whole, readable by its owner alone."""
    draft = ledger.with_name(f".{ledger.name}.stamp.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stamp:
            stamp.write(f"{identity} {generation}\n")
        draft.replace(path_of(ledger))
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read(ledger: Path) -> tuple[str, int] | None:
    """Id and generation that the stamp names; None where there is none, or a power failure left it empty.

    Read it before the ledger: of a run that begins in between, the ledger must know first.
    """
    try:
        identity, generation = path_of(ledger).read_text(encoding="ascii").split()
        return identity, int(generation)
    except (FileNotFoundError, ValueError):
        return None


def check(ledger: Path, stamped: tuple[str, int] | None, identity: str, generation: int) -> None:
    """Compare the ledger with its stamp; one that has none yet gets it.

    Raises:
        LedgerError: another ledger, or an old copy of this one.
    """
    if stamped is None:
        write(ledger, identity, generation)
        return
    stamped_identity, stamped_generation = stamped
    if stamped_identity != identity:
        raise LedgerError(
            "the ledger {path} is another one than {stamp} names. Put the right ledger back; to go on with this one on "
            "purpose, delete {stamp}",
            path=ledger,
            stamp=path_of(ledger).name,
        )
    if stamped_generation > generation:
        raise LedgerError(
            "the ledger {path} is an old copy: {runs} later runs are not in it, and what they sent would be sent again. Put "
            "the newest copy back; to go on with this one on purpose, delete {stamp}",
            path=ledger,
            runs=stamped_generation - generation,
            stamp=path_of(ledger).name,
        )
