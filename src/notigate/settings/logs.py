"""The `log:` section: what programs read of our runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Where the log goes. No personal data is in it."""

    #: made for its owner only, relative to the project's folder; left out: none is written
    file: Path | None = None
    #: `json`: one object a line; `plain`: for people
    format: Literal["json", "plain"] = "plain"
    #: `info`: runs, alarms, retries and what channels were left alone for; `debug`: every message and call, with its seconds;
    #: `warning`: what went wrong
    level: Literal["debug", "info", "warning"] = "info"
