"""The keys `readers` and `escalate` of `occasion.yaml`, each fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, TypeVar

from notigate.documents import Node, bound, gathered
from notigate.documents.schema import Shape
from notigate.errors import ConfigError, NotigateError
from notigate.moments import escalation, readers
from notigate.moments.escalation import Level, Mark
from notigate.moments.parts import Part, parts

if TYPE_CHECKING:
    from notigate.model import Occasion
    from notigate.moments.readers import Readers

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleagues:
    """Our own people, as far as an occasion may name them."""

    #: None where they are not known, and none is checked
    groups: Collection[str] | None = None
    #: heads who cannot be told
    astray: Sequence[ConfigError] = ()


STRANGERS = Colleagues()


def _as_it_stands(node: Node) -> Node:
    return node


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One level of `escalate:`."""

    #: so long after the start: `15m`, `3h`, `2d`, `3 workdays`
    after: str
    #: who is told, written as `readers`; None means those of the occasion
    to: str | None = None
    #: an expression: of those that the occasion is about, these
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """The keys of `escalate:`."""

    #: what starts the clock: a column with a time (for minutes and hours) or a day, or `fact KIND`
    from_: str
    #: what stops it: a column, once it is filled, or `fact KIND`, once there is one with the same key
    until: str
    #: each is told when nothing has stopped it before
    levels: tuple[Annotated[Node, _as_it_stands, Shape(Step)], ...]

    def __post_init__(self) -> None:
        if not self.levels:
            raise ValueError("levels: name at least one, such as {after: 30m, to: head of consultant}")


#: the section before it is read
Escalation = Annotated[Node, _as_it_stands, Shape(Escalate)]


def reader(node: Node, groups: Collection[str] | None) -> Readers:
    """What `readers` or `to` says; `groups` are those under `staff:`, None where they are not known.

    Raises:
        ConfigError: it is no such thing, or there is no such group.
    """
    found = _at(node, lambda: readers.read(node.place.path[-1], bound(node, str)))
    if groups is not None and found.group and found.group not in groups:
        near = get_close_matches(found.group, groups, 1) or sorted(groups)
        raise node.place.fault(
            "nobody under `staff` is of the group {group!r}; there are: {known}",
            group=found.group, known=", ".join(near) or "none",
        )  # fmt: skip
    return found


def goes_to_a_head(occasion: Occasion) -> bool:
    """Is it, at once or in the end, told to somebody's head?"""
    at_once = readers.read("readers", occasion.readers).head if occasion.readers else 0
    return bool(at_once) or any(part.readers and part.readers.head for part in parts(occasion.moment))


def steps(node: Node, groups: Collection[str] | None) -> tuple[Part, ...]:
    """The section `escalate:` as rules of the moment.

    Raises:
        ConfigError: with every fault.
    """
    written = bound(node, Escalate)
    start = _at(node.entries["from"], lambda: escalation.mark("from", written.from_))
    end = _at(node.entries["until"], lambda: escalation.mark("until", written.until))
    found, faults = list[Part](), list[ConfigError]()
    for number, level in enumerate(written.levels, 1):
        try:
            part = _step(level, number, start, end, groups)
            if part.mark in [one.mark for one in found]:
                raise level.place.fault("another level says the same")
            found.append(part)
        except ConfigError as fault:
            faults += fault.faults or (fault,)
    if faults:
        raise gathered(faults)
    return tuple(found)


def _step(node: Node, number: int, start: Mark, end: Mark, groups: Collection[str] | None) -> Part:
    written = bound(node, Step)
    to = reader(node.entries["to"], groups) if written.to is not None else None
    level = Level(number=number, after=written.after, who=written.who, readers=to)
    return _at(node, lambda: level.part(start, end))


def _at(node: Node, read: Callable[[], T]) -> T:
    try:
        return read()
    except NotigateError as fault:
        raise fault if isinstance(fault, ConfigError) else node.place.fault("{why}", why=fault) from fault
