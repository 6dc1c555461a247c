"""Open-Meteo: a forecast for any place, without warnings. Source: openapi/forecast.yml of open-meteo/open-meteo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from notigate.plugin import (
    Answer,
    Day,
    Forecast,
    Outcome,
    Place,
    Reason,
    Secret,
    Tools,
    WeatherSource,
    WeatherSpec,
    hookimpl,
    judge_http,
)
from notigate_weather import endpoint

#: our figure → their variable, and the unit that we ask for
FIGURES: Mapping[str, tuple[str, str]] = {
    "high": ("temperature_2m_max", "°C"),
    "low": ("temperature_2m_min", "°C"),
    "rain": ("precipitation_sum", "mm"),
    "wind": ("wind_speed_10m_max", "m/s"),
    "gust": ("wind_gusts_10m_max", "m/s"),
}
#: its licence, CC BY 4.0, asks for it
ATTRIBUTION = "Weather data by Open-Meteo.com (CC BY 4.0)"
DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The free service is for non-commercial use; a company needs a key and the endpoint that goes with it."""

    #: `https://customer-api.open-meteo.com` with a key
    endpoint: str = "https://api.open-meteo.com"
    #: of the paid service
    api_key: Secret | None = None
    #: one of its models, such as `cma_grapes_global`; left empty it chooses
    model: str = ""

    def __post_init__(self) -> None:
        endpoint.check(self.endpoint)


class OpenMeteo(WeatherSource):
    """The service, or one of your own: it is free software."""

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools

    def forecast(self, place: Place) -> Forecast | Outcome:
        """By the day, as days are cut in the project's zone."""
        if (fault := endpoint.nowhere(place)) is not None:
            return fault
        address = f"{self._settings.endpoint.rstrip('/')}/v1/forecast"
        answer = judge_http(lambda: self._tools.http.get(address, params=self._query(place)))
        return answer if isinstance(answer, Outcome) else _judged(answer)

    def _query(self, place: Place) -> Mapping[str, str]:
        key, model = self._settings.api_key, self._settings.model
        return {
            "latitude": str(place.latitude),
            "longitude": str(place.longitude),
            "daily": ",".join(variable for variable, _ in FIGURES.values()),
            "timezone": place.timezone,
            "forecast_days": str(DAYS),
            "wind_speed_unit": "ms",
            **({"models": model} if model else {}),
            **({"apikey": key.reveal()} if key else {}),
        }


def _judged(answer: Answer) -> Forecast | Outcome:
    reason = answer.body.get("reason")
    if answer.body.get("error") is True:
        if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
            return Outcome.busy(Reason.THROTTLED, "HTTP 429")
        if answer.status == 400:  # noqa: PLR2004 - Bad Request
            return Outcome.refused(Reason.BAD_CONTENT, f"HTTP 400: {reason}"[:200])
        return Outcome.unknown(f"HTTP {answer.status}: {reason}"[:200])
    if answer.status != 200:  # noqa: PLR2004 - OK
        return Outcome.unknown(f"HTTP {answer.status} without Open-Meteo's own error")
    try:
        return _forecast(answer.body)
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        return Outcome.unknown(f"the answer is not understood: {type(fault).__name__}: {fault}"[:200])


def _forecast(body: Mapping[str, Any]) -> Forecast:
    """Parallel lists, which may have holes."""
    daily, units = body["daily"], body["daily_units"]
    for variable, unit in FIGURES.values():
        if units[variable] != unit:
            raise ValueError(f"{variable} in {units[variable]}")
    rows = zip(*(daily[variable] for variable, _ in FIGURES.values()), strict=True)
    days = tuple(
        Day(day=date.fromisoformat(day), **dict(zip(FIGURES, map(_number, row), strict=True)))
        for day, row in zip(daily["time"], rows, strict=True)
    )
    if not days:
        raise ValueError("no days")
    return Forecast(days=days, attributions=(ATTRIBUTION,))


def _number(value: object) -> float | None:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise TypeError(f"{value!r} is no number")


@hookimpl
def notigate_weather_sources() -> Sequence[WeatherSpec]:
    """Offer `open_meteo`."""
    return [
        WeatherSpec(
            name="open_meteo",
            summary="Open-Meteo: a forecast for any place, no warnings",
            settings=Settings,
            source=OpenMeteo,
            made=OpenMeteo,
        )
    ]
