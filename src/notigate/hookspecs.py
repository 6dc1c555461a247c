"""Every hook of notigate, with when it is called and what it may return.

Implement them with `@hookimpl` from `notigate.plugin`. A hook may be implemented with any subset of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from notigate.model import Delivery, Occasion, Person, Verdict
    from notigate.plugin import ChannelSpec, WeatherSpec

hookspec = pluggy.HookspecMarker("notigate")


@hookspec
def notigate_channels() -> Sequence[ChannelSpec]:  # type: ignore[empty-body]  # only specified
    """Offer channels. Called once when a project is opened, before any settings are read. All results are joined."""


@hookspec(firstresult=True)
def notigate_audiences(source: Mapping[str, Any], folder: Path) -> Iterable[Mapping[str, object]] | None:
    """Read a roster of a kind the core does not know.

    Called at each run with the `roster:` section that has no `file` or `sql`. Yields one mapping a row, headings as keys,
    streamed. None: not mine. The first answer wins.
    """


@hookspec
def notigate_calendars() -> Mapping[date, bool]:  # type: ignore[empty-body]  # only specified
    """Tell workdays (True) and rest days (False) that the built-in calendar does not know. Called once when opened."""


@hookspec
def notigate_weather_sources() -> Sequence[WeatherSpec]:  # type: ignore[empty-body]  # only specified
    """Offer sources of weather, which settings name under `weather: {sources: […]}`. Called once when a project is opened."""


@hookspec
def notigate_weather(city: str, day: date) -> Mapping[str, object] | None:
    """Tell the weather expected in `city` on `day`: `event`, `level` (a colour), `text`, `source`; empty when all is fine.

    The short way, for a source without settings; it counts as a warning. Called by occasions whose moment is `weather`
    when no source of the settings answers. None: nothing is known. No answer is never read as fine weather.
    """


@hookspec
def notigate_rules() -> Sequence[Callable[[Occasion, Person, datetime], Verdict]]:  # type: ignore[empty-body]  # only specified
    """Add rules that are asked after the core's own. A rule may hold or drop; its `Go` forces nothing."""


@hookspec
def notigate_template_folders() -> Sequence[Path]:  # type: ignore[empty-body]  # only specified
    """Offer folders of occasions. They come after the project's own and before the packaged ones."""


@hookspec
def notigate_settled(delivery: Delivery) -> None:
    """Hear of a delivery that reached an end. Called after the commit, one by one; what it raises is reported, not kept."""


@hookspec
def notigate_commands(group: click.Group) -> None:
    """Add commands to the command line. Called when a project's plugins are loaded by a command."""
