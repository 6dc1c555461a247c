"""Which plugins are loaded, which are left alone, and what is said of those that cannot be."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from io import StringIO
from itertools import count
from pathlib import Path
from textwrap import dedent

import pytest

from notigate.errors import ExitCode, PluginError
from notigate.plugin import Place, Status, WeatherSource
from notigate.plugins import DISABLE, Plugin, Plugins, load

CHANNEL = """
from dataclasses import dataclass
from notigate.plugin import Channel, ChannelSpec, Outcome, hookimpl

@dataclass(frozen=True)
class Settings:
    pass

class Silent(Channel):
    def send(self, message):
        return Outcome.accepted()

@hookimpl
def notigate_channels():
    return [ChannelSpec(name="{name}", summary="Says nothing.", settings=Settings,
                        channel=lambda settings, tools: Silent(), media=("sms",), made=Silent)]
"""
numbers = count()


@pytest.fixture
def name() -> str:
    """A name that no other test's module has."""
    return f"quiet{next(numbers)}"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def install(site: Path, name: str, source: str, *, distribution: str = "", module: str = "") -> None:
    """What `pip install` leaves behind of a distribution with one module and one entry point."""
    distribution, module = distribution or f"notigate-{name}", module or f"notigate_{name}"
    (site / f"{module}.py").write_text(dedent(source))
    info = site / f"{distribution.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[notigate]\n{name} = {module}\n")


def write(project: Path, name: str, source: str, mode: int = 0o644) -> str:
    file = project / f"{name}.py"
    file.write_text(dedent(source))
    file.chmod(mode)
    return file.name


def entry(plugins: Plugins, name: str) -> Plugin:
    (found,) = [plugin for plugin in plugins.all if plugin.name == name]
    return found


# Found and loaded


def test_the_core_brings_its_own_channels(project: Path):
    plugins = load((), project)
    assert {"outbox", "console"} <= set(plugins.specs)
    assert entry(plugins, "notigate").status == "loaded"


def test_an_installed_plugin_that_is_named_is_loaded(site: Path, project: Path, name: str):
    install(site, name, CHANNEL.format(name=name))
    plugins = load([name], project)
    assert plugins.spec(name).summary == "Says nothing."
    assert entry(plugins, name) == Plugin(
        name=name, source=f"notigate-{name} 1.2", status="loaded", channels=(name,), hooks=("notigate_channels",)
    )


def test_an_installed_plugin_that_nobody_names_is_not_imported(site: Path, project: Path, name: str):
    install(site, name, CHANNEL.format(name=name))
    plugins = load((), project)
    assert entry(plugins, name).status == "installed"
    assert f"notigate_{name}" not in sys.modules


def test_everything_installed_is_loaded_to_be_shown(site: Path, project: Path, name: str):
    install(site, name, CHANNEL.format(name=name))
    assert entry(load((), project, everything=True), name).status == "loaded"


def test_a_file_of_the_project_is_a_plugin(project: Path, name: str):
    file = write(project, name, CHANNEL.format(name=name))
    plugins = load([file], project)
    assert plugins.spec(name).name == name
    assert (entry(plugins, name).status, entry(plugins, name).source) == ("loaded", str(project / file))


def test_a_file_that_nobody_names_is_not_run(project: Path, name: str):
    write(project, name, f"raise SystemExit({name!r})")
    assert name not in [plugin.name for plugin in load((), project).all]


def test_a_hook_of_a_plugin_is_called(project: Path, name: str):
    file = write(
        project, name,
        """
        from datetime import date
        from notigate.plugin import hookimpl

        @hookimpl
        def notigate_calendars():
            return {date(2030, 1, 1): False}
        """,
    )  # fmt: skip
    plugins = load([file], project)
    assert len(plugins.hook.notigate_calendars()) == 1
    assert entry(plugins, name).hooks == ("notigate_calendars",)


def test_two_projects_do_not_see_each_others_plugins(project: Path, name: str):
    file = write(project, name, CHANNEL.format(name=name))
    load([file], project)
    assert name not in load((), project).specs


