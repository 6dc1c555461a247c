"""What the cells of a column tell, by its name; what comes again and again is understood once."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from notigate import address, names
from notigate.address import Fault
from notigate.audience import days
from notigate.audience.cells import NOTHING, as_text, checked, meant, plain
from notigate.audience.faults import Unfit
from notigate.errors import sentence

#: from a cell that is not blank to what it tells: the value of its column, or `NOTHING`; where it tells something beside
#: that, a dict of facts. Raises Unfit
Converter: TypeAlias = Callable[[object], object]

#: texts of one column that are understood once, and of columns of days
_TEXTS, _DAYS = 1 << 10, 1 << 15
#: columns whose cells may tell something beside their own value
TELLING = frozenset(["name", "birthday", "class"])
#: columns of days that a roster without them has all the same, by which column's cells
_TOLD: Mapping[str, str] = {"birthday": "lunar_birthday"}

_VIP = frozenset(["vip", "贵宾"])
_YES = frozenset(["1", "1.0", "yes", "y", "true", "t", "是", "有", "对", "√", "✓", "✔"]) | _VIP
_NO = frozenset(
    ["0", "0.0", "no", "n", "false", "f", "否", "无", "没有", "未", "不", "×", "✗", "-", "/", "none", "null"]
)
_RELATIONS: Mapping[str, str] = {
    word: relation
    for relation, words in {
        "owner": "owner co-owner self 业主 業主 本人 户主 戶主 产权人 產權人 主业主 第一业主 权利人 买受人 購房人 购房人 客户 "
        "共有人 共有产权人 共同买受人",
        "spouse": "spouse wife husband 配偶 妻子 丈夫 妻 夫 爱人 太太 先生 夫妻",
        "child": "child son daughter 子女 儿子 女儿 孩子 小孩 子 女 兒子 女兒 儿女 孙子 孙女",
        "tenant": "tenant renter 租户 租客 租戶 承租人 租赁户 租住 租赁",
    }.items()
    for word in words.split()
}
#: readers who are addressed as owners; the others only by occasions that ask for their relation
OWNERS = frozenset({"owner", "spouse"})
_NONE: Mapping[str, str] = {
    "phone": sentence("no phone number"),
    "email": sentence("no mail address"),
    "wecom": sentence("no WeCom id"),
}
_REASONS: Mapping[Fault, str] = {
    Fault.LOSSY: sentence("a spreadsheet has rounded it; format the column as text and fill it again"),
    Fault.SEVERAL: sentence("more than one in the cell"),
    Fault.MASKED: sentence("only a part of it is shown; export it in full"),
    Fault.NOT_MOBILE: sentence("no mobile phone, so no SMS can reach it"),
    Fault.NON_ASCII: sentence("letters before the @ that most mail servers refuse"),
}

#: an hour that says itself what zone it is of, as programs write it
_ZONED = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)? ?(?:Z|[+-]\d\d(?::?\d\d)?)"
#: characters of the shortest
_SHORTEST_ZONED = len("2026-11-20T16:00Z")
_LONE_DIGIT = re.compile(r"(?<![\d.])(\d)(?!\d)")
_FOREIGN = re.compile("[\x80-\u024f]")
_GB2312 = codecs.getencoder("gb2312")


class Column(dict[object, object]):
    """What the cells of a column tell, by the cell; one that was not seen before is read when it is asked for.

    Args:
        convert: how they are read.
        most: texts that are kept.
    """

    __slots__ = ("_convert", "_most")

    def __init__(self, convert: Converter, most: int) -> None:
        super().__init__({"": NOTHING, None: NOTHING})
        self._convert, self._most = convert, most

    def __missing__(self, cell: object) -> object:
        """Read a cell; raises Unfit where it cannot be used."""
        found = self._convert(cell)
        if type(cell) is str and len(self) < self._most:
            self[cell] = found
        return found


def of(names: Sequence[str], zone: tzinfo | None = None) -> list[Converter]:
    """How the cells under these names are read; under none they are not. All columns of days are one: a day is a day.

    What is another in nearly every row is not remembered.
    """
    day = Column(converter("_on", zone), _DAYS)
    return [
        converter(name)
        if name in ("id", "phone")
        else (day if name.endswith("_on") else Column(*_by_name(name, zone))).__getitem__
        for name in names
    ]


def told(names: Sequence[str]) -> frozenset[str]:
    """What rows under these names can tell: 农历八月十五 in a column of birthdays is a lunar one."""
    return frozenset(names).union(_TOLD[name] for name in names if name in _TOLD) - {""}


def _by_name(name: str, zone: tzinfo | None) -> tuple[Converter, int]:
    if not name:
        return (lambda _cell: NOTHING), 0
    return converter(name, zone), _DAYS if name == "birthday" else _TEXTS


def converter(name: str, zone: tzinfo | None = None) -> Converter:
    """How the cells of a column are read; `zone` is the project's, for days and hours that name one of their own."""
    if name in address.READERS:
        return _phone if name == "phone" else partial(_address, name)
    if name == "birthday" or name.endswith(("_on", "_at")):
        read = _birthday if name == "birthday" else _hour if name.endswith("_at") else _day
        return read if zone is None else lambda cell: read(_here(cell, zone))
    return _CONVERTERS.get(name, as_text)


