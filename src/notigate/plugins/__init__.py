"""Which plugins are there, from where, and what each brings. One `Plugins` per opened project; nothing is global.

A plugin is an installed distribution with an entry point in the group `notigate`, or a single `.py` file of the project.
Only what the project names is imported: by `channels: {NAME: {plugin: …}}` or by `plugins: […]`. A broken one is named and
takes nobody else down.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pluggy

from notigate import embedded, hookspecs
from notigate.errors import NotigateError, PluginError
from notigate.plugin import ChannelSpec, WeatherSpec
from notigate.plugins.finding import GROUP, Found, find
from notigate.plugins.offers import DISABLE, Offer, by_name

__all__ = ["DISABLE", "Plugin", "Plugins", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One plugin, loaded or not."""

    name: str
    #: distribution and version, or the file
    source: str
    #: `loaded`, `installed` (not named by the project), `disabled` or `broken`
    status: str
    #: why it is broken
    fault: str = ""
    channels: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


@dataclass(slots=True)
class Plugins:
    """The loaded plugins of one project. Made by `load`."""

    hook: pluggy.HookRelay
    all: tuple[Plugin, ...]
    specs: Mapping[str, ChannelSpec] = field(default_factory=dict)
    #: sources of weather, by name
    weather: Mapping[str, WeatherSpec] = field(default_factory=dict)
    #: the Python modules that they are, by which their loggers are called
    modules: tuple[str, ...] = ()

    def spec(self, name: str) -> ChannelSpec:
        """The channel that stands behind `plugin: NAME`.

        Raises:
            PluginError: nobody offers it, with the reason and the names that are offered.
        """
        if name in self.specs:
            return self.specs[name]
        self._refuse(name)
        raise PluginError(
            "no plugin offers the channel {name!r}; there are: {known}. Install it (pip install notigate-{dashed}) or list its file "
            "under `plugins:`",
            name=name, known=", ".join(sorted(self.specs)), dashed=name.replace("_", "-"),
        )  # fmt: skip

    def source(self, name: str) -> WeatherSpec:
        """The source of weather that stands behind `plugin: NAME`.

        Raises:
            PluginError: as `spec`.
        """
        if name in self.weather:
            return self.weather[name]
        self._refuse(name)
        raise PluginError(
            "no plugin offers the source of weather {name!r}; there are: {known}. Install it (pip install notigate-weather) "
            "or list its file under `plugins:`",
            name=name, known=", ".join(sorted(self.weather)) or "none",
        )  # fmt: skip

    def _refuse(self, name: str) -> None:
        """Say why a plugin that is there offers nothing: one of that name, or a file that could have offered anything."""
        for plugin in self.all:
            if plugin.status == "broken" and (plugin.name == name or plugin.source.endswith(".py")):
                raise PluginError(
                    "the plugin {name} ({source}) is broken: {fault}",
                    name=plugin.name, source=plugin.source, fault=plugin.fault,
                )  # fmt: skip
            if plugin.name == name and plugin.status == "disabled":
                raise PluginError("the plugin {name} is switched off by {variable}", name=name, variable=DISABLE)


def load(
    names: Iterable[str], folder: Path, *, everything: bool = False, environ: Mapping[str, str] = os.environ
) -> Plugins:
    """Load the plugins that `names` names: entry points by name, files (`*.py`) relative to `folder`.

    With `everything`, all installed ones are loaded too: that is what `notigate plugins` shows.

    Raises:
        PluginError: two plugins claim one name.
    """
    wanted = list(dict.fromkeys(names))
    loading = _Loading(wanted, environ, everything=everything)
    described = (loading.core(), *map(loading.one, find(wanted, folder)))
    return Plugins(
        loading.manager.hook, described,
        by_name({name: offer.channels for name, offer in loading.offers.items()}),
        by_name({name: offer.sources for name, offer in loading.offers.items()}),
        loading.modules(),
    )  # fmt: skip


class _Loading:
    """The loading of one project's plugins."""

    def __init__(self, wanted: Collection[str], environ: Mapping[str, str], *, everything: bool) -> None:
        self.manager = pluggy.PluginManager(GROUP)
        self.manager.add_hookspecs(hookspecs)
        self.offers: dict[str, Offer] = {}
        self._wanted = wanted
        self._everything = everything
        self._disabled = {word.strip() for word in environ.get(DISABLE, "").split(",")}

    def core(self) -> Plugin:
        """Load what comes with the core."""
        self._register(embedded, "notigate")
        return self._described("notigate", f"notigate {version('notigate')}")

    def one(self, found: Found) -> Plugin:
        """Load it, if it is wanted and allowed."""
        if self._disabled & {"1", found.name}:
            return Plugin(name=found.name, source=found.source, status="disabled")
        if not (self._everything or isinstance(found.place, Path) or found.name in self._wanted):
            return Plugin(name=found.name, source=found.source, status="installed")
        try:
            self._register(found.module(), found.name)
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - a plugin may raise anything; it is named, and the others go on
            return Plugin(name=found.name, source=found.source, status="broken", fault=_sentence(fault))
        return self._described(found.name, found.source)

    def modules(self) -> tuple[str, ...]:
        """The packages that were loaded."""
        names = {str(getattr(plugin, "__name__", "")).partition(".")[0] for plugin in self.manager.get_plugins()}
        return tuple(names - {""})

    def _register(self, module: ModuleType, name: str) -> None:
        try:
            self.manager.register(module, name)
            self.manager.check_pending()
            self.offers[name] = Offer.of(module)
        except BaseException:
            self.manager.unregister(name=name)
            raise

    def _described(self, name: str, source: str) -> Plugin:
        hooks = {caller.name for caller in self.manager.get_hookcallers(self.manager.get_plugin(name)) or ()}
        channels = tuple(spec.name for spec in self.offers[name].channels)
        return Plugin(name=name, source=source, status="loaded", channels=channels, hooks=tuple(sorted(hooks)))


def _sentence(fault: BaseException) -> str:
    return str(fault) if isinstance(fault, NotigateError) else f"{type(fault).__name__}: {fault}"
