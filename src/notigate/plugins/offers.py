"""What plugins offer under a name: channels, and sources of weather."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import NamedTuple, Self, TypeVar

from notigate.errors import PluginError, sentence
from notigate.plugin import ChannelSpec, WeatherSpec

#: `1` switches all plugins off, `name,name` only these
DISABLE = "NOTIGATE_DISABLE_PLUGINS"

Spec = TypeVar("Spec", ChannelSpec, WeatherSpec)

_TWICE = {
    ChannelSpec: sentence(
        "two plugins offer the channel {channel!r}: {one} and {other}. Switch one off with {variable}"
    ),
    WeatherSpec: sentence(
        "two plugins offer the source of weather {channel!r}: {one} and {other}. Switch one off with {variable}"
    ),
}


class Offer(NamedTuple):
    """What one plugin offers."""

    channels: Sequence[ChannelSpec]
    sources: Sequence[WeatherSpec]

    @classmethod
    def of(cls, module: ModuleType) -> Self:
        """Ask it, once.

        Raises:
            PluginError: a hook of it returns something else.
            Exception: whatever a hook of it raises.
        """
        return cls(
            _asked(module, "notigate_channels", ChannelSpec), _asked(module, "notigate_weather_sources", WeatherSpec)
        )


def by_name(offers: Mapping[str, Sequence[Spec]]) -> dict[str, Spec]:
    """What is offered by plugins of these names.

    Raises:
        PluginError: two offer the same.
    """
    specs: dict[str, Spec] = {}
    owners: dict[str, str] = {}
    for plugin, offered in offers.items():
        for spec in offered:
            if spec.name in specs:
                raise PluginError(
                    _TWICE[type(spec)], channel=spec.name, one=owners[spec.name], other=plugin, variable=DISABLE
                )
            specs[spec.name], owners[spec.name] = spec, plugin
    return specs


def _asked(module: ModuleType, hook: str, kind: type[Spec]) -> Sequence[Spec]:
    asked = getattr(module, hook, None)
    offered = asked() if asked else []
    if not isinstance(offered, Sequence) or not all(isinstance(spec, kind) for spec in offered):
        raise PluginError("{hook} must return a list of {kind} objects", hook=hook, kind=kind.__name__)
    return offered
