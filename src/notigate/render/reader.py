"""What a text may speak of: its reader, the project, the day, and what this run brings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from notigate.render.fault import missing
from notigate.render.salutation import salutation

if TYPE_CHECKING:
    from notigate.model import Facts, Person


class _Absent:
    """Stands for a name that nothing is known of; `None` and blanks come from the record."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()

#: from a name to its value; ABSENT where it has none
Lookup: TypeAlias = Callable[[str], object]


class Context(NamedTuple):
    """What all readers of one rendering run share."""

    #: the `project:` section: `name`, `hotline`, `city`, `closing` and what else the user wrote there
    project: Facts
    #: the business day the text is written for
    today: date
    #: what this run brings along (`-p KEY=VALUE`, a weather warning); goes before columns of the same name
    given: Facts = MappingProxyType({})
    #: staff occasions: the customers this colleague reads about
    customers: tuple[Person, ...] = ()
    #: the columns of the roster: where a record tells nothing of one, its cell is empty
    columns: Collection[str] = frozenset()


def lookup(reader: Person, context: Context, locale: str, name: str) -> object:
    """The value behind a name: what the run brings, then the built-in names, then the roster's columns."""
    if name in context.given:
        return context.given[name]
    if built_in := BUILT_IN.get(name):
        return built_in(reader, context, locale)
    return reader.facts.get(name, None if name in context.columns else ABSENT)


def attribute(value: object, name: str) -> object:
    """`value.name`: a key of a mapping, or a part of a day or time such as `today.month`. Other objects have none."""
    if isinstance(value, (dict, Mapping)):  # nearly always a dict, and that is told in no time
        return value.get(name, ABSENT)
    return getattr(value, name, ABSENT) if isinstance(value, date | time) and name in _PARTS else ABSENT


_PARTS = frozenset({"year", "month", "day", "hour", "minute"})


def is_blank(value: object) -> bool:
    """Is it known to be nothing? An empty cell is, 0 is not."""
    return value is ABSENT or value is None or value == ""


def _project(reader: Person, context: Context, _locale: str) -> Facts:
    """The project, by the name of the reader's own where the roster tells it."""
    own = reader.facts.get("project")
    return {**context.project, "name": own} if own else context.project


_SLOT = re.compile(r"\{(\w+)\}")
_CLOSING = "【{name}】{hotline}"


def _closing(reader: Person, context: Context, locale: str) -> str:
    """`project.closing` with the project's keys and the reader's consultant filled in; blanks are left out."""
    project = _project(reader, context, locale)

    def fill(slot: re.Match[str]) -> str:
        name = slot[1]
        if name in _CLOSING_NAMES or name in project:
            value = project.get(name, reader.facts.get(name))
            return "" if value is None else str(value)
        raise missing(f"project.{name}")

    return _SLOT.sub(fill, str(project.get("closing") or _CLOSING)).strip()


_CLOSING_NAMES = frozenset({"name", "hotline", "city", "consultant", "consultant_phone"})


def _customers(_reader: Person, context: Context, locale: str) -> tuple[Facts, ...]:
    """Each customer's columns, with `name` and `salutation`."""
    blank = dict.fromkeys(context.columns)
    return tuple(
        {**blank, **person.facts, "name": person.name, "salutation": salutation(person, locale)}
        for person in context.customers
    )


def _homes(reader: Person, _context: Context, _locale: str) -> tuple[str, ...] | None:
    """The reader's homes that the message is about, each in full; with its project where there are several."""
    records = reader.each_record
    several = len({record.get("project") for record in records}) > 1
    parts = ("project", "building", "unit", "home") if several else ("building", "unit", "home")
    told = [[str(record[part]) for part in parts if record.get(part)] for record in records if record.get("home")]
    return tuple(dict.fromkeys(("" if not "".join(words).isascii() else " ").join(words) for words in told)) or None


def _column(name: str) -> Callable[[Person, Context, str], object]:
    """A column that every text may ask for, whether this roster has it or not."""
    return lambda reader, _context, _locale: reader.facts.get(name)


BUILT_IN: Mapping[str, Callable[[Person, Context, str], object]] = {
    "salutation": lambda reader, _context, locale: salutation(reader, locale),
    "closing": _closing,
    "project": _project,
    "today": lambda _reader, context, _locale: context.today,
    "customers": _customers,
    "name": lambda reader, _context, _locale: reader.name,
    "family_name": lambda reader, _context, _locale: reader.family_name,
    "homes": _homes,
    "vip": lambda reader, _context, _locale: reader.vip,
    "consultant": _column("consultant"),
    "consultant_phone": _column("consultant_phone"),
}
