"""Where plugins are: installed distributions with an entry point, and files of the project."""

from __future__ import annotations

import importlib.util
import stat
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from notigate.errors import PluginError

#: of entry points, and of the manager
GROUP = "notigate"


class Found(NamedTuple):
    """A plugin that is there; nothing of it is imported yet."""

    name: str
    #: distribution and version, or the file
    source: str
    place: EntryPoint | Path

    def module(self) -> ModuleType:
        """Import it.

        Raises:
            PluginError: its file is not there, no Python, or others may change it.
            Exception: whatever it raises itself.
        """
        return _imported(self.place) if isinstance(self.place, Path) else self.place.load()


def find(names: Iterable[str], folder: Path) -> Iterator[Found]:
    """All that are installed, then the files (`*.py`) among `names`, relative to `folder`.

    Raises:
        PluginError: two claim one name.
    """
    seen: dict[str, str] = {"notigate": "the core"}
    for found in (*_installed(), *_files(names, folder)):
        if found.name in seen:
            raise PluginError(
                "two plugins are named {name!r}: {one} and {other}. Uninstall one, or rename the file",
                name=found.name, one=seen[found.name], other=found.source,
            )  # fmt: skip
        seen[found.name] = found.source
        yield found


def _installed() -> Iterator[Found]:
    for point in entry_points(group=GROUP):
        source = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        yield Found(point.name, source, point)


def _files(names: Iterable[str], folder: Path) -> Iterator[Found]:
    for name in names:
        if name.endswith(".py"):
            file = (folder / name).resolve()
            yield Found(file.stem, str(file), file)


def _imported(file: Path) -> ModuleType:
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
