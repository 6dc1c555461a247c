"""XML of strangers: no document type, so no entities; no more than a megabyte; in the encodings that are in use."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

#: bytes of a file
MOST = 1 << 20
#: elements inside each other; a warning needs five
DEEPEST = 32
#: expat itself reads none of more than one byte a character but UTF
ENCODINGS = {"utf-8", "us-ascii", "gbk", "gb2312", "gb18030", "big5"}
_DECLARED = re.compile(rb"<\?xml[^>]{0,80}?encoding=[\"']([A-Za-z0-9_-]{1,20})[\"'][^>]{0,40}\?>")


class Unreadable(ValueError):  # noqa: N818 - named after the file
    """What is wrong with a file."""


def read(file: Path) -> Element:
    """The root of a document, names with their namespaces as `{urn:…}alert`.

    Raises:
        Unreadable: names the file, and what is wrong.
        OSError: it cannot be read.
    """
    with file.open("rb") as opened:
        data = opened.read(MOST + 1)
    try:
        return _parsed(_decoded(data))
    except (expat.ExpatError, UnicodeError, Unreadable) as fault:
        raise Unreadable(f"{file.name}: {fault}") from fault


def _decoded(data: bytes) -> str:
    if len(data) > MOST:
        raise Unreadable("longer than a megabyte")
    found = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf").lstrip())
    encoding = found[1].decode().lower() if found else "utf-8"
    if encoding not in ENCODINGS:
        raise Unreadable(f"encoding {encoding} is not read")
    text = data.decode("gb18030" if encoding.startswith("gb") else encoding)
    return text.removeprefix("\ufeff").lstrip()


def _parsed(text: str) -> Element:
    builder, depth = TreeBuilder(), 0
    # The encoding that the text declares is no longer its own.
    parser = expat.ParserCreate("utf-8", namespace_separator="}")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unreadable("elements too deep inside each other")
        builder.start(_named(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    def refuse(*_told: object) -> None:
        raise Unreadable("a document type is not allowed")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(text.encode(), True)  # noqa: FBT003 - the whole document
    return builder.close()


def _named(name: str) -> str:
    return f"{{{name}" if "}" in name else name
