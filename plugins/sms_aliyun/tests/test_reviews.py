"""Templates and signatures as the provider's reviewers see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notigate.plugin import NotigateError, Secret
from notigate.testing.aliyun import CANCELLED, PROMOTION, REJECTED, REVIEWING, FakeAliyun, Reply, Template

KEYS = {"LTAIcanary": "canary-secret"}


@pytest.fixture
def reviewed(clock):
    templates = {
        "SMS_1": Template(text="尊敬的${name}，${date}有${event}。", name="天气"),
        "SMS_2": Template(text="拒收请回复R", status=REJECTED, type=PROMOTION, reason="缺少主体"),
    }
    signs = {"青年城": 1, "新城": REVIEWING, "老城": CANCELLED}
    with FakeAliyun(keys=KEYS, signs=signs, templates=templates, now=clock) as fake:
        yield fake


def test_an_approved_template_is_told_in_full(reviewed, make_channel):
    assert make_channel(reviewed.endpoint).template("SMS_1") == {
        "text": "尊敬的${name}，${date}有${event}。",
        "state": "approved",
        "type": "notification",
        "name": "天气",
        "variables": "name,date,event",
        "reason": "",
    }


@pytest.mark.parametrize("withdrawn", [[], ["isv.INTERFACE_OFFLINE"], ["InvalidAction.NotFound"]])
def test_either_call_tells_why_a_template_was_rejected(reviewed, make_channel, withdrawn):
    reviewed.faults["GetSmsTemplate"].extend(withdrawn)
    template = make_channel(reviewed.endpoint).template("SMS_2")
    assert (template["state"], template["type"], template["reason"]) == ("rejected", "promotion", "缺少主体")


def test_a_template_that_does_not_exist_is_none(reviewed, make_channel):
    assert make_channel(reviewed.endpoint).template("SMS_9") is None


@pytest.mark.parametrize("trouble", ["isp.SYSTEM_ERROR", "Forbidden.RAM", Reply("<html>", 502)])
def test_a_template_that_cannot_be_asked_for_is_no_missing_one(reviewed, make_channel, trouble):
    reviewed.faults["GetSmsTemplate"].append(trouble)
    with pytest.raises(NotigateError, match="SMS_1 cannot be read"):
        make_channel(reviewed.endpoint).template("SMS_1")


def checks(channel):
    return {check.name: check.ok for check in channel.check()}


def test_all_is_well(reviewed, make_channel):
    channel = make_channel(reviewed.endpoint)
    assert checks(channel) == {"reachable": True, "clock": True, "credentials": True, "signature": True}
    assert not any(check.advice for check in channel.check())
    assert reviewed.sent == []


@pytest.mark.parametrize("sign", ["新城", "老城", "无城"])
def test_a_signature_that_cannot_be_used_is_shown(reviewed, make_channel, sign):
    channel = make_channel(reviewed.endpoint, sign_name=sign)
    assert checks(channel) == {"reachable": True, "clock": True, "credentials": True, "signature": False}
    assert channel.check()[-1].detail.startswith(sign)
    assert channel.check()[-1].advice


def test_the_successor_is_asked_where_the_call_was_withdrawn(reviewed, make_channel):
    reviewed.faults["QuerySmsSign"].append("isv.INTERFACE_OFFLINE")
    assert checks(make_channel(reviewed.endpoint))["signature"]
    assert [call.action for call in reviewed.calls] == ["QuerySmsSign", "GetSmsSign"]


def test_bad_credentials_are_shown(reviewed, make_channel):
    channel = make_channel(reviewed.endpoint, access_key_secret=Secret("mistyped"))
    assert checks(channel) == {"reachable": True, "clock": True, "credentials": False}


def test_nobody_there_is_shown(make_channel):
    assert checks(make_channel("http://127.0.0.1:1")) == {"reachable": False}


@pytest.mark.parametrize(("minutes", "well"), [(4, True), (6, False), (-6, False), (20, False)])
def test_a_clock_that_runs_off_is_shown_before_it_stops_the_channel(reviewed, make_channel, clock, minutes, well):
    clock.at += timedelta(minutes=minutes)
    shown = {check.name: check for check in make_channel(reviewed.endpoint).check()}
    assert shown["clock"].ok is well
    assert bool(shown["clock"].advice) is not well
