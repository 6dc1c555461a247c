"""One row → one person, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Literal

from notigate import address
from notigate.address import Fault
from notigate.errors import sentence
from notigate.model import Person
from notigate.moments import read_lunar_birthday
from notigate.render.salutation import family_name

#: characters in one cell; longer ones are a quote that was never closed
LONGEST_CELL = 10_000
#: characters of a faulty cell that are masked and shown
_SHOWN = 100
#: around cells: blanks of every kind, and the marks that are none to see
_BLANKS = " \t\r\n\v\f\u00a0\u2000\u2001\u2002\u2003\u2009\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2060\u3000\ufeff"
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ].*)?", re.ASCII)
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
#: a birthday or a contract outside of these years is a slip of the pen
_YEARS = range(1900, 2101)
_TITLES: Mapping[str, Literal["mr", "ms"]] = {
    **dict.fromkeys(["mr", "m", "male", "man", "男", "男士", "男性", "先生"], "mr"),
    **dict.fromkeys(["ms", "mrs", "miss", "f", "female", "woman", "女", "女士", "女性", "小姐", "太太"], "ms"),
}
_YES = frozenset(["1", "1.0", "yes", "y", "true", "t", "是", "有", "对", "√", "✓", "✔", "vip", "贵宾"])
_NO = frozenset(
    ["0", "0.0", "no", "n", "false", "f", "否", "无", "没有", "未", "不", "×", "✗", "-", "/", "none", "null"]
)
_NONE: Mapping[str, str] = {
    "phone": sentence("no phone number"),
    "email": sentence("no mail address"),
    "wecom": sentence("no WeCom id"),
}
_REASONS: Mapping[Fault, str] = {
    Fault.LOSSY: sentence("a spreadsheet has rounded it; format the column as text and fill it again"),
    Fault.SEVERAL: sentence("more than one in the cell"),
    Fault.NOT_MOBILE: sentence("no mobile phone, so no SMS can reach it"),
    Fault.NON_ASCII: sentence("letters before the @ that most mail servers refuse"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that cannot be used until somebody mends it; the others go on. Told like an error."""

    #: line of the file, from 1
    row: int
    #: our name of the column; empty when it is the row as a whole
    column: str
    template: str
    fields: Mapping[str, object] = field(default_factory=dict)
    #: masked
    value: str = ""

    @property
    def reason(self) -> str:
        """What is wrong, in English."""
        return self.template.format_map(self.fields)

    def __str__(self) -> str:
        where = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{where}: {self.reason} ({self.value})" if self.value else f"{where}: {self.reason}"


class _Unfit(Exception):  # noqa: N818 - a finding about one cell, not an error
    """Why a cell cannot be used."""

    def __init__(self, template: str, **fields: object) -> None:
        super().__init__(template)
        self.fields = fields


class Reader:
    """Reads the rows of one table."""

    def __init__(self, names: Sequence[str]) -> None:
        self._columns = [(name, _converter(name)) if name else None for name in names]
        self._seen: dict[str, int] = {}

    def read(self, row: int, cells: Sequence[object]) -> Person | BadRow | None:
        """The person of a row; None when it is blank."""
        if any(_plain(cell) != "" for cell in cells[len(self._columns) :]):
            told = sentence("more cells than headings; is a delimiter or a quote too many?")
            return BadRow(row=row, column="", template=told)
        facts = self._facts(row, cells)
        if isinstance(facts, BadRow):
            return facts
        return self._person(row, facts) if facts else None

    def _facts(self, row: int, cells: Sequence[object]) -> dict[str, object] | BadRow:
        facts: dict[str, object] = {}
        for column, cell in zip(self._columns, cells, strict=False):  # trailing empty cells may be left out
            value = cell.strip(_BLANKS) if type(cell) is str else _plain(cell)
            if value == "" or column is None:
                continue
            name, convert = column
            if convert is _hour:
                value = cell
            try:
                facts[name] = convert(value)
            except _Unfit as unfit:
                shown = address.mask(str(value)[:_SHOWN])
                return BadRow(row=row, column=name, template=str(unfit), fields=unfit.fields, value=shown)
        return facts

    def _person(self, row: int, facts: dict[str, object]) -> Person | BadRow:
        addresses = {kind: str(facts[kind]) for kind in address.READERS if kind in facts}
        identity = str(facts.get("id") or _identity(str(facts.get("name", "")), addresses))
        if not identity:
            return BadRow(row=row, column="", template=sentence("neither an id nor an address"))
        if identity in self._seen:
            fields = {"row": self._seen[identity]}
            return BadRow(row=row, column="id", template=sentence("repeats row {row}"), fields=fields)
        self._seen[identity] = row
        facts.setdefault("id", identity)
        if str(facts.get("class", "")).casefold() in ("vip", "贵宾"):
            facts["vip"] = True
        return person(identity, addresses, facts, row)


