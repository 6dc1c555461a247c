"""Days as people and spreadsheets write them. What could mean two days is refused, not guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import isfinite

from notigate.audience.faults import Unfit
from notigate.moments import read_lunar_birthday

#: a birthday or a contract outside of these years is a slip of the pen
YEARS = range(1900, 2101)
#: the year of birthdays of which only month and day are known: a leap year that no living customer was born in
NO_YEAR = 1904
#: Excel counts days from here; and the numbers that are taken for such a count (1927 to 2099)
_EPOCH = date(1899, 12, 30)
_SERIALS = range(10_000, 73_051)

_REST = r"(?:[ T]*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)?(?:[ T]\s*(?:上午|下午)?\d{1,2}[:时点].*)?"
_BETWEEN = r"\s*[-/.,年月\\]\s*"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{1,2}})\s*[日号號]?{_REST}", re.ASCII)
# what is rarely met is compiled when it is: that takes longer than to read a hundred days
_YEAR_LAST = rf"(?a)(\d{{1,2}})\s*[-/.]\s*(\d{{1,2}})\s*[-/.]\s*(\d{{4}}){_REST}"
_SHORT_YEAR = (
    rf"(?a)'?\d{{2}}\s*年\s*\d{{1,2}}\s*月.*|\d{{2}}\s*[-/.]\s*\d{{1,2}}\s*[-/.]\s*\d{{1,2}}{_REST}"
    rf"|\d{{1,2}}\s*[-/.]\s*(?:\d{{1,2}}|[A-Za-z]{{3,9}})\s*[-/.]\s*\d{{2}}{_REST}"
)
_NO_YEAR = r"(?a)(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号號]?"
_NO_DAY = r"(?a)\d{4}(?:\s*[-/.年]\s*\d{1,2}\s*月?|年)?|\d{4}(?:0[1-9]|1[0-2])"
_DAY_NAMED = r"(?a)(\d{1,2})(?:st|nd|rd|th)?[ .-]+([A-Za-z]{3,9})[ .,-]+(\d{4})"
_NAMED_DAY = r"(?a)([A-Za-z]{3,9})[ .-]+(\d{1,2})(?:st|nd|rd|th)?[ .,-]+(\d{4})"
_MONTHS = {"janfebmaraprmayjunjulaugsepoctnovdec"[3 * n : 3 * n + 3]: n + 1 for n in range(12)}
_FIGURES: Mapping[str, int] = {figure: n % 10 for n, figure in enumerate("〇一二三四五六七八九零")} | {
    "○": 0,
    "两": 2,
    "元": 1,
}
_WRITTEN = r"(?:([〇○零一二三四五六七八九]{4})年)?(正|元|[一二三四五六七八九十]{1,2})月([一二三四五六七八九十廿卅]{1,3})[日号號]"
_EIGHT, _SIX = 8, 6

#: what says that a day is of the lunar calendar
_LUNAR = re.compile(r"\(?(?:农历|阴历|旧历|農曆|陰曆|舊曆|lunar)\)?|\([农阴農陰]\)", re.IGNORECASE)
_LUNAR_WORDS = re.compile(
    r"闰|閏|[正冬腊臘]月|初[一二三四五六七八九十]|廿"
    r"|[一二三四五六七八九十]{1,2}月[二三]?十?[一二三四五六七八九十]?\Z"
)


def read_day(value: object, *, year_known: bool = True) -> date:
    """Read a day of the calendar.

    Args:
        value: what stands in the cell; a number is Excel's count of days.
        year_known: False for birthdays: where only month and day are told, the year is `NO_YEAR`.

    Raises:
        Unfit: it is none, or could be two.
    """
    day = value.date() if isinstance(value, datetime) else value
    if not isinstance(day, date):
        day = _counted(day) if isinstance(day, int | float) else _written(_plain(day), year_known=year_known)
    if day is None or day.year not in YEARS:
        raise Unfit("not a day such as 2026-09-05")
    return day


def read_birthday(value: object) -> tuple[str, object]:
    """The column that a birthday belongs to, `birthday` or `lunar_birthday`, and the day.

    Raises:
        Unfit: as `read_day` and `read_lunar`.
    """
    text = _plain(value) if isinstance(value, str) else ""
    if _LUNAR.search(text) or (_LUNAR_WORDS.search(text) and not re.fullmatch(_WRITTEN, text)):
        return "lunar_birthday", read_lunar(value)
    return "birthday", read_day(value, year_known=False)


def read_lunar(value: object) -> object:
    """Read a lunar birthday: a spreadsheet's date, or text as `moments.read_lunar_birthday` understands it.

    Raises:
        Unfit: it is none.
    """
    if not isinstance(value, date):
        text = _LUNAR.sub("", _plain(value)).translate(str.maketrans("閏臘", "闰腊", " ")).rstrip("日号號")
        if re.fullmatch(r"[12]\d{7}", text):
            text = f"{text[4:6]}-{text[6:]}"
        value = text.replace("冬月", "十一月").replace("腊月", "十二月")
    if read_lunar_birthday(value) is None:
        raise Unfit("not a lunar day such as 8-15 or 八月十五")
    return value


def _plain(value: object) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip()


def _counted(number: float) -> date | None:
    """The day of Excel's count; a number such as 20260905 is one that somebody wrote."""
    if not isfinite(number):
        return None
    whole = int(number)  # never `float in range`: that tries them all
    if len(str(whole)) == _EIGHT:
        return _eight(str(whole))
    return _EPOCH + timedelta(days=whole) if whole in _SERIALS else _refused(str(whole))


