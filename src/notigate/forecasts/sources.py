"""The configured sources, each built when it is first asked; what goes wrong with one is an answer, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from notigate.errors import NotigateError
from notigate.language import translate
from notigate.model import Outcome, Reason, Scope
from notigate.tools import tools
from notigate.weather import Alert, Forecast, Level, Place, Warnings

if TYPE_CHECKING:
    from notigate.plugin import WeatherSource
    from notigate.plugins import Plugins
    from notigate.settings.weather import SourceSettings

Kind: TypeAlias = Literal["warnings", "forecast"]
Value: TypeAlias = Warnings | Forecast
KINDS: tuple[Kind, ...] = ("warnings", "forecast")

#: a plugin's own function behind `notigate_weather`
Hook: TypeAlias = Callable[..., Sequence[Mapping[str, Any]]]
#: the name of what comes through that hook
HOOK = "notigate_weather"


class Source:
    """One entry of `weather: {sources: …}`."""

    def __init__(self, settings: SourceSettings, plugins: Plugins) -> None:
        self.name = settings.plugin
        #: None: that of the section
        self.stale = settings.stale
        self._settings = settings
        self._plugins = plugins
        self._built: WeatherSource | None = None

    def tells(self, kind: Kind) -> bool:
        """Can it tell this? One whose plugin is missing should, and cannot."""
        try:
            return kind in self._plugins.source(self.name).made.powers()
        except NotigateError:
            return True

    def missing(self) -> str:
        """What stands in the way of asking it; empty when nothing does."""
        try:
            self._source()
        except NotigateError as fault:
            return translate(fault)
        return ""

    def ask(self, kind: Kind, place: Place) -> Value | Outcome:
        """Ask it once."""
        try:
            source = self._source()
            return source.warnings(place) if kind == "warnings" else source.forecast(place)
        except NotigateError as fault:
            return Outcome.refused(Reason.BAD_CREDENTIALS, translate(fault), scope=Scope.CHANNEL)
        except Exception as fault:  # noqa: BLE001 - a plugin may raise anything; the next source is asked
            return Outcome.unknown(f"the plugin failed: {type(fault).__name__}: {fault}")

    def close(self) -> None:
        """Let go of connections."""
        if self._built is not None:
            self._built.close()

    def _source(self) -> WeatherSource:
        if self._built is None:
            spec = self._plugins.source(self.name)
            bound: object = self._settings.bind(spec.settings)
            try:
                self._built = spec.source(bound, tools(self._settings.timeout, connections=2))
            except NotigateError as fault:
                raise self._settings.options.place.fault("{why}", why=fault) from fault
        return self._built


def hooked(hook: Hook, city: str, day: date, now: datetime) -> Warnings | None:
    """What plugins tell through the short hook of one day; None when nobody knows."""
    told = next(iter(hook(city=city, day=day)), None)
    if told is None:
        return None
    if not told.get("event"):
        return Warnings()
    start = datetime.combine(day, datetime.min.time(), now.tzinfo)
    alert = Alert(
        id=f"{HOOK} {day}", event=str(told["event"]), level=Level.named(str(told.get("level") or "")), issued=now,
        starts=start, ends=start + timedelta(days=1), sender=str(told.get("source") or ""), text=str(told.get("text") or ""),
    )  # fmt: skip
    return Warnings(alerts=(alert,))
