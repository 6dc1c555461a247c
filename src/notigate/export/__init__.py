"""All that happened in a span, as a file for auditors: deliveries, every change, every request, every decision."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import IO, TYPE_CHECKING

from notigate.export.records import Records
from notigate.export.writers import WRITERS
from notigate.ledger import extract

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from notigate.ledger.store import Ledger

#: what kinds of file there are
FORMATS = tuple(WRITERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a file holds."""

    #: of its bytes, as `sha256sum` tells it
    sha256: str
    #: kind of record → how many
    counts: Mapping[str, int]


def export(  # noqa: PLR0913 - what is asked for, and where it goes
    ledger: Ledger,
    first: date,
    last: date,
    out: IO[bytes],
    *,
    suffix: str,
    zone: ZoneInfo,
    in_full: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _known: None,
) -> Exported:
    """Write the span into a new file; no more than some hundred deliveries are in memory at a time.

    Args:
        ledger: of the project.
        first: its first business day.
        last: its last, included.
        out: a file to write and read back.
        suffix: one of `FORMATS`.
        zone: of the times.
        in_full: addresses, subjects and texts too; else addresses are masked, and texts left out.
        progress: hears how many deliveries are written, and how many there are.
    """
    records, known, counts = Records(zone, in_full=in_full), extract.number(ledger, first, last), Counter[str]()

    def heard() -> Iterator[extract.Entry | extract.Decision]:
        for found in extract.extract(ledger, first, last):
            if isinstance(found, extract.Entry):
                counts.update(deliveries=1, events=len(found.story.events), tries=len(found.story.tries))
                progress(counts["deliveries"], known)
            else:
                counts.update(decisions=1)
            yield found

    WRITERS[suffix](out, records, heard())
    out.flush()
    out.seek(0)
    digest = hashlib.file_digest(out, "sha256").hexdigest()  # type: ignore[arg-type]  # typed for real files only
    return Exported(sha256=digest, counts={kind: counts[kind] for kind in records.columns})
