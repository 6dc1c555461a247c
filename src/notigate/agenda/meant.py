"""Whom facts were told of, as long as nobody of the roster is found who is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from notigate.model import Person

#: columns and what stands in them for those who are meant: `(("building", "3号楼"),)`
Target: TypeAlias = tuple[tuple[str, str], ...]


def target(whom: Mapping[str, str]) -> Target:
    """Whom a fact concerns; a person by their id alone, and everyone by nothing."""
    return (("id", whom["id"]),) if "id" in whom else tuple(sorted(whom.items()))


class Sought:
    """Looked for while the roster streams by.

    Args:
        told_of: whom facts were told of.
        home: the project of people who name none.
    """

    def __init__(self, told_of: Iterable[Target] = (), home: str = "") -> None:
        self._home = home
        #: by the columns that tell them: what stands there for those who were not found yet
        self._left: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
        for one in filter(None, told_of):
            columns, values = zip(*one, strict=True)
            self._left.setdefault(columns, set()).add(values)

    def looks_for(self, person: str) -> bool:
        """May this person be meant? By anything but their id that cannot be told before they are looked at."""
        return (person,) in self._left.get(("id",), ()) or any(
            values for columns, values in self._left.items() if columns != ("id",)
        )

    def found(self, person: Person) -> None:
        """Here is somebody of the roster."""
        for columns, values in self._left.items():
            for facts in person.each_record if values else ():
                told = [facts.get(column) or (self._home if column == "project" else None) for column in columns]
                values.discard(tuple(map(str, told)))

    def __iter__(self) -> Iterator[Target]:
        """Who was not found."""
        for columns, many in self._left.items():
            yield from (tuple(zip(columns, values, strict=True)) for values in sorted(many))
