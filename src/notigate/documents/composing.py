"""From YAML text to nodes. Fewer things are allowed than YAML allows: no aliases, no tags, no repeated keys.

Aliases are what "billion laughs" bombs are made of, and nobody needs them in files as short as these. Nodes are built
from parser events, one by one, so that a bomb of brackets stops at `DEPTH` and is never parsed to its end.
"""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import yaml

from notigate.documents.nodes import Document, Node, Place, Source
from notigate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: bytes
SIZE_LIMIT = 1 << 20
#: mappings and lists inside each other
DEPTH = 20
#: YAML 1.2's ways to write nothing
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
#: what ends a line for YAML
_LINE_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
#: what YAML allows no document to contain (its production `c-printable`), and byte order marks inside
_FORBIDDEN, _MARK = yaml.reader.Reader.NON_PRINTABLE, re.compile("\ufeff")


def read(path: Path, name: str = "") -> Document:
    """Read a YAML file; messages call it `name`, or else as it is called in its folder.

    Raises:
        ConfigError: there is no such file, it cannot be read, is too large, or is no YAML.
    """
    try:
        # A pipe would keep us waiting for ever.
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ConfigError("{file}: this is no file", file=path)
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as fault:
        raise ConfigError("{file}: cannot be read: {why}", file=path, why=fault.strerror or fault) from fault
    exposed = bool(mode & (stat.S_IRGRP | stat.S_IROTH))
    return _document(data, Source(name or path.name, path.parent.absolute(), exposed))


def parse(text: str | bytes, name: str = "document") -> Document:
    """Read YAML text; `name` stands for it in messages.

    Raises:
        ConfigError: it is too large, or is no YAML.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return _document(data, Source(name))


def _document(data: bytes, source: Source) -> Document:
    if len(data) > SIZE_LIMIT:
        raise Place(source, 1, 1).fault("the file is larger than {limit} bytes", limit=SIZE_LIMIT)
    text = _decoded(data, source)
    end = _end_of(text, source)
    composer = _Composer(end, yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    try:
        root = composer.root()
    except yaml.MarkedYAMLError as fault:
        raise _place(fault.problem_mark, end).fault(
            "this is no YAML: {problem}", problem=fault.problem or fault.context
        ) from None
    return Document(root=root, faults=tuple(composer.faults))


def _decoded(data: bytes, source: Source) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8-sig", "replace")
        raise _end_of(before, source).fault("this is not UTF-8; save the file as UTF-8") from None
    if found := _FORBIDDEN.search(text) or _MARK.search(text):
        place = _end_of(text[: found.start()], source)
        raise place.fault("a character that no YAML may contain: U+{code:04X}", code=ord(found[0]))
    return text


def _end_of(text: str, source: Source) -> Place:
    """The place of what comes after `text`."""
    lines = _LINE_BREAK.split(text)
    return Place(source, len(lines), len(lines[-1]) + 1)


def _place(mark: yaml.Mark | None, end: Place) -> Place:
    """The place of a mark, and not after `end`: libyaml counts a line more when the last one has no line break."""
    return Place(end.source, mark.line + 1, mark.column + 1) if mark and mark.line < end.line else end


class _Composer:
    """Builds nodes; what we refuse becomes a fault, and composing goes on."""

    def __init__(self, end: Place, events: Iterator[yaml.Event]) -> None:
        self.end = end
        self.events = events
        self.faults: list[ConfigError] = []

    def root(self) -> Node:
        """The one value of the stream; nothing when it is empty."""
        found = Node(place=Place(self.end.source, 1, 1), value=None)
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.place(event, ()).fault("a second document begins here; one file holds one")
                found = self.node(next(self.events), ())
        return found

    def node(self, event: yaml.Event, path: tuple[str, ...]) -> Node:
        place = self.place(event, path)
        if getattr(event, "tag", None) is not None:
            self.refuse(place, "tags such as !!str are not used here; write the value alone")
        if isinstance(event, yaml.MappingStartEvent):
            return Node(place=_shallow(place), value=self.mapping(path))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(place=_shallow(place), value=self.sequence(path))
        if isinstance(event, yaml.AliasEvent):
            self.refuse(place, "aliases such as *{name} are not used here; write the value out", name=event.anchor)
            return Node(place=place, value=None)
        word = cast("yaml.ScalarEvent", event)
        plain = word.implicit[0]
        return Node(place=place, value=None if plain and word.value in NOTHING else word.value, plain=plain)

    def sequence(self, path: tuple[str, ...]) -> tuple[Node, ...]:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, f"[{len(items)}]")))
        return tuple(items)

    def mapping(self, path: tuple[str, ...]) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name = event.value if isinstance(event, yaml.ScalarEvent) else "?"
            inside = (*path, name)
            key = self.node(event, inside)
            value = replace(self.node(next(self.events), inside), key=key.place)
            if not isinstance(key.value, str):
                self.refuse(key.place, "a key must be a word")
            elif first := entries.get(name):
                line = (first.key or first.place).line
                self.refuse(key.place, "this key stands here already, at line {line}", line=line)
            else:
                entries[name] = value
        return entries

    def place(self, event: yaml.Event, path: tuple[str, ...]) -> Place:
        return replace(_place(cast("yaml.Mark", event.start_mark), self.end), path=path)

    def refuse(self, place: Place, sentence: str, **fields: object) -> None:
        self.faults.append(place.fault(sentence, **fields))


def _shallow(place: Place) -> Place:
    if len(place.path) >= DEPTH:
        raise place.fault("too many levels inside each other; at most {depth}", depth=DEPTH)
    return place
