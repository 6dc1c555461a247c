"""The few words that notigate itself puts into texts, in the languages it speaks to readers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notigate.calendar.lunar import LunarDay

Wording = Literal["zh_Hans", "zh_Hant", "en"]


@lru_cache(maxsize=64)
def wording(locale: str) -> Wording:
    """The language of our own words in a text of this locale (a Babel id); English where we have none."""
    language, *others = locale.split("_")
    if language != "zh":
        return "en"
    return "zh_Hant" if {"Hant", "TW", "HK", "MO"}.intersection(others) else "zh_Hans"


#: events of weather services and their levels, as the China Meteorological Administration calls them, then in the other
#: languages
_EVENTS: tuple[tuple[str, str, str], ...] = (
    ("台风", "颱風", "typhoon"),
    ("龙卷风", "龍捲風", "tornado"),
    ("暴雨", "豪雨", "heavy rain"),
    ("强降雨", "強降雨", "heavy rain"),
    ("暴雪", "暴風雪", "snowstorm"),
    ("大雪", "大雪", "heavy snow"),
    ("寒潮", "寒潮", "cold wave"),
    ("强降温", "急遽降溫", "sharp drop in temperature"),
    ("降温", "降溫", "drop in temperature"),
    ("低温", "低溫", "low temperatures"),
    ("大风", "強風", "strong wind"),
    ("雷雨大风", "雷雨及強風", "thunderstorms and strong wind"),
    ("沙尘暴", "沙塵暴", "sandstorm"),
    ("沙尘", "沙塵", "blowing sand"),
    ("高温", "高溫", "high temperatures"),
    ("雷电", "雷電", "lightning"),
    ("雷暴", "雷暴", "thunderstorms"),
    ("强对流", "劇烈對流天氣", "severe storms"),
    ("冰雹", "冰雹", "hail"),
    ("霜冻", "霜凍", "frost"),
    ("大雾", "濃霧", "dense fog"),
    ("霾", "霾", "haze"),
    ("道路结冰", "路面結冰", "icy roads"),
    ("冰冻", "冰凍", "freezing conditions"),
    ("白色", "白色", "white"),
    ("蓝色", "藍色", "blue"),
    ("黄色", "黃色", "yellow"),
    ("橙色", "橙色", "orange"),
    ("红色", "紅色", "red"),
)
_COLUMN: Mapping[Wording, int] = {"zh_Hans": 0, "zh_Hant": 1, "en": 2}
_EVENT_OF = {name: event for event in reversed(_EVENTS) for name in event}


def lunar(locale: str, day: LunarDay) -> str:
    """A day of the lunar calendar, without its year: `农历八月十五`, `農曆閏六月初三`, `8th lunar month, day 15`."""
    match wording(locale):
        case "zh_Hans":
            return f"农历{day.name}"
        case "zh_Hant":
            return f"農曆{day.name.replace('闰', '閏').replace('腊', '臘')}"
        case "en":
            nth = f"{day.month}{_ENDINGS.get(day.month, 'th')}"
            return f"{'leap ' if day.leap else ''}{nth} lunar month, day {day.day}"


_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def weather(locale: str, event: str) -> str:
    """Weather events in the reader's language, in whichever of ours they are told; unchanged if we do not know them.

    Several stand side by side as the Chinese write them: `暴雨、大风`.
    """
    column = _COLUMN[wording(locale)]
    told = (_EVENT_OF.get(one) or _EVENT_OF.get(one.lower()) or (one,) * len(_COLUMN) for one in event.split("、"))
    return (", " if wording(locale) == "en" else "、").join(dict.fromkeys(one[column] for one in told))
