"""Why one reader's text could not be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notigate.errors import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Fault:
    """A text that cannot be made for this reader: a value. Only this row becomes `invalid`, the others go on.

    Names columns and filters, never their values. Shaped like `NotigateError`, so that it can be translated like one.
    """

    template: str
    fields: Mapping[str, object] = field(default_factory=dict)
    #: `FILE:LINE` of what asks for it; empty where that cannot be told
    place: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.template.format_map(self.fields)


#: the fault of a name that has no value
MISSING = sentence("{name!r} is missing")


class Unfit(Exception):  # noqa: N818 - carries a fault up to `Text.render`, and no further
    """Stops one rendering; turned into its `Fault`."""

    def __init__(self, template: str, **fields: object) -> None:
        super().__init__(template)
        self.fault = Fault(template, fields)


def missing(name: str) -> Unfit:
    """The reader's record does not tell what the text needs."""
    return Unfit(MISSING, name=name)
