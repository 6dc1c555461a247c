"""Weather services of one's own on loopback sockets: QWeather with its credentials and errors, and Open-Meteo.

Sources: dev.qweather.com (warnings, daily forecast, authentication, error codes); openapi/forecast.yml of
open-meteo/open-meteo.
"""

from __future__ import annotations

import gzip
import json
import re
import time
from abc import abstractmethod
from base64 import urlsafe_b64decode
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from notigate.testing.loopback import Fault, Reply, Request
from notigate.testing.services import FakeService

Body: TypeAlias = dict[str, Any]
#: what the next question meets instead of an answer
Trouble: TypeAlias = Reply | Fault

_WARNINGS = re.compile(r"/weatheralert/v1/current/([^/]+)/([^/]+)")
_DAILY = re.compile(r"/weather/v1/daily/([^/]+)/([^/]+)")
_DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,2})?")
#: seconds that a token may be good for
LONGEST_TOKEN = 24 * 3600


def error(status: int, title: str, **more: object) -> Reply:
    """An error as QWeather tells it, such as `error(403, "No Credit")`."""
    kind = title.lower().replace(" ", "-")
    told = {
        "status": status, "type": f"https://dev.qweather.com/docs/resource/error-code/#{kind}", "title": title,
        "detail": f"{title}.", **more,
    }  # fmt: skip
    return zipped({"error": told}, status)


def zipped(body: object, status: int = 200) -> Reply:
    """An answer as QWeather packs it."""
    data = gzip.compress(json.dumps(body, ensure_ascii=False).encode())
    return Reply(data, status, {"Content-Encoding": "gzip"})


def alert(  # noqa: PLR0913 - the parts of a warning that tests vary
    id_: str,
    event: str = "暴雨",
    colour: str | None = "orange",
    *,
    issued: datetime,
    hours: int = 24,
    kind: str = "alert",
    supersedes: Sequence[str] = (),
    expiry: str = "expireTime",
    sender: str = "成都市气象台",
    **more: object,
) -> Body:
    """One warning, in force for `hours` from when it was issued; `expiry` is the name of the field of its end."""
    severities = {"blue": "minor", "yellow": "moderate", "orange": "severe", "red": "extreme"}
    start = issued.isoformat(timespec="minutes")
    return {
        "id": id_, "senderName": sender, "issuedTime": start,
        "messageType": {"code": kind, **({"supersedes": list(supersedes)} if supersedes else {})},
        "eventType": {"name": event, "code": "1003"}, "urgency": None, "severity": severities.get(colour or "", "unknown"),
        "certainty": None, "color": {"code": colour} if colour else None, "effectiveTime": start, "onsetTime": start,
        expiry: (issued + timedelta(hours=hours)).isoformat(timespec="minutes"),
        "headline": f"{sender}发布{event}预警", "description": f"预计有{event}。", "instruction": "", "responseTypes": [], **more,
    }  # fmt: skip


def day(on: date, *, high: float = 24.0, low: float = 15.0, rain: float = 0.0, wind: float = 3.0) -> Body:
    """One day of QWeather's forecast; half of the rain falls at night."""
    half = {
        "precipitation": {"amount": {"value": rain / 2, "unit": "mm"}, "probability": 0},
        "wind": {"direction": {"compass": "ne"}, "speed": {"value": wind, "unit": "m/s"}},
    }
    return {
        "forecastStartTime": f"{on}T00:00+08:00", "forecastEndTime": f"{on + timedelta(days=1)}T00:00+08:00",
        "temperatureMax": {"value": high, "unit": "°C"}, "temperatureMin": {"value": low, "unit": "°C"},
        "daytime": half, "nighttime": half,
    }  # fmt: skip


@dataclass(kw_only=True, eq=False)
class _WeatherService(FakeService):
    _troubles: deque[Trouble] = field(default_factory=deque, init=False)

    def trouble(self, *troubles: Trouble) -> None:
        """Let the next questions meet these, one each."""
        self._troubles.extend(troubles)

    def _serve(self, request: Request) -> Reply | Fault:
        self._note(request)
        return self._troubles.popleft() if self._troubles else self._answered(request)

    @abstractmethod
    def _note(self, request: Request) -> None: ...

    @abstractmethod
    def _answered(self, request: Request) -> Reply: ...


