"""From a dataclass that documents are bound to, to the JSON Schema that editors complete and check by."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from notigate.documents.binding import hints
from notigate.documents.nodes import Node
from notigate.model import Secret, Window

Schema: TypeAlias = dict[str, Any]

#: the edition that editors know best
EDITION = "http://json-schema.org/draft-07/schema#"
#: what any text may be written as: an unquoted 13800138000 is a number to JSON
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
#: also where something else is expected: what the environment or a file holds
_REFERENCE = r"^\$\{(env|file):.+\}$"
_WORDS: Mapping[Any, Schema] = {
    str: _TEXT,
    Path: {"type": "string"},
    Secret: _TEXT,
    ZoneInfo: {"type": "string"},
    date: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    time: {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"},
    timedelta: {"type": ["string", "number"], "pattern": r"^\d+(\.\d+)?\s*(ms|s|m|h|d)$"},
    Window: {"type": "string", "pattern": r"^\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}$"},
}
_FIGURES: Mapping[Any, str] = {int: "integer", float: "number", Decimal: "number", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a value is written that a reader of its own reads: the last word of `Annotated[X, reader, Shape(Y)]`."""

    #: a type that tells
    kind: Any
    #: keys beside those of a dataclass are taken too
    open: bool = False


def schema(kind: Any, *, open: bool = False) -> Schema:  # noqa: A002, ANN401 - as Shape; any hint
    """The schema of what `bind` takes for a `kind`; `open` lets other keys pass."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        shape = next((one for one in kind.__metadata__ if isinstance(one, Shape)), None)
        return schema(shape.kind, open=shape.open) if shape else {}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        return {"anyOf": [{"type": "null"} if one is NoneType else schema(one) for one in arguments]}
    if origin is tuple:
        return {"type": ["array", "null"], "items": schema(arguments[0])}
    if origin in (Mapping, dict):
        return {"type": ["object", "null"], **_keys(arguments[0]), "additionalProperties": schema(arguments[1])}
    return _named(kind, open=open)


def _named(kind: Any, *, open: bool) -> Schema:  # noqa: A002, ANN401 - as schema
    if kind in _FIGURES:
        return {"anyOf": [{"type": _FIGURES[kind]}, {"type": "string", "pattern": _REFERENCE}]}
    if kind in _WORDS:
        return dict(_WORDS[kind])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [one.value for one in kind]}
    if is_dataclass(kind) and kind is not Node:
        return _section(kind, open=open)
    return {}


def _keys(kind: Any) -> Schema:  # noqa: ANN401 - as schema
    return {"propertyNames": schema(kind)} if get_origin(kind) is Literal else {}


def _section(kind: Any, *, open: bool) -> Schema:  # noqa: A002, ANN401 - as schema
    told, of = meanings(kind), hints(kind)
    own = [one for one in fields(kind) if one.init]
    required = [_key(one.name) for one in own if one.default is MISSING and one.default_factory is MISSING]
    properties = {_key(one.name): _described(schema(of[one.name]), told.get(one.name, "")) for one in own}
    made: Schema = {"type": "object" if required else ["object", "null"], "properties": properties}
    if required:
        made["required"] = required
    return made if open else {**made, "additionalProperties": False}


def _key(name: str) -> str:
    return name.rstrip("_")


def _described(made: Schema, meaning: str) -> Schema:
    return {"description": meaning, **made} if meaning else made


@cache
def meanings(kind: type) -> Mapping[str, str]:
    """What the `#:` comments above its fields say; nothing where the source is not at hand."""
    try:
        lines = inspect.getsource(kind).splitlines()
    except OSError:
        return {}
    found: dict[str, str] = {}
    above: list[str] = []
    for line in map(str.strip, lines):
        if line.startswith("#:"):
            above.append(line.removeprefix("#:").strip())
            continue
        if above and (named := re.match(r"(\w+)(?=:| =)", line)):
            found[named[1]] = " ".join(above)
        above = []
    return found
