"""The pages are true: what they tell to type works and shows what they say, and what they tell to write is understood."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

import notigate
from notigate import sample
from notigate.catalogue import Catalogue, packaged
from notigate.cli import cli
from notigate.settings import load

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {
    str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *DOCS.rglob("*.md"))
}
#: the pages for those who read no English
CHINESE = "docs/zh_Hans"
#: where the pages stand that tell how to do something
HOW_TO = pytest.mark.parametrize("pages", ["docs/howto", CHINESE])
#: the first halves of the names of occasions
KINDS = sorted(folder.name for folder in packaged().iterdir())
BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: what a progress bar does, and the ends of lines
CURSOR = re.compile(r"[\r\n]+|\x1b\[[0-9;?]*[A-Za-z]")

ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "NOTIGATE_PROJECT": "",
    "TERM": "xterm",
    "COLUMNS": "100",
}
ROSTER = "id,name,title,phone,birthday,subscribed_on\nc1,王芳,ms,13800138000,1988-11-21,2026-03-01\nc4,刘敏,ms,,1985-11-21,2026-01-15\n"
#: a provider that never answers
VOID = """\
from dataclasses import dataclass
from notigate.plugin import Channel, ChannelSpec, Outcome, hookimpl

@dataclass(frozen=True)
class Settings:
    pass

class Void(Channel):
    def __init__(self, settings, tools):
        pass

    def send(self, message):
        return Outcome.unknown("no answer")

@hookimpl
def notigate_channels():
    made = {"settings": Settings, "channel": Void, "made": Void, "media": ("*",), "reaches_people": False}
    return [ChannelSpec(name="void", summary="nothing", **made)]
