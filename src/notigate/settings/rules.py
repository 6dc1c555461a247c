"""The `policy:` section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from notigate.address import READERS, Fault
from notigate.documents import bound
from notigate.model import Window
from notigate.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notigate.documents import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    #: hours of messages that name none of their own
    windows: tuple[Window, ...] = Policy().windows
    #: at most so many greetings for one person in a `day`, `week` or `month`; `{}` sets no limit
    per_person: Mapping[Literal["day", "week", "month"], int] | None = None
    #: a trial: nobody but these phone numbers, mail addresses and person ids gets anything
    only: tuple[str, ...] = ()
    #: how long a run waits for messages that a provider asked to send again later
    patience: timedelta = timedelta(minutes=1)

    def __post_init__(self) -> None:
        if not self.windows:
            raise ValueError("windows: name at least one, such as 10:00-11:30")
        if any(most < 0 for most in (self.per_person or {}).values()):
            raise ValueError("per_person: at least 0; leave a span out to set no limit")


def policy(node: Node) -> Policy:
    """The rules of the `policy:` section.

    Raises:
        ConfigError: with every fault.
    """
    written = bound(node, _Written)
    caps = Policy().per_person if written.per_person is None else written.per_person
    return Policy(
        windows=tuple(sorted(written.windows, key=lambda window: window.start)),
        per_person={str(span): most for span, most in caps.items()},
        only=tuple(dict.fromkeys(form for entry in written.only for form in _forms(entry))),
    )


def patience(node: Node | None) -> float:
    """Of the `policy:` section: seconds that a run waits for messages that a provider asked to send again later.

    Raises:
        ConfigError: as `policy`.
    """
    return (bound(node, _Written) if node else _Written()).patience.total_seconds()


def _forms(entry: str) -> Iterator[str]:
    """An entry of the allow-list as it is written (a person's id), and as addresses are kept."""
    yield entry
    for read in READERS.values():
        address = read(entry)
        if not isinstance(address, Fault):
            yield address
