"""Where a database is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from notigate.documents import Node, Place, Source, bound
from notigate.model import Secret

if TYPE_CHECKING:
    from pathlib import Path

_URL = r"(?i)[a-z][a-z0-9]*(?:\+[a-z0-9_]+)?://\S+"
_SQLITE = "sqlite:///"
_LEDGERS = ("sqlite", "postgresql", "postgres")


def ledger(node: Node) -> str:
    """The URL of the ledger, as `url`.

    Raises:
        ConfigError: as `url`; or notigate keeps no ledger there.
    """
    text = url(node)
    if text.partition(":")[0] not in _LEDGERS:
        raise node.place.fault("expected sqlite:///notigate.db or postgresql://…")
    return text


def named(text: str, folder: Path) -> str:
    """The URL of a ledger that stands on a command line as it would in the settings of the project in `folder`.

    Raises:
        ConfigError: as `ledger`.
    """
    return ledger(Node(place=Place(Source("--to", folder)), value=text))


def url(node: Node) -> str:
    """The URL of a database; the path of an SQLite file is made absolute. It may hold a password.

    Raises:
        ConfigError: it is no URL, or shows a password in a file that others may read.
    """
    text = bound(node, str)
    if not re.fullmatch(_URL, text):
        raise node.place.fault("expected a URL such as sqlite:///notigate.db")
    if _has_password(text):
        bound(node, Secret)
    name, folder = text.removeprefix(_SQLITE), node.place.source.folder
    return text if folder is None or name == text else f"{_SQLITE}{folder / name}"


def _has_password(text: str) -> bool:
    try:
        return urlsplit(text).password is not None
    except ValueError:
        return True
