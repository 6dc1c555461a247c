"""What other programs may import from `notigate` itself."""

import ast
import builtins
import inspect
import re
import runpy
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import notigate
from notigate import plugin, sample
from notigate.rooms import Rooms
from notigate.rooms.opened import room

ROOT = Path(__file__).parents[1]
WARNING = "weather/severe-weather"


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


def test_only_what_is_public_is_shown():
    assert dir(notigate) == notigate.__all__


def test_every_fault_that_a_call_names_can_be_caught():
    asked = [one for name, one in vars(notigate.Gateway).items() if name[0] != "_" and inspect.isfunction(one)]
    raised = {
        name for one in (notigate.open, *asked) for name in re.findall(r"^ {4}(\w+): ", raises(one), re.MULTILINE)
    }
    assert "NotApproved" in raised
    assert [name for name in raised if not (hasattr(notigate, name) or hasattr(builtins, name))] == []


def raises(asked):
    return (inspect.getdoc(asked) or "").partition("Raises:\n")[2]


@pytest.fixture
def gateway(tmp_path):
    list(sample.write(tmp_path / "demo", date(2026, 11, 21), sample=True))
    with notigate.open(tmp_path / "demo") as opened:
        yield opened


def at_once(*calls):
    """What each of these calls gives, all made by threads of their own at the same time."""
    gate = threading.Barrier(len(calls))

    def call(number):
        gate.wait()
        return calls[number]()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, range(len(calls))))


def test_one_gateway_serves_all_threads_and_sends_each_message_once(gateway):
    storm = {"to": "13800138000", "params": {"event": "暴雨"}, "key": "storm"}
    others = [partial(gateway.send, WARNING, to=f"138001380{n:02}", params={"event": "大风"}) for n in range(1, 5)]
    runs = at_once(*[partial(gateway.send, WARNING, **storm)] * 4, *others)
    assert [run.counts for run in runs] == [{notigate.State.ACCEPTED: 1}] * 8
    assert sum(len(run.repeated) for run in runs) == 3
    assert len(list(gateway.log())) == len(list((gateway.settings.folder / "outbox").iterdir())) == 5


def test_a_single_send_tries_no_longer_than_its_caller_wants_to_wait(tmp_path):
    list(sample.write(tmp_path / "demo", date(2026, 11, 21), sample=True))
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        mail = f"channels: {{mail: {{plugin: email, host: 127.0.0.1, port: {port}, security: none, sender: care@example.com}}}}"
        settings = tmp_path / "demo" / "notigate.yaml"
        settings.write_text(re.sub(r"(?m)^channels:.*(\n .*)*", mail, settings.read_text()))
        with notigate.open(tmp_path / "demo") as gateway:
            began = time.monotonic()
            run = gateway.send(WARNING, to="wang@example.com", params={"event": "暴雨"}, timeout=0.5)
    assert run.counts == {notigate.State.RETRY_WAIT: 1}
    assert time.monotonic() - began < 5


def test_threads_that_need_a_room_at_the_same_time_open_it_once(tmp_path):
    class Slow(Rooms):
        opened = 0

        @room
        def hall(self):
            self.opened += 1
            threading.Event().wait(0.05)
            return object()

    list(sample.write(tmp_path / "demo", date(2026, 11, 21), sample=True))
    with Slow.open(tmp_path / "demo") as rooms:
        halls = at_once(*[lambda: rooms.hall] * 4)
        assert (rooms.opened, len(set(halls))) == (1, 1)


def test_a_run_tells_how_far_it_is_until_all_that_is_known_to_go_has_gone(tmp_path):
    told = []
    list(sample.write(tmp_path / "demo", date(2026, 11, 21), sample=True))
    with notigate.open(tmp_path / "demo", now=datetime(2026, 11, 21, 10, 5)) as gateway:  # noqa: DTZ001 - the project's
        gateway.progress = lambda done, known: told.append((done, known))
        gone = gateway.send_due().counts[notigate.State.ACCEPTED]
    assert told == sorted(told)
    assert (told[-1], gone > 1) == ((gone, gone), True)


def test_a_run_knows_from_its_first_message_how_many_an_earlier_run_left_to_go(tmp_path):
    told, folder = [], tmp_path / "demo"
    list(sample.write(folder, date(2026, 11, 21), sample=True))
    settings = folder / "notigate.yaml"
    settings.write_text(settings.read_text("utf-8").replace('"00:00-24:00"', '"10:00-11:00"'), "utf-8")
    with notigate.open(folder, now=datetime(2026, 11, 21, 9)) as gateway:  # noqa: DTZ001 - the project's
        waiting = gateway.send_due().counts[notigate.State.HELD]
    with notigate.open(folder, now=datetime(2026, 11, 21, 10, 5)) as gateway:  # noqa: DTZ001 - as above
        gateway.progress = lambda done, known: told.append((done, known))
        gone = gateway.send_due().counts[notigate.State.ACCEPTED]
    assert {known for done, known in told if done} == {gone}
    assert waiting > 1


def test_a_log_that_is_asked_for_what_it_does_not_know_shows_nobody(gateway):
    with pytest.raises(TypeError, match="phone"):
        gateway.log(phone="13800138000")


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
