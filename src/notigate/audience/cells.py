"""One cell → the facts it tells, by the column it stands in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from notigate import address, names
from notigate.address import Fault
from notigate.audience import days
from notigate.audience.faults import Unfit
from notigate.errors import sentence

#: from a column's name and a cell that is not blank to facts; raises Unfit
Converter: TypeAlias = Callable[[str, object], Mapping[str, object]]

#: characters in one cell; longer ones are a quote that was never closed
LONGEST_CELL = 10_000
#: the same of cells that need no second look
_SHORT = 200
#: around cells: blanks of every kind, and the marks that are none to see
_BLANKS = " \t\r\n\v\f\u00a0\u2000\u2001\u2002\u2003\u2009\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2060\u3000\ufeff"
#: what is written where nothing is known
_NOTHING = frozenset(
    (  # noqa: SIM905 - quotation marks would hide the words
        "无 無 暂无 暫無 没有 沒有 未知 不详 不詳 空 (空) 未填 未提供 待补 待定 - -- — —— / \\ . n/a na null none nil unknown 0 0.0"
    ).split()
)
_YES = frozenset(["1", "1.0", "yes", "y", "true", "t", "是", "有", "对", "√", "✓", "✔", "vip", "贵宾"])
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

_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"=(?:\Z|[A-Za-z0-9+\-('\"$@{])")
_FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_TOO_NARROW = re.compile(r"#{3,}")
_LOST = re.compile("\ufffd|锟斤拷|烫烫烫")
_LONE_DIGIT = re.compile(r"(?<![\d.])(\d)(?!\d)")
_FOREIGN = re.compile("[\x80-\u024f]")


def converter(name: str) -> Converter:
    """How the cells of a column are read."""
    if name in address.READERS:
        return _address
    if name == "birthday":
        return _birthday
    if name.endswith("_at"):
        return _hour
    return _day if name.endswith("_on") else _CONVERTERS.get(name, as_text)


def plain(cell: object) -> object:
    """A cell of a spreadsheet or database as CSV would write it, but for days."""
    if type(cell) is str:
        return cell.strip(_BLANKS)
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip(_BLANKS)


def cleaned(name: str, cell: object) -> object:
    """A cell that can be used as it was read; where it tells something else than it says, as it is."""
    is_told = name in address.READERS or name.endswith("_on") or name in ("name", "birthday")
    if not is_told or cell in ("", None):
        return plain(cell)
    facts = converter(name)(name, cell)
    return facts.get(name, plain(cell) if facts or name == "name" else "")


def _checked(cell: object) -> object:
    """The same, refused where it is no value but the trace of a fault."""
    value = plain(cell)
    if type(value) is not str:
        return value
    if len(value) > LONGEST_CELL:
        raise Unfit("longer than {limit} characters; is a quote never closed?", limit=LONGEST_CELL)
    if value[:1] in "=#" and value:
        return _computed(value)
    if not value.isascii() and _LOST.search(value):
        raise Unfit("characters were lost when this was saved in another encoding; take it from its source again")
    return value


def _computed(value: str) -> str:
    if text := _TEXT_FORMULA.fullmatch(value):
        return text[1].strip(_BLANKS)
    if _TOO_NARROW.fullmatch(value):
        raise Unfit("its column was too narrow when it was saved; widen it and save again")
    if _FAILED.fullmatch(value):
        raise Unfit("a formula that failed; put a value there")
    if _FORMULA.match(value):
        raise Unfit("a formula instead of its value; open it in Excel and save it, or paste the values alone")
    return value


def _told(cell: object) -> object:
    """The same; nothing, where somebody wrote that there is nothing. Numbers stay numbers."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell or ""
    value = _checked(cell)
    return "" if type(value) is str and value.casefold() in _NOTHING else value


def harmless(cell: object) -> str:
    """What nearly every cell is: a text that needs no second look. Empty for all others."""
    if type(cell) is not str or len(cell) > _SHORT:
        return ""
    text = cell.strip(_BLANKS)
    return text if text[:1] not in "=#" and (text.isascii() or not _LOST.search(text)) else ""


