"""Who of our own people reads a staff occasion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate.moments.words import misfit

if TYPE_CHECKING:
    from notigate.model import Facts

_READERS = re.compile(r"group (?P<group>\S.*)|(?:head(?: (?P<steps>[1-9]))? of )?(?P<column>\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """`consultant` (a column of the roster), `group sales`, `head of consultant`, `head 2 of consultant`."""

    #: it names a colleague for each customer
    column: str = ""
    #: all colleagues of this group under `staff:`
    group: str = ""
    #: so many steps above the colleague in the column
    head: int = 0

    def known(self, facts: Facts) -> str:
        """Who reads about a customer, as far as the roster alone tells."""
        return self.group or str(facts.get(self.column) or "")


def read(key: str, text: str) -> Readers:
    """Read one.

    Raises:
        MomentError: it is none of these.
    """
    found = _READERS.fullmatch(text.strip())
    if not found or (found["column"] and not found["column"].isidentifier()):
        raise misfit(key, text, "a column such as consultant, 'group NAME', 'head of COLUMN' or 'head 2 of COLUMN'")
    if found["group"]:
        return Readers(group=found["group"])
    head = int(found["steps"] or 1) if " of " in text else 0
    return Readers(column=found["column"], head=head)
