"""The channels that come with the core, so that a new project works at once. They reach nobody."""

from __future__ import annotations

from collections.abc import Sequence

from notigate.outbox import Console, ConsoleSettings, Outbox, OutboxSettings
from notigate.plugin import Channel, ChannelSpec, hookimpl
from notigate.simulator import Simulator, SimulatorSettings


@hookimpl
def notigate_channels() -> Sequence[ChannelSpec]:
    """Offer `outbox`, `console` and `simulator`."""
    return [
        _spec("outbox", "writes every message into a folder; reaches nobody", OutboxSettings, Outbox),
        _spec("console", "prints every message; reaches nobody", ConsoleSettings, Console),
        _spec("simulator", "answers like a provider, by a script; reaches nobody", SimulatorSettings, Simulator),
    ]


def _spec(name: str, summary: str, settings: type, channel: type[Channel]) -> ChannelSpec:
    return ChannelSpec(
        name=name, summary=summary, settings=settings, channel=channel, media=("*",), reaches_people=False, made=channel
    )
