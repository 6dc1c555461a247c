"""What stands in a cell: a text without what surrounds it, nothing, or the trace of a fault."""

from __future__ import annotations

import re
from datetime import date, datetime

from notigate.audience.faults import Unfit

#: what a blank cell tells
NOTHING = object()
#: characters in one cell; longer ones are a quote that was never closed
LONGEST_CELL = 10_000
#: the same of cells that need no second look
_SHORT = 200
#: around cells: blanks of every kind, and the marks that are none to see
_BLANKS = " \t\r\n\v\f\u00a0\u2000\u2001\u2002\u2003\u2009\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2060\u3000\ufeff"
#: what is written where nothing is known
_WORDS_OF_NOTHING = frozenset(
    (  # noqa: SIM905 - quotation marks would hide the words
        "无 無 暂无 暫無 没有 沒有 未知 不详 不詳 空 (空) 未填 未提供 待补 待定 - -- — —— / \\ . n/a na null none nil unknown 0 0.0"
    ).split()
)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_FORMULA = re.compile(r"=(?:\Z|[A-Za-z0-9+\-('\"$@{])")
_FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_TOO_NARROW = re.compile(r"#{3,}")
_LOST = re.compile("\ufffd|锟斤拷|烫烫烫")


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


def checked(cell: object) -> object:
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


def meant(cell: object) -> object:
    """The same; nothing, where somebody wrote that there is nothing. Numbers stay numbers."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell or ""
    value = checked(cell)
    return "" if type(value) is str and value.casefold() in _WORDS_OF_NOTHING else value


def as_text(cell: object) -> object:
    """A column of which no more is known: its text is a fact."""
    if type(cell) is str and len(cell) <= _SHORT:
        text = cell.strip(_BLANKS)
        if text[:1] not in "=#" and (text.isascii() or not _LOST.search(text)):
            return text
    value = checked(cell)
    return value if value != "" else NOTHING
