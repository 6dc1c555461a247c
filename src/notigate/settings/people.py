"""`staff:`, our own people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from notigate.address import READERS, Fault
from notigate.documents import bound
from notigate.model import Person

if TYPE_CHECKING:
    from notigate.documents import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class _Colleague:
    #: as the roster's columns (`consultant`) call this colleague
    name: str
    #: never guessed
    title: Literal["mr", "ms"] | None = None
    #: such as `zh-TW` or `en`; empty means the project's
    language: str = ""
    #: such as `sales`
    groups: tuple[str, ...] = ()
    #: user name on the machine, where batches are approved
    login: str = ""
    #: user id in WeCom
    wecom: str | None = None
    #: mail address
    email: str | None = None
    #: mobile number
    phone: str | None = None


#: what an entry of `staff:` is bound to
COLLEAGUE = _Colleague


def colleague(node: Node) -> Person:
    """One entry of `staff:`; the name is what the roster's columns (`consultant`) call this colleague by.

    Raises:
        ConfigError: with every fault.
    """
    written = bound(node, _Colleague)
    return Person(
        id=written.name,
        name=written.name,
        title=written.title,
        language=written.language,
        addresses={kind: _address(node, kind) for kind in READERS if getattr(written, kind) is not None},
        facts={"name": written.name, "groups": written.groups, "login": written.login},
    )


def _address(node: Node, kind: str) -> str:
    entry = node.entries[kind]
    address = READERS[kind](bound(entry, str))
    if isinstance(address, Fault):
        raise entry.place.fault("this is no {kind} address that can be used: {why}", kind=kind, why=address.value)
    return address
