"""The kinds of weather: what authorities call by many names, and readers feel as one thing."""

from __future__ import annotations

from collections.abc import Mapping

#: kind → the names that fall under it. Source: the event types of QWeather's alert page, which are those of the China
#: Meteorological Administration; English ones as CAP feeds write them. What concerns ships alone has no kind.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "typhoon": ("台风", "台风暴雨", "颱風", "typhoon", "tropical cyclone", "hurricane"),
    "tornado": ("龙卷风", "tornado"),
    "rain": (
        "暴雨", "强降雨", "短时强降雨", "短历时强降水", "连阴雨", "渍涝风险", "豪雨", "rainstorm", "heavy rain", "rain",
    ),
    "snow": ("暴雪", "大雪", "雪灾", "snowstorm", "blizzard", "heavy snow"),
    "cold": (
        "寒潮", "寒冷", "强降温", "降温", "严寒", "低温", "持续低温", "低温冻害", "低温雨雪冰冻", "cold wave", "cold",
        "low temperatures", "drop in temperature", "sharp drop in temperature",
    ),
    "wind": ("大风", "雷雨大风", "雷暴大风", "下击暴流", "gale", "strong wind", "wind"),
    "sand": ("沙尘暴", "沙尘", "春季沙尘天气", "浓浮尘", "sandstorm", "dust storm", "blowing sand"),
    "heat": ("高温", "热浪", "干热风", "高温中暑", "中暑气象条件", "heat", "heat wave", "high temperatures"),
    "thunder": ("雷电", "雷暴", "强对流", "lightning", "thunderstorm", "thunderstorms", "severe storms"),
    "hail": ("冰雹", "hail"),
    "frost": ("霜冻", "frost"),
    "fog": ("大雾", "能见度不良", "fog", "dense fog"),
    "haze": ("霾", "重污染", "重污染天气", "haze"),
    "ice": ("道路结冰", "道路冰雪", "冰冻", "icy roads", "road icing", "freezing conditions"),
}  # fmt: skip

_FAMILY_OF = {name: kind for kind, names in FAMILIES.items() for name in (kind, *names)}


def family(event: str) -> str:
    """The kind of an event; a name that falls under none is a kind of its own."""
    name = event.strip()
    return _FAMILY_OF.get(name) or _FAMILY_OF.get(name.lower()) or name
