"""The group robot against a WeCom on a real socket."""

from __future__ import annotations

import functools
import hashlib
import json

import pytest

from notigate.edges import Timeouts, real_now
from notigate.edges.http import Session
from notigate.plugin import Attachment, Category, Message, Outcome, Reason, Scope, Secret, Status, Tools
from notigate.testing.loopback import Fault, Reply
from notigate.testing.wecom import FakeWecom
from notigate_wecom import Settings, channel


class HandClock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def wecom(clock):
    with FakeWecom(robots=["key-canary"], now=clock) as fake:
        yield fake


@pytest.fixture
def robot(wecom):
    session = Session(Timeouts(), 1)
    with session:
        tools = Tools(session=lambda: session, now=real_now)
        yield functools.partial(made, tools, wecom.webhook("key-canary"))


def made(tools, webhook, **settings):
    return channel(Settings(webhook=Secret(webhook), **settings), tools)


def message(text="# 预警\n> 台风橙色", **more) -> Message:
    return Message(
        id="m", reference="r", occasion="weather/typhoon", category=Category.STAFF, medium="wecom",
        to="", locale="zh_Hans", text=text, **more,
    )  # fmt: skip


PICTURE = b"\x89PNG\r\n\x1a\n of the week"
SEEN = ("key-canary", f"image {hashlib.md5(PICTURE, usedforsecurity=False).hexdigest()}")


def with_picture(data=PICTURE, media_type="image/png") -> Message:
    return message("周报", attachments=(Attachment(name="2026-W47.png", media_type=media_type, data=data),))


def test_a_post_reaches_the_group(robot, wecom):
    assert robot().send(message()) == Outcome.accepted()
    assert wecom.delivered == [("key-canary", "# 预警\n> 台风橙色")]


def test_characters_go_out_as_they_are(robot, wecom):
    robot().send(message("台风"))
    assert "台风".encode() in wecom.posts[0][1]


def test_markdown_mentions_stand_in_the_text(robot, wecom):
    robot(mentioned=("wangqing", "lisi")).send(message("到访名单"))
    assert wecom.delivered == [("key-canary", "到访名单\n<@wangqing><@lisi>")]


def test_text_mentions_go_beside_the_text(robot, wecom):
    robot(form="text", mentioned=("wangqing", "@all"), mentioned_mobiles=("13800138000",)).send(message("到访名单"))
    assert json.loads(wecom.posts[0][1]) == {
        "msgtype": "text",
        "text": {
            "content": "到访名单",
            "mentioned_list": ["wangqing", "@all"],
            "mentioned_mobile_list": ["13800138000"],
        },
    }


def test_the_twenty_first_in_a_minute_is_throttled_and_heals(robot, wecom, clock):
    sender = robot()
    outcomes = [sender.send(message()) for _ in range(21)]
    assert [outcome.status for outcome in outcomes] == [Status.ACCEPTED] * 20 + [Status.BUSY]
    assert (outcomes[-1].reason, outcomes[-1].retry_after) == (Reason.THROTTLED, 60)
    assert len(wecom.delivered) == 20
    clock.seconds += 60
    assert sender.send(message()).status is Status.ACCEPTED


def test_what_is_refused_beforehand_is_what_wecom_refuses(robot, wecom):
    for settings, limit in (({}, 4096), ({"form": "text"}, 2048)):
        sender = robot(**settings)
        for text in ("x" * limit, "x" * (limit + 1), " "):
            known, answered = sender.refusal(message(text)), sender.send(message(text))
            assert (known is None) == (answered.status is Status.ACCEPTED)
            assert (known or answered).reason == answered.reason
    assert len(wecom.delivered) == 2


def test_a_removed_robot_stops_the_channel(robot, wecom):
    wecom.robots = ()
    outcome = robot().send(message())
    assert (outcome.reason, outcome.scope) == (Reason.BAD_CREDENTIALS, Scope.CHANNEL)


def test_a_lost_reply_is_unknown_though_the_group_has_read_it(robot, wecom):
    wecom.trouble("webhook/send", Fault.DROP)
    assert robot().send(message()).status is Status.UNKNOWN
    assert len(wecom.delivered) == 1


@pytest.mark.parametrize("page", [Reply("<html>Bad Gateway</html>", 502), Reply("", 200), Reply("{", 200)])
def test_what_is_no_answer_of_wecom_is_unknown(robot, wecom, page):
    wecom.trouble("webhook/send", page)
    assert robot().send(message()).status is Status.UNKNOWN


def test_twice_busy_then_sent(robot, wecom):
    wecom.trouble("webhook/send", -1, -1)
    sender = robot()
    assert [sender.send(message()).status for _ in range(3)] == [Status.BUSY, Status.BUSY, Status.ACCEPTED]
    assert len(wecom.delivered) == 1


def test_nobody_there_is_busy(robot, wecom):
    sender = robot()
    wecom.__exit__()
    outcome = sender.send(message())
    assert (outcome.status, outcome.reason) == (Status.BUSY, Reason.UNAVAILABLE)


def test_one_send_is_one_call(robot, wecom):
    robot().send(message())
    assert [path for path, _ in wecom.posts] == ["/cgi-bin/webhook/send"]


@pytest.mark.parametrize("trouble", [93000, 45009, Fault.DROP, Fault.CUT, Reply("<html>", 502), Reply("", 302)])
def test_the_key_is_never_shown(robot, wecom, caplog, trouble):
    sender = robot()
    wecom.trouble("webhook/send", trouble)
    caplog.set_level("DEBUG")
    assert "canary" not in repr([sender.send(message()), vars(sender)]) + caplog.text


def test_a_picture_follows_its_text(robot, wecom):
    assert robot().send(with_picture()) == Outcome.accepted()
    assert wecom.delivered == [("key-canary", "周报"), SEEN]


@pytest.mark.parametrize("trouble", [-1, 45009, 93000, Reply("<html>", 502), Fault.CUT])
def test_a_text_that_did_not_go_takes_no_picture_along(robot, wecom, trouble):
    wecom.trouble("webhook/send", trouble)
    assert robot().send(with_picture()).status is not Status.ACCEPTED
    assert SEEN not in wecom.delivered
    assert len(wecom.posts) == 1


@pytest.mark.parametrize(
    ("trouble", "told"), [(45009, "errcode 45009"), (-1, "errcode -1"), (Fault.DROP, ""), (Reply("{", 200), "")]
)
def test_a_picture_that_did_not_go_is_told_and_nothing_is_asked_for_twice(robot, wecom, trouble, told):
    wecom.trouble("webhook/send", None, trouble)
    outcome = robot().send(with_picture())
    assert outcome.status is Status.ACCEPTED
    assert outcome.detail.startswith("without its picture 2026-W47.png: ")
    assert told in outcome.detail
    assert len(wecom.posts) == 2


def test_what_is_no_picture_stays_at_home(robot, wecom):
    assert robot().send(with_picture(media_type="application/pdf")) == Outcome.accepted()
    assert wecom.delivered == [("key-canary", "周报")]


def test_a_picture_that_wecom_would_refuse_is_refused_beforehand(robot):
    large = with_picture(PICTURE + b"." * 2 * 1024 * 1024)
    assert robot().refusal(with_picture()) is None
    assert robot().refusal(large).reason is Reason.BAD_CONTENT
