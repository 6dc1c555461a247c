"""Where is the project?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from notigate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "notigate.yaml"
VARIABLE = "NOTIGATE_PROJECT"


def find(folder: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The `notigate.yaml` of `folder`, or of `$NOTIGATE_PROJECT`, or of the nearest folder from here upwards.

    Raises:
        ConfigError: there is none; says how to make a project.
    """
    named = folder or environ.get(VARIABLE)
    folders = [Path(named).absolute()] if named else [Path.cwd(), *Path.cwd().parents]
    for candidate in folders:
        if (candidate / NAME).is_file():
            return candidate / NAME
    if named:
        raise ConfigError(
            "there is no {name} in {folder}; is it the right folder? To make a project there: notigate init {folder}",
            name=NAME,
            folder=folders[0],
        )
    raise ConfigError(
        "there is no {name} in {folder} or above; go to your project, name it with -C DIR or {variable}, or make one: "
        "notigate init DIR",
        name=NAME,
        folder=folders[0],
        variable=VARIABLE,
    )
