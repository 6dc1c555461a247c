"""One row → one person, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

from notigate import address, names
from notigate.audience.cells import NOTHING, plain
from notigate.audience.columns import TELLING, of
from notigate.audience.faults import BadRow, Unfit
from notigate.errors import sentence
from notigate.model import Person

if TYPE_CHECKING:
    from datetime import tzinfo

_TOO_MANY = sentence("more cells than headings; is a delimiter or a quote too many?")
#: characters of a faulty cell that are masked and shown
_SHOWN = 100
_TITLES: Mapping[str, Literal["mr", "ms"]] = {
    **dict.fromkeys(["mr", "m", "male", "man", "男", "男士", "男性", "先生"], "mr"),
    **dict.fromkeys(["ms", "mrs", "miss", "f", "female", "woman", "女", "女士", "女性", "小姐", "太太"], "ms"),
}


class Reader:
    """Reads the rows of one table.

    Args:
        columns: our name of each column, or its own heading; empty where it is not read.
        spare: further columns of an address, in which it is looked for when its own column is blank.
        zone: the project's, for days and hours that name one of their own.
    """

    def __init__(
        self, columns: Sequence[str], spare: Mapping[int, str] | None = None, zone: tzinfo | None = None
    ) -> None:
        self.zone = zone
        self._columns = list(zip(columns, of(columns, zone), strict=True))
        self._telling = TELLING.intersection(columns)
        self._spare = spare or {}
        self._kinds = [kind for kind in address.READERS if kind in {*columns, *self._spare.values()}]
        wanted = {"name", *address.READERS}
        self._identifying = [(index, *column) for index, column in enumerate(self._columns) if column[0] in wanted]
        self._id = next((index for index, name in enumerate(columns) if name == "id"), None)

    def read(self, row: int, cells: Sequence[object]) -> Person | BadRow | None:
        """The person of a row; None when it is blank."""
        facts, faults = self.facts(row, cells)
        if faults:
            return faults[0]
        return self.person(row, facts) if facts else None

    def person(self, row: int | None, facts: dict[str, object]) -> Person:
        """The person of whom a row tells these facts."""
        found: dict[str, str] = {}
        for kind in self._kinds:
            if kind in facts:
                found[kind] = str(facts[kind])
        return person(str(facts["id"]), found, facts, row)

    def facts(self, row: int, cells: Sequence[object]) -> tuple[dict[str, object], list[BadRow]]:
        """What a row tells, and everything that is wrong with it."""
        faults: list[BadRow] = []
        if len(cells) > len(self._columns) and any(plain(cell) != "" for cell in cells[len(self._columns) :]):
            faults.append(BadRow(row=row, column="", template=_TOO_MANY))
        facts: dict[str, object] = {}
        # Trailing empty cells may be left out. To say `strict=False` takes as long as to read four cells.
        for (name, read), cell in zip(self._columns, cells):  # noqa: B905 - as said above
            try:
                if (told := read(cell)) is not NOTHING:
                    facts[name] = told
            except Unfit as unfit:
                faults.append(_fault(row, name, cell, unfit))
        for name in self._telling:
            if type(beside := facts.get(name)) is dict:
                del facts[name]
                _take_in(facts, beside)
        if self._spare:
            self._look_elsewhere(facts, faults, cells)
        if facts and not faults and "id" not in facts:
            facts["id"] = identity(facts)
            if not facts["id"]:
                faults.append(BadRow(row=row, column="", template=sentence("neither an id nor an address")))
        return facts, faults

    def _look_elsewhere(self, facts: dict[str, object], faults: Sequence[BadRow], cells: Sequence[object]) -> None:
        """An address whose column is blank may stand in another one that is called alike."""
        for index, kind in self._spare.items():
            if kind not in facts and index < len(cells) and all(fault.column != kind for fault in faults):
                found = address.READERS[kind](cells[index])
                if isinstance(found, str):
                    facts[kind] = found

    def key(self, cells: Sequence[object]) -> str:
        """Tells which rows may be the same person; empty where a row does not tell who it is."""
        if self._id is not None and self._id < len(cells) and (told := plain(cells[self._id])) != "":
            return str(told)
        facts: dict[str, object] = {}
        for index, name, read in self._identifying:
            if index < len(cells):
                with suppress(Unfit):
                    told = read(cells[index])
                    facts.update(told if type(told) is dict else {name: told} if told is not NOTHING else {})
        self._look_elsewhere(facts, (), cells)
        return identity(facts)


def _take_in(facts: dict[str, object], beside: Mapping[str, object]) -> None:
    """What a cell tells beside its own: a column's own goes before it; only a wish stays."""
    facts.update((name, told) for name, told in beside.items() if told is True or name not in facts)


def _fault(row: int, name: str, cell: object, unfit: Unfit) -> BadRow:
    shown = address.mask("".join(c for c in str(plain(cell))[:_SHOWN] if c.isprintable()))
    return BadRow(row=row, column=name, template=str(unfit), fields=unfit.fields, value=shown)


def person(identity: str, addresses: Mapping[str, str], facts: Mapping[str, object], row: int | None = None) -> Person:
    """A reader of whom these facts are known."""
    known = facts.get
    name = names.read(str(known("name") or ""))
    family, language = str(known("family_name") or name.family), str(known("language", ""))
    title = _title(str(known("title", ""))) or name.title
    # By its class it takes four times as long, for everybody who is concerned.
    return tuple.__new__(
        Person, (identity, name.text, family, title, language, known("vip") is True, addresses, facts, row, ())
    )


@lru_cache
def _title(written: str) -> Literal["mr", "ms"] | None:
    return _TITLES.get(written.casefold().rstrip("."))


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
