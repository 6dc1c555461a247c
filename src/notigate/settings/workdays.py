"""`workdays:`, and the file of days that it may name.

years: [2027]                      # of these, every day that differs from Monday to Friday is named here
rest: [2027-01-01, 2027-02-05..2027-02-11]
work: [2027-02-20]
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from notigate.documents import Node, bind, bound, gathered, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notigate.calendar import WorkdayRule

#: days; a longer span is a slip of the pen
_LONGEST = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Workdays:
    """Whose workdays, and the days that the project tells itself."""

    rule: WorkdayRule = "china"
    #: True for a workday
    days: Mapping[date, bool] = field(default_factory=dict)
    #: of which `days` names every day that differs from Monday to Friday
    years: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    #: whose workdays
    rule: Literal["china", "every-day", "file"] = "file"
    #: days that differ from the rule's; with `file`, all that is known
    file: Path | None = None

    def __post_init__(self) -> None:
        if self.rule == "file" and self.file is None:
            raise ValueError("write china, every-day, or {file: workdays.yaml}")


#: what `workdays:` is bound to: a word, or a section
WORKDAYS = Literal["china", "every-day"] | _Section


def _span(node: Node) -> tuple[date, ...]:
    """`2027-01-01`, or `2027-02-05..2027-02-11`, both ends included."""
    first, _, last = bound(node, str).partition("..")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise node.place.fault("expected a day such as 2027-01-01, or days such as 2027-02-05..2027-02-11") from None
    if not 0 <= (end - start).days < _LONGEST:
        raise node.place.fault("the first day comes first, and the last within a year")
    return tuple(start + timedelta(days=number) for number in range((end - start).days + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    #: of these, every day that differs from Monday to Friday is named here
    years: tuple[int, ...] = ()
    #: days, or spans such as `2027-02-05..2027-02-11`
    rest: tuple[Annotated[tuple[date, ...], _span], ...] = ()
    #: the same; goes before `rest`
    work: tuple[Annotated[tuple[date, ...], _span], ...] = ()

    def days(self) -> Mapping[date, bool]:
        """True for a workday; one that is also named as a rest day is worked on: make-up days lie inside holidays."""
        rest = {day: False for span in self.rest for day in span}
        return rest | {day: True for span in self.work for day in span}


def workdays(node: Node) -> Workdays:
    """The `workdays:` section: `china`, `every-day`, or `{file: workdays.yaml}`, whose days are all that is known.

    With `{rule: china, file: …}` the file moves single days of the State Council's calendar, or adds years to it.

    Raises:
        ConfigError: with every fault, also of the file.
    """
    word = isinstance(node.value, str)
    section = bound(replace(node, value={"rule": node}) if word else node, _Section)
    if section.file is None:
        return Workdays(rule=section.rule)
    written, faults = bind(read(section.file), _File)
    if written is None:
        raise gathered(faults)
    if section.rule == "file" and not written.years:
        raise node.place.fault("{file} names no years: [2027], so no day would be known", file=section.file.name)
    return Workdays(rule=section.rule, days=written.days(), years=frozenset(written.years))
