"""QWeather (和风天气): warnings of the Chinese authorities, and a forecast. Source: dev.qweather.com, web API pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from notigate.plugin import (
    Alert,
    Answer,
    ConfigError,
    Day,
    Forecast,
    Level,
    Outcome,
    Place,
    Reason,
    Scope,
    Secret,
    Tools,
    Warnings,
    WeatherSource,
    WeatherSpec,
    hookimpl,
    judge_http,
)
from notigate_weather import endpoint
from notigate_weather.token import Signer

#: status → what it means; the `type` of the error tells more of some. Source: its page of error codes
STATUSES: Mapping[int, Reason] = {
    400: Reason.BAD_CONTENT,
    401: Reason.BAD_CREDENTIALS,
    403: Reason.BAD_CREDENTIALS,
    404: Reason.BAD_CONTENT,
    429: Reason.THROTTLED,
    500: Reason.UNAVAILABLE,
}
TYPES: Mapping[str, Reason] = {"no-credit": Reason.NO_CREDIT, "overdue": Reason.NO_CREDIT}
#: what time heals
PASSING = (Reason.THROTTLED, Reason.UNAVAILABLE)
#: one m/s in units of speed
UNITS: Mapping[str, float] = {"m/s": 1.0, "km/h": 3.6, "mph": 2.2369, "kn": 1.9438, "kt": 1.9438}
#: days asked for: today, tomorrow, and one more
DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Either `project_id`, `key_id` and `private_key` (signed tokens), or `api_key`."""

    #: the host of your account: `https://abcxyz.re.qweatherapi.com`
    endpoint: str
    #: id of the project in QWeather's console
    project_id: str = ""
    #: id of the credential
    key_id: str = ""
    #: Ed25519 in PEM form, whose public half the console has
    private_key: Secret | None = None
    #: a key instead, whose calls QWeather limits from 2027 on
    api_key: Secret | None = None

    def __post_init__(self) -> None:
        endpoint.check(self.endpoint)
        signed = [bool(one) for one in (self.project_id, self.key_id, self.private_key)]
        if any(signed) == bool(self.api_key) or any(signed) != all(signed):
            raise ConfigError("give either project_id, key_id and private_key (signed tokens), or api_key")


