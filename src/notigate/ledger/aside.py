"""Answers that the ledger could not take, kept beside it until it can.

A disk may be full just when a provider's answer is to be recorded. Its room is reserved before the first call is made, so
that writing it needs no new block. The next run replays it; what is not in it becomes unknown, as after a crash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from notigate.model import Delivery, Outcome, Reason, Scope, Status

#: bytes reserved: some 1,500 answers, more than can be in flight
ROOM = 256 * 1024


class Kept(NamedTuple):
    """One answer, with the delivery it is for as it stood while the call was made."""

    delivery: int
    version: int
    outcome: Outcome


class Aside:
    """The file beside one ledger, of mode 0600; holds ids and provider codes, no address and no text."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def reserve(self) -> None:
        """Make sure of the room, keeping what is in it.

        Raises:
            OSError: there is no room; then nothing should be sent either.
        """
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, ROOM)
        finally:
            os.close(handle)

    def keep(self, answers: Sequence[tuple[Delivery, Outcome]]) -> None:
        """Write answers down, durably, behind those that are there.

        Raises:
            OSError: even this could not be written; the next run will find these deliveries unknown.
        """
        lines = "".join(_line(delivery, outcome) for delivery, outcome in answers).encode()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(handle, lines, len(self._written()))
            os.fsync(handle)
        finally:
            os.close(handle)

    def kept(self) -> Iterator[Kept]:
        """The answers that were kept; a line that was cut off while it was written is passed over."""
        for line in self._written().splitlines():
            with suppress(ValueError, KeyError, TypeError):
                yield _read(line)

    def empty(self) -> None:
        """All of it is in the ledger now."""
        with suppress(FileNotFoundError):
            self.path.unlink()

    def _written(self) -> bytes:
        """What stands before the reserved zeros."""
        try:
            return self.path.read_bytes().rstrip(b"\0")
        except FileNotFoundError:
            return b""


def _line(delivery: Delivery, outcome: Outcome) -> str:
    kept = {
        "delivery": delivery.id, "version": delivery.version, "status": outcome.status, "reason": outcome.reason,
        "detail": outcome.detail, "provider_id": outcome.provider_id, "retry_after": outcome.retry_after,
        "scope": outcome.scope,
    }  # fmt: skip
    return json.dumps(kept, ensure_ascii=True) + "\n"


def _read(line: bytes) -> Kept:
    kept = json.loads(line)
    outcome = Outcome(
        status=Status(kept["status"]),
        reason=Reason(kept["reason"]) if kept["reason"] else None,
        detail=kept["detail"],
        provider_id=kept["provider_id"],
        retry_after=kept["retry_after"],
        scope=Scope(kept["scope"]),
    )
    return Kept(delivery=int(kept["delivery"]), version=int(kept["version"]), outcome=outcome)
