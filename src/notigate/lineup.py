"""The project's channels: from settings and plugins to channels that can be planned for, called, or explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from notigate.dispatcher import Line, narrowed
from notigate.errors import ConfigError, NotigateError, UsageError
from notigate.language import translate
from notigate.planner.routes import ADDRESS_OF, Carrier
from notigate.plugin import Channel, ChannelSpec
from notigate.tools import tools

if TYPE_CHECKING:
    from notigate.dispatcher.crew import Answered
    from notigate.model import Outcome
    from notigate.plugin import Message
    from notigate.plugins import Plugins
    from notigate.settings import ChannelSettings, Settings

#: kept open at most, where the settings name no concurrency; no channel has more calls in flight by itself
CONNECTIONS = 32


class Standing(NamedTuple):
    """One configured channel, for `notigate channels`."""

    name: str
    plugin: str
    #: distribution and version that brings it
    source: str
    summary: str = ""
    media: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    #: what stands in the way of using it; empty when it is ready
    missing: tuple[str, ...] = ()


class Lineup:
    """All configured channels. Building one needs its secrets; looking at it does not."""

    def __init__(self, settings: Settings, plugins: Plugins) -> None:
        self._settings = settings
        self._plugins = plugins
        self._built: dict[str, Channel] = {}

    def channel(self, name: str) -> Channel:
        """The channel of that name, built on first use.

        Raises:
            ConfigError: its settings are wrong or a secret is missing; every fault at once.
            PluginError: its plugin is missing or broken.
            UsageError: there is no channel of that name.
        """
        if name not in self._built:
            configured = self._configured(name)
            spec = self._plugins.spec(configured.plugin)
            bound: object = configured.bind(spec.settings)
            try:
                self._built[name] = spec.channel(
                    bound, tools(configured.timeout, configured.concurrency or CONNECTIONS)
                )
            except ConfigError as fault:
                raise configured.options.place.fault("{why}", why=fault) from fault
        return self._built[name]

    def build(self) -> None:
        """Build every channel that has a plugin.

        Raises:
            NotigateError: one of them cannot be built, see `channel`.
        """
        for name in self._settings.channels.keys() - self.broken().keys():
            self.channel(name)

    def refusal(self, name: str) -> Callable[[Message], Outcome | None] | None:
        """What the channel is known to refuse; None where it has no such rule, or lacks its secrets and can only be planned for."""
        with suppress(NotigateError):
            channel = self.channel(name)
            return None if type(channel).refusal is Channel.refusal else channel.refusal
        return None

    def line(self, name: str, answers: SimpleQueue[Answered]) -> Line:
        """The channel, ready to be dispatched to."""
        channel, configured = self.channel(name), self._configured(name)
        limits = narrowed(
            channel.limits,
            batch=configured.batch,
            concurrency=configured.concurrency,
            rate=configured.rate,
            longest=configured.timeout.longest,
        )
        return Line(name, channel, limits, answers)

    def carriers(self) -> list[Carrier]:
        """What planning needs to know; a channel that cannot be built is planned for by its medium."""
        return [self._carrier(name) for name in self._settings.channels if self._spec(name)]

    def broken(self) -> Mapping[str, str]:
        """Channels whose plugin is missing or broken, and why."""
        faults = {}
        for name in self._settings.channels:
            try:
                self._plugins.spec(self._configured(name).plugin)
            except NotigateError as fault:
                faults[name] = translate(fault)
        return faults

    def unusable(self) -> frozenset[str]:
        """Channels that cannot be built: their plugin is missing, a secret, or their settings are wrong."""
        return frozenset(standing.name for standing in self.standings() if standing.missing)

    def reaches_people(self, names: Iterable[str] | None = None) -> bool:
        """Does any of these channels (default: of all) end in people's hands?"""
        return any(spec.reaches_people for name in names or self._settings.channels if (spec := self._spec(name)))

    def standings(self) -> list[Standing]:
        """Every configured channel with what it can do and what it lacks; needs no credentials."""
        return [self._standing(name) for name in self._settings.channels]

    def close(self) -> None:
        """Let go of all connections."""
        for channel in self._built.values():
            channel.close()

    def _configured(self, name: str) -> ChannelSettings:
        try:
            return self._settings.channels[name]
        except KeyError:
            known = ", ".join(self._settings.channels) or "none"
            raise UsageError(
                "there is no channel {name!r} in notigate.yaml; there are: {known}", name=name, known=known
            ) from None

    def _spec(self, name: str) -> ChannelSpec | None:
        with suppress(NotigateError):
            return self._plugins.spec(self._configured(name).plugin)
        return None

    def _carrier(self, name: str) -> Carrier:
        spec = self._plugins.spec(self._configured(name).plugin)
        try:
            address = self.channel(name).address
        except NotigateError:
            address = spec.made.address or ADDRESS_OF.get(spec.media[0])
        return Carrier(name=name, media=spec.media, address=address, reaches_people=spec.reaches_people)

    def _standing(self, name: str) -> Standing:
        configured = self._configured(name)
        source = next((p.source for p in self._plugins.all if configured.plugin in (p.name, *p.channels)), "")
        spec = self._spec(name)
        try:
            self.channel(name)
            missing: tuple[str, ...] = ()
        except NotigateError as fault:
            missing = tuple(translate(fault).splitlines())
        if spec is None:
            return Standing(name=name, plugin=configured.plugin, source=source, missing=missing)
        return Standing(
            name=name, plugin=spec.name, source=source, summary=spec.summary, media=spec.media,
            powers=spec.made.powers(), missing=missing,
        )  # fmt: skip
