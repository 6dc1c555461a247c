"""notigate: the right message, once, by SMS, email or WeCom.

>>> import notigate
>>> gateway = notigate.open("demo")  # doctest: +SKIP
>>> gateway.send("service/appointment", to="13800138000", params={"when": "15:00"})  # doctest: +SKIP
Run(id=7, ...)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from notigate.gateway import Gateway

__all__ = ["__version__", "open"]
__version__ = "0.1.0"


def open(folder: str | Path | None = None, *, now: datetime | None = None) -> Gateway:  # noqa: A001 - notigate.open(folder)
    """Open the project in `folder` (default: `$NOTIGATE_PROJECT`, or upwards from the working directory).

    `now` moves the business clock, for rehearsals; it is refused when a channel reaches people.
    Close the gateway when done, or use it in a `with` block.

    Raises:
        NotigateError: the project cannot be used; the message says what, where, and what to do.
    """
    from notigate.gateway import Gateway  # noqa: PLC0415 - the version and the help page need none of it

    return Gateway.open(folder, now=now)
