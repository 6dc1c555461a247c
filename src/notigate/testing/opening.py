"""From a plugin and a section of settings to a channel, the way a project opens it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from notigate import hookspecs
from notigate.documents import bind_mapping
from notigate.edges import Timeouts, real_now
from notigate.edges.http import Session
from notigate.plugin import Channel, ChannelSpec, Tools

#: stands in every request that went through `Tools.http`
MARK = "X-Notigate-Contract"


def load(plugin: ModuleType | Path | str) -> ModuleType:
    """The plugin's module: itself, a file as `plugins:` of notigate.yaml names it, or the name of an installed one."""
    if isinstance(plugin, ModuleType):
        return plugin
    if isinstance(plugin, str):
        return importlib.import_module(plugin)
    found = importlib.util.spec_from_file_location(f"notigate_contract_{plugin.stem}", plugin)
    assert found is not None, f"{plugin} is no Python file"
    assert found.loader is not None, f"{plugin} is no Python file"
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def registered(module: ModuleType) -> pluggy.PluginManager:
    """A plugin manager that knows this plugin alone."""
    manager = pluggy.PluginManager("notigate")
    manager.add_hookspecs(hookspecs)
    manager.register(module)
    return manager


def offered(module: ModuleType, name: str = "") -> ChannelSpec:
    """The channel that the plugin offers under `name`; without a name the only one."""
    offers: list[list[ChannelSpec]] = registered(module).hook.notigate_channels()
    specs = [spec for offer in offers for spec in offer if name in ("", spec.name)]
    assert len(specs) == 1, f"{module.__name__} offers {len(specs)} channels; set `named` to the one that is meant"
    return specs[0]


def filled(value: Any, places: Mapping[str, object]) -> Any:  # noqa: ANN401 - any value of a settings file
    """The section with `{server}` and the other places of the provider filled in."""
    if isinstance(value, Mapping):
        return {key: filled(item, places) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, places) for item in value]
    if not isinstance(value, str):
        return value
    for name, place in places.items():
        if value == f"{{{name}}}":
            return place
        value = value.replace(f"{{{name}}}", str(place))
    return value


def bound(spec: ChannelSpec, section: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the plugin's own dataclass
    """The section as the plugin's settings.

    Raises:
        ConfigError: a key is unknown, missing or of a wrong shape.
    """
    return bind_mapping(section, spec.settings, spec.name)


@contextmanager
def opened(spec: ChannelSpec, settings: object, patience: float) -> Iterator[Channel]:
    """The channel, with the core's own HTTP session; `patience` is the read time-out in seconds."""
    timeouts = Timeouts(connect=1.0, read=patience, total=2 * patience)
    with Session(timeouts, connections=8) as session:
        session.headers[MARK] = "1"
        tools = Tools(session=lambda: session, now=real_now, timeout=(timeouts.connect, timeouts.read))
        channel = spec.channel(settings, tools)
        yield channel
        channel.close()


def forbidden_imports(module: ModuleType) -> list[str]:
    """What the plugin's files import from notigate besides the door."""
    return [
        f"{file.name}:{line}: {name}"
        for file in _sources(module)
        for line, name in _imports(ast.parse(file.read_text(encoding="utf-8")))
        if name.split(".")[0] == "notigate" and name != "notigate.plugin"
    ]


def _sources(module: ModuleType) -> list[Path]:
    here = Path(module.__file__ or "")
    if not hasattr(module, "__path__"):
        return [here]
    return [file for file in here.parent.rglob("*.py") if "tests" not in file.relative_to(here.parent).parts]


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module == "notigate":
            yield from ((node.lineno, f"notigate.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module or ""
