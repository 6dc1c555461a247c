"""An occasion's texts as a reader would see them today, in the languages and on the records that are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate.errors import UsageError
from notigate.language import negotiate
from notigate.planner.previews import Preview, Provider, Seen, cells, incognito, previews, sample, seen
from notigate.render import Context

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.model import Occasion, Person
    from notigate.readership import Readership
    from notigate.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewing:
    """Shows the texts of one project."""

    settings: Settings
    catalogue: Catalogue
    readership: Readership
    clock: Clock

    def of(
        self, occasion: str, person: str | None, locales: Sequence[str], *, awkward: bool, masked: bool
    ) -> list[Preview]:
        """See `Gateway.preview`."""
        chosen = self.catalogue.occasion(occasion)
        reader, columns = self._reader(chosen, person, masked=masked)
        for locale in locales:
            self._refuse_unwritten(occasion, locale)
        wanted = locales or (reader.language or self.settings.locale,)
        channel, signature = next(iter(self.settings.signatures.items()), ("", ""))
        provider = Provider(signature, self.settings.prices.get(channel))
        return [
            one
            for by in self._shown_to(chosen, reader, columns, awkward=awkward)
            for locale in wanted
            for one in previews(self.catalogue, occasion, by, locale, provider)
        ]

    def _reader(self, chosen: Occasion, person: str | None, *, masked: bool) -> tuple[Person, frozenset[str]]:
        """Who reads it, and the cells that may be empty."""
        if person is None:
            return sample(chosen), cells(chosen)
        reader, columns = self.readership.member(person)
        return incognito(reader) if masked else reader, columns

    def _shown_to(self, chosen: Occasion, reader: Person, columns: frozenset[str], *, awkward: bool) -> Iterator[Seen]:
        context = Context(project=self.settings.project, today=self.clock.now().date(), columns=columns)
        yield seen(chosen, reader, context)
        if awkward:
            from notigate.lint.people import readers  # noqa: PLC0415 - only for those who look that closely

            context = context._replace(columns=cells(chosen))
            for one in readers(chosen):
                if one.why:
                    yield Seen(reader=one.person, context=one.context(context), about=one.why)

    def _refuse_unwritten(self, occasion: str, locale: str) -> None:
        media = self.catalogue.media(occasion)
        written = sorted({found for medium in media for found in self.catalogue.locales(occasion, medium)})
        if not negotiate(locale, written, ""):
            raise UsageError(
                "{occasion} is not written in {locale!r}; there are: {written}",
                occasion=occasion,
                locale=locale,
                written=", ".join(written),
            )
