"""Fills in what the pages take from the code: `generate.py`; with `--check`, tells what would change.

A page says where: between `<!-- from the code: keys notigate.settings:_Project -->` and `<!-- end -->` stands what
`keys("notigate.settings:_Project")` returns. The sentences around it are written by hand. A `#:` comment above a field
is its meaning, here and in the code.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, time, timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from notigate.documents import Node
from notigate.model import Secret, Window

os.environ["NOTIGATE_LANG"] = "en"

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"(?<=<!-- from the code: )([^>]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
#: columns of a help page
WIDTH = 96

#: how people call the types of settings
WORDS: Mapping[Any, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", object: "anything", date: "day",
    timedelta: "duration", ZoneInfo: "time zone", Path: "path", Mapping: "mapping", Secret: "secret", Window: "hours",
    Node: "section",
}  # fmt: skip
#: the same of types that modules of the core read by functions of their own
READ: Mapping[str, str] = {
    "url": "URL", "ledger": "URL", "_span": "day or days", "_locale": "text", "workdays": "text or section",
    "staff": "list of section",
}  # fmt: skip
UNITS = {timedelta(days=1): "d", timedelta(hours=1): "h", timedelta(minutes=1): "m", timedelta(seconds=1): "s"}

#: one expression for each filter, and the facts it is shown with
SHOWN: Mapping[str, object] = {
    "today | date": date(2026, 11, 21),
    "today | date('MMMd')": date(2026, 11, 21),
    "today | weekday": date(2026, 11, 21),
    "today | lunar": date(2026, 9, 25),
    "hour | time('HH:mm')": time(15, 30),
    "visit | datetime('short')": "2026-11-21T09:30",
    "floor_area | number": 12345.5,
    "due | money": "12000.50",
    "floor_area | area": 95.5,
    "low | temperature": -3,
    "distance | unit('length-kilometer')": 12,
    "interests | list": ("A", "B", "C"),
    "event | weather": "暴雨",
}
LOCALES = ("zh_Hans", "zh_Hant", "en")


def keys(*places: str) -> str:
    """The fields of a dataclass as keys; further classes lend comments that it lacks."""
    kind, *others = (_found(place) for place in places)
    meanings = {name: text for one in (*others, kind) for name, text in _comments(one).items()}
    hints = get_type_hints(kind, include_extras=True)
    return _table(
        ("key", "type", "default", "meaning"),
        (
            (f"`{field.name.rstrip('_')}`", _type(hints[field.name]), _default(field), _meaning(meanings, field.name))
            for field in fields(kind)
            if (kind.__name__, field.name) != ("Roster", "source")
        ),
    )


def members(place: str, title: str = "value") -> str:
    """The values of an enumeration."""
    kind = _found(place)
    return _table((title, "meaning"), ((f"`{one.value}`", _meaning(_comments(kind), one.name)) for one in kind))


def states() -> str:
    """The states, what they are called, and where they lead."""
    kind, words = _found("notigate.model:State"), _found("notigate.words:STATES")
    said, legal = _comments(kind), _found("notigate.ledger.transitions:LEGAL")
    after = {state: ", ".join(f"`{one.value}`" for one in kind if one in legal[state]) or "–" for state in kind}
    return _table(
        ("state", "shown as", "meaning", "may become"),
        ((f"`{one.value}`", words[one], _meaning(said, one.name), after[one]) for one in kind),
    )


def reasons() -> str:
    """Why a provider did not take a message."""
    kind, words = _found("notigate.model:Reason"), _found("notigate.words:REASONS")
    said = _comments(kind)
    return _table(
        ("reason", "shown as", "who can put it right"),
        ((f"`{one.value}`", words[one], _meaning(said, one.name)) for one in kind),
    )


def rules() -> str:
    """Our own rules that keep a message back or make it wait."""
    theirs = set(_found("notigate.model:Reason"))
    words = _found("notigate.words:REASONS")
    return _table(("rule", "shown as"), ((f"`{name}`", word) for name, word in words.items() if name not in theirs))


def commands() -> str:
    """The help pages."""
    module = import_module("notigate.cli")
    pages = [("notigate", module.cli)]
    for name in module.COMMANDS:
        command = module.cli.get_command(None, name)
        inner = getattr(command, "commands", None) or {"": command}
        pages += [(f"notigate {name} {sub}".strip(), one) for sub, one in inner.items()]
    return "\n".join(f"## {path}\n\n```text\n{_help(path, command)}\n```\n" for path, command in pages)


def summary() -> str:
    """What each command is for."""
    module = import_module("notigate.cli")
    shown = {name: module.cli.get_command(None, name).get_short_help_str(limit=200) for name in module.COMMANDS}
    return _table(("command", ""), ((f"`{name}`", said) for name, said in shown.items()))


def hooks() -> str:
    """Every hook with its arguments."""
    found = {
        name: one for name, one in vars(import_module("notigate.hookspecs")).items() if name.startswith("notigate_")
    }
    shown = {name: str(inspect.signature(one)).replace("'", "") for name, one in found.items()}
    return "\n".join(
        f"## {name}\n\n```python\ndef {name}{shown[name]}\n```\n\n{inspect.getdoc(one)}\n"
        for name, one in found.items()
    )


def calls() -> str:
    """What other programs can ask, with its arguments."""
    gateway = _found("notigate:Gateway")
    asked = {"notigate.open": _found("notigate:open")}
    asked |= {
        f"gateway.{name}": one for name, one in vars(gateway).items() if inspect.isfunction(one) and name[0] != "_"
    }
    return "\n".join(f"## {name}\n\n{_call(name, one)}\n" for name, one in asked.items())


def names() -> str:
    """What `import notigate` brings."""
    kinds = {name: _found(f"notigate:{name}") for name in _found("notigate:__all__") if name != "__version__"}
    return _table(
        ("name", ""), ((f"`{name}`", (inspect.getdoc(one) or "").partition("\n")[0]) for name, one in kinds.items())
    )


def parts(place: str) -> str:
    """The fields of a value that programs get; what explains itself has no words."""
    kind = _found(place)
    said = _comments(kind)
    return _table(
        ("field", "type", "meaning"),
        (
            (
                f"`{name}`",
                f"`{getattr(hint, '__forward_arg__', hint)}`".replace("|", "\\|"),
                said.get(name, "").replace("|", "\\|"),
            )
            for name, hint in inspect.get_annotations(kind).items()
        ),
    )


def explained(module: str) -> str:
    """What a module says of the language it reads: its docstring without the summary and the example."""
    text = inspect.getdoc(import_module(module)) or ""
    return text.split("\n\n", 1)[1].partition("\nExample:")[0].rstrip() + "\n"


def festivals() -> str:
    """The names of festivals."""
    return ", ".join(f"`{name}`" for name in _found("notigate.moments:FESTIVALS")) + "\n"


def families() -> str:
    """The kinds of weather."""
    found = _found("notigate.weather.events:FAMILIES")
    return _table(("kind", "names"), ((f"`{kind}`", "、".join(names)) for kind, names in found.items()))


def filters() -> str:
    """What each filter makes of a value, in the languages we write in."""
    compile_ = _found("notigate.render.expression:Expression").compile
    rows = [
        (f"`{shown}`", *(str(compile_(shown, locale).evaluate(lambda _name, value=value: value)) for locale in LOCALES))
        for shown, value in SHOWN.items()
    ]
    return _table(("expression", *LOCALES), ((code.replace("|", "\\|"), *texts) for code, *texts in rows))


def packaged() -> str:
    """The occasions that come with notigate, by the rows of what users send, which their files begin with."""
    shelf, catalogue = (
        _found("notigate.catalogue:packaged")(),
        _found("notigate.catalogue:Catalogue").open([], locale="en"),
    )
    row = {name: (shelf / name / "occasion.yaml").read_text(encoding="utf-8")[2:5] for name in catalogue.names()}
    ours = (catalogue.occasion(name) for name in sorted(row, key=lambda name: (row[name], name)))
    shown = ((row[one.id], f"`{one.id}`", one.title, f"`{one.category.value}`", one.approval) for one in ours)
    return _table(("row", "occasion", "title", "class", "approval"), shown)


def headings() -> str:
    """The columns of a roster, and the headings that are understood."""
    found: Mapping[str, str] = _found("notigate.audience.headings:_IN_USE")
    return _table(("column", "also read as"), ((f"`{name}`", "、".join(one.split())) for name, one in found.items()))


def _call(name: str, called: Callable[..., object]) -> str:
    """Signature and docstring, whose lists become lists."""
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(called)))
    signature = re.sub(r"<function .*? at \w+>", "…", signature.replace("(self, ", "(").replace("(self)", "()"))
    text = re.sub(r"\n {8,}", " ", inspect.getdoc(called) or "")
    text = re.sub(r"^(Args|Raises):$", r"**\1**\n", text, flags=re.MULTILINE)
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    return f"```python\n{name}{signature}\n```\n\n{text}\n"


def _found(place: str) -> Any:  # noqa: ANN401 - a class or a table
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _comments(kind: type) -> dict[str, str]:
    found, above = {}, []
    for line in inspect.getsource(kind).splitlines():
        if line.strip().startswith("#:"):
            above.append(line.strip().removeprefix("#:").strip())
            continue
        if above and (named := re.match(r"    (\w+)(?=:| =)", line)):
            found[named[1]] = " ".join(above)
        above = []
    return found


def _meaning(meanings: Mapping[str, str], name: str) -> str:
    if name not in meanings:
        raise LookupError(f"nothing says what {name} means: write a `#:` comment above it")
    return re.sub(r"\bNone means\b", "left out:", meanings[name]).replace("|", "\\|")


def _type(kind: Any) -> str:  # noqa: ANN401 - any type hint
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return READ.get(kind.__metadata__[0].__name__) or "section"
    if origin is Literal:
        return " \\| ".join(f"`{one}`" for one in arguments)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_type(one) for one in arguments if one is not NoneType))
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " \\| ".join(f"`{one.value}`" for one in kind)
    return WORDS.get(origin or kind, "section")


def _default(field: Field[Any]) -> str:
    made = field.default_factory() if field.default_factory is not MISSING else field.default
    if made is MISSING:
        return "required"
    shown = _shown(made)
    return f"`{shown}`" if shown else "–"


def _shown(value: object) -> str:
    if isinstance(value, timedelta):
        unit = next(unit for unit in UNITS if not value % unit)
        return f"{value // unit}{UNITS[unit]}"
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    # What a section holds by default stands in its own table.
    return "" if is_dataclass(value) and not isinstance(value, Window) else str(value or "")


def _help(path: str, command: Any) -> str:  # noqa: ANN401 - click is imported with the command line only
    context = command.make_context(path, [], resilient_parsing=True, terminal_width=WIDTH)
    return "\n".join(line.rstrip() for line in command.get_help(context).rstrip().splitlines())


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(headings)]
    lines += [("---",) * len(lines[0]), *(tuple(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


FACTS: Mapping[str, Callable[..., str]] = {
    one.__name__: one
    for one in (
        keys,
        members,
        states,
        reasons,
        rules,
        commands,
        summary,
        hooks,
        calls,
        names,
        parts,
        explained,
        families,
        festivals,
        filters,
        headings,
        packaged,
    )
}


def filled(page: str) -> str:
    """The page with what the code says now."""

    def fact(place: re.Match[str]) -> str:
        name, *arguments = place[1].split()
        return f"{place[1]}{place[2]}\n{FACTS[name](*arguments)}\n"

    return PLACE.sub(fact, page)


def changed() -> Iterator[tuple[Path, str]]:
    """The pages that do not say what the code says, and what they should."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        before = page.read_text(encoding="utf-8")
        if (after := filled(before)) != before:
            yield page, after


def main() -> None:
    """Write the pages, or only tell which would change."""
    told = list(changed())
    for page, text in told:
        print(page.relative_to(ROOT))
        if "--check" not in sys.argv:
            page.write_text(text, encoding="utf-8")
    sys.exit(1 if told and "--check" in sys.argv else 0)


if __name__ == "__main__":
    main()
