"""When weather brings an occasion about: levels, limits, keys; pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from notigate.moments import MomentError, Weather, parse
from notigate.moments.weather import Brought
from notigate.weather import Alert, Day, Forecast, Level, Warnings, family, standing
from notigate.weather.events import FAMILIES

NOW = datetime(2026, 7, 11, 15, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY, TOMORROW = NOW.date(), NOW.date() + timedelta(days=1)


def warning(event="暴雨", level=Level.ORANGE, *, id_="w1", starts=NOW, hours=24, **more):
    return Alert(
        id=id_, event=event, level=level, issued=NOW, starts=starts, ends=starts + timedelta(hours=hours), **more
    )


def told(said, *alerts, day=TOMORROW, now=NOW):
    return parse({"weather": said}).judge(Warnings(alerts=alerts), day, now)


def expected(said, *days):
    return parse({"weather": said}).judge(Forecast(days=days), TOMORROW, NOW)


def events(judged):
    return [one.event for one in judged.brought]


@pytest.mark.parametrize(
    ("said", "event", "level", "due"),
    [
        (None, "暴雨", Level.BLUE, True),
        ({"level": "orange"}, "暴雨", Level.YELLOW, False),
        ({"level": "orange"}, "暴雨", Level.ORANGE, True),
        ({"level": "orange"}, "大雾", Level.RED, True),
        ({"level": "橙色"}, "暴雨", Level.RED, True),
        ({"events": ["rain"]}, "短时强降雨", Level.BLUE, True),
        ({"events": ["暴雨"]}, "强降雨", Level.BLUE, True),
        ({"events": ["rain", "typhoon"]}, "大风", Level.RED, False),
        ({"events": ["海上大风"]}, "海上大风", Level.BLUE, True),
        ({"events": "heat"}, "High temperatures", Level.BLUE, True),
        ({"events": "any"}, "流星雨", Level.BLUE, True),
    ],
)
def test_a_warning_counts_by_its_kind_and_level(said, event, level, due):
    assert bool(told(said, warning(event, level)).brought) == due


@pytest.mark.parametrize(
    ("starts", "hours", "day", "due"),
    [
        (NOW, 6, TOMORROW, False),
        (NOW, 9, TOMORROW, True),
        (NOW, 6, TODAY, True),
        (NOW + timedelta(days=2), 24, TOMORROW, False),
        (NOW - timedelta(hours=12), 11, TODAY, False),
        (NOW - timedelta(days=3), 24 * 7, TOMORROW, True),
    ],
)
def test_a_warning_concerns_the_days_on_which_it_stands(starts, hours, day, due):
    assert bool(told(None, warning(starts=starts, hours=hours), day=day).brought) == due


def test_a_warning_without_an_end_stands_for_a_day():
    endless = Alert(id="w", event="暴雨", level=Level.RED, issued=NOW, starts=NOW)
    assert events(told(None, endless)) == ["暴雨"]
    assert events(told(None, endless, day=TOMORROW + timedelta(days=1))) == []


def test_an_update_replaces_and_a_cancellation_lifts():
    update = warning(level=Level.RED, id_="w2", kind="update", supersedes=("w1",))
    cancel = warning(id_="w3", kind="cancel", supersedes=("w2",))
    assert [one.level for one in told(None, warning(), update).brought] == [Level.RED]
    assert events(told(None, warning(), update, cancel)) == []
    assert standing([cancel, update, warning()]) == []


def test_the_same_kind_is_told_once_and_the_gravest_first():
    judged = told(
        None, warning("强降雨", Level.BLUE, id_="a"), warning("大风", id_="b"), warning(level=Level.RED, id_="c")
    )
    assert events(judged) == ["暴雨", "大风"]


def test_a_level_that_nobody_knows_is_for_a_person_to_judge():
    strange = warning(level=None, sender="成都市气象台")
    assert events(told(None, strange)) == ["暴雨"]
    judged = told({"level": "blue"}, strange)
    assert judged.brought == ()
    assert "成都市气象台" in str(judged.missing[0])


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ({"rain": 50}, "强降雨"),
        ({"rain": 50.1}, None),
        ({"high": 37}, "高温"),
        ({"high": 38}, None),
        ({"low": 20}, "低温"),
        ({"low": 19}, None),
        ({"drop": 8}, "降温"),
        ({"drop": 9}, None),
        ({"wind": 17}, "大风"),
        ({"gust": 25}, "大风"),
        ({"gust": 25.5}, None),
    ],
)
def test_a_forecast_counts_from_its_limit_on(said, event):
    days = (Day(day=TODAY, low=28), Day(day=TOMORROW, high=37, low=20, rain=50, wind=17, gust=25))
    judged = expected(said, *days)
    assert (events(judged), judged.missing) == ([event] if event else [], ())
    assert all(one.level is None and one.figures for one in judged.brought)


@pytest.mark.parametrize(
    ("said", "day"), list(product([{"rain": 50}, {"drop": 8}], [Day(day=TOMORROW), Day(day=TODAY)]))
)
def test_a_figure_that_is_missing_is_neither_fine_nor_bad(said, day):
    judged = expected(said, day)
    assert judged.brought == ()
    assert len(judged.missing) == 1


def test_a_cold_day_that_is_a_drop_too_is_one_weather():
    (one,) = expected({"low": 0, "drop": 8}, Day(day=TODAY, low=8), Day(day=TOMORROW, low=-1)).brought
    assert one.figures == {"low": -1, "drop": 9}


def keys(said, level=Level.ORANGE):
    return parse({"weather": said}).keys(Brought(kind="rain", event="暴雨", level=level), TOMORROW, "成都")


def test_a_kind_of_weather_is_told_once_a_day_and_city_and_not_again_while_it_lasts():
    key, before = keys({})
    assert key == "2026-07-12/rain/成都"
    assert before == ("2026-07-11/rain/成都", "2026-07-10/rain/成都", "2026-07-09/rain/成都")
    assert keys({"quiet": 0}) == (key, ())


def test_a_level_that_rises_is_told_again_where_the_occasion_says_so():
    orange, before = keys({"again": "raised", "quiet": 0})
    assert (orange, before) == ("2026-07-12/rain/成都/orange", ("2026-07-12/rain/成都/red",))
    assert orange in keys({"again": "raised", "quiet": 0}, Level.YELLOW)[1]
    assert orange not in keys({"again": "raised", "quiet": 0}, Level.RED)[1]
    assert orange in keys({"again": "raised", "quiet": 0}, None)[1]


@pytest.mark.parametrize("level", [None, *Level])
@pytest.mark.parametrize("again", ["never", "raised"])
def test_its_own_keys_are_known_from_those_that_people_name(again, level):
    assert Weather.made(keys({"again": again}, level)[0])
    assert not any(Weather.made(key) for key in ("2026-07-12", "2026-07-12+1f2e3d4c", "a/b/c", "storm"))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"evnts": ["rain"]}, "'evnts' does not go with 'weather'"),
        ({"level": "purple"}, "level: 'purple' is not white, blue, yellow, orange or red"),
        ({"events": [1]}, "events: [1] is not a list such as"),
        ({"rain": "much"}, "rain: 'much' is not a number"),
        ({"rain": True}, "rain: True is not a number"),
        ({"day": "yesterday"}, "day: 'yesterday' is not tomorrow or today"),
        ({"again": "daily"}, "again: 'daily' is not never or raised"),
        ({"quiet": -1}, "quiet: -1 is not a number of days"),
        ([1], "weather: [1] is not"),
    ],
)
def test_what_cannot_be_meant_is_named(said, fault):
    with pytest.raises(MomentError) as refusal:
        parse({"weather": said})
    assert fault in str(refusal.value)


def test_a_name_belongs_to_one_kind_only():
    names = [name for kind, found in FAMILIES.items() for name in {kind, *found}]
    assert len(names) == len(set(names))
    assert family(" 台风 ") == "typhoon"
    assert family("Dense Fog") == "fog"
    assert family("火山灰") == "火山灰"


def test_the_days_of_a_warning_are_those_of_the_project():
    late = datetime(2026, 7, 11, 16, 30, tzinfo=ZoneInfo("UTC"))
    assert warning(starts=late, hours=1).concerns(date(2026, 7, 12), NOW)
    assert not warning(starts=late, hours=1).concerns(date(2026, 7, 11), NOW)
