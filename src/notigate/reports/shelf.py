"""Where the pages of reports lie for readers of summaries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from notigate.edges import files
from notigate.reports.files import MAKERS

if TYPE_CHECKING:
    from notigate.reports.figures import Figures

#: a web server, which is somebody else, shows it; it counts, and names nobody
_FOR_ALL = 0o644


class Shelf:
    """A folder that a web server shows."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url.rstrip("/")

    def link(self, figures: Figures) -> str:
        """How readers find the page of a report."""
        return f"{self._url}/{quote(_name(figures))}"

    def lay(self, figures: Figures, changed: str) -> None:
        """Lay the page down; one of the same span is replaced.

        Raises:
            UsageError: it cannot be written.
        """
        files.write(self._folder / _name(figures), MAKERS[".html"](figures, changed), mode=_FOR_ALL)


def _name(figures: Figures) -> str:
    return f"{figures.span.name}.html"
