"""What other programs may import from `notigate` itself."""

import ast
import runpy
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import notigate
from notigate import plugin, sample

ROOT = Path(__file__).parents[1]


def imported_for_type_checkers():
    """Module → names, as a type checker sees them."""
    (block,) = (
        node
        for node in ast.parse(Path(notigate.__file__).read_text(encoding="utf-8")).body
        if ast.unparse(node).startswith("if TYPE")
    )
    found = [node for node in block.body if isinstance(node, ast.ImportFrom) and node.module.startswith("notigate.")]
    return {node.module: tuple(alias.name for alias in node.names) for node in found}


def test_public_names_are_listed_in_order_and_all_of_them_are_there():
    assert notigate.__all__ == sorted(
        {"__version__", "open", *(name for names in notigate._HOMES.values() for name in names)}
    )


@pytest.mark.parametrize("name", notigate.__all__)
def test_a_public_name_can_be_imported(name):
    assert getattr(notigate, name)


def test_type_checkers_see_the_names_that_programs_get():
    assert imported_for_type_checkers() == notigate._HOMES


def test_the_door_has_the_names_that_plugins_are_promised():
    promised = {
        "Channel",
        "ChannelSpec",
        "Limits",
        "Message",
        "Outcome",
        "Reason",
        "Secret",
        "Tools",
        "hookimpl",
        "judge_http",
    }
    assert promised <= set(plugin.__all__)
    assert plugin.__all__ == sorted(plugin.__all__)
    assert [name for name in plugin.__all__ if not hasattr(plugin, name)] == []


def test_a_name_that_is_not_there_is_named():
    with pytest.raises(AttributeError, match="'notigate' has no attribute 'Letter'"):
        _ = notigate.Letter


def test_importing_notigate_imports_nothing_else_of_it():
    script = "import sys, notigate; print(*[name for name in sys.modules if name.startswith('notigate.')])"
    assert subprocess.check_output([sys.executable, "-c", script], text=True).split() == []


def test_the_example_sends_what_is_due_and_a_repeated_call_sends_nothing_again(tmp_path, capsys, monkeypatch):
    sample.write(tmp_path / "demo", datetime.now(ZoneInfo(sample.ZONE)).date(), sample=True)
    monkeypatch.setattr(sys, "argv", ["api.py", str(tmp_path / "demo")])
    for due in (True, False):
        runpy.run_path(str(ROOT / "examples" / "api.py"), run_name="__main__")
        told = capsys.readouterr().out
        assert "8000: accepted" in told
        assert ": 0 sent, exit code 0" not in told if due else ": 0 sent, exit code 0" in told
    messages = [file.read_text(encoding="utf-8") for file in (tmp_path / "demo" / "outbox").iterdir()]
    assert sum("to: 13800138000" in message for message in messages) == 1