class QWeather(WeatherSource):
    """One account."""

    def __init__(self, settings: Settings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        key = settings.private_key
        self._signer = Signer(settings.project_id, settings.key_id, key, tools.now) if key else None

    def warnings(self, place: Place) -> Warnings | Outcome:
        """Those in force now."""
        body = self._ask("weatheralert/v1/current", place, {})
        return body if isinstance(body, Outcome) else _understood(_warnings, body)

    def forecast(self, place: Place) -> Forecast | Outcome:
        """By the day."""
        body = self._ask("weather/v1/daily", place, {"days": str(DAYS)})
        return body if isinstance(body, Outcome) else _understood(_forecast, body)

    def _ask(self, path: str, place: Place, more: Mapping[str, str]) -> Mapping[str, Any] | Outcome:
        if (fault := endpoint.nowhere(place)) is not None:
            return fault
        # Latitude first, and no more than two decimals.
        address = f"{self._settings.endpoint.rstrip('/')}/{path}/{place.latitude:.2f}/{place.longitude:.2f}"
        query = {"localTime": "true", "lang": "zh", **more}
        answer = judge_http(lambda: self._tools.http.get(address, params=query, headers=self._credentials()))
        return answer if isinstance(answer, Outcome) else _judged(answer)

    def _credentials(self) -> Mapping[str, str]:
        if self._signer is not None:
            return {"Authorization": f"Bearer {self._signer.token()}"}
        return {"X-QW-Api-Key": cast("Secret", self._settings.api_key).reveal()}


def _judged(answer: Answer) -> Mapping[str, Any] | Outcome:
    if answer.status == 200:  # noqa: PLR2004 - OK; errors have statuses of their own
        return answer.body
    error = answer.body.get("error")
    if not isinstance(error, Mapping) or answer.status not in STATUSES:
        return Outcome.unknown(f"HTTP {answer.status} without QWeather's own error")
    kind = str(error.get("type") or "").rpartition("#")[2]
    reason = TYPES.get(kind, STATUSES[answer.status])
    detail = f"HTTP {answer.status} {kind}".rstrip()
    if reason in PASSING:
        return Outcome.busy(reason, detail)
    return Outcome.refused(reason, detail, scope=None if answer.status in (401, 403) else Scope.MESSAGE)


def _understood(read: Any, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of either kind
    """What is not understood in full is no answer: half of it might be fine weather."""
    try:
        return read(body)
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        return Outcome.unknown(f"the answer is not understood: {type(fault).__name__}: {fault}"[:200])


def _warnings(body: Mapping[str, Any]) -> Warnings:
    metadata, alerts = body["metadata"], body.get("alerts", [])
    if not alerts and metadata["zeroResult"] is not True:
        raise ValueError("no warnings, and nothing that says so")
    return Warnings(alerts=tuple(map(_alert, alerts)), attributions=_attributions(metadata))


def _alert(told: Mapping[str, Any]) -> Alert:
    issued = _time(told["issuedTime"])
    starts = told.get("onsetTime") or told.get("effectiveTime")
    ends = told.get("expireTime") or told.get("expiredTime")
    message = told.get("messageType") or {}
    return Alert(
        id=str(told["id"]),
        event=str(told["eventType"]["name"]),
        level=_level(told),
        kind=_kind(message.get("code")),
        supersedes=tuple(map(str, message.get("supersedes") or ())),
        issued=issued,
        starts=_time(starts) if starts else issued,
        ends=_time(ends) if ends else None,
        sender=str(told.get("senderName") or ""),
        headline=str(told.get("headline") or ""),
        text=str(told.get("description") or ""),
    )


def _kind(code: object) -> Literal["alert", "update", "cancel"]:
    """What is neither an update nor a cancellation warns, however it is called."""
    return code if code in ("update", "cancel") else "alert"


def _level(told: Mapping[str, Any]) -> Level | None:
    """By its colour; by its severity where there is no colour, and never by it where the colour is strange."""
    colour = (told.get("color") or {}).get("code")
    return Level.named(str(colour or told.get("severity") or ""))


def _forecast(body: Mapping[str, Any]) -> Forecast:
    days = tuple(map(_day, body["days"]))
    if not days:
        raise ValueError("no days")
    return Forecast(days=days, attributions=_attributions(body["metadata"]))


def _day(told: Mapping[str, Any]) -> Day:
    halves = [told.get("daytime"), told.get("nighttime")]
    rain = [_value(half, "precipitation", "amount") for half in halves]
    winds = [wind for half in halves if (wind := _value(half, "wind", "speed")) is not None]
    return Day(
        day=date.fromisoformat(told["forecastStartTime"][:10]),
        high=_value(told, "temperatureMax"),
        low=_value(told, "temperatureMin"),
        # Half a day's rain says nothing of the other half.
        rain=None if None in rain else sum(cast("list[float]", rain)),
        wind=max(winds, default=None),
    )


def _value(told: Any, *path: str) -> float | None:  # noqa: ANN401 - a branch of the answer, or nothing
    for name in path:
        told = (told or {}).get(name)
    if told is None:
        return None
    value = float(told["value"])
    return value / UNITS[told["unit"]] if path[-1] == "speed" else value


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    return time


def _attributions(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    return ("QWeather", *map(str, metadata.get("attributions") or ()))


@hookimpl
def notigate_weather_sources() -> Sequence[WeatherSpec]:
    """Offer `qweather`."""
    return [
        WeatherSpec(
            name="qweather",
            summary="QWeather (和风天气): warnings of the Chinese authorities, and a forecast",
            settings=Settings,
            source=QWeather,
            made=QWeather,
        )
    ]
