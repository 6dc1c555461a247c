"""JSON Schemas of the two files that people write: `notigate.yaml` and `occasion.yaml`.

They are made from the dataclasses that the files are bound to, so they say what the program says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from notigate.catalogue.reading import WRITTEN as OCCASION
from notigate.documents.schema import EDITION, Schema, meanings, schema
from notigate.model import Occasion
from notigate.settings import WRITTEN as SETTINGS

if TYPE_CHECKING:
    from notigate.plugin import ChannelSpec


def occasion() -> Schema:
    """Of `occasion.yaml`."""
    return {"$schema": EDITION, "title": "occasion.yaml of notigate", **_occasion()}


def _occasion() -> Schema:
    """What the keys mean stands at the value that they are read to."""
    made = schema(OCCASION)
    for key, meaning in meanings(Occasion).items():
        told = made["properties"].get("class" if key == "category" else key)
        if told is not None:
            told.setdefault("description", meaning)
    return made


def settings(channels: Iterable[ChannelSpec]) -> Schema:
    """Of `notigate.yaml`; `channels` are those that are installed."""
    made = schema(SETTINGS)
    known = {spec.name: schema(spec.settings, open=True) for spec in channels}
    made["properties"]["channels"]["additionalProperties"] |= _channels(made, known)
    made["properties"]["occasions"]["additionalProperties"] = _optional(_occasion())
    return {"$schema": EDITION, "title": "notigate.yaml", **made}


def _channels(made: Schema, known: dict[str, Schema]) -> Schema:
    """What a channel takes beside the common keys, its plugin decides."""
    common = made["properties"]["channels"]["additionalProperties"]["properties"]
    return {
        "allOf": [
            {
                "if": {"properties": {"plugin": {"const": name}}},
                "then": {
                    "properties": own["properties"],
                    "propertyNames": {"enum": sorted({*common, *own["properties"]})},
                    "required": own.get("required", []),
                },
            }
            for name, own in sorted(known.items())
        ]
    }


def _optional(made: Schema) -> Schema:
    """In a project, an occasion names only what differs; or nothing at all."""
    without = {key: value for key, value in made.items() if key != "required"}
    return {**without, "type": ["object", "null"]}
