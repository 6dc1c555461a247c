"""Standard output and standard error, which may lead to a disk that is full or a terminal that is gone."""

from __future__ import annotations

import errno
import logging
import os
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import TextIO

import click

from notigate.language import _

#: what writing says then; a reader who has heard enough (EPIPE) is click's business
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def say(text: str) -> None:
    """Talk, on standard error; no work stops because nobody can listen."""
    try:
        click.echo(text, err=True)
    except OSError:
        _abandon(sys.stderr)


def unwritable(fault: OSError) -> bool:
    """Is it that results cannot be written? Then that is said, and no more of them are."""
    if fault.errno not in FULL:
        return False
    _abandon(sys.stdout)
    say(_("Error: {message}").format(message=fault.strerror))
    return True


def mask_faults() -> None:
    """A traceback is for us, and may hold what a person's record said: addresses in it are masked, whoever prints it."""

    def show(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        import traceback  # noqa: PLC0415 - for those who need it

        from notigate.address import mask_text  # noqa: PLC0415 - as above

        say(mask_text("".join(traceback.format_exception(kind, fault, trace))).rstrip())

    sys.excepthook = show
    if logging.lastResort is not None:  # what is told where nobody asked for logs
        logging.lastResort.setFormatter(Masked())
    threading.excepthook = lambda told: show(told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback)


class Masked(logging.Formatter):
    """Log lines, with addresses masked whoever wrote them, and of plugins without what they fill in."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        from notigate.address import mask_text  # noqa: PLC0415 - for those who ask for logs
        from notigate.logs import discreet  # noqa: PLC0415 - as above

        return mask_text(super().format(discreet(record)))


def _abandon(stream: TextIO) -> None:
    """Drop what it could not take: the end of the process would try again, and exit with 120."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
