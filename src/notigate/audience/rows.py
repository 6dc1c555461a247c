"""One row → one person, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Literal

from notigate import address, names
from notigate.audience import cells as reading
from notigate.audience.faults import BadRow, Unfit
from notigate.errors import sentence
from notigate.model import Person

#: characters of a faulty cell that are masked and shown
_SHOWN = 100
#: texts of one column that are understood once, and of all columns of days together
_TEXTS, _DAYS = 1 << 10, 1 << 15
#: what a blank cell tells
_NOTHING = object()
_TITLES: Mapping[str, Literal["mr", "ms"]] = {
    **dict.fromkeys(["mr", "m", "male", "man", "男", "男士", "男性", "先生"], "mr"),
    **dict.fromkeys(["ms", "mrs", "miss", "f", "female", "woman", "女", "女士", "女性", "小姐", "太太"], "ms"),
}


def _blank() -> dict[object, object]:
    return {"": _NOTHING, None: _NOTHING}


#: what a cell tells that was seen before; None for a new one
_look_up = dict[object, object].get


class _Column:
    """One column that is read."""

    __slots__ = ("_convert", "_most", "known", "name")

    def __init__(self, name: str, days: dict[object, object]) -> None:
        self.name = name
        self._convert = reading.converter(name)
        self._most = _DAYS if name == "birthday" or name.endswith("_on") else _TEXTS
        #: what texts tell that come again and again; those of all columns of days are the same
        self.known = days if name.endswith("_on") else _blank()

    def told(self, cell: object) -> object:
        """What a cell tells: the value of its column, or `_NOTHING`; where it tells something beside that, all facts.

        Raises:
            Unfit: it cannot be used.
        """
        if self.name == "phone" and address.is_plain_mobile(cell):
            return cell
        told = self._told(cell)
        if type(cell) is str and not isinstance(told, dict) and len(self.known) < self._most:
            self.known[cell] = told
        return told

    def _told(self, cell: object) -> object:
        if not self.name:
            return _NOTHING
        if self._convert is reading.as_text and (text := reading.harmless(cell)):
            return text
        facts = self._convert(self.name, cell)
        return (facts[self.name] if facts.keys() == {self.name} else facts) if facts else _NOTHING


class Reader:
    """Reads the rows of one table.

    Args:
        columns: our name of each column, or its own heading; empty where it is not read.
        spare: further columns of an address, in which it is looked for when its own column is blank.
    """

    def __init__(self, columns: Sequence[str], spare: Mapping[int, str] | None = None) -> None:
        days = _blank()
        self._columns = [_Column(name, days) for name in columns]
        self._names = columns
        self._known = [column.known for column in self._columns]
        self._spare = spare or {}
        wanted = {"name", *address.READERS}
        self._identifying = [(index, name) for index, name in enumerate(columns) if name in wanted]
        self._id = next((index for index, name in enumerate(columns) if name == "id"), None)

    def read(self, row: int, cells: Sequence[object]) -> Person | BadRow | None:
        """The person of a row; None when it is blank."""
        facts, faults = self.facts(row, cells)
        if faults:
            return faults[0]
        return person_of(row, facts) if facts else None

    def facts(self, row: int, cells: Sequence[object]) -> tuple[dict[str, object], list[BadRow]]:
        """What a row tells, and everything that is wrong with it."""
        faults: list[BadRow] = []
        if len(cells) > len(self._columns) and any(reading.plain(cell) != "" for cell in cells[len(self._columns) :]):
            told = sentence("more cells than headings; is a delimiter or a quote too many?")
            faults.append(BadRow(row=row, column="", template=told))
        # Trailing empty cells may be left out. Nearly all cells were seen before: those need no more than this.
        found = list(map(_look_up, self._known, cells))
        facts = {name: told for name, told in zip(self._names, found, strict=False) if told is not _NOTHING}
        if None in found:
            self._read_new(row, cells, found, facts, faults)
        if self._spare:
            self._look_elsewhere(facts, faults, cells)
        if "class" in facts and str(facts["class"]).casefold() in ("vip", "贵宾"):
            facts["vip"] = True
        if facts and not faults and not facts.setdefault("id", identity(facts)):
            faults.append(BadRow(row=row, column="", template=sentence("neither an id nor an address")))
        return facts, faults

    def _read_new(
        self, row: int, cells: Sequence[object], found: Sequence[object], facts: dict[str, object], faults: list[BadRow]
    ) -> None:
        """Read the cells that were not seen before. A column's own go before what others tell; only a wish stays."""
        beside: list[Mapping[str, object]] = []
        for column, cell, seen in zip(self._columns, cells, found, strict=False):
            if seen is not None:
                continue
            facts.pop(column.name, None)
            try:
                told = column.told(cell)
            except Unfit as unfit:
                faults.append(_fault(row, column.name, cell, unfit))
                continue
            if isinstance(told, dict):
                beside.append(told)
            elif told is not _NOTHING:
                facts[column.name] = told
        for told in beside:
            facts.update((name, value) for name, value in told.items() if value is True or name not in facts)

    def _look_elsewhere(self, facts: dict[str, object], faults: Sequence[BadRow], cells: Sequence[object]) -> None:
        """An address whose column is blank may stand in another one that is called alike."""
        for index, kind in self._spare.items():
            if kind not in facts and index < len(cells) and all(fault.column != kind for fault in faults):
                found = address.READERS[kind](cells[index])
                if isinstance(found, str):
                    facts[kind] = found

    def key(self, cells: Sequence[object]) -> str:
        """Tells which rows may be the same person; empty where a row does not tell who it is."""
        if self._id is not None and self._id < len(cells) and (told := reading.plain(cells[self._id])) != "":
            return str(told)
        facts: dict[str, object] = {}
        for index, name in self._identifying:
            if index < len(cells) and cells[index] not in ("", None):
                try:
                    facts.update(reading.converter(name)(name, cells[index]))
                except Unfit:
                    continue
        self._look_elsewhere(facts, (), cells)
        return identity(facts)


