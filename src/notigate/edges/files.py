"""Files that are whole or not there at all, for their owner alone to read, and never in the place of another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from notigate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Within the block, a file to write and read back; it has its name when the block ends without an exception.

    Raises:
        UsageError: it cannot be written, or something stands there.
    """
    if path.exists():
        raise _taken(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
        os.link(draft, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as fault:
        raise UsageError("{file} cannot be written: {why}", file=path, why=fault.strerror or fault) from fault
    finally:
        with suppress(OSError):
            draft.unlink()


def _taken(path: Path) -> UsageError:
    return UsageError("{file} is there already; take another name", file=path)
