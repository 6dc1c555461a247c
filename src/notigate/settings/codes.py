"""`template-codes.yaml`: the provider's codes of texts that `notigate templates push` submitted.

It lies beside `notigate.yaml` and belongs into version control. A code that a channel's own `templates:` names goes
before the one here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from notigate.documents import Node, bind, bound, gathered, overlaid, read
from notigate.documents.nodes import node_of
from notigate.errors import UsageError

if TYPE_CHECKING:
    from notigate.settings.channels import ChannelSettings

NAME = "template-codes.yaml"
_KEY = "templates"
_HEAD = """\
# Written by `notigate templates push`: what was submitted to the providers. Keep it with notigate.yaml.
# A code under `templates:` of a channel in notigate.yaml goes before the one here.
"""


def _time(node: Node) -> datetime:
    with suppress(ValueError):
        at = datetime.fromisoformat(bound(node, str))
        if at.tzinfo is not None:
            return at
    raise node.place.fault("expected a time such as 2026-11-21T10:00:00+08:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A text as it was last submitted."""

    #: the provider's code
    code: str = ""
    #: digest of the words
    wording: str
    #: when it was submitted, with its offset
    at: Annotated[datetime, _time]
    #: false: nobody knows whether the provider took these words; `code` is that of others before
    answered: bool = True


#: channel → occasion → locale
Codes: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Submitted]]]


def codes(folder: Path) -> Codes:
    """What was submitted from a project's folder.

    Raises:
        ConfigError: the file is there and cannot be read; with every fault.
    """
    if not (folder / NAME).exists():
        return {}
    found, faults = bind(read(folder / NAME), dict[str, dict[str, dict[str, Submitted]]])
    if found is None:
        raise gathered(faults)
    return found


def note(folder: Path, channel: str, occasion: str, locale: str, submitted: Submitted | None) -> None:
    """Write down what was submitted, or, with None, that nothing was; the file is whole at any time.

    Raises:
        ConfigError: the file cannot be read.
        UsageError: it cannot be written.
    """
    standing = {name: {key: dict(texts) for key, texts in found.items()} for name, found in codes(folder).items()}
    texts = standing.setdefault(channel, {}).setdefault(occasion, {})
    if submitted:
        texts[locale] = submitted
    else:
        texts.pop(locale, None)
    beside = folder / f".{NAME}.new"
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(_HEAD + "".join(_lines(standing)))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / NAME)
    except OSError as fault:
        raise UsageError("{file}: cannot be written: {why}", file=folder / NAME, why=fault.strerror) from fault


def _lines(standing: Codes) -> list[str]:
    lines = []
    for channel, occasions in sorted(standing.items()):
        lines.append(f"{channel}:\n")
        for occasion, texts in sorted((key, found) for key, found in occasions.items() if found):
            lines.append(f"  {occasion}:\n")
            for locale, one in sorted(texts.items()):
                told: dict[str, object] = {
                    "code": one.code,
                    "wording": one.wording,
                    "at": one.at.isoformat(timespec="seconds"),
                }
                if not one.answered:
                    told["answered"] = False
                shown = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items())
                lines.append(f"    {locale}: {{{shown}}}\n")
    return lines


def with_codes(channel: ChannelSettings, submitted: Mapping[str, Mapping[str, Submitted]]) -> ChannelSettings:
    """The channel's settings with the codes of what was submitted, where they name none themselves."""
    own = channel.options.entries.get(_KEY, Node(place=channel.options.place.inside(_KEY), value=None))
    known = {
        occasion: {locale: one.code for locale, one in texts.items() if one.code}
        for occasion, texts in submitted.items()
    }
    added = {occasion: node_of(found, own.place.inside(occasion)) for occasion, found in known.items() if found}
    for occasion, written in own.entries.items():
        by_locale = isinstance(written.value, Mapping) and occasion in added
        added[occasion] = overlaid(added[occasion], written) if by_locale else written
    options = replace(channel.options, value={**channel.options.entries, _KEY: replace(own, value=added)})
    return replace(channel, options=options)
