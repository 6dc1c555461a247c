"""notigate: the right message, once, by SMS, email or WeCom.

>>> import notigate
>>> with notigate.open("demo") as gateway:  # doctest: +SKIP
...     gateway.send("weather/severe-weather", to="13800138000", params={"event": "暴雨"})
Run(id=7, ...)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from notigate.approvals import Batch
    from notigate.errors import LedgerBusy, NotigateError, UsageError
    from notigate.gateway import Gateway
    from notigate.model import Content, Delivery, Drop, Go, Hold, Problem, Run, State
    from notigate.planner import Planned, Stopped
    from notigate.planner.previews import Preview
    from notigate.reports.figures import Figures

__all__ = [
    "Batch",
    "Content",
    "Delivery",
    "Drop",
    "Figures",
    "Gateway",
    "Go",
    "Hold",
    "LedgerBusy",
    "NotigateError",
    "Planned",
    "Preview",
    "Problem",
    "Run",
    "State",
    "Stopped",
    "UsageError",
    "__version__",
    "open",
]
__version__ = "0.1.0"

#: where the public names live; each is imported when it is first asked for, so that `import notigate` costs nothing
_HOMES = {
    "notigate.approvals": ("Batch",),
    "notigate.errors": ("LedgerBusy", "NotigateError", "UsageError"),
    "notigate.gateway": ("Gateway",),
    "notigate.model": ("Content", "Delivery", "Drop", "Go", "Hold", "Problem", "Run", "State"),
    "notigate.planner": ("Planned", "Stopped"),
    "notigate.planner.previews": ("Preview",),
    "notigate.reports.figures": ("Figures",),
}


if not TYPE_CHECKING:  # a type checker must still see misspelt names

    def __getattr__(name: str) -> object:
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(home), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def open(folder: str | Path | None = None, *, now: datetime | None = None) -> Gateway:  # noqa: A001 - notigate.open(folder)
    """Open the project in `folder` (default: `$NOTIGATE_PROJECT`, or upwards from the working directory).

    `now` moves the business clock, for rehearsals; it is refused when a channel reaches people.
    Close the gateway when done, or use it in a `with` block.

    Raises:
        NotigateError: the project cannot be used; the message says what, where, and what to do.
    """
    from notigate.gateway import Gateway  # noqa: PLC0415 - the version and the help page need none of it

    return Gateway.open(folder, now=now)