def person(identity: str, addresses: Mapping[str, str], facts: Mapping[str, object], row: int | None = None) -> Person:
    """A reader of whom these facts are known."""
    name = str(facts.get("name", ""))
    return Person(
        id=identity,
        name=name,
        family_name=str(facts.get("family_name") or family_name(name)),
        title=_TITLES.get(str(facts.get("title", "")).casefold().rstrip(".")),
        language=str(facts.get("language", "")),
        vip=facts.get("vip") is True,
        addresses=addresses,
        facts=facts,
        row=row,
    )


def stranger(identity: str, kind: str, found: str, given: Mapping[str, str]) -> Person:
    """A reader who is in no roster: known by an address of this kind, and by what the caller says."""
    return person(identity, {kind: found}, {**given, kind: found})


def _identity(name: str, addresses: Mapping[str, str]) -> str:
    """Stable while the row keeps its address: families share a phone, so there the name belongs to it."""
    kind = next(iter(addresses), "")
    told = f"{kind}\x1f{addresses.get(kind)}\x1f{name if kind == 'phone' else ''}"
    return blake2b(told.encode("utf-8", "replace"), digest_size=10).hexdigest() if kind else ""


def _converter(name: str) -> Callable[[object], object]:
    if name in address.READERS:
        return partial(_address, name)
    if name == "birthday" or name.endswith("_on"):
        return _day
    if name.endswith("_at"):
        return _hour
    return _CONVERTERS.get(name, _text)


def _address(kind: str, value: object) -> str:
    found = address.READERS[kind](value)
    if isinstance(found, Fault):
        raise _Unfit(_REASONS.get(found, _NONE[kind]))
    return found


@lru_cache(maxsize=1 << 16)
def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    found = _DAY.fullmatch(str(value)) or _EIGHT_DIGITS.fullmatch(str(value))
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise _Unfit("not a day such as 2026-09-05")
    return day


def _hour(value: object) -> date:
    """A time of day, in the project's zone unless it names its own; a day where no hour is written."""
    if isinstance(value, date):
        return value
    text = str(value).strip(_BLANKS)
    if _DAY.fullmatch(text) and not re.search(r"[T ]", text):
        return _day(text)
    try:
        return datetime.fromisoformat(text.replace("/", "-").replace("：", ":"))
    except ValueError:
        raise _Unfit("not a time such as 2026-09-05 15:00") from None


def _lunar(value: object) -> object:
    if read_lunar_birthday(value) is None:
        raise _Unfit("not a lunar day such as 8-15 or 八月十五")
    return value


def _is_yes(value: object) -> bool:
    return str(value).casefold() in _YES


def _is_not_no(value: object) -> bool:
    """Of wishes not to be bothered: whatever does not say no is one."""
    return str(value).casefold() not in _NO


def _text(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        raise _Unfit("longer than {limit} characters; is a quote never closed?", limit=LONGEST_CELL)
    return value


_CONVERTERS: Mapping[str, Callable[[object], object]] = {
    "lunar_birthday": _lunar,
    "vip": _is_yes,
    "opted_out": _is_not_no,
    "do_not_greet": _is_not_no,
}


def _plain(cell: object) -> object:
    """A cell of a spreadsheet or database as CSV would write it, but for days."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip(_BLANKS)