"""


def blocks(page, *kinds):
    return [(found["kind"], found["text"]) for found in BLOCK.finditer(PAGES[page]) if found["kind"] in kinds]


def on_terminal(script, folder, language="en"):
    """What a person sees who types `script` into a terminal."""
    outer, inner = pty.openpty()
    command = ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", script]
    environment = ENVIRONMENT | {"NOTIGATE_LANG": language}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=inner, stderr=inner, cwd=folder, env=environment
    ) as process:
        os.close(inner)
        shown = b"".join(iter(lambda: _read(outer), b""))
        os.close(outer)
    return process.returncode, CURSOR.sub("\n", COLOUR.sub("", shown.decode()))


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that nobody writes any more
        return b""


@pytest.fixture
def in_pipe(capsys):
    """What another program reads."""

    def run(folder, *arguments):
        cli.main(["-C", str(folder), *arguments], standalone_mode=False)
        return capsys.readouterr().out

    return run


def missing(expected, shown):
    """The first line that is told and not shown, in their order; `…` stands for anything, blanks do not matter."""
    lines = iter([" ".join(line.split()) for line in shown.splitlines()])
    for line in filter(str.strip, expected.splitlines()):
        pattern = re.sub(r"(\\ )*…(\\ )*", ".*", re.escape(" ".join(line.split())))
        if not any(re.fullmatch(pattern, seen) for seen in lines):
            return line
    return None


def follow(page, folder, first=0):
    """Type every `sh` block from the `first` on, and compare what is shown with the `text` block behind it."""
    language = "zh_CN" if page.startswith(CHINESE) else "en"
    shown = ""
    for kind, text in blocks(page, "sh", "text")[first:]:
        if kind == "sh":
            code, shown = on_terminal(text, folder, language)
            assert code == 0, f"{text}\n{shown}"
        else:
            assert missing(text, shown) is None, f"{missing(text, shown)!r} is not shown:\n{shown}"


def project(folder, settings):
    """A project with two customers; only one of them can be reached."""
    (folder / "customers.csv").write_text(ROSTER, encoding="utf-8")
    (folder / "void.py").write_text(VOID, encoding="utf-8")
    (folder / "void.py").chmod(0o600)
    file = folder / "notigate.yaml"
    written = {
        "project": {"name": "青年城", "hotline": "400-600-0000"},
        "roster": {"file": "customers.csv"},
        **settings,
    }
    file.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture
def unanswered(tmp_path):
    """A project whose provider never answers."""
    birthday = {"at": "00:00-24:00", "moment": "daily"}
    occasions = {"service/birthday": birthday, "holiday/mid-autumn": {}}
    channels = {"sms": {"plugin": "void"}}
    weather = {"sources": [{"plugin": "cap", "path": "."}], "cities": {"成都": {}}}
    settings = {"channels": channels, "occasions": occasions, "weather": weather, "policy": {"per_person": {}}}
    project(tmp_path, {"plugins": ["void.py"], **settings})
    return tmp_path


@pytest.mark.parametrize("pages", ["docs", CHINESE])
def test_the_tutorial_can_be_followed(tmp_path, pages):
    follow(f"{pages}/tutorial.md", tmp_path)


@HOW_TO
def test_the_report_reads_as_it_is_explained(tmp_path, in_pipe, pages):
    project(tmp_path, {"channels": {"trial": {"plugin": "outbox"}}, "occasions": {"service/birthday": {}}})
    in_pipe(tmp_path, "--now", "2026-11-21T10:05", "send", "--due")
    follow(f"{pages}/read-the-report.md", tmp_path)


@HOW_TO
def test_a_batch_is_approved_as_it_is_explained(tmp_path, pages):
    project(tmp_path, {"channels": {"trial": {"plugin": "outbox"}}, "occasions": {"holiday/mid-autumn": {}}})
    follow(f"{pages}/approve.md", tmp_path)


@HOW_TO
def test_unknown_outcomes_are_resolved_as_it_is_explained(unanswered, pages):
    follow(f"{pages}/resolve-unknowns.md", unanswered)


@HOW_TO
def test_it_is_watched_over_as_it_is_explained(tmp_path, pages):
    ((_, written),) = blocks(f"{pages}/watch.md", "yaml")
    refused = {"plugin": "simulator", "script": [{"share": 1, "answer": "refuse", "reason": "bad-credentials"}]}
    occasions = {"service/birthday": {"at": "00:00-24:00", "moment": "daily", "channels": ["sms"]}}
    channels = {"sms": refused, "trial": {"plugin": "outbox"}}
    settings = {"channels": channels, "occasions": occasions, "workdays": "every-day"}
    project(tmp_path, {**settings, "policy": {"windows": ["00:00-24:00"]}, **yaml.safe_load(written)})
    follow(f"{pages}/watch.md", tmp_path)


@HOW_TO
def test_consent_is_kept_as_it_is_explained(tmp_path, pages):
    project(tmp_path, {"channels": {"trial": {"plugin": "outbox"}}, "occasions": {"service/birthday": {}}})
    follow(f"{pages}/consent.md", tmp_path)


@HOW_TO
def test_a_project_goes_live_as_it_is_explained(tmp_path, monkeypatch, pages):
    for name in ("ALIYUN_ACCESS_KEY_ID", "ALIYUN_ACCESS_KEY_SECRET", "SMTP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    follow(f"{pages}/go-live.md", tmp_path)


@HOW_TO
def test_an_upgrade_is_made_as_it_is_explained(tmp_path, in_pipe, pages):
    project(tmp_path, {"channels": {"trial": {"plugin": "outbox"}}, "occasions": {"service/birthday": {}}})
    in_pipe(tmp_path, "--now", "2026-11-21T10:05", "send", "--due")
    follow(f"{pages}/upgrade.md", tmp_path)


def test_a_campaign_is_rehearsed_as_it_is_explained(tmp_path):
    (settings,) = (text for _, text in blocks("docs/howto/rehearse.md", "yaml"))
    (made, *_) = (text for _, text in blocks("docs/howto/rehearse.md", "sh"))
    assert on_terminal(made, tmp_path)[0] == 0
    (tmp_path / "rehearsal" / "notigate.yaml").write_text(settings, encoding="utf-8")
    follow("docs/howto/rehearse.md", tmp_path, first=1)


def in_english(page):
    """Which page says the same to those who read English."""
    name = Path(page).name
    return {"index.md": "README.md", "tutorial.md": "docs/tutorial.md"}.get(name, f"docs/howto/{name}")


def typed(page):
    """Which commands a reader of this page types, without their options: `optout add`."""
    script = "\n".join(text for _, text in blocks(page, "sh", "console"))
    return set(re.findall(r"\bnotigate(?: -C \S+| --now \S+)*((?: [a-z]+(?!\S))+)", script))


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith(CHINESE)])
def test_a_chinese_page_has_the_commands_of_its_english_one(page):
    assert typed(page) == typed(in_english(page)) != set()


#: for programmers, who read English
ENGLISH_ONLY = {"add-a-channel.md"}
#: what the program prints, in the reader's language, and what stands in lines of its own
PRINTED = ("text", "text logrotate")


def test_every_page_for_users_is_there_in_chinese():
    english = {file.name for file in (DOCS / "howto").glob("*.md")} - ENGLISH_ONLY | {"tutorial.md"}
    assert {file.name for file in (ROOT / CHINESE).glob("*.md")} == english | {"index.md"}


def outline(page):
    """The levels of a page's headings, what is typed or written under each, and the keys of its settings."""
    pieces = re.split(r"^ *```([^\n]*)\n(.*?)^ *```$", PAGES[page], flags=re.MULTILINE | re.DOTALL)
    for words, kind, text in zip(pieces[::3], [*pieces[1::3], ""], [*pieces[2::3], ""], strict=True):
        yield from (len(marks) for marks in re.findall(r"^(#+) ", words, flags=re.MULTILINE))
        if kind and kind not in PRINTED:
            yield kind, yaml.safe_load(text) if kind == "yaml" else ""


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith(CHINESE) and not page.endswith("index.md")])
def test_a_chinese_page_is_built_as_its_english_one(page):
    assert list(outline(page)) == list(outline(in_english(page)))