def test_what_is_named_twice_is_loaded_once(project: Path, name: str):
    file = write(project, name, CHANNEL.format(name=name))
    assert entry(load([file, file], project), name).channels == (name,)


def test_a_plugin_is_asked_once_what_it_offers(project: Path, name: str):
    told = "    print('asked', end='')\n    return ["
    file = write(project, name, CHANNEL.format(name=name).replace("    return [", told))
    with redirect_stdout(StringIO()) as out:
        assert load([file], project).spec(name).summary == "Says nothing."
    assert out.getvalue() == "asked"


# Broken

BROKEN = {
    "no python": ("def (", "SyntaxError"),
    "raises": ("raise RuntimeError('out of order')", "RuntimeError: out of order"),
    "needs what is not there": ("import notigate_nowhere", "No module named 'notigate_nowhere'"),
    "ends the process": ("raise SystemExit(3)", "SystemExit: 3"),
    "misspelt hook": (
        "from notigate.plugin import hookimpl\n@hookimpl\ndef notigate_chanels(): return []",
        "notigate_chanels",
    ),
    "unknown argument": (
        "from notigate.plugin import hookimpl\n@hookimpl\ndef notigate_weather(town): return None",
        "town",
    ),
    "offer fails": (
        "from notigate.plugin import hookimpl\n@hookimpl\ndef notigate_channels(): return 1 // 0",
        "ZeroDivisionError",
    ),
    "offer of something else": (
        "from notigate.plugin import hookimpl\n@hookimpl\ndef notigate_channels(): return ['sms']",
        "must return a list of ChannelSpec objects",
    ),
    "offer of nothing": (
        "from notigate.plugin import hookimpl\n@hookimpl\ndef notigate_channels(): return None",
        "must return a list",
    ),
}


def check_broken(plugins: Plugins, name: str, fault: str) -> None:
    assert entry(plugins, name).status == "broken"
    assert fault in entry(plugins, name).fault
    assert entry(plugins, f"other_{name}").status == "loaded"
    with pytest.raises(PluginError, match=f"the plugin {name} .* is broken"):
        plugins.spec(name)


@pytest.mark.parametrize(("source", "fault"), BROKEN.values(), ids=BROKEN)
def test_a_broken_distribution_is_named_and_the_others_load(
    site: Path, project: Path, name: str, source: str, fault: str
):
    install(site, name, source)
    other = write(project, f"other_{name}", CHANNEL.format(name=f"other_{name}"))
    check_broken(load([name, other], project), name, fault)


