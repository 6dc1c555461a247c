"""What a workbook may cost."""

from __future__ import annotations

import resource
import zipfile
from typing import IO

#: of all entries, unpacked
LARGEST = 600 << 20
#: entries of an archive; and how far they may be packed, from this size on
MOST_ENTRIES, PACKED, SMALL = 1000, 100, 32 << 20
#: memory: for the program, for each byte of the workbook, and at most
PROGRAM, PER_BYTE, MOST = 256 << 20, 6, 3 << 29
#: processor seconds: at least, and bytes a second
SECONDS, RATE = 20, 1 << 20
_CHUNK = 1 << 20


class Unusable(Exception):  # noqa: N818 - a finding; the reader of our output makes the error of it
    """Why this workbook is not read."""


def check(data: IO[bytes]) -> int:
    """Refuse what unpacks to more than a roster can hold; returns the bytes that it unpacks to.

    Every entry is unpacked once and compared with its checksum, for what the directory says may be a lie.
    """
    if not zipfile.is_zipfile(data):
        return data.seek(0, 2) * 4  # BIFF is not packed, and its texts grow when they are read
    with zipfile.ZipFile(data) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries) or 1
        if len(entries) > MOST_ENTRIES or total > LARGEST or (total > SMALL and total > packed * PACKED):
            raise Unusable("bomb")
        for entry in entries:
            with archive.open(entry) as unpacked:
                while unpacked.read(_CHUNK):
                    pass
    return total


def limit(size: int) -> None:
    """From here on, this process gets what a workbook of so many bytes can need."""
    most = min(PROGRAM + PER_BYTE * size, MOST)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    seconds = SECONDS + size // RATE
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
