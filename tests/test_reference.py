"""The reference says what the code says: nothing is missing, nothing is left over."""

import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

from notigate import hookspecs, plugins, render
from notigate.render.formats import filters
from notigate.settings import ChannelSettings, Settings, Timeout, Workdays
from notigate.settings.weather import SourceSettings

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
SCRIPT = REFERENCE / "generate.py"
#: made of what was read; what is written stands in other classes
MADE = {ChannelSettings, Settings, SourceSettings, Timeout, Workdays}


def page(name):
    return (REFERENCE / name).read_text(encoding="utf-8")


def names_in(table):
    """What stands in the first column."""
    return {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }


#: nothing of the reader's language or project may show
PATHS = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}


def test_the_pages_say_what_the_code_says():
    command = [sys.executable, str(SCRIPT), "--check"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, env=PATHS)
    assert (told.returncode, told.stdout + told.stderr) == (0, ""), "run docs/reference/generate.py"


MODULES = [
    f"notigate.settings.{file.stem}".removesuffix(".__init__") for file in (ROOT / "src/notigate/settings").glob("*.py")
]


@pytest.mark.parametrize("module", MODULES)
def test_every_section_of_the_settings_has_its_table(module):
    kinds = [one for one in vars(import_module(module)).values() if is_dataclass(one) and one.__module__ == module]
    assert [one for one in kinds if one not in MADE and f" {module}:{one.__name__} " not in page("settings.md")] == []


def test_every_channel_has_its_table(tmp_path):
    for spec in plugins.load((), tmp_path, everything=True).specs.values():
        place = f" {spec.settings.__module__}:{spec.settings.__name__} "
        assert place in page("settings.md") or not fields(spec.settings)


def test_every_source_of_weather_has_its_table(tmp_path):
    sources = plugins.load((), tmp_path, everything=True).weather.values()
    assert {spec.name for spec in sources} >= {"qweather", "open_meteo", "cap"}
    assert [
        s.name for s in sources if f" {s.settings.__module__}:{s.settings.__name__} " not in page("settings.md")
    ] == []


def test_every_name_that_texts_may_use_is_explained():
    table = page("occasions.md").partition("## params and names")[2].partition("## ")[0]
    assert names_in(table) == set(render.BUILT_IN)


def test_every_filter_is_shown():
    table = page("occasions.md").partition("## Filters")[2]
    assert set(re.findall(r"\\\| (\w+)", table)) == set(filters("en"))


def test_every_hook_is_asked_by_the_core():
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py")]
    hooks = {name for name in vars(hookspecs) if name.startswith("notigate_")}
    # Channels are asked of one plugin after the other, so that a broken one is named.
    assert hooks == {
        name for name in hooks if any(f"hook.{name}" in source or f'"{name}"' in source for source in sources)
    }
