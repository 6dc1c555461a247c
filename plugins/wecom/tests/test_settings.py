"""Which settings make which channel, and what is refused before anything is sent."""

from __future__ import annotations

import pytest
import requests

from notigate.edges import real_now
from notigate.plugin import Category, ConfigError, Message, Reason, Secret, Tools
from notigate_wecom import Application, Robot, Settings, channel, notigate_channels

WEBHOOK = Secret("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=key-canary")
CORP = {"corp_id": "ww1", "agent_id": 1000002, "secret": Secret("sec-canary")}


def made(**settings):
    return channel(Settings(**settings), Tools(session=requests.Session, now=real_now))


def message(text: str = "今日到访名单", to: str = "wangqing") -> Message:
    return Message(
        id="m", reference="r", occasion="staff/visits", category=Category.STAFF, medium="wecom",
        to=to, locale="zh_Hans", text=text,
    )  # fmt: skip


def test_a_webhook_makes_a_robot_that_needs_no_address():
    robot = made(webhook=WEBHOOK)
    assert isinstance(robot, Robot)
    assert robot.address is None


def test_corp_agent_and_secret_make_an_application_that_writes_to_members():
    application = made(**CORP)
    assert isinstance(application, Application)
    assert application.address == "wecom"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "neither"),
        ({"webhook": WEBHOOK, **CORP}, "both"),
        ({"webhook": WEBHOOK, "agent_id": 1}, "both"),
        ({"corp_id": "ww1"}, "agent_id, secret"),
        ({**CORP, "secret": None}, "secret"),
        ({"webhook": WEBHOOK, "endpoint": "https://proxy.example.com"}, "endpoint"),
        ({"webhook": Secret("key-canary")}, "whole https address"),
        ({"webhook": Secret("https://qyapi.weixin.qq.com/cgi-bin/webhook/send")}, "with its key"),
        ({"webhook": Secret("http://qyapi.weixin.qq.com/x?key=key-canary")}, "loopback"),
        ({"webhook": Secret("https://[::1/x?key=key-canary")}, "whole https address"),
        ({**CORP, "endpoint": "http://qyapi.weixin.qq.com"}, "loopback"),
        ({**CORP, "endpoint": "ftp://127.0.0.1"}, "https"),
        ({**CORP, "mentioned": ("wangqing",)}, "mentions"),
        ({"webhook": WEBHOOK, "mentioned": ("@all",)}, "form: text"),
        ({"webhook": WEBHOOK, "mentioned_mobiles": ("13800138000",)}, "form: text"),
    ],
)
def test_settings_that_do_not_go_together_are_named_without_their_secrets(settings, words):
    with pytest.raises(ConfigError) as caught:
        made(**settings)
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)
    assert "13800138000" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
def test_plain_http_is_for_loopback(host):
    assert made(webhook=Secret(f"http://{host}/send?key=k"))
    assert made(**CORP, endpoint=f"http://{host}/")


def test_settings_show_no_secret():
    shown = repr(Settings(webhook=WEBHOOK, **CORP, mentioned_mobiles=("13800138000",)))
    assert "canary" not in shown
    assert "13800138000" not in shown


@pytest.mark.parametrize(
    ("settings", "limit"),
    [({"webhook": WEBHOOK}, 4096), ({"webhook": WEBHOOK, "form": "text"}, 2048), (CORP, 2048)],
)
def test_what_is_too_long_is_refused_with_its_bytes(settings, limit):
    sender = made(**settings)
    fits = "你" * (limit // 3) + "x" * (limit % 3)
    assert sender.refusal(message(fits)) is None
    refusal = sender.refusal(message(fits + "x"))
    assert refusal.reason is Reason.BAD_CONTENT
    assert str(limit + 1) in refusal.detail
    assert str(limit) in refusal.detail


def test_mentions_count_towards_the_length():
    sender = made(webhook=WEBHOOK, mentioned=("wangqing",))
    room = 4096 - len("\n<@wangqing>")
    assert sender.refusal(message("x" * room)) is None
    assert sender.refusal(message("x" * (room + 1))).reason is Reason.BAD_CONTENT


@pytest.mark.parametrize("settings", [{"webhook": WEBHOOK, "mentioned": ("wangqing",)}, CORP])
def test_an_empty_text_is_refused(settings):
    assert made(**settings).refusal(message(" \n")).reason is Reason.BAD_CONTENT


@pytest.mark.parametrize("to", ["", "@all", "@ALL", "a|b", "a b", "a\n", "|"])
def test_an_address_that_would_reach_others_is_refused(to):
    assert made(**CORP).refusal(message(to=to)).reason is Reason.BAD_ADDRESS


@pytest.mark.parametrize("to", ["wangqing", "Wang.Qing-1_x", "wq@example.com", "8001"])
def test_a_user_id_is_not_refused(to):
    assert made(**CORP).refusal(message(to=to)) is None


def test_readers_of_one_text_share_a_call():
    sender = made(**CORP)
    assert sender.group(message(to="a")) == sender.group(message(to="b"))
    assert sender.group(message("x")) != sender.group(message("y"))


def test_the_plugin_offers_wecom():
    (spec,) = notigate_channels()
    assert (spec.name, spec.media, spec.settings) == ("wecom", ("wecom",), Settings)
    assert isinstance(spec.channel(Settings(webhook=WEBHOOK), Tools(session=requests.Session, now=real_now)), Robot)


def test_the_robot_keeps_below_twenty_a_minute():
    limits = made(webhook=WEBHOOK).limits
    assert limits.batch == limits.concurrency == 1
    assert limits.rate * 60 < 20


def test_a_repetition_is_safe_for_less_than_four_hours():
    assert 14400 - 600 <= made(**CORP).limits.repeat_window < 14400
    assert made(webhook=WEBHOOK).limits.repeat_window is None


def test_the_robot_says_that_it_cannot_be_asked():
    (check,) = made(webhook=WEBHOOK).check()
    assert check.ok
    assert "not asked" in check.detail
