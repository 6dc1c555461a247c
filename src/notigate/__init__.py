"""notigate: the right message, once, by SMS, email or WeCom.

`open` a project's folder, ask the `Gateway`, close it:

>>> import notigate
>>> with notigate.open("demo") as gateway:  # doctest: +SKIP
...     run = gateway.send("weather/severe-weather", to="13800138000", params={"event": "暴雨"})
...     print(run.counts, run.problems)
{<State.ACCEPTED: 'accepted'>: 1} ()

What the world answers is a value: a `Run` with its `counts`, its `problems` and the `exit_code` that the command would have. What
is wrong on our side, or in the call, is raised as a `NotigateError`, in a sentence that tells what to do. One gateway serves all
threads of a process; each process opens its own. What is not listed here may change without notice.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from notigate.approvals import Batch
    from notigate.audience.checkup import Checkup
    from notigate.errors import AudienceError, ExitCode, LedgerBusy, LedgerError, NotApproved, NotigateError, UsageError
    from notigate.gateway import Gateway
    from notigate.ledger.batch import Said
    from notigate.ledger.history import Story
    from notigate.model import Content, Delivery, Drop, Go, Hold, Person, Problem, Run, State
    from notigate.moments import Fact
    from notigate.planner import Planned, Stopped
    from notigate.planner.previews import Preview
    from notigate.reports.figures import Figures

__all__ = [
    "AudienceError",
    "Batch",
    "Checkup",
    "Content",
    "Delivery",
    "Drop",
    "ExitCode",
    "Fact",
    "Figures",
    "Gateway",
    "Go",
    "Hold",
    "LedgerBusy",
    "LedgerError",
    "NotApproved",
    "NotigateError",
    "Person",
    "Planned",
    "Preview",
    "Problem",
    "Run",
    "Said",
    "State",
    "Stopped",
    "Story",
    "UsageError",
    "__version__",
    "open",
]
__version__ = "0.1.0"

#: where the public names live; each is imported when it is first asked for, so that `import notigate` costs nothing
_HOMES = {
    "notigate.approvals": ("Batch",),
    "notigate.audience.checkup": ("Checkup",),
    "notigate.errors": (
        "AudienceError",
        "ExitCode",
        "LedgerBusy",
        "LedgerError",
        "NotApproved",
        "NotigateError",
        "UsageError",
    ),
    "notigate.gateway": ("Gateway",),
    "notigate.ledger.batch": ("Said",),
    "notigate.ledger.history": ("Story",),
    "notigate.model": ("Content", "Delivery", "Drop", "Go", "Hold", "Person", "Problem", "Run", "State"),
    "notigate.moments": ("Fact",),
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

    def __dir__() -> list[str]:
        return __all__


def open(folder: str | Path | None = None, *, now: datetime | None = None) -> Gateway:  # noqa: A001 - notigate.open(folder)
    """Open the project in `folder` (default: `$NOTIGATE_PROJECT`, or upwards from the working directory).

    `now` moves the business clock, for rehearsals; it is refused when a channel reaches people.
    Close the gateway when done, or use it in a `with` block.

    Nothing is read but `notigate.yaml` until it is asked for; a first question to the ledger makes it.

    Raises:
        NotigateError: the project cannot be used; the message says what, where, and what to do.
    """
    from notigate.gateway import Gateway  # noqa: PLC0415 - the version and the help page need none of it

    return Gateway.open(folder, now=now)
