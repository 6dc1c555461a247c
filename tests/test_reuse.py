"""A key that a caller gives names one message: what happens when it is given again."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import notigate
from notigate.cli import cli

OCCASION = """\
title: News
class: {category}
moment: manual
at: "00:00-24:00"
channels: [sms]
params: {{who: salutation, event: event}}
"""
SETTINGS = """\
project: {name: x}
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
policy: {windows: ['00:00-24:00'], per_person: {month: 2}}
"""
HEADINGS = "id,name,title,phone,project,building,home,opted_out,consented\n"
WANG = "C1,王芳,女士,13800138000,A,3栋,101,,yes\n"
LI = "C2,李雷,先生,13800138001,A,3栋,101,,yes\n"
TOLD = "the key K was used before for another message (people: {}); nothing was sent to them again. Use another --key, or none"


@pytest.fixture
def project(tmp_path):
    """Opens a project with the roster `people` and two occasions, whose further keys are `keys`."""

    def opened(people: str, category: str = "service", keys: str = ""):
        for name in ("news", "other"):
            folder = tmp_path / "templates" / "home" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "occasion.yaml").write_text(OCCASION.format(category=category) + keys, encoding="utf-8")
            (folder / "zh_Hans.sms.txt").write_text("{{ who }}：{{ event }}。", encoding="utf-8")
        (tmp_path / "customers.csv").write_text(HEADINGS + people, encoding="utf-8")
        (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
        return notigate.open(tmp_path)

    return opened


def send(gateway, event: str, key: str | None = "K", **more):
    """Sends news of `event`: the exit code, what was counted, and what was told."""
    with gateway:
        run = gateway.send("home/news", params={"event": event}, key=key, **more)
        return run.exit_code, {state.value: n for state, n in run.counts.items()}, [one.detail for one in run.problems]


def log(gateway) -> list[tuple[str, str, str]]:
    """All that was ever promised: to whom, what became of it, and what it says."""
    with gateway:
        return sorted((d.person, d.state.value, d.content.text if d.content else "") for d in gateway.log())


def test_who_has_another_message_under_the_key_is_told_of_and_gets_nothing_again(project):
    send(project(WANG + LI), "停水")
    assert send(project(WANG + LI), "停电") == (2, {}, [TOLD.format(2)])
    assert log(project("")) == [("C1", "accepted", "王女士：停水。"), ("C2", "accepted", "李先生：停水。")]


def test_new_people_get_theirs_where_others_have_another_message_under_the_key(project):
    send(project(WANG), "停水")
    assert send(project(WANG + LI), "停电") == (1, {"accepted": 1}, [TOLD.format(1)])
    assert log(project("")) == [("C1", "accepted", "王女士：停水。"), ("C2", "accepted", "李先生：停电。")]


def test_the_same_message_under_the_same_key_is_silent_and_goes_to_new_people_only(project):
    send(project(WANG), "停水")
    assert send(project(WANG), "停水") == (0, {}, [])
    assert send(project(WANG + LI), "停水") == (0, {"accepted": 1}, [])


def test_another_message_without_a_key_is_another_message(project):
    send(project(WANG), "停水", key=None)
    assert send(project(WANG), "停电", key=None) == (0, {"accepted": 1}, [])


def test_a_new_address_does_not_hide_that_the_key_was_used_for_another_message(project):
    send(project(WANG), "停水")
    assert send(project(WANG.replace("13800138000", "13800138009")), "停电") == (2, {}, [TOLD.format(1)])


def test_what_was_sent_under_the_key_counts_once_for_the_caps_and_is_not_promised_as_suppressed(project):
    assert send(project(WANG, "care"), "停水")[1] == {"accepted": 1}
    with project(WANG, "care") as gateway:
        run = gateway.send("home/news", "home/other", params={"event": "停电"}, key="K")
    assert run.exit_code == 1
    assert log(project("")) == [("C1", "accepted", "王女士：停水。"), ("C1", "accepted", "王女士：停电。")]
    assert send(project(WANG, "care"), "停气", key="L")[1] == {"suppressed": 1}


def test_who_was_left_out_under_the_key_has_no_other_message(project):
    opted_out = WANG.replace(",,yes", ",yes,yes")
    send(project(opted_out), "停水")
    assert send(project(WANG), "停电") == (0, {}, [])


def test_of_a_home_that_is_told_once_one_reader_has_another_message(project):
    keys = "once_per: home\n"
    assert send(project(WANG + LI, keys=keys), "停水")[1] == {"accepted": 1}
    assert send(project(LI + WANG, keys=keys), "停电") == (2, {}, [TOLD.format(1)])
    assert [text for _person, state, text in log(project("")) if state == "accepted"] == ["王女士：停水。"]


def test_a_dry_run_tells_of_a_key_that_was_used_for_another_message(project):
    send(project(WANG + LI), "停水")
    assert send(project(WANG + LI), "停电", dry_run=True) == (2, {}, [TOLD.format(2)])


def test_many_readers_of_another_message_are_told_in_one_line(project):
    people = "".join(f"C{n},王芳,女士,1380013{n:04},A,3栋,{n},,yes\n" for n in range(1, 700))
    send(project(people), "停水")
    assert send(project(people), "停电") == (2, {}, [TOLD.format(699)])


def test_the_command_says_what_stands_under_the_key(project, tmp_path):
    send(project(WANG), "停水")
    told = CliRunner().invoke(cli, ["-C", str(tmp_path), "send", "home/news", "-p", "event=停电", "--key", "K"])
    assert told.exit_code == 2
    assert TOLD.format(1) in " ".join(told.output.split())
    assert "Nothing is due" not in told.output
