"""The weather of a project: which sources are asked, in what order, and what of it is due.

A source that does not answer, and data that are old, tell nothing: neither that the weather is fine nor that it is bad.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from notigate.errors import DataMissing
from notigate.forecasts.dues import Cities, Seen, Strangers, chooser, missing
from notigate.forecasts.kept import Kept, Told
from notigate.forecasts.sources import HOOK, KINDS, Hook, Kind, Source, Value, hooked
from notigate.model import Drop, Hold, Outcome, Scope, Verdict
from notigate.moments import Weather, parts
from notigate.moments.weather import Brought, Judged

if TYPE_CHECKING:
    from notigate.catalogue import Catalogue
    from notigate.edges import Clock
    from notigate.model import Delivery, Occasion
    from notigate.occurrence import Chooser
    from notigate.planner import Stopped
    from notigate.plugins import Plugins
    from notigate.settings import Settings

__all__ = ["Forecasts", "Kind", "Seen", "Source", "Told"]

#: of the project's folder
FILE = ".weather.json"
#: a source that refuses us is left alone for so long; providers close accounts that go on asking
REFUSED = timedelta(hours=1)
#: for so long a run believes what it has worked out
BRIEFLY = timedelta(minutes=1)


class Forecasts:
    """Asks the sources of one project. Safe for threads."""

    def __init__(self, settings: Settings, plugins: Plugins, clock: Clock) -> None:
        self._settings = settings.weather
        self._clock = clock
        self._hook: Hook | None = (
            plugins.hook.notigate_weather if plugins.hook.notigate_weather.get_hookimpls() else None
        )
        self._kept = Kept(settings.folder / FILE, settings.weather.stale)
        self._lock = Lock()
        self._briefly: dict[str, Told] = {}
        self._current: dict[tuple[str, date], tuple[datetime, frozenset[str], bool]] = {}
        #: in order of preference
        self.sources = tuple(Source(one, plugins) for one in settings.weather.sources)
        self.cities = Cities(settings.weather.cities, str(settings.project.get("city") or ""), settings.timezone.key)
        self._strangers = Strangers(self.cities)

    def close(self) -> None:
        """Let go of connections."""
        for source in self.sources:
            source.close()

    def due(self, occasion: Occasion, moment: Weather, day: date) -> tuple[Chooser | None, list[Stopped]]:
        """Whom the weather of `day` concerns, and what nobody can tell; of days to come, only what is known."""
        today = self._clock.now().date()
        if day < today or not (self.sources or self._hook):
            return None, []
        seen = {city: self.seen(moment, city, day) for city in self.cities.names()}
        found = chooser(occasion, moment, day, seen, self._strangers)
        if day == today:
            return found, missing(occasion, seen)
        return found if any(one.judged.brought for one in seen.values()) else None, []

    def asked(self, occasion: Occasion) -> list[Kind]:
        """What an occasion asks of sources."""
        return [kind for moment in moments(occasion) for kind in _asked(moment)]

    def tells(self, kind: Kind) -> bool:
        """Is there anybody who can tell this?"""
        return any(source.tells(kind) for source in self.sources) or (kind == "warnings" and self._hook is not None)

    def strangers(self) -> Iterator[Stopped]:
        """Of the plan that was just made: whose weather nobody was asked for."""
        return self._strangers.stopped()

    def outlook(self, catalogue: Catalogue, day: date) -> Iterator[tuple[str, str, Judged]]:
        """What each occasion that is switched on makes of the weather of each city on `day`."""
        if self.sources or self._hook:
            for occasion in catalogue.switched_on()[0]:
                for moment in moments(occasion):
                    yield from (
                        (occasion.id, city, self.seen(moment, city, day).judged) for city in self.cities.names()
                    )

    def seen(self, moment: Weather, city: str, day: date) -> Seen:
        """What an occasion makes on `day` of what is known of a city."""
        target, brought, unknown = moment.target(day), dict[str, Brought](), list[DataMissing]()
        origin, attributions = list[str](), dict[str, None]()
        for kind in self._kinds(moment):
            try:
                source, at, value = self._answer(kind, city, target)
            except DataMissing as fault:
                unknown.append(fault)
                continue
            judged = moment.judge(value, target, self._clock.now())
            unknown += judged.missing
            new = [one for one in judged.brought if brought.setdefault(one.kind, one) is one]
            origin += [f"{source}, {at:%Y-%m-%d %H:%M}: {_said(one)}" for one in new]
            attributions |= dict.fromkeys(value.attributions if new else ())
        told = "; ".join([*origin, *attributions])
        return Seen(Judged(brought=tuple(brought.values()), missing=tuple(unknown)), told, tuple(attributions))

    def verdict(self, occasion: Occasion, delivery: Delivery) -> Verdict | None:
        """On a promised message: does the weather that it warns of still come? None when nothing speaks against it."""
        own = [moment for moment in moments(occasion) if moment.made(delivery.occurrence)]
        if not own:
            return None
        keys, unsure = self._keys(occasion.id, own, delivery.day)
        if delivery.occurrence.partition("+")[0] in keys:
            return None
        if unsure:
            return Hold(self._clock.now() + max(self._settings.keep, BRIEFLY), "weather")
        return Drop("weather-over")

    def told(self, source: Source, kind: Kind, city: str, *, anew: bool = False) -> Told:
        """What one source tells of a city; it is asked when its last answer is no longer kept, or `anew`.

        One run asks once: what was told before planning, when planning and before sending is the same.
        """
        place, now = self.cities.place(city), self._clock.real()
        key = f"{source.name} {kind} {city} {place.latitude} {place.longitude} {' '.join(place.areas)}".rstrip()
        with self._lock:
            kept, brief = self._kept.get(key), self._briefly.get(key)
            if kept is not None and now < kept.again and not anew:
                return kept
            if brief is not None and now < brief.asked + BRIEFLY and not anew:
                return brief
            told = self._briefly[key] = self._ask(source, kind, city, kept)
            self._kept.put(key, told)
            return told

    def fresh(self, source: Source, told: Told) -> bool:
        """Is what it told young enough to tell anything?"""
        return told.fresh(self._clock.real(), source.stale or self._settings.stale)

    def _ask(self, source: Source, kind: Kind, city: str, kept: Told | None) -> Told:
        now, value = self._clock.real(), source.ask(kind, self.cities.place(city))
        pause = self._settings.keep
        if not isinstance(value, Outcome):
            return Told(
                source=source.name,
                kind=kind,
                city=city,
                value=value,
                at=value.as_of or now,
                asked=now,
                again=now + pause,
            )
        if value.scope is Scope.CHANNEL:
            pause = REFUSED
        if value.retry_after is not None:
            pause = max(pause, timedelta(seconds=value.retry_after))
        last, at = (kept.value, kept.at) if kept else (None, None)
        return Told(
            source=source.name, kind=kind, city=city, value=last, at=at, asked=now, again=now + pause,
            fault=value.detail or (value.reason or value.status).value,
        )  # fmt: skip

    def _answer(self, kind: Kind, city: str, target: date) -> tuple[str, datetime, Value]:
        """The first source that knows; then plugins' short hook."""
        faults = []
        for source in self.sources:
            if source.tells(kind):
                told = self.told(source, kind, city)
                if self.fresh(source, told) and told.value is not None and told.at is not None:
                    return source.name, told.at.astimezone(self._clock.zone), told.value
                faults.append(f"{source.name}: {told.fault or 'its data are too old'}")
        if self._hook and kind == "warnings":
            value = hooked(self._hook, city, target, self._clock.now())
            if value is not None:
                return HOOK, self._clock.now(), value
            faults.append(f"{HOOK}: None")
        raise DataMissing(
            "the weather of {day} is not known: no source answered ({faults})",
            day=target, faults="; ".join(faults) or "none is configured",
        )  # fmt: skip

    def _kinds(self, moment: Weather) -> list[Kind]:
        """What `moment` asks for; without what no source tells, as long as another can tell the rest."""
        asked = _asked(moment)
        return [kind for kind in asked if self.tells(kind)] or asked

    def _keys(self, occasion: str, own: list[Weather], day: date) -> tuple[frozenset[str], bool]:
        """The keys of the weather that is to come, and whether there may be more; thousands ask in the same second."""
        now = self._clock.now()
        kept = self._current.get((occasion, day))
        if kept is None or now - kept[0] > BRIEFLY:
            found = [(moment, city, self.seen(moment, city, day)) for moment in own for city in self.cities.names()]
            keys = [m.keys(one, m.target(day), city) for m, city, seen in found for one in seen.judged.brought]
            unsure = any(seen.judged.missing for _, _, seen in found)
            kept = now, frozenset(key for its, told_by in keys for key in (its, *told_by)), unsure
            self._current[occasion, day] = kept
        return kept[1], kept[2]


def moments(occasion: Occasion) -> list[Weather]:
    """The rules of an occasion that ask for the weather."""
    return [part.rule for part in parts(occasion.moment) if isinstance(part.rule, Weather)]


def _asked(moment: Weather) -> list[Kind]:
    return [kind for kind in KINDS if (moment.warnings if kind == "warnings" else moment.limits)]


def _said(brought: Brought) -> str:
    if isinstance(brought.figures, dict) and brought.figures:
        return ", ".join(f"{name} {value:g}" for name, value in brought.figures.items())
    level = "" if brought.level is None else f" {brought.level.name.lower()}"
    return f"{brought.sender} {brought.event}{level}".strip()
