"""A progress bar for people; nothing where nobody watches (cron, a pipe, --quiet)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notigate.cli.project import Project

#: seconds between two looks of the bar
BLINK = 0.1


@contextmanager
def progress(project: Project, title: str) -> Iterator[Callable[[int, int], None]]:
    """Within the block, show how far it is: call what is yielded with what is done, of what is known to be there."""
    if project.quiet or not sys.stderr.isatty():
        yield lambda _done, _known: None
        return
    from rich.console import Console  # noqa: PLC0415 - rich is for terminals only
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, last = bar.add_task(title, total=None), time.monotonic()

        def step(done: int, known: int) -> None:
            nonlocal last
            if time.monotonic() - last >= BLINK:
                last = time.monotonic()
                bar.update(task, completed=done, total=max(known, done) or None)

        yield step