@pytest.mark.parametrize(("source", "fault"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_and_the_others_load(project: Path, name: str, source: str, fault: str):
    file = write(project, name, source)
    other = write(project, f"other_{name}", CHANNEL.format(name=f"other_{name}"))
    check_broken(load([file, other], project), name, fault)


def test_no_hook_of_a_broken_plugin_is_called(project: Path, name: str):
    file = write(
        project, name,
        """
        from notigate.plugin import hookimpl

        @hookimpl
        def notigate_calendars():
            raise AssertionError("called")

        @hookimpl
        def notigate_weather(town):
            return None
        """,
    )  # fmt: skip
    plugins = load([file], project)
    assert entry(plugins, name).status == "broken"
    assert plugins.hook.notigate_calendars() == []


def test_a_broken_file_leaves_no_module_behind(project: Path, name: str):
    load([write(project, name, "raise RuntimeError")], project)
    assert f"notigate_project_{name}" not in sys.modules


def test_a_file_that_is_not_there_is_named(project: Path, name: str):
    assert f"there is no file {project / name}.py" in entry(load([f"{name}.py"], project), name).fault


def test_a_channel_of_a_broken_file_is_told_by_what_is_wrong_with_the_file(project: Path, name: str):
    file = write(project, name, CHANNEL.format(name=name), 0o666)
    with pytest.raises(PluginError, match=f"the plugin {name} .* is broken: .* may be changed by other users"):
        load([file], project).spec("its-channel")


@pytest.mark.parametrize("mode", [0o666, 0o646, 0o664])
def test_a_file_that_others_may_change_is_not_run(project: Path, name: str, mode: int):
    file = write(project, name, f"import sys\nsys.modules[{name!r}] = None", mode)
    assert "may be changed by other users" in entry(load([file], project), name).fault
    assert name not in sys.modules


# Clashes


def test_two_distributions_with_one_name_are_refused_and_both_named(site: Path, project: Path, name: str):
    install(site, name, "", distribution="notigate-one", module=f"one_{name}")
    install(site, name, "", distribution="notigate-two", module=f"two_{name}")
    with pytest.raises(PluginError) as raised:
        load([name], project)
    assert "notigate-one 1.2" in str(raised.value)
    assert "notigate-two 1.2" in str(raised.value)
    assert raised.value.exit_code == ExitCode.CONFIGURATION


def test_a_file_with_the_name_of_a_distribution_is_refused_and_both_are_named(site: Path, project: Path, name: str):
    install(site, name, "")
    file = write(project, name, "")
    with pytest.raises(PluginError, match=f"notigate-{name} 1.2.*{name}.py"):
        load([file], project)


def test_nobody_takes_the_name_of_the_core(project: Path):
    with pytest.raises(PluginError, match="the core"):
        load([write(project, "notigate", "")], project)


def test_two_plugins_that_offer_one_channel_are_refused_and_both_named(project: Path, name: str):
    files = [write(project, f"{who}_{name}", CHANNEL.format(name=name)) for who in ("one", "two")]
    with pytest.raises(PluginError, match=f"two plugins offer the channel '{name}'") as raised:
        load(files, project)
    assert f"one_{name}" in str(raised.value)
    assert f"two_{name}" in str(raised.value)


def test_nobody_takes_a_channel_of_the_core(project: Path, name: str):
    file = write(project, name, CHANNEL.format(name="outbox"))
    with pytest.raises(PluginError, match="two plugins offer the channel 'outbox'"):
        load([file], project)


# Switched off


@pytest.mark.parametrize("value", ["1", "{name}", "email,{name}", " {name} , email"])
def test_what_is_switched_off_is_not_imported(site: Path, project: Path, name: str, value: str):
    install(site, name, CHANNEL.format(name=name))
    plugins = load([name], project, environ={DISABLE: value.format(name=name)})
    assert entry(plugins, name).status == "disabled"
    assert f"notigate_{name}" not in sys.modules
    with pytest.raises(PluginError, match=f"switched off by {DISABLE}"):
        plugins.spec(name)


@pytest.mark.parametrize("value", ["", "0", "email", "{name}x"])
def test_what_is_not_switched_off_is_loaded(site: Path, project: Path, name: str, value: str):
    install(site, name, CHANNEL.format(name=name))
    plugins = load([name], project, environ={DISABLE: value.format(name=name)})
    assert entry(plugins, name).status == "loaded"


def test_the_core_cannot_be_switched_off(project: Path):
    assert "outbox" in load((), project, environ={DISABLE: "1"}).specs


def test_a_switched_off_plugin_settles_a_clash_of_channels(project: Path, name: str):
    files = [write(project, f"{who}_{name}", CHANNEL.format(name=name)) for who in ("one", "two")]
    plugins = load(files, project, environ={DISABLE: f"one_{name}"})
    assert entry(plugins, f"two_{name}").channels == (name,)


# Asked for


def test_a_channel_that_nobody_offers_is_told_with_those_that_are_and_the_way(project: Path):
    with pytest.raises(PluginError, match=r"'sms_tencent'.*console.*outbox.*pip install notigate-sms-tencent"):
        load((), project).spec("sms_tencent")


def test_what_a_source_of_weather_does_not_tell_is_neither_fine_nor_bad():
    nothing, place = WeatherSource(), Place(city="成都")
    assert {one.status for one in (nothing.warnings(place), nothing.forecast(place))} == {Status.REFUSED}
    assert nothing.powers() == ()
