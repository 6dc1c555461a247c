"""The `alarms:` section: whom ops alarms are told, and when something is one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notigate.documents import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSettings:
    """What `notigate alarms` and every run tell our own people."""

    #: groups and names under `staff`; empty: nobody is told, `notigate status` shows alarms all the same
    to: tuple[str, ...] = ()
    #: channels or media, best first; empty: those of the occasion `staff/alarm`
    channels: tuple[str, ...] = ()
    #: once `notigate send --due` has run, it is expected again within this time
    expect_every: timedelta = timedelta(hours=2)
    #: what stays wrong is told again after so long
    again: timedelta = timedelta(days=1)
    #: what was gone for less is the same alarm when it comes back
    calm: timedelta = timedelta(hours=1)
    #: how long an outcome may be unknown: providers are asked meanwhile
    unknown_after: timedelta = timedelta(hours=1)
    #: megabytes that should be free where the ledger stands
    free: int = 200
    #: megabytes that the ledger's files may grow to
    ledger: int = 4000

    def __post_init__(self) -> None:
        if self.again <= timedelta(0) or self.expect_every <= timedelta(0):
            raise ValueError("again, expect_every: more than nothing")


def refuse_strangers(node: Node | None, written: AlarmSettings, names: Collection[str]) -> None:
    """Refuse an entry of `to` that is neither a group nor a name under `staff`; `names` are all of these.

    Raises:
        ConfigError: there is one.
    """
    for number, wanted in enumerate(written.to):
        if node is not None and wanted not in names:
            near = ", ".join(get_close_matches(wanted, names, 1) or sorted(names)) or "none"
            raise (
                node.entries["to"]
                .items[number]
                .place.fault(
                    "there is neither a group nor a colleague {name!r} under `staff`; there are: {known}",
                    name=wanted,
                    known=near,
                )
            )
