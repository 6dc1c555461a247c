"""Standard output and standard error, which may lead to a disk that is full or a terminal that is gone."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
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


def _abandon(stream: TextIO) -> None:
    """Drop what it could not take: the end of the process would try again, and exit with 120."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
