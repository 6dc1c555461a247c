"""The `policy:` section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from notigate.address import READERS, Fault
from notigate.documents import bound
from notigate.model import Category, Window
from notigate.policy import Policy
from notigate.preferences import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notigate.documents import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    #: hours of messages that name none of their own
    windows: tuple[Window, ...] = Policy().windows
    #: at most so many greetings for one person in a `day`, `week` or `month`; `{}` sets no limit
    per_person: Mapping[Literal["day", "week", "month"], int] | None = None
    #: the classes that `per_person` counts and stops: add `service` to count notices, too
    capped: tuple[Category, ...] = (Category.CARE, Category.MARKETING)
    #: class → the same for messages of this class alone: `marketing: {month: 2}`
    per_class: Mapping[Category, Mapping[Literal["day", "week", "month"], int]] = field(default_factory=dict)
    #: at most so many for a person who asked for fewer
    less_often: Mapping[Literal["day", "week", "month"], int] | None = None
    #: `required`: selling goes to those only whose consent is recorded
    marketing_consent: Literal["none", "required"] = "none"
    #: what a reader's answer `R`, `T`, `TD` or `退订` stops
    replies_stop: Reach = Reach.ALL
    #: a trial: nobody but these phone numbers, mail addresses and person ids gets anything
    only: tuple[str, ...] = ()
    #: a run that would send more than so many times an occasion's largest day so far is stopped, and more than 100; 0: none is
    guard: float = Policy().guard
    #: how long a run waits for messages that a provider asked to send again later
    patience: timedelta = timedelta(minutes=1)

    def __post_init__(self) -> None:
        if not self.windows:
            raise ValueError("windows: name at least one, such as 10:00-11:30")
        if self.guard < 0:
            raise ValueError("guard: at least 0")
        for name, caps in (("per_person", self.per_person), ("less_often", self.less_often)):
            if any(most < 0 for most in (caps or {}).values()):
                raise ValueError(f"{name}: at least 0; leave a span out to set no limit")
        if any(most < 0 for caps in self.per_class.values() for most in caps.values()):
            raise ValueError("per_class: at least 0; leave a span out to set no limit")


#: what `policy:` is bound to
RULES = _Written


def policy(node: Node) -> Policy:
    """The rules of the `policy:` section.

    Raises:
        ConfigError: with every fault.
    """
    written = bound(node, _Written)
    usual = Policy()
    return Policy(
        windows=tuple(sorted(written.windows, key=lambda window: window.start)),
        per_person=_caps(written.per_person, usual.per_person),
        capped=frozenset(written.capped),
        per_class={category: _caps(caps, {}) for category, caps in written.per_class.items()},
        less_often=_caps(written.less_often, usual.less_often),
        marketing_consent=written.marketing_consent == "required",
        only=tuple(dict.fromkeys(form for entry in written.only for form in _forms(entry))),
        guard=written.guard,
    )


def _caps(written: Mapping[Literal["day", "week", "month"], int] | None, usual: Mapping[str, int]) -> Mapping[str, int]:
    return usual if written is None else {str(span): most for span, most in written.items()}


def replies_stop(node: Node | None) -> Reach:
    """Of the `policy:` section: what a reader's answer to be left alone stops.

    Raises:
        ConfigError: as `policy`.
    """
    return (bound(node, _Written) if node else _Written()).replies_stop


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
