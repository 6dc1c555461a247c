"""Which plugins are there, from where, and what each brings. One `Plugins` per opened project; nothing is global.

A plugin is an installed distribution with an entry point in the group `notigate`, or a single `.py` file of the project.
Only what the project names is imported: by `channels: {NAME: {plugin: …}}` or by `plugins: […]`. A broken one is named and
takes nobody else down.
"""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pluggy

from notigate import embedded, hookspecs
from notigate.errors import NotigateError, PluginError, sentence
from notigate.plugin import ChannelSpec, WeatherSpec

GROUP = "notigate"
#: `1` switches all plugins off, `name,name` only these
DISABLE = "NOTIGATE_DISABLE_PLUGINS"

Spec = TypeVar("Spec", ChannelSpec, WeatherSpec)

_TWICE = {
    ChannelSpec: sentence(
        "two plugins offer the channel {channel!r}: {one} and {other}. Switch one off with {variable}"
    ),
    WeatherSpec: sentence(
        "two plugins offer the source of weather {channel!r}: {one} and {other}. Switch one off with {variable}"
    ),
}


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


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    source: str
    load: EntryPoint | Path


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
        """Say why a plugin of that name, which is there, offers nothing."""
        for plugin in self.all:
            if plugin.name == name and plugin.status == "broken":
                raise PluginError(
                    "the plugin {name} ({source}) is broken: {fault}",
                    name=name,
                    source=plugin.source,
                    fault=plugin.fault,
                )
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
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(embedded, "notigate")
    wanted = list(dict.fromkeys(names))
    listed = [_load(manager, found, wanted, environ, everything=everything) for found in _find(wanted, folder)]
    described = (_describe(manager, _core()), *listed)
    modules = tuple({str(getattr(plugin, "__name__", "")).partition(".")[0] for plugin in manager.get_plugins()} - {""})
    return Plugins(manager.hook, described, _specs(manager, _channels), _specs(manager, _sources), modules)


def _core() -> _Found:
    return _Found("notigate", f"notigate {version('notigate')}", Path(__file__))


def _find(names: Iterable[str], folder: Path) -> Iterator[_Found]:
    seen: dict[str, str] = {"notigate": "the core"}
    for found in (*_installed(), *_files(names, folder)):
        if found.name in seen:
            raise PluginError(
                "two plugins are named {name!r}: {one} and {other}. Uninstall one, or rename the file",
                name=found.name, one=seen[found.name], other=found.source,
            )  # fmt: skip
        seen[found.name] = found.source
        yield found


def _installed() -> Iterator[_Found]:
    for point in entry_points(group=GROUP):
        source = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        yield _Found(point.name, source, point)


def _files(names: Iterable[str], folder: Path) -> Iterator[_Found]:
    for name in names:
        if name.endswith(".py"):
            file = (folder / name).resolve()
            yield _Found(file.stem, str(file), file)


def _load(
    manager: pluggy.PluginManager, found: _Found, wanted: list[str], environ: Mapping[str, str], *, everything: bool
) -> Plugin:
    if _disabled(found.name, environ):
        return Plugin(name=found.name, source=found.source, status="disabled")
    if not (everything or isinstance(found.load, Path) or found.name in wanted):
        return Plugin(name=found.name, source=found.source, status="installed")
    try:
        module = found.load.load() if isinstance(found.load, EntryPoint) else _import(found.load)
        _register(manager, module, found.name)
    except (Exception, SystemExit) as fault:  # noqa: BLE001 - a plugin may raise anything; it is named, and the others go on
        return Plugin(name=found.name, source=found.source, status="broken", fault=_sentence(fault))
    return _describe(manager, found)


def _register(manager: pluggy.PluginManager, module: ModuleType, name: str) -> None:
    try:
        manager.register(module, name)
        manager.check_pending()
        _channels(manager, name)
        _sources(manager, name)
    except BaseException:
        manager.unregister(name=name)
        raise


def _import(file: Path) -> ModuleType:
    if not file.is_file():
        raise PluginError("there is no file {file}", file=file)
    if file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PluginError("{file} may be changed by other users, so it is not run: chmod go-w {file}", file=file)
    spec = importlib.util.spec_from_file_location(f"notigate_project_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise PluginError("{file} is no Python file", file=file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise
    return module


def _channels(manager: pluggy.PluginManager, name: str) -> list[ChannelSpec]:
    return _offered(manager, name, "notigate_channels", ChannelSpec)


def _sources(manager: pluggy.PluginManager, name: str) -> list[WeatherSpec]:
    return _offered(manager, name, "notigate_weather_sources", WeatherSpec)


def _offered(manager: pluggy.PluginManager, name: str, hook: str, kind: type[Spec]) -> list[Spec]:
    offer = getattr(manager.get_plugin(name), hook, None)
    offered = offer() if offer else []
    if not isinstance(offered, Sequence) or not all(isinstance(spec, kind) for spec in offered):
        raise PluginError("{hook} must return a list of {kind} objects", hook=hook, kind=kind.__name__)
    return list(offered)


def _describe(manager: pluggy.PluginManager, found: _Found) -> Plugin:
    hooks = tuple(sorted(caller.name for caller in manager.get_hookcallers(manager.get_plugin(found.name)) or ()))
    channels = tuple(spec.name for spec in _channels(manager, found.name))
    return Plugin(name=found.name, source=found.source, status="loaded", channels=channels, hooks=hooks)


def _specs(
    manager: pluggy.PluginManager, offered: Callable[[pluggy.PluginManager, str], list[Spec]]
) -> dict[str, Spec]:
    specs: dict[str, Spec] = {}
    owners: dict[str, str] = {}
    for name, _ in reversed(manager.list_name_plugin()):
        for spec in offered(manager, name):
            if spec.name in specs:
                raise PluginError(
                    _TWICE[type(spec)],
                    channel=spec.name, one=owners[spec.name], other=name, variable=DISABLE,
                )  # fmt: skip
            specs[spec.name], owners[spec.name] = spec, name
    return specs


def _disabled(name: str, environ: Mapping[str, str]) -> bool:
    switched_off = {word.strip() for word in environ.get(DISABLE, "").split(",")}
    return "1" in switched_off or name in switched_off


def _sentence(fault: BaseException) -> str:
    return str(fault) if isinstance(fault, NotigateError) else f"{type(fault).__name__}: {fault}"