def as_text(name: str, cell: object) -> Mapping[str, object]:
    """A column of which no more is known: its text is a fact."""
    value = _checked(cell)
    return {name: value} if value != "" else {}


def _address(kind: str, cell: object) -> Mapping[str, object]:
    if kind == "phone" and address.is_plain_mobile(cell):
        return {kind: cell}
    value = _told(cell)
    found = Fault.EMPTY if value == "" else address.READERS[kind](value)
    if found is Fault.EMPTY:
        return {}
    if isinstance(found, Fault):
        raise Unfit(_REASONS.get(found, _NONE[kind]))
    return {kind: found}


def _day(name: str, cell: object) -> Mapping[str, object]:
    value = _told(cell)
    return {name: days.read_day(value)} if value != "" else {}


def _hour(name: str, cell: object) -> Mapping[str, object]:
    """A time of day, in the project's zone unless it names its own; a day where no hour is written."""
    value = cell if isinstance(cell, date) else _told(cell)
    if value == "" or isinstance(value, date):
        return {name: value} if value else {}
    text = unicodedata.normalize("NFKC", str(value))
    if ":" not in text:
        return {name: days.read_day(value)}
    try:
        return {name: datetime.fromisoformat(_LONE_DIGIT.sub(r"0\1", re.sub("[/年月]", "-", text).replace("日", "")))}
    except ValueError:
        raise Unfit("not a time such as 2026-09-05 15:00") from None


def _birthday(_name: str, cell: object) -> Mapping[str, object]:
    value = _told(cell)
    return dict([days.read_birthday(value)]) if value != "" else {}


def _lunar(name: str, cell: object) -> Mapping[str, object]:
    value = _told(cell if isinstance(cell, date) else plain(cell))
    return {name: days.read_lunar(value)} if value != "" else {}


def _name(_name: str, cell: object) -> Mapping[str, object]:
    value = str(_checked(cell))
    if _is_garbled(value):
        raise Unfit("characters that came out wrong; take it from its source again, in the right encoding")
    found = names.read(value)
    facts: dict[str, object] = {"name": found.text} if found.text else {}
    if found.title and found.text != value:
        facts["title"] = found.title
    if found.remark.casefold() in _RELATIONS:
        facts["relation"] = _RELATIONS[found.remark.casefold()]
    return {**facts, "do_not_greet": True} if found.late else facts


def _is_garbled(name: str) -> bool:
    """Was it written in UTF-8 and read as something else? Then the way back leads to Chinese."""
    if name.isascii():
        return False
    for wrong in ("cp1252", "latin-1") if _FOREIGN.search(name) else ("gbk",):
        try:
            name.encode("gb2312")
        except UnicodeEncodeError:
            pass
        else:
            return False
        try:
            back = name.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
        if not back.isascii() and len(back) < len(name):
            return True
    return False


def _relation(name: str, cell: object) -> Mapping[str, object]:
    value = str(_told(cell)).casefold()
    return {name: _RELATIONS.get(value, "other")} if value else {}


def _is_yes(name: str, cell: object) -> Mapping[str, object]:
    value = _checked(cell)
    return {name: str(value).casefold() in _YES} if value != "" else {}


@lru_cache(maxsize=64)
def _is_not_no(name: str, cell: object) -> Mapping[str, object]:
    """Of wishes not to be bothered: whatever does not say no is one."""
    value = _checked(cell)
    return {name: str(value).casefold() not in _NO} if value != "" else {}


def _timezone(name: str, cell: object) -> Mapping[str, object]:
    value = _told(cell)
    try:
        return {name: ZoneInfo(str(value)).key} if value != "" else {}
    except (KeyError, OSError, ValueError):
        raise Unfit("not a time zone such as Asia/Hong_Kong") from None


_CONVERTERS: Mapping[str, Converter] = {
    "name": _name,
    "lunar_birthday": _lunar,
    "relation": _relation,
    "vip": _is_yes,
    "opted_out": _is_not_no,
    "do_not_greet": _is_not_no,
    "less_often": _is_not_no,
    "timezone": _timezone,
}
