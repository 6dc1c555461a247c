"""Tables of the rules that a `moment:` may name: how each is read, and which options go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from notigate.moments.words import Entry, MomentError

if TYPE_CHECKING:
    from notigate.occurrence import Moment

#: from the name of a rule and all that stands beside it to the rule
Reader: TypeAlias = "Callable[[str, Entry], Moment]"
#: rule → its reader and the options that go with it
Rules: TypeAlias = Mapping[str, tuple[Reader, frozenset[str]]]


def table(*rows: tuple[str, Reader] | tuple[str, Reader, Iterable[str]]) -> Rules:
    """A table of rules: each with its reader, and its options if it has any."""
    return {rule: (read, frozenset(*options)) for rule, read, *options in rows}


def several(value: object) -> list[object]:
    """What may be one value or a list of them."""
    return list(value) if isinstance(value, list | tuple) and value else [value]


def alone(moment: Moment) -> Reader:
    """Read a word that takes no value."""

    def read(rule: str, entry: Entry) -> Moment:
        if entry[rule] is not None:
            raise MomentError("{rule!r} stands alone, without {value!r}", rule=rule, value=entry[rule])
        return moment

    return read
