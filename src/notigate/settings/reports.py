"""The `reports:` section: where the page of a report lies, for summaries that bring no file along."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

#: an address that a summary can carry between brackets
_ADDRESS = re.compile(r"https?://[^\s/()<>\[\]]+[^\s()<>\[\]]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """A report that goes to managers is also laid down as a page; texts link to it by `report.link`."""

    #: that a web server shows, relative to the project's folder; it is not made here
    folder: Path
    #: under which readers find that folder: `https://intranet.example.com/reports`
    url: str

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.url):
            raise ValueError(f"url: {self.url!r} is no whole address such as https://intranet.example.com/reports")
