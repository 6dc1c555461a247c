"""One project's texts as their authors see them: listed, checked, compared with what was approved, submitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from notigate.catalogue import packaged, scaffold
from notigate.errors import NotigateError, UsageError
from notigate.ledger import health, reviewed
from notigate.lint import Remark, lint
from notigate.render import Context
from notigate.reviews.compare import Compared, compare, wording_of
from notigate.reviews.digests import digest_of
from notigate.reviews.push import Pushed, Pusher

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.ledger.store import Ledger
    from notigate.lineup import Lineup
    from notigate.model import Check
    from notigate.plugin import Channel, Wording
    from notigate.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The provider's copy of a text, as far as it is known without asking."""

    channel: str
    code: str
    #: empty where the provider was never asked
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One text of an occasion."""

    medium: str
    locale: str
    #: names its wording; deliveries keep it
    digest: str
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One occasion of the catalogue."""

    occasion: str
    title: str
    #: whose folder it is taken from
    source: Literal["project", "plugin", "packaged"]
    #: it replaces one of the same name in a folder that comes later
    replaces: bool
    switched_on: bool
    texts: tuple[Listed, ...]
    fault: NotigateError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The occasions of one project and their texts."""

    settings: Settings
    catalogue: Catalogue
    lineup: Lineup
    #: opens the ledger
    ledger: Callable[[], Ledger]
    clock: Clock

    def lint(self, *occasions: str) -> list[Remark]:
        """What is to be said against some occasions and their texts; against all when none is named.

        Raises:
            UsageError: there is no such occasion.
        """
        for name in occasions:
            self.catalogue.home(name)
        signature = next(iter(self.settings.signatures.values()), "")
        return list(lint(self.catalogue, occasions or self.catalogue.names(), self._context, signature))

    def listings(self) -> Iterator[Listing]:
        """Every occasion: where it comes from, its texts, and what their providers last said. Nobody is asked."""
        for name in self.catalogue.names():
            try:
                title, texts, fault = self.catalogue.occasion(name).title, tuple(self._listed(name)), None
            except NotigateError as found:
                title, texts, fault = "", (), found
            source, replaces = self._source(name)
            yield Listing(
                occasion=name, title=title, source=source, replaces=replaces, texts=texts, fault=fault,
                switched_on=name in self.settings.occasions,
            )  # fmt: skip

    def checks(self) -> Iterator[tuple[str, Check]]:
        """What the providers of reviewed texts say of the account and its signature, where that is not well."""
        for name, channel in self._reviewing():
            yield from ((name, check) for check in channel.check() if not check.ok)

    def diff(self, *occasions: str) -> Iterator[Compared]:
        """Each SMS beside its provider's copy; of what is switched on when no occasion is named.

        Raises:
            UsageError: there is no such occasion.
            NotigateError: an occasion is broken, or a channel cannot be built.
        """
        for _channel, compared in self._compared(occasions):
            yield from (one for one, _wording in compared)

    def push(self, *occasions: str, sleep: Callable[[float], bool], dry_run: bool = False) -> Iterator[Pushed]:
        """Submit what providers do not have, at the pace that they ask for.

        Args:
            occasions: of those that are switched on when none is named.
            sleep: waits so many seconds; False says that it is to end now.
            dry_run: only tell what would be submitted.

        Raises:
            UsageError: there is no such occasion; or no channel of the project submits texts.
            NotigateError: as `diff`; or `template-codes.yaml` cannot be read or written.
        """
        channels = [found for found in self._compared(occasions) if "submit" in type(found[0]).powers()]
        if not channels:
            raise UsageError("no channel in notigate.yaml has a provider that reviews texts")
        pusher = Pusher(self.settings.folder, self.clock.real, sleep)
        for channel, compared in channels:
            yield from pusher.push(channel, compared, dry_run=dry_run)

    def begin(self, name: str, model: str | None = None, *, dry_run: bool = False) -> tuple[Path, ...]:
        """Write the first files of an occasion of the project's own; `model` names one to copy.

        Raises:
            UsageError: that is no name, or is taken; or there is no such model.
        """
        home = self.catalogue.home(model) if model else None
        folder = self.settings.folder / "templates"
        return scaffold.begin(folder, name, [self.settings.locale], home, dry_run=dry_run)

    @property
    def _context(self) -> Context:
        return Context(project=self.settings.project, today=self.clock.now().date())

    def _reviewing(self) -> list[tuple[str, Channel]]:
        """The channels whose providers keep approved copies."""
        powers = {standing.name: standing.powers for standing in self.lineup.standings()}
        return [(name, self.lineup.channel(name)) for name, has in powers.items() if "template" in has]

    def _compared(self, occasions: Sequence[str]) -> Iterator[tuple[Channel, list[tuple[Compared, Wording]]]]:
        wordings = [wording for name in occasions or self.settings.occasions for wording in self._wordings(name)]
        for name, channel in self._reviewing():
            signature = self.settings.signatures.get(name, "")
            compared = [(compare(name, channel, wording, signature), wording) for wording in wordings]
            for one, _wording in compared:
                self._remember(one)
            yield channel, compared

    def _wordings(self, name: str) -> Iterator[Wording]:
        occasion = self.catalogue.occasion(name)
        for locale in self.catalogue.locales(name, "sms"):
            yield wording_of(occasion, self.catalogue.text(name, "sms", locale), self._context)

    def _remember(self, one: Compared) -> None:
        """What was asked anew counts at once: the next run need not ask again, and does not go by an old word."""
        if one.state not in {"no-code", "unasked"} and self._has_ledger():
            said = reviewed.Reviewed(self.clock.real(), one.state, digest_of(one.theirs) if one.theirs else "")
            reviewed.remember(self.ledger(), one.channel, one.code, said)

    def _listed(self, name: str) -> Iterator[Listed]:
        for medium in self.catalogue.media(name):
            for locale in self.catalogue.locales(name, medium):
                copies = tuple(self._copies(name, locale)) if medium == "sms" else ()
                digest = self.catalogue.text(name, medium, locale).digest
                yield Listed(medium=medium, locale=locale, digest=digest, copies=copies)

    def _copies(self, name: str, locale: str) -> Iterator[Copy]:
        for channel in self._codes():
            if code := channel[1].template_code(name, locale):
                known = reviewed.recall(self.ledger(), channel[0], code) if self._has_ledger() else None
                yield Copy(channel=channel[0], code=code, state=known.state if known else "")

    def _codes(self) -> list[tuple[str, Channel]]:
        """As `_reviewing`; a list needs no credentials, so what cannot be built is left out."""
        try:
            return self._reviewing()
        except NotigateError:
            return []

    def _has_ledger(self) -> bool:
        """Is there one? A look at texts makes none."""
        file = health.file_of(self.settings.ledger)
        return file is None or file.exists()

    def _source(self, name: str) -> tuple[Literal["project", "plugin", "packaged"], bool]:
        home, folders = self.catalogue.home(name), self.catalogue.folders(name)
        if home.folder == self.settings.folder / "templates":
            return "project", len(folders) > 1
        return ("packaged" if home.folder == packaged() else "plugin"), len(folders) > 1
