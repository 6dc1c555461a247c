"""What is wrong with a row or a cell: findings for the clerk, told like errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Unfit(Exception):  # noqa: N818 - a finding about one cell, not an error
    """Why a cell cannot be used; what it says names what to do."""

    def __init__(self, template: str, **fields: object) -> None:
        super().__init__(template)
        self.fields = fields


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


class Changing(Protocol):
    """What may change after it was read."""

    @property
    def changed(self) -> str:
        """The name of the file that is no longer what was read; empty when it is."""
        ...


class BadRows(list[BadRow]):
    """The rows of one reading that cannot be used."""

    #: the roster that they stand in
    source: Changing | None = None
