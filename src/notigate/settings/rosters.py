"""Where the people are read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from notigate.documents import Node, bound
from notigate.documents.nodes import SHOWN
from notigate.documents.schema import Shape
from notigate.settings.databases import url

_OUR_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """A query to the user's own database; its columns are the roster's."""

    #: of the database, as SQLAlchemy writes it: `sqlite:///crm.db`, `postgresql+psycopg://…`; may hold a password
    url: Annotated[str, url, Shape(str)] = field(repr=False)
    #: begins with SELECT or WITH; its columns are the headings, its rows the people
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The `roster:` section: a file, a query, or what a plugin reads."""

    #: a CSV file or a workbook (.xlsx, .xls, .ods), whatever its name says
    file: Path | None = None
    #: of a workbook; None where there is one only, or one only that looks like a roster
    sheet: str | None = None
    #: of a CSV file, such as gb18030 or big5; None means that its bytes tell
    encoding: str | None = None
    #: our name → their heading
    columns: Mapping[str, str] = field(default_factory=dict)
    #: a query instead of a file
    sql: Sql | None = None
    #: neither file nor query: the keys for a plugin that implements `notigate_audiences`
    source: Mapping[str, object] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if (self.file is not None) + (self.sql is not None) + bool(self.source) != 1:
            raise ValueError("name one source of people: file, or sql with url and query")
        check_encoding(self.encoding)
        for name in self.columns:
            if not _OUR_NAME.fullmatch(name):
                raise ValueError(f"columns: {name!r} is no name of ours; write our_name: Their heading")


_KEYS = tuple(key.name for key in fields(Roster) if key.name != "source")


def roster(node: Node) -> Roster:
    """The `roster:` section; keys that are neither ours nor near to ours are for a plugin.

    Raises:
        ConfigError: with every fault.
    """
    foreign = node.without(_KEYS)
    typo = any(get_close_matches(key[:SHOWN], _KEYS, 1) for key in foreign.entries)
    if foreign.entries and not typo and {"file", "sql"}.isdisjoint(node.entries):
        node = replace(node, value={**node.only(_KEYS).entries, "source": foreign})
    return bound(node, Roster)


def check_encoding(encoding: str | None) -> None:
    """Refuse a name that no encoding has.

    Raises:
        ValueError: tells which there are.
    """
    try:
        b"a".decode(encoding or "utf-8")
    except (LookupError, UnicodeError):
        raise ValueError(f"encoding: there is no {encoding!r}; write utf-8, gb18030 or big5") from None
