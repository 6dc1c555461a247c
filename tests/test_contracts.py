"""A contract that finds nothing promises nothing: a channel broken in one place fails the test that promises it.

`mutants.diff` holds, for each broken channel, a name and the test that finds it, and then its difference from
`notigate_courier.py`: lines taken out, and the lines that stand there instead.
"""

import re
from pathlib import Path

import pytest

from notigate.testing import HttpChannelContract

pytest_plugins = ("pytester",)

FOLDER = Path(__file__).parent / "mutants"
COURIER = (FOLDER / "notigate_courier.py").read_text(encoding="utf-8")
CONTRACT = (FOLDER / "test_courier.py").read_text(encoding="utf-8")


def read_mutants():
    for mutant in (FOLDER / "mutants.diff").read_text(encoding="utf-8").split("\n\n"):
        head, _, difference = mutant.partition("\n")
        name, _, finder = head.partition(": ")
        yield pytest.param(finder, difference, id=name)


MUTANTS = tuple(read_mutants())


def mutated(difference):
    source = COURIER
    for hunk in re.findall(r"(?:^-.*\n)+(?:^\+.*\n?)*", difference + "\n", re.MULTILINE):
        lines = hunk.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] == "-")
        assert source.count(f"\n{old}") == 1, f"stands there {source.count(old)} times:\n{old}"
        source = source.replace(f"\n{old}", "\n" + "".join(f"{line[1:]}\n" for line in lines if line[0] == "+"))
    return source


@pytest.mark.parametrize(("finder", "difference"), MUTANTS)
def test_a_mutant_is_found(finder, difference, pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (pytester.path / "notigate_courier.py").write_text(mutated(difference), encoding="utf-8")
    (pytester.path / "test_courier.py").write_text(CONTRACT, encoding="utf-8")
    ran = pytester.inline_run("-qx", "-p", "no:cacheprovider", f"test_courier.py::TestCourier::{finder}")
    _, _, failed = ran.listoutcomes()
    assert "call" in {report.when for report in failed}


def test_every_promise_has_a_mutant():
    promises = {name for name in dir(HttpChannelContract) if name.startswith("test_")}
    assert {mutant.values[0] for mutant in MUTANTS} == promises
