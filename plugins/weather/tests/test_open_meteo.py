"""Open-Meteo: figures by the day, with holes where it has none."""

from __future__ import annotations

from datetime import date

import pytest

from notigate.plugin import Day, Reason, Secret, Status
from notigate.testing import Fault, Reply
from notigate.testing.weather import FakeOpenMeteo, refusal
from notigate_weather.open_meteo import ATTRIBUTION, OpenMeteo, Settings

FIRST = date(2026, 7, 11)


@pytest.fixture
def fake():
    daily = {
        "temperature_2m_max": [31.2, None, 32.0], "temperature_2m_min": [25.9, 25.1, 26.2],
        "precipitation_sum": [42.1, 18.0, 0], "wind_speed_10m_max": [10.5, 7.0, 3.9], "wind_gusts_10m_max": [21.7, 13.3, 7.9],
    }  # fmt: skip
    with FakeOpenMeteo(first=FIRST, daily=daily) as running:
        yield running


@pytest.fixture
def source(fake, tools):
    return OpenMeteo(Settings(endpoint=fake.endpoint), tools)


def test_a_forecast_is_read_by_the_day(source, place):
    told = source.forecast(place)
    assert told.on(FIRST) == Day(day=FIRST, high=31.2, low=25.9, rain=42.1, wind=10.5, gust=21.7)
    assert [day.high for day in told.days] == [31.2, None, 32.0]
    assert told.attributions == (ATTRIBUTION,)


def test_days_are_cut_in_the_zone_of_the_place(fake, source, place):
    source.forecast(place)
    (asked,) = fake.asked
    assert (asked["timezone"], asked["wind_speed_unit"], asked["latitude"]) == ("Asia/Shanghai", "ms", "30.5723")


def test_it_tells_no_warnings():
    assert OpenMeteo.powers() == ("forecast",)


def test_the_key_of_the_paid_service_goes_along(fake, tools, place):
    fake.api_key = "paid"
    assert OpenMeteo(Settings(endpoint=fake.endpoint), tools).forecast(place).status is Status.REFUSED
    assert OpenMeteo(Settings(endpoint=fake.endpoint, api_key=Secret("paid")), tools).forecast(place).on(FIRST)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (refusal(400, "Cannot initialize"), (Status.REFUSED, Reason.BAD_CONTENT)),
        (refusal(429, "Minutely API request limit exceeded"), (Status.BUSY, Reason.THROTTLED)),
        (refusal(500, "?"), (Status.UNKNOWN, Reason.UNCLEAR)),
        (Reply({}, 503), (Status.UNKNOWN, Reason.UNCLEAR)),
        (Reply({}), (Status.UNKNOWN, Reason.UNCLEAR)),
        (Reply({"daily": {"time": []}, "daily_units": {}}), (Status.UNKNOWN, Reason.UNCLEAR)),
        (Reply("[]"), (Status.UNKNOWN, Reason.UNCLEAR)),
        (Fault.STALL, (Status.UNKNOWN, Reason.UNCLEAR)),
        (Fault.DROP, (Status.UNKNOWN, Reason.UNCLEAR)),
    ],
)
def test_what_is_no_forecast_says_why(fake, source, place, reply, meaning):
    fake.trouble(reply)
    told = source.forecast(place)
    assert (told.status, told.reason) == meaning


def test_figures_in_another_unit_are_not_taken_for_ours(fake, source, place):
    body = fake._answer({"daily": "temperature_2m_max", "latitude": "1", "longitude": "1", "timezone": "GMT"})
    body["daily_units"]["temperature_2m_max"] = "°F"
    fake.trouble(Reply(body))
    assert source.forecast(place).status is Status.UNKNOWN
