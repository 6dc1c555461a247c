"""What is refused without asking, and settings that cannot work."""

from __future__ import annotations

import pluggy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import notigate_sms_aliyun
from notigate import hookspecs
from notigate.plugin import ConfigError, Outcome, Reason, Scope
from notigate_sms_aliyun import AliyunSms, Settings, notigate_channels
from notigate_sms_aliyun.rules import all_taken, bad_value, number

URL = "https://dysmsapi.aliyuncs.com"


@pytest.fixture
def channel(make_channel):
    return make_channel(URL)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "variable name is empty"),
        (" \u3000", "variable name is empty"),
        ("字" * 36, "variable name has 36 characters, 35 are allowed"),
        ("一\n二", "variable name has a line break or control character"),
        ("一\u2028二", "variable name has a line break or control character"),
        ("一\x00二", "variable name has a line break or control character"),
        ("【青年城】", "variable name has 【 or 】, which belong to the signature"),
        ("http://a.b", "variable name has a link, which only the fixed text of a template may have"),
        ("见HTTPS://x", "variable name has a link, which only the fixed text of a template may have"),
        ("www.example", "variable name has a link, which only the fixed text of a template may have"),
        ("请看example.com/x", "variable name has a link, which only the fixed text of a template may have"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused(channel, make_message, value, fault):
    assert channel.refusal(make_message(params={"name": value})) == Outcome.refused(Reason.BAD_CONTENT, fault)


@pytest.mark.parametrize(
    "value",
    ["王", "字" * 35, "3.5万元", "10.30 a.m.", "Mr.Wang", "400-600-0000", "2026.11.21", "St.Combe", "a/b", "😀"],
)
def test_an_ordinary_value_passes(channel, make_message, value):
    assert channel.refusal(make_message(params={"name": value})) is None


def test_every_value_is_looked_at(channel, make_message):
    refusal = channel.refusal(make_message(params={"name": "王", "date": "一\n二"}))
    assert refusal.detail == "variable date has a line break or control character"


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.text("王a-/【\n ", max_size=3)), max_size=3))
def test_many_are_taken_if_each_of_them_is(messages):
    assert all_taken(messages) == all(bad_value(params) is None for params in messages)


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("+8613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("13800138000", "13800138000"),
        ("+85261234567", "85261234567"),
        ("+8602112345678", "8602112345678"),
        ("+498613800138000", "498613800138000"),
    ],
)
def test_a_number_is_written_as_the_provider_reads_it(address, wire):
    assert number(address) == wire


@pytest.mark.parametrize(
    "address", ["", "?", "13800138000,13800138001", "+86 138", "１３８００１３８０００", "1" * 16, "+"]
)
def test_what_is_no_number_is_refused(channel, make_message, address):
    refusal = channel.refusal(make_message(to=address))
    assert refusal == Outcome.refused(Reason.BAD_ADDRESS, "not a phone number")


def test_an_american_number_is_not_sent_to_a_chinese_reader(channel, make_message):
    refusal = channel.refusal(make_message(to="+13105551234"))
    assert refusal.reason is Reason.BAD_ADDRESS


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"occasion": "holiday/christmas"}, "add templates.'holiday/christmas' to this channel's settings"),
        ({"locale": "zh_Hant"}, "add templates.'holiday/mid-autumn'.zh_Hant to this channel's settings"),
    ],
)
def test_an_occasion_without_a_code_says_what_to_add(channel, make_message, fields, key):
    refusal = channel.refusal(make_message(**fields))
    assert (refusal.reason, refusal.scope) == (Reason.BAD_CONTENT, Scope.CHANNEL)
    assert refusal.detail.endswith(key)


def test_another_language_never_stands_in(make_channel, make_message):
    channel = make_channel(URL, templates={"holiday/mid-autumn": {"en": "SMS_2"}})
    assert channel.refusal(make_message(locale="zh_Hans")) is not None


@pytest.mark.parametrize(
    "endpoint",
    [
        "dysmsapi.aliyuncs.com",
        "http://dysmsapi.aliyuncs.com",
        "http://192.168.1.1",
        "https://user:password@dysmsapi.aliyuncs.com",
        "https://dysmsapi.aliyuncs.com/path",
        "https://dysmsapi.aliyuncs.com?x=1",
        "https://dysmsapi.aliyuncs.com:port",
        "https://[",
        "https://",
        "",
    ],
)
def test_an_endpoint_that_is_none_is_refused_without_repeating_it(make_channel, endpoint):
    with pytest.raises(ConfigError, match="https://HOST") as fault:
        make_channel(endpoint)
    assert "password" not in str(fault.value)


@pytest.mark.parametrize("endpoint", [URL, f"{URL}/", "https://host:8443", "http://127.0.0.1:80", "http://[::1]:80"])
def test_an_endpoint_is_https_or_stays_on_this_machine(make_channel, endpoint):
    assert isinstance(make_channel(endpoint), AliyunSms)


@pytest.mark.parametrize("sign", ["【青年城】", "", "  "])
def test_a_signature_comes_without_brackets(make_channel, sign):
    with pytest.raises(ConfigError, match="sign_name"):
        make_channel(URL, sign_name=sign)


def test_settings_show_no_secret(channel):
    assert "canary" not in repr(channel._settings)


def test_the_package_offers_the_channel():
    manager = pluggy.PluginManager("notigate")
    manager.add_hookspecs(hookspecs)
    manager.register(notigate_sms_aliyun)
    manager.check_pending()
    (spec,) = manager.hook.notigate_channels()[0]
    assert (spec.name, spec.settings, spec.made) == ("sms_aliyun", Settings, AliyunSms)
    assert notigate_channels() == (spec,)
