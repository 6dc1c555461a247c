"""Occasions and their texts: the user's own, those of plugins, and the packaged ones.

Folders are searched in that order; an occasion found in one replaces that of the same name in the later ones. Occasions
and texts are read when they are asked for, so a broken one stops only itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.catalogue import escalating, reading
from notigate.catalogue import folders as shelves
from notigate.catalogue.escalating import STRANGERS, Colleagues
from notigate.catalogue.folders import packaged
from notigate.documents import Node
from notigate.errors import ConfigError, NotigateError, TemplateError, UsageError
from notigate.language import negotiate
from notigate.model import Occasion
from notigate.render import Source, Text

if TYPE_CHECKING:
    from notigate.catalogue.folders import Home, Kind
    from notigate.catalogue.reading import Entry

__all__ = ["Catalogue", "Colleagues", "packaged"]


class Catalogue:
    """The occasions of one project."""

    def __init__(
        self,
        folders: Sequence[Path],
        locale: str,
        overrides: Mapping[str, Node | ConfigError],
        colleagues: Colleagues,
    ) -> None:
        self._folders = folders
        self._locale = locale
        self._overrides = overrides
        self._colleagues = colleagues
        self._homes: dict[str, Home] = {}
        self._entries: dict[str, Entry] = {}
        self._files: dict[str, Mapping[tuple[str, str], Mapping[Kind, str]]] = {}
        self._media: dict[str, tuple[str, ...]] = {}
        self._texts: dict[tuple[str, str, str], Text] = {}
        self._chosen: dict[tuple[str, str, str], Text] = {}

    @classmethod
    def open(
        cls,
        folders: Iterable[Path],
        *,
        locale: str = "zh_Hans",
        overrides: Mapping[str, Node | ConfigError] | None = None,
        colleagues: Colleagues = STRANGERS,
    ) -> Catalogue:
        """Open the catalogue of a project; nothing is read yet.

        Args:
            folders: the project's `templates/` and those of plugins, first come first; the packaged one is added.
            locale: the project's, for readers whose language has no text.
            overrides: the section `occasions:` of `notigate.yaml`: what is switched on, and which keys differ, or why nobody
                can tell.
            colleagues: our own people.
        """
        return cls((*folders, packaged()), locale, overrides or {}, colleagues)

    def names(self) -> tuple[str, ...]:
        """The ids of all occasions, switched on or not."""
        return tuple(sorted({name for folder in self._folders if folder.is_dir() for name in shelves.names(folder)}))

    def home(self, name: str) -> Home:
        """The folder an occasion is taken from.

        Raises:
            UsageError: there is none of this name; tells near ones.
            TemplateError: there are two of this name.
            ConfigError: either, and the project's settings name it.
        """
        if name not in self._homes:
            try:
                home = shelves.find(self._folders, name)
            except TemplateError as fault:
                raise self._named(name, fault) from None
            if home is None:
                raise self._named(name, self._unknown(name))
            self._homes[name] = home
        return self._homes[name]

    def _unknown(self, name: str) -> UsageError:
        if near := get_close_matches(name[:100], self.names(), 3):
            return UsageError("there is no occasion {name!r}; near: {near}", name=name, near=", ".join(near))
        return UsageError("there is no occasion {name!r}; see: notigate templates list", name=name)

    def folders(self, name: str) -> tuple[Path, ...]:
        """The folders that hold an occasion of this name; it is taken from the first."""
        return tuple(folder for folder in self._folders if shelves.find((folder,), name))

    def occasion(self, name: str) -> Occasion:
        """One occasion, with the keys that the project says differently.

        Raises:
            UsageError: there is none of this name; tells near ones.
            ConfigError: its file, or the project's keys for it, are wrong; with every fault.
            TemplateError: its file leads out of its folder.
        """
        return self._entry(name).occasion

    def switched_on(self) -> tuple[tuple[Occasion, ...], tuple[NotigateError, ...]]:
        """The occasions that `notigate.yaml` switches on and that can be used, and why others, or some readers, cannot."""
        usable, faults = list[Occasion](), list[NotigateError]()
        for name in self._overrides:
            try:
                usable.append(self.occasion(name))
            except NotigateError as fault:
                faults.append(fault)
        if self._colleagues.astray and any(map(escalating.goes_to_a_head, usable)):
            faults += self._colleagues.astray
        return tuple(usable), tuple(faults)

    def files(self, name: str) -> tuple[Path, ...]:
        """The files it is read from; raises as `occasion`."""
        return tuple(sorted(self.home(name).path("").iterdir()))

    def media(self, name: str) -> tuple[str, ...]:
        """The media it has texts for, such as `("email", "sms")`; raises as `occasion`."""
        if name not in self._media:
            self._media[name] = tuple(sorted({medium for medium, _ in self._texts_of(name)}))
        return self._media[name]

    def locales(self, name: str, medium: str) -> tuple[str, ...]:
        """The locales it has texts in, for one medium; raises as `occasion`."""
        return tuple(sorted(locale for found, locale in self._texts_of(name) if found == medium))

    def text(self, name: str, medium: str, wanted: str = "") -> Text:
        """The text for a reader who wants the language `wanted` (as written in the roster); `text.locale` tells which.

        Raises:
            TemplateError: there is none, nor one in the project's locale; or it is broken, with file and line.
            NotigateError: as `occasion`.
        """
        asked = (name, medium, wanted)
        if asked not in self._chosen:
            self._chosen[asked] = self._text(name, medium, self._locale_for(name, medium, wanted))
        return self._chosen[asked]

    def params(self, name: str) -> Mapping[str, Mapping[str, Source]]:
        """Its params, name → locale (empty: all) → expression and where it is written; raises as `occasion`."""
        return self._entry(name).params

    def faults(self, name: str) -> tuple[NotigateError, ...]:
        """Everything that is wrong with an occasion and its texts, for those who write them."""
        found: list[NotigateError] = []
        try:
            self._entry(name)
            files = self._texts_of(name)
        except ConfigError as fault:
            return fault.faults or (fault,)
        except NotigateError as fault:
            return (fault,)
        for medium, locale in files:
            try:
                self._text(name, medium, locale)
            except NotigateError as fault:
                found.append(fault)
        return tuple(found)

    def _named(self, name: str, fault: NotigateError) -> NotigateError:
        """With the place where the project's settings name it."""
        override = self._overrides.get(name)
        if not isinstance(override, Node):
            return override or fault
        return (override.key or override.place).fault(fault.template, **fault.fields)

    def _entry(self, name: str) -> Entry:
        if name not in self._entries:
            override = self._overrides.get(name)
            if isinstance(override, ConfigError):
                raise override
            # An occasion that is not sent may name a group that a project does not have.
            groups = self._colleagues.groups if override else None
            self._entries[name] = reading.read(self.home(name), override, self._locale, groups)
        return self._entries[name]

    def _texts_of(self, name: str) -> Mapping[tuple[str, str], Mapping[Kind, str]]:
        if name not in self._files:
            self._files[name] = self.home(name).texts()
        return self._files[name]

    def _locale_for(self, name: str, medium: str, wanted: str) -> str:
        available = self.locales(name, medium)
        default = negotiate(self._locale, available, "")
        if not default:
            raise TemplateError(
                "{name}: no text for {medium} in the project's locale {locale}; there is: {available}",
                name=name,
                medium=medium,
                locale=self._locale,
                available=", ".join(available) or "none",
            )
        return negotiate(wanted, available, default)

    def _text(self, name: str, medium: str, locale: str) -> Text:
        if (name, medium, locale) not in self._texts:
            home, files = self.home(name), self._texts_of(name)[medium, locale]
            body = next(file for kind, file in files.items() if kind != "html")
            self._texts[name, medium, locale] = Text.compile(
                medium,
                locale,
                home.source(body),
                html=home.source(files["html"]) if "html" in files else None,
                params=self._entry(name).params_in(locale),
            )
        return self._texts[name, medium, locale]
