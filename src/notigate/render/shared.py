"""What the readers of one text have in common: evaluated once, and what reads alike made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from notigate.model import Content
    from notigate.render.expression import Evaluation


class Shared:
    """What the readers of one text share, in one run and project."""

    __slots__ = ("made", "own", "values", "written")

    def __init__(
        self, values: Mapping[str, object], written: Mapping[str, str], own: Sequence[tuple[str, Evaluation]]
    ) -> None:
        #: params that are the same for all of them
        self.values = values
        #: the same as an SMS takes them
        self.written = written
        #: params of an SMS that each reader has of their own
        self.own = own
        #: SMS by what these say: who is addressed alike gets the same one
        self.made: dict[tuple[str, ...], Content] = {}
