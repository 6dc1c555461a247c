"""What is paid before a command does anything, and how the program introduces itself."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import click
import pytest
from click.testing import CliRunner

from notigate import __version__
from notigate.cli import COMMANDS, cli

#: runs the command line, then names what it imported from outside of the standard library
IMPORTED = """
import atexit, sys
before = set(sys.modules)

def told():
    names = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
    rooms = {".".join(name.split(".")[:2]) for name in sys.modules if name.startswith("notigate.")}
    print("rooms:", *sorted(rooms), file=sys.stderr)
    print("all:", *sorted(sys.modules), file=sys.stderr)
    print("imported:", *sorted(name for name in names if not name.startswith("_")), file=sys.stderr)

atexit.register(told)
from notigate.cli import main
sys.argv = ["notigate", *sys.argv[1:]]
main()
"""


def imported(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )
    assert "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if line.startswith("imported:")]
    return done, set(line.split()[1:])


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"], ["receipts", "pull", "--help"]])
def test_the_start_imports_click_and_nothing_else(arguments):
    done, names = imported(*arguments)
    assert (done.returncode, names) == (0, {"click", "notigate"})


def test_the_start_imports_no_room_of_the_house():
    [line] = [line for line in imported("--help")[0].stderr.splitlines() if line.startswith("rooms:")]
    assert set(line.split()[1:]) == {"notigate.cli", "notigate.errors", "notigate.language"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_imports_click_and_nothing_else(command):
    _, names = imported(command, "--help")
    assert names == {"click", "notigate"}


@pytest.mark.parametrize("line", ["notigate ", "notigate se", "notigate send --"])
def test_completion_imports_click_and_nothing_else(line):
    done, names = imported(_NOTIGATE_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(line.count(" ")))
    assert names == {"click", "notigate"}
    assert "send" in done.stdout or "--due" in done.stdout


def test_a_half_typed_unknown_command_loads_no_plugins():
    _, names = imported(_NOTIGATE_COMPLETE="bash_complete", COMP_WORDS="notigate greet x", COMP_CWORD="2")
    assert names == {"click", "notigate"}


def test_the_version_is_told():
    assert CliRunner().invoke(cli, ["--version"]).output == f"notigate {__version__}\n"


def test_the_help_page_lists_every_command_with_its_first_sentence():
    page = CliRunner().invoke(cli, ["--help"]).output
    for name in COMMANDS:
        assert f"\n  {name} " in page


def commands():
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", command.commands[sub]) for sub in command.commands)


@pytest.mark.parametrize(("name", "command"), [pytest.param(n, c, id=n) for n, c in commands()])
def test_every_command_helps_with_examples_that_it_understands(name, command):
    page = CliRunner().invoke(cli, [*name.split(), "--help"]).output
    assert page.startswith(f"Usage: notigate {name}")
    if not isinstance(command, click.Group):
        assert "Examples:\n  # " in page or "Examples:\n    # " in page


@pytest.mark.parametrize(("name", "command"), [pytest.param(n, c, id=n) for n, c in commands()])
def test_every_option_says_what_it_does(name, command):
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help, (name, parameter.name)


@pytest.mark.parametrize("name", ["sned", "sendd", "lgo"])
def test_an_unknown_command_is_answered_with_a_near_one(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, [name])
    assert result.exit_code == 2
    assert f"There is no command '{name}'; near: {'log' if name == 'lgo' else 'send'}" in result.output


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell):
    assert "_NOTIGATE_COMPLETE" in CliRunner().invoke(cli, ["completion", shell]).output


PLUGIN = """
import click
from notigate.plugin import hookimpl

@hookimpl
def notigate_commands(group):
    @group.command()
    def greet():
        "Say hello."
        click.echo("hello from the plugin")

    @group.command()
    def wait():
        raise KeyboardInterrupt
"""


@pytest.fixture
def with_plugin(tmp_path):
    (tmp_path / "greeter.py").write_text(PLUGIN)
    (tmp_path / "notigate.yaml").write_text("project: {name: 青年城}\nplugins: [greeter.py]\n")
    return tmp_path


def test_a_plugins_command_is_found_when_it_is_asked_for(with_plugin):
    result = CliRunner().invoke(cli, ["-C", str(with_plugin), "greet"])
    assert (result.exit_code, result.output) == (0, "hello from the plugin\n")


def test_ctrl_c_ends_a_command_in_one_word(with_plugin):
    result = CliRunner().invoke(cli, ["-C", str(with_plugin), "wait"])
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "Interrupted.\n")


def test_a_plugins_command_is_not_asked_for_by_the_help_page(with_plugin):
    assert "greet" not in CliRunner().invoke(cli, ["-C", str(with_plugin), "--help"]).output


def test_a_broken_project_is_told_when_a_plugins_command_is_asked_for(with_plugin):
    (with_plugin / "notigate.yaml").write_text("project: {name: 青年城}\nplugin: [greeter.py]\n")
    result = CliRunner().invoke(cli, ["-C", str(with_plugin), "greet"])
    assert (result.exit_code, "unknown key; did you mean plugins?" in result.output) == (2, True)


SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels: {sms: {plugin: outbox}}
occasions: {service/birthday: {channels: [sms]}}
"""


#: of PyYAML, where it was built with libyaml
WITH_YAML = {"cython_runtime"}


def test_one_message_imports_what_it_needs_and_no_calendars_of_babel_or_network(tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text("id,name,title,phone\n7,王芳,女士,13800138000\n", encoding="utf-8")
    done, names = imported("-C", str(tmp_path), "send", "service/birthday", "--to", "13800138000")
    assert (done.returncode, names - WITH_YAML) == (0, {"click", "notigate", "pluggy", "tenacity", "yaml"})


#: what one message by one channel has no use for: other rooms of the house, and heavy parts of the standard library
NOT_FOR_ONE_MESSAGE = {
    "notigate.alarms", "notigate.audience.checkup", "notigate.campaigns", "notigate.consent", "notigate.daily", "notigate.doctor",
    "notigate.drafting", "notigate.export", "notigate.facts", "notigate.forecasts", "notigate.foresight", "notigate.guard",
    "notigate.ledger.postgres", "notigate.lint", "notigate.logs", "notigate.moments.reading.recurring", "notigate.moments.rhythms",
    "notigate.moments.skies", "notigate.planning", "notigate.previewing", "notigate.privacy", "notigate.remembering",
    "notigate.reports", "notigate.status", "notigate.texts", "notigate.why",
    "asyncio", "logging.handlers", "multiprocessing", "statistics", "subprocess", "unittest", "xml",
}  # fmt: skip


def test_one_message_loads_no_room_that_it_does_not_need(tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text("id,name,title,phone\n7,王芳,女士,13800138000\n", encoding="utf-8")
    done, _names = imported("-C", str(tmp_path), "send", "service/birthday", "--to", "13800138000")
    [line] = [line for line in done.stderr.splitlines() if line.startswith("all:")]
    assert (done.returncode, NOT_FOR_ONE_MESSAGE.intersection(line.split())) == (0, set())


@pytest.mark.parametrize("name", sorted(NOT_FOR_ONE_MESSAGE))
def test_what_one_message_has_no_use_for_is_there(name):
    assert find_spec(name)
