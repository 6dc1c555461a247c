"""From the rows of a sheet to a table: which row holds the headings, and which rows are no people at all.

Exports carry a title above the headings, headings of two lines, totals and signatures below, and their headings again
where a page was broken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from notigate import address
from notigate.audience.tables import Note, Row, Table
from notigate.errors import AudienceError, sentence

#: rows in which the headings must be found
LOOK = 30

_TOTAL = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|grand total|sub-?total|total|sum)\s*[:：]?\s*[\d,.]*\s*\w?"
    r"|共\s*\d+\s*[户人条行位套]",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:制表|填表|审核|复核|审批|打印|导出|经办|备注|说明|注|签字|盖章|日期|单位)\w{0,4}\s*[:：].*", re.DOTALL
)
#: what these begin with
_BEGINS = frozenset("合总小共累gGtTsS制填审复打导经备说注签盖日单")

_SKIPPED = sentence("row {row} is read as a total or a remark, not as a person")


def laid_out(name: str, rows: Iterator[Row], known: Callable[[str], str], notes: list[Note], *, sheet: bool) -> Table:
    """Find the headings, and leave out what is no person.

    Args:
        name: of the file, as messages show it.
        rows: all rows that are not blank.
        known: our name for a heading; empty when we have none.
        notes: what is to be told of the file so far.
        sheet: cells to the right of all headings are somebody's notes, not a sign of a delimiter too many.

    Raises:
        AudienceError: there are no rows.
    """
    head = list(islice(rows, LOOK))
    if not head:
        raise AudienceError("{file}: is empty; its first line must hold the headings", file=name)
    texts = [[_text(cell) for cell in cells] for _row, cells in head]
    first, lines = _headings(texts, known)
    headings = _numbered(_trimmed(_combined(texts[first : first + lines])), known)
    rest = chain(head[first + lines :], rows)
    return Table(
        name=name,
        headings=tuple(headings),
        rows=_people(rest, headings, notes, len(headings) if sheet else None),
        notes=notes,
    )


def _headings(texts: Sequence[Sequence[str]], known: Callable[[str], str]) -> tuple[int, int]:
    """The first row of the headings, and how many there are: the fewest and first that name most columns apart."""
    best, found = (0, 0), (_first_full(texts), 1)
    for lines in (1, 2):
        for first in range(len(texts) - lines + 1):
            cells = _combined(texts[first : first + lines])
            named = {cell: name for cell in cells if cell and (name := known(cell))}
            fits = len(set(named.values())), -sum(cells.count(cell) > 1 for cell in named)
            if fits > best and named and not any(map(is_address, cells)):
                best, found = fits, (first, lines)
    return found


def _first_full(texts: Sequence[Sequence[str]]) -> int:
    """Where no heading is known: the first row that is no title, for it has as many cells as others."""
    filled = [sum(1 for cell in cells if cell) for cells in texts]
    return next(row for row, cells in enumerate(filled) if 2 * cells >= max(filled))


def _combined(lines: Sequence[Sequence[str]]) -> list[str]:
    """Headings of two lines: the lower one counts; where it repeats another, the upper one tells them apart."""
    lower = list(lines[-1])
    if len(lines) == 1:
        return lower
    upper = [*lines[0], *[""] * (len(lower) - len(lines[0]))]
    lower += [""] * (len(upper) - len(lower))
    combined: list[str] = []
    group = ""
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        combined.append(f"{group} {below}" if below and below in combined and group != below else below or above)
    return combined


def is_address(cell: str) -> bool:
    """Does a phone number or a mail address stand there, where a heading should?"""
    return "@" in cell or isinstance(address.read_phone(cell), str)


def _text(cell: object) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def _trimmed(headings: Sequence[str]) -> list[str]:
    last = max((column for column, heading in enumerate(headings, 1) if heading), default=0)
    return list(headings[:last])


def _numbered(headings: Sequence[str], known: Callable[[str], str]) -> list[str]:
    """Of headings that are there twice and mean nothing to us, the later ones with a number."""
    seen: Counter[str] = Counter()
    numbered = []
    for heading in headings:
        seen[heading] += 1
        again = heading and seen[heading] > 1 and not known(heading)
        numbered.append(f"{heading} {seen[heading]}" if again else heading)
    return numbered


def _people(rows: Iterator[Row], headings: Sequence[str], notes: list[Note], width: int | None) -> Iterator[Row]:
    known = frozenset(headings)
    begins = {heading[:1] for heading in headings}
    for row, cells in rows:
        for cell in cells:
            if first := str(cell).strip() if cell is not None else "":
                break
        else:
            continue
        # Nearly all begin with something else, and need no second look.
        if first[0] in _BEGINS and _is_remark(_text(first)) and not any(is_address(_text(cell)) for cell in cells):
            notes.append(Note(_SKIPPED, {"row": row}))
        elif first[0] not in begins or _text(first) not in known or not _repeats(known, cells):
            yield row, cells if width is None else cells[:width]


def _repeats(headings: frozenset[str], cells: Sequence[object]) -> bool:
    """Are these the headings again, as on every page of a printed list?"""
    told = [text for cell in cells if (text := _text(cell))]
    return len(told) > 1 and headings.issuperset(told)


def _is_remark(text: str) -> bool:
    return bool(_TOTAL.fullmatch(text) or _FOOTER.fullmatch(text))
