"""What became of one message, of one person's messages, and of those of a home."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate import words
from notigate.cli import cli

NOON = "2026-11-22T12:00"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  sms: {plugin: simulator, script: [{share: 1, answer: lose-reply}]}
policy: {windows: ["00:00-24:00"]}
occasions:
  service/birthday: {at: "00:00-24:00"}
"""
ROSTER = """\
id,name,title,phone,home,birthday,subscribed_on,opted_out
c1,王芳,女士,13800138000,3-1203,1990-11-22,2020-11-01,
c2,李雷,先生,13800138001,3-1203,1991-11-22,2020-11-01,
c3,韩梅梅,女士,13800138002,5-0101,1992-11-22,2020-11-01,是
"""


@pytest.fixture
def run(tmp_path: Path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str, now: str = NOON):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, *arguments])

    invoke("send", "--due")
    return invoke


def lines(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def people(result):
    return {item["person"] for item in lines(result)}


def test_the_story_of_a_delivery_tells_each_change_and_each_request(run):
    (number,) = (item["delivery"] for item in lines(run("log", "--person", "c1", "--json")))
    run("resolve", str(number), "--as", "sent")
    told = run("log", str(number)).stdout
    assert "service/birthday for 2026-11-22" in told
    assert "to c1, 138****8000, by sms" in told
    for step in ("(planned)", "(picked for sending)", "(handed to the channel)", "unknown (", "decided: it was sent)"):
        assert step in told
    assert "request 1 at 20" in told
    assert "with 1 other" in told
    assert told.splitlines()[-1] == "Now: sent (a person decided)"
    assert "13800138000" not in told
    (story,) = lines(run("log", str(number), "--json"))
    assert [event["state"] for event in story["events"]] == ["queued", "claimed", "sending", "unknown", "accepted"]
    (tried,) = story["tries"]
    assert {name: tried[name] for name in ("number", "status", "reason", "detail")} == {
        "number": 1, "status": "unknown", "reason": "unclear", "detail": "simulated: no reply",
    }  # fmt: skip
    assert tried["reference"]


def test_of_a_channel_that_can_be_asked_it_is_said_that_it_will_be(run):
    told = run("resolve", "--dry-run").stderr
    assert "Providers are asked again later" in told
    assert "Nobody can be asked" not in told


def test_a_delivery_that_there_is_not_is_told(run):
    result = run("log", "999")
    assert (result.exit_code, result.stderr) == (2, "Error: there is no delivery 999; see: notigate log\n")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("--home", "3-1203"), {"c1", "c2"}),
        (("--home", "5-0101"), {"c3"}),
        (("--reason", "opted-out"), {"c3"}),
        (("--occasion", "service/birthday"), {"c1", "c2", "c3"}),
        (("--occasion", "holiday/mid-autumn"), set()),
        (("--until", "2026-11-22"), set()),
        (("--since", "2026-11-22", "--until", "2026-11-23"), {"c1", "c2", "c3"}),
        (("--phone", "+86 138-0013-8001"), {"c2"}),
    ],
)
def test_a_log_is_narrowed_down(run, asked, found):
    assert people(run("log", *asked, "--json")) == found


def test_a_home_that_nobody_has_is_told(run):
    assert run("log", "--home", "9-9").stderr == "Error: nobody in the roster has the home '9-9'\n"


def test_a_log_is_paged(run):
    every = [item["delivery"] for item in lines(run("log", "--json"))]
    last = [item["delivery"] for item in lines(run("log", "--limit", "2", "--json"))]
    assert last == every[-2:]
    assert [item["delivery"] for item in lines(run("log", "--before", str(last[0]), "--json"))] == every[:-2]
    of_home = [item["delivery"] for item in lines(run("log", "--home", "3-1203", "--json"))]
    assert [item["delivery"] for item in lines(run("log", "--home", "3-1203", "--limit", "1", "--json"))] == of_home[
        -1:
    ]


def test_whatever_brings_a_change_about_is_told_in_words():
    source = Path(words.__file__).parent
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in source.rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    causes = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "cause"]
    causes += [call.args[2] for call in calls if ast.unparse(call.func).endswith("Change") and len(call.args) > 2]
    recorded = {one.value for one in causes if isinstance(one, ast.Constant)}
    assert len(recorded) > 5
    assert recorded <= words.CAUSES.keys()


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        ("accepted", "the provider took it"),
        ("busy: HTTP 503", "the provider did not take it yet: HTTP 503"),
        ("throttled: code 45009", "the provider asks us to slow down: code 45009"),
        ("approved by 周敏", "approved by 周敏"),
        ("resend: decided by 周敏 (root)", "周敏 (root) decided: send it again"),
        ("put back: the run is ending", "put back: the run is ending"),
        ("put back: not sent yet", "put back: not sent yet"),
        ("planned: fact 3", "planned: fact 3"),
        ("opted-out", "wants no messages"),
        ("a plugin's own", "a plugin's own"),
        ("", ""),
    ],
)
def test_a_cause_keeps_its_names_and_details(recorded, told):
    assert words.cause(recorded) == told
