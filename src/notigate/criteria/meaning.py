"""What an expression means for one person: small functions over facts, put together once and called often."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias, cast

from notigate.model import Facts

Test: TypeAlias = Callable[[Facts, date], bool]
Value: TypeAlias = Callable[[Facts, date], object]
Relation: TypeAlias = Callable[[Any, Any], bool]

#: a column that says one of these is as good as empty when it is asked for alone
_NO = frozenset({"", "0", "no", "n", "false", "否", "无"})
_BETWEEN = re.compile(r"[,，;；、|\n]")


class Term(NamedTuple):
    """One side of a comparison."""

    value: Value
    #: the same, asked alone
    test: Test
    #: what is written there; None for what differs between people or days
    constant: object = None


def everyone(_facts: Facts, _today: date) -> bool:
    """Always true."""
    return True


def constant(value: object) -> Term:
    """A value as it is written."""
    truth = _says_yes(value)
    return Term(lambda _facts, _today: value, lambda _facts, _today: truth, value)


def today() -> Term:
    """The day for which it is asked."""
    return Term(lambda _facts, today: today, everyone)


def column(name: str) -> Term:
    """A column; asked alone, also the day in its `…_on` twin, from that day on."""
    twin = f"{name}_on"

    def test(facts: Facts, today: date) -> bool:
        value = facts.get(name)
        if value is not None and value != "":
            return _says_yes(value)
        since = facts.get(twin)
        return since is not None and isinstance(day := _plain(since), date) and day <= today

    return Term(lambda facts, _today: facts.get(name), test)


def turn(facts: Facts, name: str) -> date | None:
    """The day from which on a column may be true that is asked alone."""
    day = _plain(facts.get(f"{name}_on"))
    return day if isinstance(day, date) else None


def _says_yes(value: object) -> bool:
    return value.strip().casefold() not in _NO if isinstance(value, str) else bool(value)


def any_of(tests: Sequence[Test]) -> Test:
    """`or`."""

    def holds(facts: Facts, today: date) -> bool:
        for test in tests:  # noqa: SIM110 - any() with its generator takes twice as long, once for everybody
            if test(facts, today):
                return True
        return False

    return holds if len(tests) > 1 else tests[0]


def all_of(tests: Sequence[Test]) -> Test:
    """`and`."""

    def holds(facts: Facts, today: date) -> bool:
        for test in tests:  # noqa: SIM110 - as in any_of
            if not test(facts, today):
                return False
        return True

    return holds if len(tests) > 1 else tests[0]


def negate(test: Test) -> Test:
    """`not`."""
    return lambda facts, today: not test(facts, today)


def compare(sign: str, left: Term, right: Term) -> Test:
    """A comparison; with `true` and `false`, the other side is asked alone."""
    if sign in ("==", "!="):
        for truth, term in ((left.constant, right), (right.constant, left)):
            if isinstance(truth, bool):
                return term.test if truth is (sign == "==") else negate(term.test)
    relation, one, other = COMPARISONS[sign], left.value, right.value
    return lambda facts, today: relation(one(facts, today), other(facts, today))


def within(value: Value, many: Value) -> Test:
    """`in`."""

    def test(facts: Facts, today: date) -> bool:
        wanted = value(facts, today)
        for one in cast("Iterable[object]", many(facts, today)):  # noqa: SIM110 - as in any_of
            if _equal(wanted, one):
                return True
        return False

    return test


def listed(value: Value) -> Value:
    """The several values that one column lists."""

    def values(facts: Facts, today: date) -> Iterable[object]:
        found = value(facts, today)
        if isinstance(found, str):
            return [part.strip() for part in _BETWEEN.split(found)]
        return found if isinstance(found, list | tuple | set | frozenset) else (found,)

    return values


def _missing(one: object, other: object) -> bool:
    return one is None or other is None or one == "" or other == ""


def _equal(one: object, other: object) -> bool:
    if _missing(one, other):
        return False
    if type(one) is type(other):
        return one == other
    one, other = _alike(one, other)
    return one == other


def _unequal(one: object, other: object) -> bool:
    return not _equal(one, other)


def _ordered(relation: Relation) -> Relation:
    def holds(one: object, other: object) -> bool:
        if _missing(one, other):
            return False
        if isinstance(one, str) and isinstance(other, str):
            one, other = _numbers(one, other)
        else:
            one, other = _alike(one, other)
        try:
            return relation(one, other)
        except (TypeError, ArithmeticError):  # of two kinds, or no number at all (NaN)
            return False

    return holds


COMPARISONS: Mapping[str, Relation] = {
    "==": _equal,
    "!=": _unequal,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
}


def _alike(one: object, other: object) -> tuple[object, object]:
    """Both as values of one kind, where a text can be read as what the other is."""
    one, other = _plain(one), _plain(other)
    if isinstance(one, str):
        return _as(other, one), other
    return (one, _as(one, other)) if isinstance(other, str) else (one, other)


def _numbers(one: str, other: str) -> tuple[object, object]:
    """Two texts as numbers when both are; files without types write every number as a text."""
    first, second = _as(0, one), _as(0, other)
    return (one, other) if first is None or second is None else (first, second)


def _as(kind: object, text: str) -> object:
    """`text` read as what `kind` is; None when it cannot be."""
    try:
        if isinstance(kind, date):
            return date.fromisoformat(text.strip())
        return float(text.replace(",", "")) if isinstance(kind, int | float | Decimal) else None
    except ValueError:
        return None


def _plain(value: object) -> object:
    """A day without its hour."""
    return value.date() if isinstance(value, datetime) else value
