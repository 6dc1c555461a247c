"""By which channel, in which medium and at which address can this reader be reached?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from notigate.model import Category, Occasion, Person

#: the kind of address that a medium needs, for channels that carry every medium
ADDRESS_OF: Mapping[str, str] = {"sms": "phone", "email": "email"}
#: carries every medium
EVERY = "*"


class Carrier(NamedTuple):
    """A configured channel, as far as planning needs to know it."""

    name: str
    #: best first; `*` is every medium
    media: tuple[str, ...]
    #: kind of address; None where the channel itself is the reader
    address: str | None
    reaches_people: bool

    @property
    def is_group(self) -> bool:
        """Does what it carries land in front of a group, whoever the reader is?"""
        return self.address is None and self.reaches_people


class Route(NamedTuple):
    """Where one message goes."""

    channel: str
    medium: str
    to: str


class Way(NamedTuple):
    """A channel by which an occasion may go, and what it carries then."""

    channel: str
    medium: str
    #: the kind of address it goes to
    kind: str
    #: must there be one? A channel may itself be the reader
    needed: bool


class Routes:
    """The configured channels of a project."""

    def __init__(self, carriers: Collection[Carrier]) -> None:
        self._carriers = {carrier.name: carrier for carrier in carriers}
        self._trial = [c for c in carriers if EVERY in c.media] if not any(c.reaches_people for c in carriers) else []

    def choose(
        self,
        occasion: Occasion,
        person: Person,
        texts: Collection[str],
        only: str | None = None,
        barred: Collection[str] = (),
    ) -> Route | None:
        """The first channel of the occasion's list by which `person` can be reached; None when there is none.

        `texts` are the media that the occasion has texts for; `only` is a channel that the caller insists on; `barred` are
        channels and media by which the reader does not want such messages: another is taken if there is one. A name in
        the list is a configured channel or a medium. While nothing that is configured reaches people, channels that
        carry every medium (the outbox) stand in for all.
        """
        return taken(self.ways(occasion, texts, only), person, barred)

    def ways(self, occasion: Occasion, texts: Collection[str], only: str | None = None) -> tuple[Way, ...]:
        """The channels of the occasion's list, best first: the same for all its readers."""
        found = (
            _way(carrier, wanted, occasion, texts, insisted=only is not None)
            for wanted in occasion.channels
            for carrier in self._candidates(wanted, only)
        )
        return tuple(way for way in found if way is not None)

    def _candidates(self, wanted: str, only: str | None) -> Iterator[Carrier]:
        if only is not None:
            yield self._carriers[only]
        elif wanted in self._carriers:
            yield self._carriers[wanted]
        else:
            yield from (c for c in self._carriers.values() if wanted in c.media)
            yield from self._trial


def taken(ways: Sequence[Way], person: Person, barred: Collection[str] = ()) -> Route | None:
    """The first way by which this person can be reached, rather one that is not barred; None when there is none."""
    unwanted = None
    for channel, medium, kind, needed in ways:
        to = person.addresses.get(kind, "")
        if to or not needed:
            route = tuple.__new__(Route, (channel, medium, to))  # one for each candidate
            if not barred or (channel not in barred and medium not in barred):
                return route
            unwanted = unwanted or route
    return unwanted


def _way(carrier: Carrier, wanted: str, occasion: Occasion, texts: Collection[str], *, insisted: bool) -> Way | None:
    # A customer's own greeting in front of a group is a leak; only an explicit wish can mean it.
    if carrier.is_group and occasion.category is not Category.STAFF and carrier.name != wanted and not insisted:
        return None
    medium = _medium(carrier, wanted, texts)
    if medium is None:
        return None
    kind = ADDRESS_OF.get(medium) if EVERY in carrier.media else carrier.address
    return Way(carrier.name, medium, kind or medium, needed=kind is not None)


def _medium(carrier: Carrier, wanted: str, texts: Collection[str]) -> str | None:
    if EVERY in carrier.media:
        return wanted if wanted in texts else None
    if wanted in carrier.media and wanted in texts:
        return wanted
    return next((medium for medium in carrier.media if medium in texts), None)