def _fault(row: int, name: str, cell: object, unfit: Unfit) -> BadRow:
    shown = address.mask("".join(c for c in str(reading.plain(cell))[:_SHOWN] if c.isprintable()))
    return BadRow(row=row, column=name, template=str(unfit), fields=unfit.fields, value=shown)


def person_of(row: int, facts: dict[str, object]) -> Person:
    """The person that a row tells of."""
    found = {kind: str(facts[kind]) for kind in address.READERS if kind in facts}
    return person(str(facts["id"]), found, facts, row)


def person(identity: str, addresses: Mapping[str, str], facts: Mapping[str, object], row: int | None = None) -> Person:
    """A reader of whom these facts are known."""
    name = names.read(str(facts.get("name") or ""))
    return Person(
        id=identity,
        name=name.text,
        family_name=str(facts.get("family_name") or name.family),
        title=_TITLES.get(str(facts.get("title", "")).casefold().rstrip("."), name.title),
        language=str(facts.get("language", "")),
        vip=facts.get("vip") is True,
        addresses=addresses,
        facts=facts,
        row=row,
    )


def stranger(identity: str, kind: str, found: str, given: Mapping[str, str]) -> Person:
    """A reader who is in no roster: known by an address of this kind, and by what the caller says."""
    return person(identity, {kind: found}, {**given, kind: found})


def identity(facts: Mapping[str, object]) -> str:
    """The id of a person, or one that is made of an address.

    It is stable while the row keeps its address. Families share a phone, so there the name belongs to it.
    """
    if facts.get("id"):
        return str(facts["id"])
    kind = next((kind for kind in address.READERS if kind in facts), "")
    told = f"{kind}\x1f{facts.get(kind)}\x1f{facts.get('name', '') if kind == 'phone' else ''}"
    return blake2b(told.encode("utf-8", "replace"), digest_size=10).hexdigest() if kind else ""
