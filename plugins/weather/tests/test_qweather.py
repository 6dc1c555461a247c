"""QWeather: what its answers mean, and that what is not understood is never fine weather."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from notigate.errors import ConfigError
from notigate.plugin import Forecast, Level, Reason, Scope, Secret, Status, Warnings
from notigate.testing import Fault, Reply
from notigate.testing.weather import FakeQWeather, alert, day, error, zipped
from notigate_weather.qweather import QWeather, Settings
from notigate_weather.token import LIFE, Signer

ISSUED = datetime.fromisoformat("2026-07-11T10:30+08:00")


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


KEY = Ed25519PrivateKey.generate()
PRIVATE = pem(KEY)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def fake():
    with FakeQWeather(public_key=PUBLIC) as running:
        yield running


@pytest.fixture
def source(fake, tools):
    return QWeather(Settings(endpoint=fake.endpoint, api_key=Secret(fake.api_key)), tools)


def signed(fake, **differing):
    given = {"project_id": fake.project_id, "key_id": fake.key_id, "private_key": Secret(PRIVATE), **differing}
    return Settings(endpoint=fake.endpoint, **given)


def test_a_warning_is_read_whole(fake, source, place):
    fake.alerts[None] = [alert("w2", "大风", "blue", issued=ISSUED, kind="update", supersedes=["w1"])]
    told = source.warnings(place)
    assert isinstance(told, Warnings)
    (one,) = told.alerts
    assert (one.id, one.event, one.level, one.kind, one.supersedes) == ("w2", "大风", Level.BLUE, "update", ("w1",))
    assert (one.issued, one.starts, one.ends) == (ISSUED, ISSUED, ISSUED + timedelta(hours=24))
    assert (one.sender, one.headline) == ("成都市气象台", "成都市气象台发布大风预警")
    assert told.attributions == ("QWeather", "https://www.12379.cn")


def test_no_warnings_is_said_and_not_concluded(fake, source, place):
    assert source.warnings(place) == Warnings(attributions=("QWeather",))
    fake.trouble(zipped({"metadata": {"tag": "t", "zeroResult": False}, "alerts": []}))
    assert source.warnings(place).status is Status.UNKNOWN


def test_the_end_is_read_under_either_name(fake, source, place):
    fake.alerts[None] = [alert("w1", issued=ISSUED, hours=6, expiry="expiredTime")]
    assert source.warnings(place).alerts[0].ends == ISSUED + timedelta(hours=6)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"colour": "red"}, Level.RED),
        ({"colour": "white"}, Level.WHITE),
        ({"colour": "violet", "severity": "severe"}, None),
        ({"colour": None, "severity": "severe"}, Level.ORANGE),
        ({"colour": None, "severity": "unknown"}, None),
        ({"colour": None, "severity": None}, None),
    ],
)
def test_a_level_that_is_not_known_is_none(fake, source, place, said, level):
    fake.alerts[None] = [alert("w1", issued=ISSUED, **said)]
    assert source.warnings(place).alerts[0].level is level


def test_the_place_is_asked_for_as_it_wants_it(fake, source, place):
    source.warnings(place)
    source.forecast(place)
    assert fake.asked == ["/weatheralert/v1/current/30.57/104.07", "/weather/v1/daily/30.57/104.07"]


def test_a_forecast_is_read_by_the_day(fake, source, place):
    fake.days[None] = [day(date(2026, 7, 11)), day(date(2026, 7, 12), high=37.5, low=26, rain=51, wind=12)]
    told = source.forecast(place)
    assert isinstance(told, Forecast)
    tomorrow = told.on(date(2026, 7, 12))
    assert (tomorrow.high, tomorrow.low, tomorrow.rain, tomorrow.wind) == (37.5, 26, 51, 12)


def test_half_a_day_says_nothing_of_the_rain_of_the_other(fake, source, place):
    fake.days[None] = [{**day(date(2026, 7, 11), rain=10, wind=9), "nighttime": None}]
    (one,) = source.forecast(place).days
    assert (one.rain, one.wind) == (None, 9)


def test_wind_is_counted_in_metres_a_second(fake, source, place):
    told = day(date(2026, 7, 11))
    told["daytime"] = told["nighttime"] = {"wind": {"speed": {"value": 36, "unit": "km/h"}}}
    fake.days[None] = [told]
    assert source.forecast(place).days[0].wind == 10


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (error(400, "Invalid Parameter", invalidParams=["lat"]), (Status.REFUSED, Reason.BAD_CONTENT, Scope.MESSAGE)),
        (error(400, "No Such Location"), (Status.REFUSED, Reason.BAD_CONTENT, Scope.MESSAGE)),
        (error(401, "Unauthorized"), (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)),
        (error(403, "No Credit"), (Status.REFUSED, Reason.NO_CREDIT, Scope.CHANNEL)),
        (error(403, "Overdue"), (Status.REFUSED, Reason.NO_CREDIT, Scope.CHANNEL)),
        (error(403, "Invalid Host"), (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)),
        (error(403, "Account Suspension"), (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)),
        (error(404, "Not Found"), (Status.REFUSED, Reason.BAD_CONTENT, Scope.MESSAGE)),
        (error(429, "Too Many Requests"), (Status.BUSY, Reason.THROTTLED, Scope.MESSAGE)),
        (error(429, "Over Monthly Limit"), (Status.BUSY, Reason.THROTTLED, Scope.MESSAGE)),
        (error(500, "Unknown Error"), (Status.BUSY, Reason.UNAVAILABLE, Scope.MESSAGE)),
        (error(418, "Teapot"), (Status.UNKNOWN, Reason.UNCLEAR, Scope.MESSAGE)),
        (Reply("<html>", 502), (Status.UNKNOWN, Reason.UNCLEAR, Scope.MESSAGE)),
        (Reply("", 429), (Status.BUSY, Reason.THROTTLED, Scope.MESSAGE)),
        (
            Reply(b"\x1f\x8bnonsense", 200, {"Content-Encoding": "gzip"}),
            (Status.UNKNOWN, Reason.UNCLEAR, Scope.MESSAGE),
        ),
        (Fault.SILENCE, (Status.UNKNOWN, Reason.UNCLEAR, Scope.MESSAGE)),
        (Fault.CUT, (Status.UNKNOWN, Reason.UNCLEAR, Scope.MESSAGE)),
    ],
)
def test_an_error_says_who_can_mend_it(fake, source, place, reply, meaning):
    fake.trouble(reply)
    told = source.warnings(place)
    assert (told.status, told.reason, told.scope) == meaning


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"alerts": []},
        {"metadata": {"zeroResult": True}, "alerts": [{}]},
        {"metadata": {}, "alerts": "none"},
        {"metadata": {}, "alerts": [alert("w", issued=ISSUED, issuedTime="yesterday")]},
        {"metadata": {}, "alerts": [alert("w", issued=ISSUED, issuedTime="2026-07-11T10:30")]},
        {"metadata": {}, "alerts": [alert("w", issued=ISSUED, eventType=None)]},
        {"code": "200", "warning": []},
    ],
)
def test_what_is_not_understood_is_no_answer(fake, source, place, body):
    fake.trouble(zipped(body))
    assert source.warnings(place).status is Status.UNKNOWN


@pytest.mark.parametrize("body", [{}, {"metadata": {}, "days": []}, {"metadata": {}, "days": [{"temperatureMax": {}}]}])
def test_a_forecast_that_is_not_understood_is_no_answer(fake, source, place, body):
    fake.trouble(zipped(body))
    assert source.forecast(place).status is Status.UNKNOWN


def test_a_city_without_coordinates_is_named(source, place):
    told = source.warnings(replace(place, latitude=None, longitude=None))
    assert told.status is Status.REFUSED
    assert "成都" in told.detail


def test_a_signed_token_opens_the_door(fake, tools, place):
    source = QWeather(signed(fake), tools)
    assert source.warnings(place) == Warnings(attributions=("QWeather",))


@pytest.mark.parametrize(
    "differing",
    [{"project_id": "OTHER"}, {"key_id": "OTHER"}, {"private_key": Secret(pem(Ed25519PrivateKey.generate()))}],
    ids=str,
)
def test_a_token_of_somebody_else_does_not(fake, tools, place, differing):
    assert QWeather(signed(fake, **differing), tools).warnings(place).reason is Reason.BAD_CREDENTIALS


def test_a_wrong_api_key_does_not(fake, tools, place):
    source = QWeather(Settings(endpoint=fake.endpoint, api_key=Secret("other")), tools)
    assert source.warnings(place).reason is Reason.BAD_CREDENTIALS


def test_a_token_is_used_until_it_has_nearly_run_out():
    now = datetime(2026, 7, 11, tzinfo=UTC)
    signer = Signer("p", "k", Secret(PRIVATE), lambda: now)
    first = signer.token()
    now += timedelta(seconds=LIFE - 61)
    assert signer.token() == first
    now += timedelta(seconds=30)
    assert signer.token() != first


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"api_key": Secret("k"), "project_id": "p", "key_id": "k", "private_key": Secret(PRIVATE)},
        {"project_id": "p", "key_id": "k"},
        {"api_key": Secret("k"), "key_id": "k"},
        {"api_key": Secret("k"), "endpoint": "http://qweather.example.com"},
        {"api_key": Secret("k"), "endpoint": "https://qweather.example.com/v7"},
        {"api_key": Secret("k"), "endpoint": "abcxyz.re.qweatherapi.com"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(given):
    with pytest.raises(ConfigError):
        Settings(**{"endpoint": "https://abcxyz.re.qweatherapi.com", **given})


def test_a_key_that_is_none_is_named_and_not_shown():
    with pytest.raises(ConfigError) as refusal:
        Signer("p", "k", Secret("canary"), lambda: datetime.now(UTC))
    assert "Ed25519" in str(refusal.value)
    assert "canary" not in str(refusal.value)
