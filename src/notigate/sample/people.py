"""Invented people: three for each day of a leap year, and some for what happens around today.

Numbers count up from 138 0000 0000 and mail goes to example.com, so that nobody can take them for real ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

COLUMNS = (
    *("id", "name", "title", "phone", "email", "language", "birthday", "lunar_birthday", "project", "building"),
    *("unit", "home", "class", "vip", "consultant", "consultant_phone", "opted_out", "do_not_greet"),
    *("subscribed_on", "signed_on", "handover_on", "handover_slot", "handover_place"),
)
#: as `staff:` of sample.yaml names them
CONSULTANTS = (("李娜", "13811110001"), ("陈晨", "13811110002"), ("周敏", "13811110003"), ("Grace Lin", "13811110004"))
PROJECTS = ("青年城", "锦江里", "望山居")

_A_DAY = 3
_LEAP_YEAR = [date(2000, 1, 1) + timedelta(days=day) for day in range(366)]
_NAMES = {
    "zh-CN": ("王 李 张 刘 陈 杨 赵 欧阳 周 诸葛 吴 徐 孙", "芳 伟 秀英 敏 静 磊 洋 艳 勇 娟 涛 明 超 霞 平 刚 桂英"),
    "zh-TW": ("陳 林 黃 張 歐陽 吳 劉 蔡 楊", "雅婷 志明 淑芬 家豪 怡君 俊傑 美玲 建宏 心怡 宗翰 佩珊"),
    "en": (
        "Smith Brown Miller Wilson Moore Taylor Clark",
        "Anna Peter Mary John Linda David Susan Paul Emma Mark Alice",
    ),
}


def rows(today: date) -> Iterator[Sequence[str]]:
    """The rows of the sample's roster; the same ones for the same day."""
    people = [*_birthdays(), *_lately(today)]
    for number, person in enumerate(people, 1):
        known = {"id": f"C{number:04d}", **_home(number), **person}
        yield [known.get(column, "") for column in COLUMNS]


def _birthdays() -> Iterator[dict[str, str]]:
    """Of the three of a day, the first two can be reached and want to be."""
    for number, day in enumerate(day for day in _LEAP_YEAR for _ in range(_A_DAY)):
        nth, week = number % _A_DAY, number // _A_DAY
        language = ("zh-CN", "zh-TW", "zh-CN", "en")[week % 4] if nth == 1 else "zh-CN"
        born = day.replace(year=1952 + 4 * (number % 12))
        bought = date(2012, 1, 1) + timedelta(days=number)
        yield {
            **_named(number, language),
            **(_reluctant(week) if nth == _A_DAY - 1 else {}),
            "birthday": born.isoformat(),
            "class": "VIP" if number % 29 == 0 else "ABC"[number % 3],
            "subscribed_on": bought.isoformat(),
            "signed_on": (bought + timedelta(days=7)).isoformat() if number % 4 else "",
        }


def _reluctant(week: int) -> dict[str, str]:
    """Some opted out, some must not be greeted, some cannot be reached, some by mail alone."""
    return (
        {"phone": ""},
        {"opted_out": "是"},
        {"phone": "", "email": ""},
        {"do_not_greet": "是"},
    )[week % 4]


def _lately(today: date) -> Iterator[dict[str, str]]:
    """Those who subscribed these days, whose homes are ready, who keep the lunar birthday; and one who only looked."""
    first = len(_LEAP_YEAR) * _A_DAY
    for ago in range(6):
        yield {**_named(first + ago, "zh-CN"), "class": "A", "subscribed_on": (today - timedelta(days=ago)).isoformat()}
    for ahead in range(6):
        yield {
            **_named(first + 6 + ahead, "zh-CN"),
            "subscribed_on": "2023-03-01",
            "signed_on": "2023-03-09",
            "handover_on": (today + timedelta(days=14 + ahead)).isoformat(),
            "handover_slot": f"{9 + ahead}:00-{10 + ahead}:00",
            "handover_place": "物业服务中心",
        }
    for number, lunar in enumerate(("正月初一", "8-15", "闰6-18", "腊月三十")):
        yield {**_named(first + 12 + number, "zh-CN"), "lunar_birthday": lunar, "subscribed_on": "2020-06-01"}
    yield {**_named(first + 16, "zh-CN"), "class": "D"}


def _named(number: int, language: str) -> dict[str, str]:
    families, given = (names.split() for names in _NAMES[language])
    family, own = families[number % len(families)], given[number % len(given)]
    return {
        "name": f"{own} {family}" if language == "en" else family + own,
        "title": ("女士", "先生", "")[number % 3] if language != "en" else ("Ms", "Mr")[number % 2],
        "phone": str(13800000000 + number),
        "email": f"customer{number}@example.com" if number % 3 else "",
        "language": language,
    }


def _home(number: int) -> dict[str, str]:
    consultant, phone = CONSULTANTS[number % len(CONSULTANTS)]
    return {
        "project": PROJECTS[number % len(PROJECTS)],
        "building": f"{1 + number % 9}号楼",
        "unit": f"{1 + number % 2}单元",
        "home": f"{1 + number % 30}{1 + number % 4:02d}",
        "vip": "是" if number % 53 == 0 else "",
        "consultant": consultant,
        "consultant_phone": phone,
    }
