"""A progress bar for people; nothing where nobody watches (cron, a pipe, --quiet)."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from notigate.language import _

if TYPE_CHECKING:
    from notigate.cli.project import Project
    from notigate.gateway import Gateway

#: seconds between two looks of the bar
BLINK = 0.1


@contextmanager
def progress(project: Project, gateway: Gateway) -> Iterator[None]:
    """Within the block, show how far the gateway's run is."""
    if project.quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, last = bar.add_task(_("Sending"), total=None), 0.0

        def step(done: int, known: int) -> None:
            nonlocal last
            if time.monotonic() - last >= BLINK:
                last = time.monotonic()
                bar.update(task, completed=done, total=max(known, done) or None)

        gateway.progress = step
        yield
