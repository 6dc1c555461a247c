"""What a reader would see, before anything is planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from notigate.audience import BadRow
from notigate.audience.rows import Reader
from notigate.errors import TemplateError
from notigate.model import Content, Person
from notigate.render import Fault, segments

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
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


def sample(occasion: Occasion) -> Person:
    """The person that the occasion's `sample:` describes.

    Raises:
        TemplateError: the sample is no person.
    """
    written = {"id": "sample", **occasion.sample}
    read = Reader(list(written)).read(1, list(written.values()))
    if isinstance(read, Person):
        # What no cell of a roster can hold, such as a weather warning, is a fact as it is written.
        given = {key: value for key, value in written.items() if isinstance(value, Mapping | tuple)}
        return replace(read, facts={**read.facts, **given})
    why = f"{read.column}: {read.reason}" if isinstance(read, BadRow) else "nobody"
    raise TemplateError("{occasion}: its sample is not usable: {why}", occasion=occasion.id, why=why)


def previews(  # noqa: PLR0913, PLR0917 - one text, all that makes it
    catalogue: Catalogue, name: str, person: Person, context: Context, locale: str, signature: str
) -> Iterator[Preview]:
    """The texts of an occasion in all its media, for one reader; `signature` is what an SMS provider sets in front.

    Raises:
        NotigateError: the occasion or a text of it is broken.
    """
    reader, context = _reader(catalogue.occasion(name), person, context)
    for medium in catalogue.media(name):
        text = catalogue.text(name, medium, locale)
        content = text.render(reader, context)
        parts = segments(content.text, signature) if medium == "sms" and isinstance(content, Content) else 0
        yield Preview(
            occasion=name, person=person.id, medium=medium, locale=text.locale, content=content, segments=parts
        )


def _reader(occasion: Occasion, person: Person, context: Context) -> tuple[Person, Context]:
    """Of a staff occasion: the colleague, who reads about this person."""
    if not occasion.readers:
        return person, context
    name = str(person.facts.get(occasion.readers) or "")
    return Person(id=name, name=name), replace(context, customers=(person,))