WRITTEN = [(page, text) for page in PAGES for _, text in blocks(page, "yaml") if "add-a-channel" not in page]


#: what files hold that are no keys
SECRETS = {"ledger.url": "postgresql://notigate:canary@127.0.0.1/notigate"}


@pytest.mark.parametrize("text", [text for _, text in WRITTEN])
def test_settings_are_understood_as_they_are_shown(text, tmp_path, monkeypatch):
    for name in re.findall(r"\$\{env:(\w+)\}", text):
        monkeypatch.setenv(name, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=canary")
    for name in re.findall(r"\$\{file:(.+?)\}", text):
        (tmp_path / name).write_text(SECRETS.get(name, "canary"))
        (tmp_path / name).chmod(0o600)
    for _, days in blocks("docs/reference/settings.md", "yaml file"):
        (tmp_path / "workdays.yaml").write_text(days)
    project(tmp_path, yaml.safe_load(text))
    with notigate.open(tmp_path) as gateway:
        assert {standing.name: standing.missing for standing in gateway.lineup.standings() if standing.missing} == {}
        assert gateway.catalogue.switched_on()[1] == ()


def test_every_page_is_asked_whether_its_settings_are_understood():
    assert {page for page, _ in WRITTEN} > {"README.md", "docs/howto/go-live.md", "docs/reference/settings.md"}


def test_the_caps_that_are_shown_are_the_usual_ones(tmp_path):
    (shown,) = (text for _, text in blocks("docs/reference/settings.md", "yaml") if "per_person" in text)
    assert (
        load(project(tmp_path, yaml.safe_load(shown))).policy.per_person
        == load(project(tmp_path, {})).policy.per_person
    )


#: whose keys are states or channels
COUNTS = ("counts", "channels", "cost", "left_out", "today", "waiting")
COMMANDS = {
    "send": ("send", "--due"),
    "plan": ("plan", "--days", "2"),
    "log": ("log",),
    "report": ("report", "week", "--of", "2026-W39"),
    "weather": ("weather",),
    "approvals": ("approvals",),
    "preview": ("preview", "service/birthday", "--locale", "en"),
    "channels": ("channels",),
    "plugins": ("plugins",),
    "doctor": ("doctor", "--offline"),
    "status": ("status",),
    "receipts": ("receipts", "pull"),
    "optout": ("optout", "list"),
    "export": ("export", "--since", "2026-09-01", "--until", "2026-09-30", "-o", "{folder}/all.jsonl"),
    "erase": ("erase", "c1", "--yes"),
    "accesses": ("accesses",),
    "migrate": ("migrate",),
}


def shape(value):
    """Keys in their order, and what kind of value stands behind each."""
    if isinstance(value, dict):
        return {key: "counts" if key in COUNTS and isinstance(one, dict) else shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return None if value is None else type(value).__name__


def alike(told, seen):
    """Are these two shapes of one kind? Nothing, and a list of nothing, may be anything."""
    if isinstance(told, dict) and isinstance(seen, dict):
        return list(told) == list(seen) and all(alike(told[key], seen[key]) for key in told)
    if isinstance(told, list) and isinstance(seen, list):
        return not (told and seen) or alike(told[0], seen[0])
    return told == seen or None in (told, seen)


def test_json_is_printed_in_the_shapes_that_are_shown(unanswered, in_pipe):
    shown = {
        kind.removeprefix("json "): json.loads(text)
        for kind, text in blocks("docs/reference/json.md", *(f"json {name}" for name in COMMANDS))
    }
    assert shown.keys() == COMMANDS.keys()
    in_pipe(unanswered, "optout", "add", "nobody")
    for name, arguments in COMMANDS.items():
        given = (argument.format(folder=unanswered) for argument in arguments)
        printed = in_pipe(unanswered, "--now", "2026-09-25T10:05", *given, "--json").splitlines()
        assert printed, name
        for line in printed:
            assert alike(shape(shown[name]), shape(json.loads(line))), f"{name}: {line}"


def test_unknown_outcomes_are_listed_as_the_log_lists_them(unanswered, in_pipe):
    in_pipe(unanswered, "send", "--due")
    assert in_pipe(unanswered, "resolve", "--json") == in_pipe(unanswered, "log", "--state", "unknown", "--json") != ""


def anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@HOW_TO
def test_the_page_on_texts_can_be_followed(tmp_path, pages):
    follow(f"{pages}/texts.md", tmp_path)


@HOW_TO
def test_the_page_on_texts_names_every_rule_of_lint(pages):
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "src/notigate/lint").glob("*.py"))
    rules = set(re.findall(r'"((?:sms|mail|wecom)-[a-z-]+|broken|cannot-be-made|[a-z]+-(?:name|params?))"', sources))
    assert {rule for rule in rules if f"`{rule}`" not in PAGES[f"{pages}/texts.md"]} == set()
    assert len(rules) > 15


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target, place in LINK.findall(BLOCK.sub("", PAGES[page])):
        file = (ROOT / page).parent / unquote(target) if target else ROOT / page
        assert file.exists(), f"{target} is not there"
        if place:
            assert place in {
                anchor(line.lstrip("# "))
                for line in file.read_text(encoding="utf-8").splitlines()
                if line.startswith("#")
            }


def test_every_variable_of_the_environment_is_documented():
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py"))
    known = set(re.findall(r'"(NOTIGATE_[A-Z_]+)"', sources))
    assert set(re.findall(r"^\| `(NOTIGATE_\w+)`", PAGES["docs/reference/commands.md"], re.MULTILINE)) == known


def test_every_occasion_that_is_named_comes_with_notigate():
    named = {
        name for page in PAGES.values() for name in re.findall(rf"\b(?:{'|'.join(KINDS)})/[a-z]+(?:-[a-z]+)*", page)
    }
    assert named - {"service/garden-day"} <= set(Catalogue.open([]).names())


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sample.write(Path("demo"), date(2026, 11, 21), sample=True)
    for _, text in blocks("README.md", "python"):
        exec(text, {})  # noqa: S102 - what a reader would type
    assert "State.ACCEPTED" in capsys.readouterr().out
