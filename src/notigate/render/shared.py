"""What the readers of one text have in common: evaluated once, and what reads alike made once."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notigate.model import Content

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Shared:
    """What the readers of one text share, in one run and project."""

    __slots__ = ("made", "values", "written")

    def __init__(self, values: Mapping[str, object] = NOTHING, written: Mapping[str, str] = NOTHING) -> None:
        #: params that are the same for all of them
        self.values = values
        #: the same as an SMS takes them
        self.written = written
        #: SMS by what is the readers' own in them: who is addressed alike gets the same one
        self.made: dict[tuple[str, ...], Content] = {}