def _here(cell: object, zone: tzinfo) -> object:
    """What names its zone, by the project's clock: to a program, midnight in China is 16:00 of the day before."""
    try:
        if type(cell) is str and len(cell) >= _SHORTEST_ZONED and re.fullmatch(_ZONED, cell.strip()):
            cell = datetime.fromisoformat(cell.strip().replace(" +", "+").replace(" -", "-"))
        return cell.astimezone(zone) if isinstance(cell, datetime) and cell.tzinfo else cell
    except (ValueError, OverflowError):
        return cell


def cleaned(name: str, cell: object, zone: tzinfo | None = None) -> object:
    """A cell that can be used as it was read; as it is where that would lose something: a title, `（已故）`, a day without year."""
    is_told = name in address.READERS or name.endswith("_on") or name in ("name", "birthday")
    if not is_told or cell in ("", None):
        return plain(cell)
    told = converter(name, zone)(cell)
    says_more = isinstance(told, dict) or (isinstance(told, date) and told.year == days.NO_YEAR)
    if told is NOTHING and name != "name":
        return ""
    return plain(cell) if says_more or told is NOTHING else told


def _phone(cell: object) -> object:
    return cell if address.is_plain_mobile(cell) else _address("phone", cell)


def _address(kind: str, cell: object) -> object:
    value = meant(cell)
    found = Fault.EMPTY if value == "" else address.READERS[kind](value)
    if found is Fault.EMPTY:
        return NOTHING
    if isinstance(found, Fault):
        raise Unfit(_REASONS.get(found, _NONE[kind]))
    return found


def _day(cell: object) -> object:
    value = meant(cell)
    return days.read_day(value) if value != "" else NOTHING


def _hour(cell: object) -> object:
    """A time of day, in the project's zone unless it names its own; a day where no hour is written."""
    value = cell if isinstance(cell, date) else meant(cell)
    if value == "" or isinstance(value, date):
        return value or NOTHING
    text = unicodedata.normalize("NFKC", str(value))
    if ":" not in text:
        return days.read_day(value)
    try:
        return datetime.fromisoformat(_LONE_DIGIT.sub(r"0\1", re.sub("[/年月]", "-", text).replace("日", "")))
    except ValueError:
        raise Unfit("not a time such as 2026-09-05 15:00") from None


def _birthday(cell: object) -> object:
    value = meant(cell)
    if value == "":
        return NOTHING
    column, day = days.read_birthday(value)
    return day if column == "birthday" else {column: day}


def _lunar(cell: object) -> object:
    value = meant(cell if isinstance(cell, date) else plain(cell))
    return days.read_lunar(value) if value != "" else NOTHING


def _name(cell: object) -> object:
    value = str(checked(cell))
    if _is_garbled(value):
        raise Unfit("characters that came out wrong; take it from its source again, in the right encoding")
    found = names.read(value)
    beside: dict[str, object] = {"title": found.title} if found.title and found.text != value else {}
    if found.remark.casefold() in _RELATIONS:
        beside["relation"] = _RELATIONS[found.remark.casefold()]
    if found.late:
        beside["do_not_greet"] = True
    if beside:
        return {"name": found.text, **beside} if found.text else beside
    return found.text or NOTHING


def _is_garbled(name: str) -> bool:
    """Was it written in UTF-8 and read as something else? Then the way back leads to Chinese."""
    try:
        _GB2312(name)
    except UnicodeEncodeError:
        return _leads_back(name)
    return False


def _leads_back(name: str) -> bool:
    for wrong in ("cp1252", "latin-1") if _FOREIGN.search(name) else ("gbk",):
        with suppress(UnicodeError):
            back = name.encode(wrong).decode("utf-8")
            if not back.isascii() and len(back) < len(name):
                return True
    return False


def _relation(cell: object) -> object:
    value = str(meant(cell)).casefold()
    return _RELATIONS.get(value, "other") if value else NOTHING


def _class(cell: object) -> object:
    value = as_text(cell)
    return {"class": value, "vip": True} if str(value).casefold() in _VIP else value


def _is_yes(cell: object) -> object:
    value = checked(cell)
    return str(value).casefold() in _YES if value != "" else NOTHING


def _is_not_no(cell: object) -> object:
    """Of wishes not to be bothered: whatever does not say no is one."""
    value = checked(cell)
    return str(value).casefold() not in _NO if value != "" else NOTHING


def _timezone(cell: object) -> object:
    value = meant(cell)
    try:
        return ZoneInfo(str(value)).key if value != "" else NOTHING
    except (KeyError, OSError, ValueError):
        raise Unfit("not a time zone such as Asia/Hong_Kong") from None


_CONVERTERS: Mapping[str, Converter] = {
    "name": _name,
    "lunar_birthday": _lunar,
    "relation": _relation,
    "class": _class,
    "vip": _is_yes,
    "opted_out": _is_not_no,
    "do_not_greet": _is_not_no,
    "less_often": _is_not_no,
    "timezone": _timezone,
}
