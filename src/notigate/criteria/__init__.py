"""`who:`, an expression over the columns of the roster that chooses the readers of an occasion.

    subscribed or signed
    class in ['A', 'B'] and not moved_in
    area >= 90 and stage != '签约' and subscribed_on > '2026-01-01'
    '学区' in interests

- A name alone is true when its column is filled and does not say no (`0`, `no`, `false`, `否`, `无`). Where there is no
  such column, or it is empty, `signed` asks for the day in `signed_on`: it is true from that day on.
- `== != < <= > >=` compare with texts, numbers, `true`, `false`, days (`'2026-01-01'`), `today`, or another column.
  A column is read as what it is compared with: the text `95.5` is a number beside a number.
- An empty or missing column is equal to nothing, and neither less nor greater than anything.
- `in` asks whether a value stands in a list, or in a column that lists several (`学区, 户型`).
- `not` binds closer than `and`, `and` closer than `or`; brackets group.

There is nothing else, no calls, attributes or arithmetic, and nothing is ever evaluated as Python: whoever may write an
occasion cannot reach further than the columns of one person.

Example:
    >>> from datetime import date
    >>> buyers = compile("subscribed and not moved_in")
    >>> buyers({"subscribed_on": date(2026, 11, 20)}, date(2026, 11, 21))
    True
    >>> compile("subscribed && signed")
    Traceback (most recent call last):
    notigate.criteria.parser.CriterionError: column 12: `&` means nothing here
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notigate.criteria.meaning import everyone, turn
from notigate.criteria.parser import CriterionError, parse

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from notigate.criteria.meaning import Test
    from notigate.model import Facts

__all__ = ["EVERYONE", "Criterion", "CriterionError", "compile"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A compiled expression, asked for one person after the other."""

    text: str
    #: is this a reader, on that day? To ask it here spares a step for each person
    holds: Test = field(repr=False, compare=False)
    _names: frozenset[str] = field(repr=False, compare=False)
    _asks_today: bool = field(default=False, repr=False, compare=False)

    def __call__(self, facts: Facts, today: date) -> bool:
        """Is this a reader, on that day?"""
        return self.holds(facts, today)

    def names(self) -> frozenset[str]:
        """The columns it speaks of; `signed` is also answered by a column `signed_on`."""
        return self._names

    def turns(self, facts: Facts) -> Collection[date] | None:
        """The days from which on it may say something else of these facts; None: any day may be one."""
        days = (turn(facts, name) for name in self._names)
        return None if self._asks_today else {day for day in days if day}


EVERYONE = Criterion("", everyone, frozenset())


def compile(text: str) -> Criterion:  # noqa: A001 - read as `criteria.compile`, like `re.compile`
    """Compile an expression; an empty one chooses everyone.

    Raises:
        CriterionError: it cannot be read; says where and why.
    """
    return Criterion(text, *parse(text)) if text.strip() else EVERYONE
