"""The page of promises: complete, numbered without a gap, and each promise kept by tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from notigate import hookspecs
from notigate.cli import COMMANDS
from notigate.errors import ExitCode
from notigate.model import State

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
PROMISE = re.compile(r"^- \*\*([A-Z])(\d+)\*\* (.+(?:\n  [^-].*)*)\n((?:  - `.+`\n?)*)", re.MULTILINE)
PROMISES = {
    f"{kind}{number}": (text, re.findall("`(.+)`", tests)) for kind, number, text, tests in PROMISE.findall(PAGE)
}
TESTS = sorted({test for _text, tests in PROMISES.values() for test in tests})


@cache
def named_in(file: Path) -> frozenset[str]:
    """Functions of a file, and of its classes, as pytest names them."""
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return frozenset(found)


def test_every_test_that_is_named_is_there():
    named = (test.partition("::") for test in TESTS)
    assert [f"{file}::{name}" for file, _, name in named if name not in named_in(ROOT / file)] == []


def test_every_line_of_the_page_is_understood():
    assert len(PROMISES) == PAGE.count("\n- **") > 0
    assert PAGE.count("\n  - `") == sum(len(tests) for _text, tests in PROMISES.values())


def test_every_promise_has_a_test():
    assert [name for name, (_text, tests) in PROMISES.items() if not tests] == []


def test_promises_are_numbered_without_a_gap():
    for kind, names in groupby(PROMISES, key=lambda name: name[0]):
        assert [int(name[1:]) for name in names] == list(range(1, 1 + sum(name[0] == kind for name in PROMISES)))


#: what the code has of each kind, as the page writes it
WRITTEN = {
    "commands": {f"`notigate {name}`" for name in COMMANDS},
    "exit codes": {f"`{code}`" for code in ExitCode},
    "hooks": {f"`{name}`" for name in vars(hookspecs) if name.startswith("notigate_")},
    "states": {f"`{state}`" for state in State},
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_whatever_there_is_of_a_kind_is_promised(kind):
    said = " ".join(" ".join(text.split()) for text, _tests in PROMISES.values())
    assert {name for name in WRITTEN[kind] if name not in said} == set()
