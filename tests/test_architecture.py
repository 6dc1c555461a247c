"""The page on the house is the house: its floors, its rooms, and what it stands on."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PURE = "– pure"


def section(heading: str) -> str:
    """From one heading to the next."""
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def drawn() -> ConfigParser:
    """What import-linter checks."""
    linter = ConfigParser()
    linter.read(ROOT / ".importlinter", encoding="utf-8")
    return linter


HOUSE = [line.split("|")[1:-1] for line in section("The house").splitlines() if "`" in line and line.startswith("| ")]


def test_the_floors_of_the_page_are_those_that_are_checked():
    floors = drawn()["importlinter:contract:floors"]["layers"].split("\n")
    shown = [set(re.findall(r"`(\w+)`", rooms)) for _floor, rooms, _what in HOUSE]
    assert shown == [set(floor.split(" | ")) for floor in floors if floor]


def test_what_the_page_calls_pure_is_checked_to_be():
    checked = {
        name.removeprefix("notigate.") for name in drawn()["importlinter:contract:pure"]["source_modules"].split()
    }
    assert {room for _floor, rooms, what in HOUSE if PURE in what for room in re.findall(r"`(\w+)`", rooms)} == checked


def test_every_room_on_the_path_of_a_run_is_there():
    named = set(re.findall(r"^\| \d \| (.+?) \|", section("The path of a run"), re.MULTILINE))
    rooms = {room for names in named for room in re.findall(r"`(\w+)`", names)}
    assert rooms <= {room for _floor, names, _what in HOUSE for room in re.findall(r"`(\w+)`", names)}
    assert len(rooms) > 5


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = [extra for name, extra in PROJECT["optional-dependencies"].items() if name != "dev"]


@pytest.mark.parametrize("requirement", sorted({one for some in (PROJECT["dependencies"], *EXTRAS) for one in some}))
def test_every_library_is_listed_with_its_licence_and_cost(requirement):
    name = re.match(r"[\w-]+", requirement)[0].lower()
    rows = [line for line in section("Libraries").splitlines() if line.startswith("| ")]
    (row,) = [row for row in rows if row.split("|")[1].strip().lower().startswith(name)]
    assert all(cell.strip() for cell in row.split("|")[1:-1])


ROOMS = [
    room for room in (ROOT / "src" / "notigate").iterdir() if room.suffix == ".py" or (room / "__init__.py").exists()
]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.stem)
def test_every_room_says_in_its_first_line_what_happens_in_it(room):
    file = room if room.is_file() else room / "__init__.py"
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r'r?"""\S.{10,}', first)
