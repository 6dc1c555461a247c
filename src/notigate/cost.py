"""What messages cost: parts times the price of one, exact. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Self

_CENTS = -2
#: what is kept is whole: the most decimals that a price has
MILLIONTHS = 10**6


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of money. `str` shows at least two decimals, and as many as it has: `13.50 CNY`, `0.045 CNY`."""

    amount: Decimal
    #: ISO 4217
    currency: str

    @classmethod
    def kept(cls, millionths: int, currency: str) -> Self:
        """A cost that was kept in millionths of its currency."""
        return cls(Decimal(millionths) / MILLIONTHS, currency)

    @property
    def millionths(self) -> int:
        """As it is kept."""
        return int(self.amount * MILLIONTHS)

    def __str__(self) -> str:
        return f"{self.figure} {self.currency}"

    @property
    def figure(self) -> str:
        """The amount alone: `13.50`."""
        plain = self.amount.normalize()
        decimals = min(int(plain.as_tuple().exponent), _CENTS)
        return f"{plain.quantize(Decimal((0, (1,), decimals)))}"


class Price(NamedTuple):
    """What one part of an SMS costs on a channel (on others: one message)."""

    amount: Decimal
    #: ISO 4217
    currency: str

    def of(self, parts: int) -> Cost:
        """The cost of so many parts."""
        return Cost(self.amount * parts, self.currency)


def total(costs: Iterable[Cost]) -> tuple[Cost, ...]:
    """The sums, one a currency, in the order in which the currencies occur."""
    sums: dict[str, Decimal] = {}
    for one in costs:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
    return tuple(Cost(amount, currency) for currency, amount in sums.items())
