"""`${env:NAME}` and `${file:/path}`: what stands elsewhere, because it is secret or differs from machine to machine."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notigate.documents.nodes import Place

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: bytes; a key or a password is shorter
SECRET_LIMIT = 1 << 16


def refers(text: str) -> bool:
    """Does it hold a reference?"""
    return _REFERENCE.search(text) is not None


def looked_up(file: Path) -> Iterator[tuple[str, bytes]]:
    """All that a file refers to, and what that is now; nothing where there is none."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for reference in _REFERENCE.findall(text):
        kind, _, name = reference.partition(":")
        value = os.environb.get(name.encode(), b"") if kind == "env" else b""
        if kind == "file":
            with suppress(OSError, ValueError):
                value = (file.parent / name).read_bytes()
        yield reference, value


def resolved(text: str, place: Place) -> str:
    """`text` with its references replaced by what they stand for.

    Raises:
        ConfigError: names the variable or file, never a value.
    """
    return _REFERENCE.sub(lambda found: _looked_up(found[1], place), text)


def _looked_up(reference: str, place: Place) -> str:
    kind, _, name = reference.partition(":")
    if kind == "env" and _VARIABLE.fullmatch(name):
        return _variable(name, place)
    if kind == "file" and name:
        return _content((place.source.folder or Path()) / name, place)
    raise place.fault("not a reference; write ${{env:NAME}} or ${{file:/path}}")


def _variable(name: str, place: Place) -> str:
    value = os.environ.get(name)
    if value is None:
        raise place.fault("the environment variable {name} is not set", name=name)
    if not value:
        raise place.fault("the environment variable {name} is empty", name=name)
    return value


def _content(file: Path, place: Place) -> str:
    try:
        # A pipe would keep us waiting for ever.
        mode = file.stat().st_mode
        if not stat.S_ISREG(mode):
            raise place.fault("{file} is no file", file=file)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise place.fault("{file} is open to others than its owner; chmod 600 {file}", file=file)
        with file.open("rb") as opened:
            value = opened.read(SECRET_LIMIT).decode("utf-8").rstrip("\r\n")
    except OSError as fault:
        raise place.fault("{file} cannot be read: {why}", file=file, why=fault.strerror or fault) from None
    except ValueError:
        raise place.fault("{file} holds no text, or is no name of a file", file=file) from None
    if not value:
        raise place.fault("{file} is empty", file=file)
    return value
