"""What a reader would see, before anything is planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from notigate.address import is_abroad, mask
from notigate.audience import BadRow
from notigate.audience.headings import COLUMNS
from notigate.audience.rows import Reader
from notigate.errors import TemplateError
from notigate.model import Content, Person
from notigate.moments import readers
from notigate.render import Fault, segments

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.cost import Cost, Price
    from notigate.model import Occasion
    from notigate.render import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One text as one reader would see it."""

    occasion: str
    #: the reader's id
    person: str
    medium: str
    locale: str
    #: a Fault where the reader's record does not tell what the text needs
    content: Content | Fault
    #: parts of an SMS; 0 in other media
    segments: int = 0
    #: what the provider sets in front of an SMS; empty in other media
    signature: str = ""
    #: what its parts cost; None in other media, or where no price is set
    cost: Cost | None = None
    #: what is awkward about the reader, for people; empty for ordinary ones
    about: str = ""


def sample(occasion: Occasion) -> Person:
    """The person that the occasion's `sample:` describes.

    Raises:
        TemplateError: the sample is no person.
    """
    written = {"id": "sample", **occasion.sample}
    # What no cell of a roster can hold, such as a weather warning, is a fact as it is written.
    given = {key: value for key, value in written.items() if isinstance(value, Mapping | tuple)}
    cells = {key: value for key, value in written.items() if key not in given}
    read = Reader(list(cells)).read(1, list(cells.values()))
    if isinstance(read, Person):
        return read._replace(facts={**read.facts, **given})
    why = f"{read.column}: {read.reason}" if isinstance(read, BadRow) else "nobody"
    raise TemplateError("{occasion}: its sample is not usable: {why}", occasion=occasion.id, why=why)


def cells(occasion: Occasion) -> frozenset[str]:
    """The columns that a reader's row may leave empty: those that we have a name for, and those of the sample."""
    return frozenset({*COLUMNS, *occasion.sample})


def incognito(person: Person) -> Person:
    """The same reader with masked names and addresses; texts read alike, and tell nobody who it is."""
    addresses = {kind: mask(address) for kind, address in person.addresses.items()}
    name = mask(person.name)
    return person._replace(
        name=name, addresses=addresses, facts={**person.facts, **addresses, **({"name": name} if name else {})}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Somebody to whom texts are shown, and all that the texts may speak of."""

    reader: Person
    context: Context
    about: str = ""


def seen(occasion: Occasion, person: Person, context: Context) -> Seen:
    """The person; of a staff occasion the colleague, who reads about this person."""
    if not occasion.readers:
        return Seen(reader=person, context=context)
    return Seen(reader=colleague(occasion, person), context=context._replace(customers=(person,)))


def colleague(occasion: Occasion, person: Person) -> Person:
    """Who reads a staff occasion about this person; what no cell can hold, such as a report, is told to them."""
    name = readers.read("readers", occasion.readers).known(person.facts)
    return Person(id=name, name=name, facts={key: v for key, v in person.facts.items() if isinstance(v, Mapping)})


class Provider(NamedTuple):
    """What an SMS provider adds."""

    #: it stands in front
    signature: str = ""
    #: of one part; None where the settings name none
    price: Price | None = None


def previews(catalogue: Catalogue, name: str, by: Seen, locale: str, provider: Provider) -> Iterator[Preview]:
    """The texts of an occasion in all its media, for one reader.

    Args:
        catalogue: where the texts are.
        name: the occasion.
        by: who reads them.
        locale: in which language, where it is written in it.
        provider: by whom an SMS goes out.

    Raises:
        NotigateError: the occasion or a text of it is broken.
    """
    for medium in catalogue.media(name):
        text = catalogue.text(name, medium, locale)
        content = text.render(by.reader, by.context)
        in_front = provider.signature if medium == "sms" else ""
        parts = 0
        if medium == "sms" and isinstance(content, Content):
            abroad = is_abroad(by.reader.addresses.get("phone", ""))
            parts = segments(content.text, in_front, international=abroad)
        yield Preview(
            occasion=name, person=by.reader.id, medium=medium, locale=text.locale, content=content, segments=parts,
            signature=in_front, about=by.about,
            cost=provider.price.of(parts) if provider.price and parts else None,
        )  # fmt: skip
