"""Files that people asked for: written whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from notigate.errors import UsageError

#: for its owner only: it may name people
PRIVATE = 0o600


def write(file: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write a file so that nobody ever sees half of it; one that stood there is replaced.

    Raises:
        UsageError: it cannot be written; what stood there is untouched.
    """
    write_parts(file, [data], mode=mode)


def write_parts(file: Path, parts: Iterable[bytes], *, mode: int = PRIVATE) -> None:
    """As `write`, part by part as they are made: of a large file, no more than one is kept in memory.

    Raises:
        UsageError: it cannot be written; what stood there is untouched.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with open(draft, "wb", opener=partial(os.open, mode=mode)) as out:
            out.writelines(parts)
        draft.replace(file)
    except BaseException as fault:
        with suppress(OSError):
            draft.unlink()
        if isinstance(fault, OSError):
            raise UsageError("{file} cannot be written: {why}", file=file, why=fault.strerror or fault) from fault
        raise
