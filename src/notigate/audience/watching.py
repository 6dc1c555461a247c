"""Was a file changed since a run has read it?"""

from __future__ import annotations

from pathlib import Path

from notigate.errors import AudienceError


class Watched:
    """A file as it was when this object was made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._before = _looks(path)

    def changed(self) -> bool:
        """Is it another file now, or another version of it?"""
        return _looks(self.path) != self._before

    def refuse_changed(self) -> None:
        """What changed while it was read may be half of the old and half of the new.

        Raises:
            AudienceError: it did.
        """
        if self.changed():
            raise AudienceError(
                "{file}: was changed while it was read, so nothing was sent; run it again when it is saved",
                file=self.path.name,
            )


def _looks(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