@dataclass(kw_only=True, eq=False)
class FakeQWeather(_WeatherService):
    """A context manager; `endpoint` and either credential go into the settings of a source."""

    api_key: str = "qw-key"
    project_id: str = "QWPROJECT1"
    key_id: str = "QWKEY00001"
    #: the public half of the key, PEM; None takes no tokens
    public_key: bytes | None = None
    #: seconds since 1970, by which tokens are judged
    now: Callable[[], float] = time.time
    #: what stands, by (latitude, longitude) as they are asked for, or for all places under None
    alerts: dict[tuple[str, str] | None, Sequence[Body]] = field(default_factory=dict)
    days: dict[tuple[str, str] | None, Sequence[Body]] = field(default_factory=dict)
    attributions: Sequence[str] = ("https://www.12379.cn",)

    #: the paths that were asked for, in order
    asked: list[str] = field(default_factory=list, init=False)

    def _note(self, request: Request) -> None:
        self.asked.append(request.path)

    def _answered(self, request: Request) -> Reply:
        if not self._known(request.headers):
            return error(401, "Unauthorized")
        for pattern, answer in ((_WARNINGS, self._current), (_DAILY, self._daily)):
            if found := pattern.fullmatch(request.path):
                place = (found[1], found[2])
                bad = [name for name, value in zip(("lat", "lon"), place, strict=True) if not _DEGREES.fullmatch(value)]
                return error(400, "Invalid Parameter", invalidParams=bad) if bad else zipped(answer(place, request))
        return error(404, "Not Found")

    def _current(self, place: tuple[str, str], _request: Request) -> Body:
        found = self.alerts.get(place, self.alerts.get(None, ()))
        if not found:
            return {"metadata": {"tag": "t", "zeroResult": True}, "alerts": []}
        return {"metadata": self._metadata(), "alerts": list(found)}

    def _daily(self, place: tuple[str, str], request: Request) -> Body:
        found = self.days.get(place, self.days.get(None, ()))
        return {"metadata": self._metadata(), "days": list(found)[: int(request.query.get("days", "3"))]}

    def _metadata(self) -> Body:
        return {"tag": "t", "zeroResult": False, "attributions": list(self.attributions)}

    def _known(self, headers: Mapping[str, str]) -> bool:
        if "authorization" in headers:
            kind, _, token = headers["authorization"].partition(" ")
            return kind == "Bearer" and self._signed(token)
        return headers.get("x-qw-api-key") == self.api_key

    def _signed(self, token: str) -> bool:
        """Is it a token of this project, in force, signed by its key?"""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - api keys need none of it
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - as above

        if self.public_key is None or token.count(".") != 2 or "=" in token:  # noqa: PLR2004 - three parts
            return False
        key = load_pem_public_key(self.public_key)
        assert isinstance(key, Ed25519PublicKey)
        signed, _, signature = token.rpartition(".")
        try:
            key.verify(_decoded(signature), signed.encode())
            header, payload = (json.loads(_decoded(part)) for part in signed.split("."))
        except (InvalidSignature, ValueError):
            return False
        life = payload["exp"] - payload["iat"]
        ours = (header, payload["sub"]) == ({"alg": "EdDSA", "kid": self.key_id}, self.project_id)
        return ours and bool(payload["iat"] <= self.now() < payload["exp"]) and bool(0 < life <= LONGEST_TOKEN)


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


@dataclass(kw_only=True, eq=False)
class FakeOpenMeteo(_WeatherService):
    """A context manager; `endpoint` goes into the settings of a source."""

    #: of the paid service; None asks for none
    api_key: str | None = None
    #: variable → values of the days; a hole is None
    daily: dict[str, list[float | None]] = field(default_factory=dict)
    first: date = date(2026, 1, 1)

    #: the parameters of each question, in order
    asked: list[Mapping[str, str]] = field(default_factory=list, init=False)

    def _note(self, request: Request) -> None:
        self.asked.append(request.query)

    def _answered(self, request: Request) -> Reply:
        query = request.query
        if request.path != "/v1/forecast" or not {"latitude", "longitude", "daily", "timezone"} <= query.keys():
            return refusal(400, "Parameter 'timezone' is required with daily variables")
        if self.api_key is not None and query.get("apikey") != self.api_key:
            return refusal(400, "The supplied API key is invalid.")
        return Reply(self._answer(query))

    def _answer(self, query: Mapping[str, str]) -> Body:
        names, count = query["daily"].split(","), int(query.get("forecast_days", "7"))
        speed = {"ms": "m/s", "kmh": "km/h", "mph": "mp/h", "kn": "kn"}[query.get("wind_speed_unit", "kmh")]
        units = {name: _UNITS.get(name, speed) for name in ("time", *names)}
        days = [(self.first + timedelta(days=n)).isoformat() for n in range(count)]
        values = {name: [*self.daily.get(name, []), *[0.0] * count][:count] for name in names}
        return {
            "latitude": float(query["latitude"]), "longitude": float(query["longitude"]), "generationtime_ms": 0.1,
            "utc_offset_seconds": 28800, "timezone": query["timezone"], "timezone_abbreviation": "GMT+8", "elevation": 12.0,
            "daily_units": units, "daily": {"time": days, **values},
        }  # fmt: skip


_UNITS = {
    "time": "iso8601", "temperature_2m_max": "°C", "temperature_2m_min": "°C", "precipitation_sum": "mm",
    "weather_code": "wmo code", "precipitation_probability_max": "%",
}  # fmt: skip


def refusal(status: int, reason: str) -> Reply:
    """An error as Open-Meteo tells it."""
    return Reply({"error": True, "reason": reason}, status)
