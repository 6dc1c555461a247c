"""`staff:`, our own people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from notigate.address import READERS, Fault
from notigate.documents import bound, gathered
from notigate.errors import ConfigError
from notigate.model import Person

if TYPE_CHECKING:
    from notigate.documents import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    #: as the roster's columns (`consultant`) call this colleague
    name: str
    #: never guessed
    title: Literal["mr", "ms"] | None = None
    #: such as `zh-TW` or `en`; empty means the project's
    language: str = ""
    #: such as `sales`
    groups: tuple[str, ...] = ()
    #: the colleague who is told what this one leaves unanswered, by name
    head: str = ""
    #: user name on the machine, where batches are approved
    login: str = ""
    #: user id in WeCom
    wecom: str | None = None
    #: mail address
    email: str | None = None
    #: mobile number
    phone: str | None = None


#: what an entry of `staff:` is bound to
COLLEAGUE = _Written


def staff(node: Node) -> tuple[Person, ...]:
    """The section `staff:`; names are what the roster's columns (`consultant`) call these colleagues by.

    Raises:
        ConfigError: with every fault.
    """
    people, faults = list[Person](), list[ConfigError]()
    for entry in node.items:
        try:
            people.append(_colleague(entry))
        except ConfigError as fault:
            faults += fault.faults or (fault,)
    if faults:
        raise gathered(faults)
    return tuple(people)


def astray(node: Node | None, people: Sequence[Person]) -> tuple[ConfigError, ...]:
    """Heads who are not there, or are in the end their own: they stop only what goes to a head."""
    heads = {person.name: str(person.facts["head"]) for person in people}
    return tuple(fault for entry in (node.items if node else ()) for fault in _leads_nowhere(entry, heads))


def _leads_nowhere(entry: Node, heads: Mapping[str, str]) -> Iterator[ConfigError]:
    """Does the way up from here lead to somebody without a head?"""
    name = bound(entry.entries["name"], str)
    if not heads[name]:
        return
    place = entry.entries["head"].place
    if heads[name] not in heads:
        known = ", ".join(get_close_matches(heads[name], heads, 1) or heads)
        yield place.fault(
            "there is no colleague {name!r} under `staff`; there are: {known}", name=heads[name], known=known
        )
        return
    way = [name]
    while (above := heads.get(way[-1])) and above not in way:
        way.append(above)
    if above == name:
        yield place.fault("goes round in a circle: {way}", way=" → ".join([*way, name]))


def _colleague(node: Node) -> Person:
    written = bound(node, _Written)
    return Person(
        id=written.name,
        name=written.name,
        title=written.title,
        language=written.language,
        addresses={kind: _address(node, kind) for kind in READERS if getattr(written, kind) is not None},
        facts={"name": written.name, "groups": written.groups, "login": written.login, "head": written.head},
    )


def _address(node: Node, kind: str) -> str:
    entry = node.entries[kind]
    address = READERS[kind](bound(entry, str))
    if isinstance(address, Fault):
        raise entry.place.fault("this is no {kind} address that can be used: {why}", kind=kind, why=address.value)
    return address
