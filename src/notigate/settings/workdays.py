"""`workdays:`, and the file of days that it may name.

years: [2027]                      # of these, every day that differs from Monday to Friday is named here
rest: [2027-01-01, 2027-02-05..2027-02-11]
work: [2027-02-20]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from notigate.calendar import Workdays
from notigate.documents import Node, bind, bound, gathered, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from notigate.errors import ConfigError

#: days; a longer span is a slip of the pen
_LONGEST = 366
#: where notices are taken over to, beside `notigate.yaml`, unless `workdays:` names a file
TAKEN = "workdays.yaml"
_SATURDAY, _DECEMBER = 5, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    #: whose workdays
    rule: Literal["china", "every-day", "file"] | None = None
    #: days that differ from the rule's; with `file`, all that is known
    file: Path | None = None
    #: `weekdays`: in a year of which nobody knows the rest days, take Monday to Friday for workdays, and record it
    assume: Literal["nothing", "weekdays"] = "nothing"

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
    """The `workdays:` section: `china`, `every-day`, or `{file: company.yaml}`, whose days are all that is known.

    With `{rule: china, file: …}` the file moves single days of the State Council's calendar, or adds years to it.

    Raises:
        ConfigError: with every fault, also of the file.
    """
    word = isinstance(node.value, str)
    section = bound(replace(node, value={"rule": node}) if word else node, _Section)
    rule, may_assume = section.rule or ("file" if section.file else "china"), section.assume == "weekdays"
    if section.file is None:
        return Workdays(rule=rule, may_assume=may_assume)
    written = days_in(section.file)
    if rule == "file" and not written.years:
        raise node.place.fault("{file} names no years: [2027], so no day would be known", file=section.file.name)
    return replace(written, rule=rule, may_assume=may_assume)


def days_in(file: Path) -> Workdays:
    """The days that a file names.

    Raises:
        ConfigError: with every fault.
    """
    written, faults = bind(read(file), _File)
    if written is None:
        raise gathered(faults)
    return Workdays(days=written.days(), years=frozenset(written.years))


def named_file(section: Node | None) -> Path | None:
    """The file that a `workdays:` section names."""
    named = section is not None and not isinstance(section.value, str) and "file" in section.entries
    return bound(section, _Section).file if section is not None and named else None


def checked(file: Path) -> Workdays:
    """A State Council's notice that somebody has written down, before it is taken over.

    Raises:
        ConfigError: with every fault of it, each with its line.
    """
    document = read(file)
    written, faults = bind(document, _File)
    if written is None:
        raise gathered(faults)
    found = list(_faults(document.root, written))
    if found:
        raise gathered(found)
    return Workdays(days=written.days(), years=frozenset(written.years))


def _faults(root: Node, written: _File) -> Iterator[ConfigError]:
    if not written.years:
        yield root.place.fault("names no years: [2027]; of which years does it name all rest days?")
    rest = {day for span in written.rest for day in span}
    for year in written.years:
        if not any(day.year == year for day in rest):
            yield root.entries["years"].place.fault("no rest day of {year} is named", year=year)
    for key, spans in (("rest", written.rest), ("work", written.work)):
        seen: set[date] = set()
        for node, span in zip(root.entries[key].items if key in root.entries else (), spans, strict=True):
            yield from _misplaced(node, span, written.years)
            if twice := seen.intersection(span):
                yield node.place.fault("{day} is named twice", day=min(twice))
            seen.update(span)
            if key == "work" and (plain := [day for day in span if day.weekday() < _SATURDAY and day not in rest]):
                yield node.place.fault("{day} is a workday anyway: neither a weekend nor among `rest`", day=plain[0])


def _misplaced(node: Node, span: Sequence[date], years: Collection[int]) -> Iterator[ConfigError]:
    """A notice speaks of its years, and of the December before: New Year's holiday may begin there."""
    for day in span:
        if day.year not in years and not (day.month == _DECEMBER and day.year + 1 in years):
            yield node.place.fault("{day} is not in the years that the file names", day=day)
            return


def written(workdays: Workdays) -> str:
    """The days as a file that can be read again."""
    lists = {
        "rest": sorted(day for day, works in workdays.days.items() if not works),
        "work": sorted(day for day, works in workdays.days.items() if works),
    }
    lines = [f"years: [{', '.join(map(str, sorted(workdays.years)))}]"]
    for key, days in lists.items():
        lines += [f"{key}:", *(f"  - {span}" for span in _spans(days))] if days else [f"{key}: []"]
    return "\n".join([*lines, ""])


def _spans(days: Sequence[date]) -> Iterator[str]:
    """Days that follow each other are one span."""
    first = last = None
    for day in [*days, None]:
        if first is not None and last is not None and (day is None or day - last > timedelta(days=1)):
            yield first.isoformat() if first == last else f"{first}..{last}"
            first = None
        first, last = first or day, day