def _written(text: str, *, year_known: bool) -> date | None:
    if text.isascii() and text.isdigit():
        return _eight(text) if len(text) == _EIGHT else _of_figures(text)
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(*map(int, found.groups()))
    if found := re.fullmatch(_YEAR_LAST, text):
        return _year_last(*map(int, found.groups()))
    if found := re.fullmatch(_DAY_NAMED, text):
        return _day(int(found[3]), _MONTHS.get(found[2][:3].lower(), 0), int(found[1]))
    if found := re.fullmatch(_NAMED_DAY, text):
        return _day(int(found[3]), _MONTHS.get(found[1][:3].lower(), 0), int(found[2]))
    month, day = _without_year(text)
    if month and year_known:
        raise Unfit("no year; write it as 2026-09-05")
    return _day(NO_YEAR, month, day) if month else _in_words(text) or _refused(text)


def _without_year(text: str) -> tuple[int, int]:
    found = re.fullmatch(_NO_YEAR, text)
    if found:
        return int(found[1]), int(found[2])
    words = re.fullmatch(_WRITTEN, text)
    return (_number(words[2]), _number(words[3])) if words and not words[1] else (0, 0)


def _in_words(text: str) -> date | None:
    """`二〇二六年九月五日`."""
    found = re.fullmatch(_WRITTEN, text)
    if not found:
        return None
    year = int("".join(str(_FIGURES[figure]) for figure in found[1]))
    return _day(year, _number(found[2]), _number(found[3]))


def _number(words: str) -> int:
    """A number below 40 in Chinese figures; 0 for what is none."""
    words = words.replace("廿", "二十").replace("卅", "三十").replace("正", "一").replace("元", "一")
    tens, ten, ones = words.rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or (not ten and not ones):
        return 0
    return (10 * (_FIGURES.get(tens, 1) if ten else 0)) + _FIGURES.get(ones, 0)


def _eight(text: str) -> date | None:
    return _day(int(text[:4]), int(text[4:6]), int(text[6:]))


def _of_figures(text: str) -> date | None:
    return _EPOCH + timedelta(days=int(text)) if len(text) < _SIX and int(text) in _SERIALS else _refused(text)


def _year_last(first: int, second: int, year: int) -> date | None:
    """Day and month, or month and day: told only by one that is no month."""
    most = 12
    if first <= most and second <= most and first != second:
        raise Unfit("day or month first? write it as 2026-09-05")
    return _day(year, second, first) if first > most else _day(year, first, second)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _refused(text: str) -> date | None:
    """None; where it can be told what is missing, that is told."""
    if re.fullmatch(_NO_DAY, text):
        raise Unfit("no day, only a year or month; write it as 2026-09-05")
    if re.fullmatch(_SHORT_YEAR, text) or re.fullmatch(r"\d{6}", text, re.ASCII):
        raise Unfit("a year of two digits; write it as 2026-09-05")
    return None
