"""The `weather:` section: which sources are asked, and where the cities are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Annotated, TypeVar

from notigate.documents import Node, bound
from notigate.documents.schema import Shape
from notigate.settings.channels import Timeout, _Timeout

T = TypeVar("T")

#: °; where latitude and longitude end
POLE, DATE_LINE = 90, 180


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Where a city is."""

    #: degrees north: `30.57`
    latitude: float | None = None
    #: degrees east: `104.07`
    longitude: float | None = None
    #: for CAP: other names of its area, and beginnings of its area codes (`"5101"`)
    areas: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        if abs(self.latitude or 0) > POLE or abs(self.longitude or 0) > DATE_LINE:
            raise ValueError("a latitude lies between -90 and 90, a longitude between -180 and 180")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """The keys that every source takes."""

    #: who tells: `qweather`, `open_meteo`, `cap` or one of your own
    plugin: str
    #: patience with one question
    timeout: _Timeout = field(default_factory=_Timeout)
    #: what it said is used for so long when it does not answer; None means that of the section
    stale: timedelta | None = None


_COMMON = tuple(key.name for key in fields(_Common))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One source: what the core needs of it, and what its plugin will ask for."""

    plugin: str
    timeout: Timeout
    stale: timedelta | None
    #: all other keys, not bound yet
    options: Node

    def bind(self, kind: type[T]) -> T:
        """The plugin's own settings.

        Raises:
            ConfigError: with every fault; a variable or file that holds no secret is one.
        """
        return bound(self.options, kind, _COMMON)


def _source(node: Node) -> SourceSettings:
    common = bound(node.only(_COMMON), _Common)
    return SourceSettings(
        plugin=common.plugin, timeout=common.timeout.seconds(), stale=common.stale, options=node.without(_COMMON)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The `weather:` section."""

    #: in order of preference: the first that answers is believed
    sources: tuple[Annotated[SourceSettings, _source, Shape(_Common, open=True)], ...] = ()
    #: city → where it is; customers live in the one of their column `city`, or in that of the project
    cities: Mapping[str, City] = field(default_factory=dict)
    #: a source is not asked for the same again for so long
    keep: timedelta = timedelta(minutes=10)
    #: what a source said is used for so long when nobody answers; older data tell nothing
    stale: timedelta = timedelta(hours=3)

    def __post_init__(self) -> None:
        if self.keep > self.stale:
            raise ValueError("keep is at most as long as stale")
        if self.sources and not self.cities:
            raise ValueError("cities: say where they are, such as 成都: {latitude: 30.57, longitude: 104.07}")
