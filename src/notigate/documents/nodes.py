"""The values of a document, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from notigate.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

#: longer keys are cut in messages
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document comes from."""

    #: as messages show it
    name: str
    #: what relative paths are relative to; None leaves them as they are
    folder: Path | None = None
    #: others than the owner may read it, so no secret may stand in it
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: `notigate.yaml:6:17: channels.sms.port`."""

    source: Source
    #: from 1; 0 in a mapping that was no file
    line: int = 0
    column: int = 0
    #: the keys (and `[2]` for list items) that lead here
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.source.name}:{self.line}:{self.column}" if self.line else self.source.name
        return f"{where}: {self._keys()}" if self.path else where

    def _keys(self) -> str:
        shown = ".".join(key if len(key) <= SHOWN else f"{key[:SHOWN]}…" for key in self.path)
        return shown.replace(".[", "[")

    def inside(self, key: str) -> Place:
        """The place of a key, or of an item `[2]`, of the value that stands here."""
        return replace(self, path=(*self.path, key))

    def fault(self, sentence: str, **fields: Any) -> ConfigError:  # noqa: ANN401 - what messages may hold
        """What is wrong here; `sentence` is the part of the template after the place."""
        return ConfigError("{place}: " + sentence, place=self, **fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One value and its place. `repr` shows no value: it may be a secret."""

    place: Place
    #: text, list, mapping, or None where nothing (or `null`) stands; in Python mappings any object
    value: object = field(repr=False)
    #: written without quotes, so that free values may be numbers
    plain: bool = False
    #: where the key stands that leads here
    key: Place | None = None

    @property
    def entries(self) -> Mapping[str, Node]:
        """Of a mapping; of nothing: none.

        Raises:
            ConfigError: it is something else.
        """
        if self.value is None:
            return {}
        if not isinstance(self.value, Mapping):
            raise self.place.fault("expected `key: value` lines")
        return self.value

    @property
    def items(self) -> Sequence[Node]:
        """Of a list; of nothing: none.

        Raises:
            ConfigError: it is something else.
        """
        if self.value is None:
            return ()
        if not isinstance(self.value, tuple):
            raise self.place.fault("expected a list, such as [a, b]")
        return self.value

    def only(self, keys: Iterable[str]) -> Node:
        """This mapping with no keys but these."""
        return replace(self, value={key: self.entries[key] for key in keys if key in self.entries})

    def without(self, keys: Iterable[str]) -> Node:
        """This mapping without these keys."""
        dropped = set(keys)
        return replace(self, value={key: node for key, node in self.entries.items() if key not in dropped})


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document: its outermost value, and what YAML itself would allow but we refuse."""

    root: Node
    faults: tuple[ConfigError, ...] = ()

    def apart(self, key: str) -> tuple[Document, Mapping[str, ConfigError]]:
        """This document without the faults of what stands under `key`; and these, by the names there."""
        by_name: dict[str, list[ConfigError]] = {}
        others = [fault for fault in self.faults if _path(fault)[:1] != (key,) or len(_path(fault)) == 1]
        for fault in self.faults:
            if fault not in others:
                by_name.setdefault(_path(fault)[1], []).append(fault)
        return replace(self, faults=tuple(others)), {name: gathered(faults) for name, faults in by_name.items()}


def overlaid(base: Node, override: Node) -> Node:
    """The mapping `base` with single keys replaced by those of the mapping `override`; all places are kept."""
    return replace(base, value={**base.entries, **override.entries})


def gathered(faults: Sequence[ConfigError]) -> ConfigError:
    """One error that holds all of them and shows one a line, in the order of the file."""
    ordered = tuple(sorted(faults, key=_position))
    return ConfigError("{faults_shown}", faults=ordered, faults_shown="\n".join(map(str, ordered)))


def _position(fault: ConfigError) -> tuple[int, int]:
    place = fault.fields.get("place")
    return (place.line, place.column) if isinstance(place, Place) else (0, 0)


def _path(fault: ConfigError) -> tuple[str, ...]:
    place = fault.fields.get("place")
    return place.path if isinstance(place, Place) else ()


def node_of(value: object, place: Place) -> Node:
    """A plain Python value as a node; what is neither mapping, list, text nor number is kept as it is."""
    if isinstance(value, Mapping):
        entries = {str(key): node_of(item, place.inside(str(key))) for key, item in value.items()}
        return Node(place=place, value=entries)
    if isinstance(value, list | tuple):
        items = tuple(node_of(item, place.inside(f"[{index}]")) for index, item in enumerate(value))
        return Node(place=place, value=items)
    if isinstance(value, int | float):
        return Node(place=place, value=str(value).lower(), plain=True)
    return Node(place=place, value=value)
