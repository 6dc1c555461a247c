"""From nodes to frozen dataclasses, by their type hints; every fault is collected, not only the first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, time, timedelta
from difflib import get_close_matches
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from notigate.documents import scalars
from notigate.documents.nodes import SHOWN, Document, Node, Place, Source, gathered, node_of
from notigate.documents.references import refers, resolved
from notigate.documents.scalars import READERS
from notigate.errors import ConfigError, NotigateError, sentence
from notigate.model import Secret, Window

T = TypeVar("T")

#: names that type hints may use without importing them at run time
_VOCABULARY: Mapping[str, Any] = {
    kind.__name__: kind for kind in (Mapping, Sequence, Path, Secret, Window, date, time, timedelta)
}


def bind(
    source: Document | Node, kind: type[T], beside: Iterable[str] = ()
) -> tuple[T | None, tuple[ConfigError, ...]]:
    """Make a `kind` of a document or of one value in it.

    A dataclass gets its fields from a mapping of the same keys (a field `class_` is the key `class`), bound by their
    hints: `str int float bool date time timedelta Window Path Secret Literal[…]`, enums, `X | None`, other unions (the
    first that fits), `tuple[X, ...]`, `Mapping[str, X]`, dataclasses, `object` (any plain value), `Node` (not bound
    yet), `Annotated[X, reader]` (what `reader(node)` returns). What a dataclass raises in `__post_init__` (ValueError
    or NotigateError) is a fault at the place of its mapping. Relative paths, also defaults, start at the folder of the
    document. `${env:NAME}` and `${file:/path}` are replaced in every text.

    Args:
        source: what is bound.
        kind: to what.
        beside: keys that were taken out of `source` before; an unknown key may be meant as one of them.

    Returns:
        The value and no faults, or None and every fault.
    """
    node, faults = (source.root, source.faults) if isinstance(source, Document) else (source, ())
    binder = _Binder({node.place: tuple(beside)})
    value = binder.bind(node, kind)
    faults = (*faults, *binder.faults)
    return (None, gathered(faults).faults) if faults else (value, ())


def bound(node: Node, kind: type[T], beside: Iterable[str] = ()) -> T:
    """Make a `kind` of one value, as `bind` does.

    Raises:
        ConfigError: with every fault.
    """
    value, faults = bind(node, kind, beside)
    if faults:
        raise gathered(faults)
    return cast("T", value)


def bind_mapping(mapping: Mapping[str, Any], kind: type[T], name: str = "settings") -> T:
    """Make a `kind` of a plain Python mapping; `name` stands for it in messages.

    Raises:
        ConfigError: with every fault.
    """
    return bound(node_of(mapping, Place(Source(name))), kind)


class _Binder:
    """One walk. What a faulty part is bound to does not matter: the whole is then thrown away."""

    def __init__(self, beside: Mapping[Place, tuple[str, ...]]) -> None:
        self.beside = beside
        self.faults: list[ConfigError] = []

    def bind(self, node: Node, kind: Any) -> Any:  # noqa: ANN401 - whatever the hint says
        try:
            return self.bound(node, kind)
        except ConfigError as fault:
            self.faults += fault.faults or (fault,)
            return None

    def bound(self, node: Node, kind: Any) -> Any:  # noqa: ANN401 - as bind
        origin = get_origin(kind)
        if kind is Node:
            return node
        if kind is object:
            return self.free(node)
        if origin is Annotated:
            return kind.__metadata__[0](node)
        if origin is Literal:
            return _choice(node, {str(value): value for value in get_args(kind)})
        if origin in _COMPOSED:
            return _COMPOSED[origin](self, node, kind)
        return self.section(node, kind) if _is_section(kind) else _word(node, kind)

    def section(self, node: Node, kind: Any) -> Any:  # noqa: ANN401 - as bind
        entries, before = node.entries, len(self.faults)
        keys = {field.name.rstrip("_"): field for field in fields(kind) if field.init}
        known = (*keys, *self.beside.get(node.place, ()))
        self.faults += [_unknown(item, key, known) for key, item in entries.items() if key not in keys]
        self.faults += [
            node.place.inside(key).fault("is missing") for key in keys if key not in entries and _needed(keys[key])
        ]
        types = hints(kind)
        values = {
            field.name: self.bind(entries[key], types[field.name]) for key, field in keys.items() if key in entries
        }
        values |= {
            field.name: _folder(node) / field.default
            for key, field in keys.items()
            if key not in entries and isinstance(field.default, Path)
        }
        try:
            return kind(**values) if len(self.faults) == before else None
        except (ValueError, NotigateError) as fault:
            raise node.place.fault("{why}", why=fault) from fault

    def mapping(self, node: Node, kind: Any) -> dict[Any, Any]:  # noqa: ANN401 - as bind
        of_key, of_value = get_args(kind)
        return {
            self.bind(Node(place=item.key or item.place, value=key), of_key): self.bind(item, of_value)
            for key, item in node.entries.items()
        }

    def sequence(self, node: Node, kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as bind
        return tuple(self.bind(item, get_args(kind)[0]) for item in node.items)

    def union(self, node: Node, kind: Any) -> Any:  # noqa: ANN401 - as bind
        if node.value is None and NoneType in get_args(kind):
            return None
        kinds = [one for one in get_args(kind) if one is not NoneType]
        trials = [_trial(node, one) for one in sorted(kinds, key=lambda one: not _fits(node, one))]
        value, faults = next((trial for trial in trials if not trial[1]), trials[0])
        self.faults += faults
        return value

    def free(self, node: Node) -> object:
        if isinstance(node.value, Mapping):
            return {key: self.bind(item, object) for key, item in node.entries.items()}
        if isinstance(node.value, tuple):
            return tuple(self.bind(item, object) for item in node.items)
        if not isinstance(node.value, str):
            return node.value
        text = resolved(node.value, node.place)
        return scalars.free(text) if node.plain else text


_COMPOSED: Mapping[Any, Callable[[_Binder, Node, Any], Any]] = {
    Mapping: _Binder.mapping,
    dict: _Binder.mapping,
    tuple: _Binder.sequence,
    Union: _Binder.union,
    UnionType: _Binder.union,
}


def _trial(node: Node, kind: Any) -> tuple[Any, list[ConfigError]]:  # noqa: ANN401 - as bind
    binder = _Binder({})
    return binder.bind(node, kind), binder.faults


def _is_section(kind: Any) -> bool:  # noqa: ANN401 - as bind
    return is_dataclass(kind) and kind not in READERS


def _fits(node: Node, kind: Any) -> bool:  # noqa: ANN401 - as bind
    """Is the value of the shape that `kind` is read from?"""
    if isinstance(node.value, Mapping):
        return _is_section(kind) or get_origin(kind) in (Mapping, dict)
    return isinstance(node.value, tuple) == (get_origin(kind) is tuple)


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _unknown(node: Node, key: str, known: Iterable[str]) -> ConfigError:
    place, near = node.key or node.place, get_close_matches(key[:SHOWN], known, 1)
    if near:
        return place.fault("unknown key; did you mean {near}?", near=near[0])
    return place.fault("unknown key; known are {known}", known=", ".join(known))


@cache
def hints(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as bind
    """Type hints, also of a module that imports `Mapping` and the like for the type checker only."""
    return get_type_hints(kind, localns={**_VOCABULARY, **vars(sys.modules[kind.__module__])}, include_extras=True)


def _word(node: Node, kind: Any) -> Any:  # noqa: ANN401 - as bind
    """A value that is one word: already of its kind in a Python mapping, else read from its text."""
    if isinstance(node.value, kind) and kind is not str:
        return node.value
    if issubclass(kind, Enum):
        return _choice(node, {str(member.value): member for member in kind})
    if kind in _TEXTUAL:
        return _TEXTUAL[kind](node)
    expected, reader = READERS[kind]
    try:
        return reader(_text(node, expected))
    except (ValueError, KeyError, OverflowError):
        raise node.place.fault("expected {expected}", expected=expected) from None


def _choice(node: Node, choices: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as bind
    expected = " or ".join(choices)
    text = _text(node, expected)
    if text in choices:
        return choices[text]
    if near := get_close_matches(text[:SHOWN], choices, 1):
        raise node.place.fault("expected {expected}; did you mean {near}?", expected=expected, near=near[0])
    raise node.place.fault("expected {expected}", expected=expected)


def _text(node: Node, expected: str = sentence("a text")) -> str:
    if not isinstance(node.value, str):
        raise node.place.fault("expected {expected}", expected=expected)
    return resolved(node.value, node.place)


def _folder(node: Node) -> Path:
    return node.place.source.folder or Path()


def _path(node: Node) -> Path:
    text = _text(node, sentence("a path"))
    if not text or "\0" in text:
        raise node.place.fault("expected {expected}", expected="a path")
    return _folder(node) / text


def _secret(node: Node) -> Secret:
    source, text = node.place.source, _text(node)
    if source.exposed and not refers(str(node.value)):
        raise node.place.fault(
            "a secret in a file that others may read: chmod 600 {file}, or write ${{env:NAME}} or ${{file:/path}}",
            file=source.name,
        )
    return Secret(text)


_TEXTUAL: Mapping[Any, Callable[[Node], Any]] = {str: _text, Path: _path, Secret: _secret}
