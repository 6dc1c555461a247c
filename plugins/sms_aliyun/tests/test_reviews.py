"""Templates and signatures as the provider's reviewers see them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from notigate.plugin import Category, NotigateError, Secret, Status, Wording
from notigate.testing.aliyun import CANCELLED, PROMOTION, REJECTED, REVIEWING, FakeAliyun, Fault, Reply, Template

KEYS = {"LTAIcanary": "canary-secret"}


@pytest.fixture
def reviewed(clock):
    templates = {
        "SMS_1": Template(
            text="尊敬的${name}，${date}有${event}。", name="天气", attributes={"name": "user_nick"}, sign="青年城"
        ),
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
        "attributes": "name=name,date=text,event=text",
        "signatures": "青年城",
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
    assert checks(channel) == {
        "reachable": True, "clock": True, "credentials": True, "signature": True, "registration": True,
    }  # fmt: skip
    assert not any(check.advice for check in channel.check())
    assert reviewed.sent == []


@pytest.mark.parametrize("sign", ["新城", "老城", "无城"])
def test_a_signature_that_cannot_be_used_is_shown(reviewed, make_channel, sign):
    channel = make_channel(reviewed.endpoint, sign_name=sign)
    assert checks(channel) == {"reachable": True, "clock": True, "credentials": True, "signature": False}
    assert channel.check()[-1].detail.startswith(sign)
    assert channel.check()[-1].advice


def test_the_older_call_is_asked_where_the_account_lacks_the_newer(reviewed, make_channel):
    reviewed.faults["GetSmsSign"].append("isv.INTERFACE_OFFLINE")
    assert checks(make_channel(reviewed.endpoint))["signature"]
    assert [call.action for call in reviewed.calls] == ["GetSmsSign", "QuerySmsSign"]


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


@pytest.mark.parametrize(("status", "well"), [(3, True), (1, True), (0, False), (2, False), (-1, False), (-2, False)])
def test_a_signature_that_a_carrier_does_not_know_is_shown(reviewed, make_channel, status, well):
    reviewed.account.registered["unicom"] = status
    told = {check.name: check for check in make_channel(reviewed.endpoint).check()}["registration"]
    assert (told.ok, bool(told.advice)) == (well, not well)
    assert "unicom" in told.detail


@pytest.mark.parametrize("body", [{"TemplateStatus": 1}, {}])
def test_an_answer_without_the_words_says_nothing_of_a_template(reviewed, make_channel, body):
    reviewed.faults["GetSmsTemplate"].append(Reply({"Code": "OK", **body}))
    with pytest.raises(NotigateError, match="SMS_1 cannot be read"):
        make_channel(reviewed.endpoint).template("SMS_1")


def wording(**fields):
    usual = {
        "occasion": "service/own",
        "locale": "zh_Hans",
        "category": Category.CARE,
        "title": "停水通知 zh_Hans",
        "text": "${greeting}，明天停水，有事请拨${hotline}。",
        "example": "王女士，明天停水，有事请拨400-600-0000。",
        "kinds": {"greeting": "name", "hotline": "phone"},
    }
    return Wording(**usual | fields)


def test_a_text_is_submitted_for_review(reviewed, make_channel):
    channel = make_channel(reviewed.endpoint)
    outcome = channel.submit(wording())
    assert outcome.status is Status.ACCEPTED
    copy = channel.template(outcome.provider_id)
    assert (copy["text"], copy["state"], copy["type"]) == (wording().text, "reviewing", "notification")
    assert (copy["attributes"], copy["signatures"]) == ("greeting=name,hotline=phone", "青年城")
    assert reviewed.calls[0].params["Remark"] == wording().example
    assert json.loads(reviewed.calls[0].params["TemplateRule"]) == {"greeting": "name", "hotline": "phone_number2"}


@pytest.mark.parametrize(
    ("locale", "category", "kind"),
    [
        ("zh_Hans", Category.MARKETING, "promotion"),
        ("en", Category.SERVICE, "notification"),
        ("zh_Hant", Category.CARE, "international"),
        ("zh_Hant", Category.MARKETING, "international"),
        ("zh_TW", Category.CARE, "international"),
    ],
)
def test_class_and_script_decide_the_type_of_a_template(reviewed, make_channel, locale, category, kind):
    channel = make_channel(reviewed.endpoint)
    outcome = channel.submit(wording(locale=locale, category=category))
    assert channel.template(outcome.provider_id)["type"] == kind


def test_two_texts_in_a_moment_are_too_many_for_the_provider(reviewed, make_channel, clock):
    channel = make_channel(reviewed.endpoint)
    assert channel.submit(wording()).status is Status.ACCEPTED
    assert channel.submit(wording()).status is Status.BUSY
    clock.at += timedelta(seconds=channel.limits.submit_pause)
    assert channel.submit(wording()).status is Status.ACCEPTED


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (Reply({"Code": "OK"}), Status.UNKNOWN),
        (Reply("<html>", 502), Status.UNKNOWN),
        (Fault.DROP, Status.UNKNOWN),
        ("isv.PRODUCT_UN_SUBSCRIPT", Status.REFUSED),
        ("isv.SOMETHING_NEW", Status.UNKNOWN),
    ],
)
def test_what_may_have_been_taken_is_unknown(reviewed, make_channel, trouble, status):
    reviewed.faults["CreateSmsTemplate"].append(trouble)
    assert make_channel(reviewed.endpoint).submit(wording()).status is status
