"""Workbooks of any size: written row by row, nothing in them is ever run, and a disk that is full is told as such."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

#: rows are dropped from memory as soon as the next begins; texts stay what they are
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
}


@contextmanager
def new_workbook(out: IO[bytes]) -> Iterator[Any]:
    """Within the block, a workbook of XlsxWriter; it is in `out` when the block ends without an exception.

    Raises:
        OSError: there is no room for it, in `out` or among the temporary files.
    """
    import xlsxwriter  # noqa: PLC0415 - 100 ms that only workbooks need
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - as above

    lent = _Deferred(out)
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(lent, _OPTIONS | {"tmpdir": folder})
        yield book
        try:
            book.close()
        except FileCreateError as fault:
            raise OSError(fault.args[0].errno, fault.args[0].strerror) from None
    if lent.fault is not None:
        raise lent.fault


class _Deferred:
    """A file whose faults are kept for later: an archive goes on to write while it clears up after a disk that is full."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.fault: OSError | None = None

    def write(self, data: bytes) -> int:
        return self._asked(self._file.write, data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._asked(self._file.seek, offset, whence)

    def tell(self) -> int:
        return self._asked(self._file.tell)

    def flush(self) -> None:
        self._asked(self._file.flush)

    def _asked(self, call: Callable[..., int | None], *given: object) -> int:
        try:
            return call(*given) or 0
        except OSError as fault:
            self.fault = self.fault or fault
            return 0
