"""What tells the weather, and how the core makes a source of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from notigate.model import Outcome, Reason, Scope
from notigate.plugin.tools import Tools
from notigate.weather import Forecast, Place, Warnings


class WeatherSource:
    """Tells the weather. It never retries, sleeps or keeps an answer: the core does.

    It overrides what it can tell. What it cannot tell now is an outcome, as with channels: `busy` when time heals,
    `refused` when settings must change (`Scope.CHANNEL`: for every place), `unknown` when nobody understands the answer.
    An answer that is not understood in full is never an empty one: that would be fine weather.
    """

    def warnings(self, place: Place) -> Warnings | Outcome:
        """All warnings that stand for this place, and those that put an end to others."""
        del place
        return Outcome.refused(Reason.UNAVAILABLE, "this source tells no warnings", scope=Scope.CHANNEL)

    def forecast(self, place: Place) -> Forecast | Outcome:
        """Today and at least two days to come."""
        del place
        return Outcome.refused(Reason.UNAVAILABLE, "this source tells no forecasts", scope=Scope.CHANNEL)

    def close(self) -> None:
        """Let go of connections. Never raises."""

    @classmethod
    def powers(cls) -> tuple[str, ...]:
        """What this class tells: `warnings`, `forecast`."""
        return tuple(
            name for name in ("warnings", "forecast") if getattr(cls, name) is not getattr(WeatherSource, name)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherSpec:
    """How the core makes a source of weather out of `weather: {sources: [{plugin: …}]}`."""

    #: what stands behind `plugin:`
    name: str
    #: one line for people
    summary: str
    #: a frozen dataclass; its fields are the keys of the source's settings, secrets are typed `Secret`
    settings: type
    #: called with the settings and the tools; raises `ConfigError` for settings that do not go together
    source: Callable[[Any, Tools], WeatherSource]
    #: the class that `source` builds
    made: type[WeatherSource]
