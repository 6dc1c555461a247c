"""Files that are whole or not there at all, and for their owner alone to read unless it is said otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING

from notigate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

#: for its owner only: it may name people
PRIVATE = 0o600


@contextmanager
def new_file(path: Path, *, keep: bool = True) -> Iterator[IO[bytes]]:
    """Within the block, a file to write and read back; it has its name when the block ends, and takes no other's place.

    Without `keep`, nothing is left of it.

    Raises:
        UsageError: it cannot be written, or something stands there.
    """
    if path.exists():
        raise _taken(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE), "w+b") as file:
            yield file
        if keep:
            os.link(draft, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as fault:
        raise UsageError("{file} cannot be written: {why}", file=path, why=fault.strerror or fault) from fault
    finally:
        with suppress(OSError):
            draft.unlink()


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


def _taken(path: Path) -> UsageError:
    return UsageError("{file} is there already; take another name", file=path)
