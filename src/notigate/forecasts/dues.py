"""From the weather of a city to what is due to those who live there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from notigate import criteria
from notigate.errors import DataMissing
from notigate.language import translate
from notigate.model import Facts, Occasion
from notigate.moments.weather import Brought, Judged, Weather
from notigate.occurrence import Chooser, Occurrence
from notigate.planner import Stopped
from notigate.weather import Level, Place

if TYPE_CHECKING:
    from notigate.settings.weather import City

#: kinds of weather that one message names; the gravest come first
MOST_NAMED = 4
#: as the texts call the levels; the filter `weather` says them in other languages
COLOURS: Mapping[Level, str] = dict(zip(Level, ("白色", "蓝色", "黄色", "橙色", "红色"), strict=True))


@dataclass(frozen=True, slots=True)
class Seen:
    """What an occasion makes of the weather of one city on one day."""

    judged: Judged
    #: who told it, and when
    origin: str = ""
    #: must be shown with it
    attributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cities:
    """Whose weather is asked for, and who lives where."""

    configured: Mapping[str, City]
    #: of the project; where those live of whom the roster tells nothing
    home: str
    #: in which days begin and end
    timezone: str
    _names: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._names.update({_bare(name): name for name in self.names()})

    def names(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self.configured) or (self.home,)

    def place(self, city: str) -> Place:
        """A city as sources are asked for it."""
        found = self.configured.get(city)
        if found is None:
            return Place(city=city, timezone=self.timezone)
        return Place(
            city=city, latitude=found.latitude, longitude=found.longitude, areas=found.areas, timezone=self.timezone
        )

    def of(self, facts: Facts) -> str:
        """The name under which the settings have somebody's city; empty when they do not."""
        if not self.configured:
            return self.home
        lives = str(facts.get("city") or self.home)
        return self._names.get(_bare(lives), "")


def _bare(city: str) -> str:
    return city.strip().removesuffix("市").casefold()


def missing(occasion: Occasion, seen: Mapping[str, Seen]) -> list[Stopped]:
    """What nobody can tell of the weather of each city."""
    return [
        Stopped(occasion.id, f"{city}: {translate(fault)}", data_missing=True)
        for city, one in seen.items()
        for fault in one.judged.missing
    ]


def chooser(occasion: Occasion, moment: Weather, day: date, seen: Mapping[str, Seen], strangers: Strangers) -> Chooser:
    """Choose those in whose city the weather is of the kind asked for; the gravest comes first."""
    found = {
        city: tuple(occurrence(moment, brought, day, city, one) for brought in one.judged.brought)
        for city, one in seen.items()
    }
    who = criteria.compile(occasion.who) if occasion.who else None

    def choose(person: Facts) -> Sequence[Occurrence]:
        city = strangers.cities.of(person)
        if not city and (who is None or who(person, day)):
            strangers.add(occasion.id, str(person.get("city") or ""))
        return found.get(city, ())

    return choose


def occurrence(moment: Weather, brought: Brought, day: date, city: str, seen: Seen) -> Occurrence:
    """This weather's own time; one message tells all that comes to a city on a day."""
    target = moment.target(day)
    key, told_by = moment.keys(brought, target, city)
    given = {"weather": facts(seen, target, city)}
    return Occurrence(key, day, given=given, told_by=told_by, group=f"{target} {city}", note=seen.origin)


def facts(seen: Seen, target: date, city: str) -> Mapping[str, object]:
    """What texts may say of it, as `weather.event` and so on."""
    first, *_ = brought = seen.judged.brought
    figures: dict[str, Any] = {name: value for one in brought for name, value in one.figures.items()}
    return {
        "event": "、".join(dict.fromkeys(one.event for one in brought[:MOST_NAMED])),
        "level": "" if first.level is None else COLOURS[first.level],
        "text": first.text,
        "source": "、".join(filter(None, (first.sender, *seen.attributions))),
        "warning": not first.figures,
        "city": city,
        "day": target,
        **figures,
    }


class Strangers:
    """Those whom an occasion concerns, and who live where no source is asked; counted while the roster streams by."""

    def __init__(self, cities: Cities) -> None:
        self.cities = cities
        self._found: Counter[tuple[str, str]] = Counter()

    def add(self, occasion: str, city: str) -> None:
        """One more."""
        self._found[occasion, city] += 1

    def stopped(self) -> Iterator[Stopped]:
        """Tell them, and forget them."""
        found, self._found = self._found, Counter()
        for (occasion, city), number in found.items():
            if city:
                fault = DataMissing(
                    "{number} live in {city}, which is not under `weather: cities:`; nothing is known of their weather",
                    number=number, city=city,
                )  # fmt: skip
            else:
                fault = DataMissing(
                    "nobody knows where {number} live: fill the column city, or name a city of `weather: cities:` under "
                    "`project: city:`",
                    number=number,
                )
            yield Stopped(occasion, translate(fault), data_missing=True)
