"""The project that a command works on; opened when the command needs it, so that help pages cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Group
from notigate.cli.streams import say
from notigate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, time
    from pathlib import Path

    from notigate.gateway import Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What the options in front of the command say."""

    folder: Path | None = None
    now: datetime | time | None = None
    quiet: bool = False
    verbose: bool = False

    def open(self) -> Gateway:
        """Open the project; close it after use.

        Raises:
            NotigateError: it cannot be used.
        """
        from notigate.gateway import Gateway  # noqa: PLC0415 - no help page waits for it

        return Gateway.open(self.folder, now=self.now)

    def say(self, text: str) -> None:
        """Talk: on standard error, and not when asked to be quiet."""
        if not self.quiet:
            say(text)

    def commands(self) -> Mapping[str, click.Command]:
        """The commands of the project's plugins; where there is no project there are none.

        Raises:
            NotigateError: the project cannot be used, so nobody can tell whether it has the command.
        """
        from notigate import settings  # noqa: PLC0415 - as above

        try:
            settings.find(self.folder)
        except ConfigError:
            return {}
        group = Group()
        with self.open() as gateway:
            gateway.plugins.hook.notigate_commands(group=group)
        return group.commands


pass_project = click.make_pass_decorator(Project)
