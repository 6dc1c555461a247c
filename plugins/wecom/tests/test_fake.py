"""The fake keeps WeCom's rules, so that a channel that passes it is not surprised."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

import pytest
import requests

from notigate.testing.wecom import FakeWecom


@pytest.fixture
def seconds():
    return [0.0]


@pytest.fixture
def wecom(seconds):
    with FakeWecom(
        robots=["k"],
        corp="ww1",
        applications={7: "s7", 8: "s8"},
        members=["WangQing", "lisi"],
        mobiles={"13800138000": "lisi"},
        token_life=100,
        now=lambda: seconds[0],
    ) as fake:
        yield fake


def ask(wecom, path, body=None, **query):
    url = f"{wecom.endpoint}/cgi-bin/{path}"
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    answer = requests.request("GET" if body is None else "POST", url, params=query, data=data, timeout=5)
    return answer.json() if answer.ok else answer.status_code


def token(wecom, secret="s7"):  # noqa: S107 - made up
    return ask(wecom, "gettoken", corpid="ww1", corpsecret=secret)["access_token"]


def letter(to="lisi", **more):
    return {"touser": to, "agentid": 7, "msgtype": "text", "text": {"content": "到访"}, **more}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 40058),
        (b"[]", 40058),
        ({}, 40008),
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": "text"}, 40058),
        ({"msgtype": "text", "text": {"content": 1}}, 40058),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "x" * 2049}}, 45002),
        ({"msgtype": "markdown", "markdown": {"content": "你" * 1366}}, 45002),
        ({"msgtype": "markdown_v2", "markdown_v2": {"content": "x" * 4096}}, 0),
        ({"msgtype": "template_card", "template_card": {"card_type": "text_notice"}}, 0),
    ],
)
def test_a_robot_checks_what_is_posted(wecom, body, code):
    assert ask(wecom, "webhook/send", body, key="k")["errcode"] == code
    assert len(wecom.delivered) == (code == 0)


def picture(data, digest=""):
    digest = digest or hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": b64encode(data).decode(), "md5": digest}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (picture(b"\x89PNG\r\n\x1a\n"), 0),
        (picture(b"\xff\xd8\xff\xe0"), 0),
        (picture(b"GIF89a"), 40058),
        (picture(b"\x89PNG\r\n\x1a\n", "0" * 32), 40058),
        (picture(b"\x89PNG\r\n\x1a\n".ljust(2 * 1024 * 1024 + 1)), 40058),
        ({"msgtype": "image", "image": {"base64": "no", "md5": ""}}, 40058),
        ({"msgtype": "image", "image": {"md5": ""}}, 40058),
    ],
)
def test_a_robot_shows_pictures_that_arrive_whole(wecom, body, code):
    assert ask(wecom, "webhook/send", body, key="k")["errcode"] == code
    assert [seen for _key, seen in wecom.delivered] == [f"image {body['image']['md5']}"] * (code == 0)


def test_an_unknown_key_is_refused(wecom):
    assert ask(wecom, "webhook/send", {"msgtype": "text", "text": {"content": "x"}}, key="z")["errcode"] == 93000


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"corpid": "ww1", "corpsecret": "s7"}, 0),
        ({"corpid": "ww2", "corpsecret": "s7"}, 40013),
        ({"corpid": "ww1", "corpsecret": "s9"}, 40001),
        ({"corpid": "ww1"}, 41004),
    ],
)
def test_gettoken_checks_who_asks(wecom, query, code):
    assert ask(wecom, "gettoken", **query)["errcode"] == code
    assert wecom.tokens_asked == 1


def test_a_token_is_missing_unknown_or_expired(wecom, seconds):
    good = token(wecom)
    assert ask(wecom, "message/send", letter())["errcode"] == 41001
    assert ask(wecom, "message/send", letter(), access_token="x")["errcode"] == 40014
    seconds[0] = 100
    assert ask(wecom, "message/send", letter(), access_token=good)["errcode"] == 42001


def test_a_token_belongs_to_its_application(wecom):
    assert ask(wecom, "message/send", letter(), access_token=token(wecom, "s8"))["errcode"] == 301002


def test_everybody_is_everybody(wecom):
    answer = ask(wecom, "message/send", letter("@all"), access_token=token(wecom))
    assert (answer["errcode"], answer["invaliduser"]) == (0, "")
    assert [member for member, _ in wecom.delivered] == ["WangQing", "lisi"]


def test_who_is_left_out_is_named_in_lower_case(wecom):
    answer = ask(wecom, "message/send", letter("WANGQING|NoBody"), access_token=token(wecom))
    assert answer["invaliduser"] == "nobody"
    assert wecom.delivered == [("WangQing", "到访")]


def test_a_long_application_text_is_cut_in_silence(wecom):
    body = letter(text={"content": "你" * 700})
    assert ask(wecom, "message/send", body, access_token=token(wecom))["errcode"] == 0
    assert wecom.delivered == [("lisi", "你" * 682)]


@pytest.mark.parametrize(("check", "seen"), [({}, 2), ({"enable_duplicate_check": 1}, 1)])
def test_only_a_checked_repetition_is_dropped(wecom, check, seen):
    good = token(wecom)
    answers = [ask(wecom, "message/send", letter(**check), access_token=good) for _ in range(2)]
    assert [answer["errcode"] for answer in answers] == [0, 0]
    assert len(wecom.delivered) == seen


def test_the_thirty_first_in_a_minute_is_dropped_in_silence(wecom, seconds):
    good = token(wecom)
    for number in range(31):
        body = letter(text={"content": str(number)})
        assert ask(wecom, "message/send", body, access_token=good)["errcode"] == 0
    assert len(wecom.delivered) == 30
    seconds[0] = 60
    ask(wecom, "message/send", letter(), access_token=good)
    assert len(wecom.delivered) == 31


def test_a_message_is_called_back_by_its_own_application(wecom):
    good, other = token(wecom), token(wecom, "s8")
    reference = ask(wecom, "message/send", letter(), access_token=good)["msgid"]
    assert ask(wecom, "message/recall", {"msgid": reference}, access_token=other)["errcode"] == 40058
    assert ask(wecom, "message/recall", {"msgid": reference}, access_token=good)["errcode"] == 0
    assert wecom.recalled == [reference]


@pytest.mark.parametrize(("mobile", "code"), [("13800138000", 0), ("13900139000", 46004), ("1", 60103), (1, 60103)])
def test_a_member_is_found_by_mobile(wecom, mobile, code):
    answer = ask(wecom, "user/getuserid", {"mobile": mobile}, access_token=token(wecom))
    assert (answer["errcode"], answer.get("userid")) == (code, None if code else "lisi")


def test_what_wecom_does_not_have_is_not_found(wecom):
    assert ask(wecom, "message/poem", {}) == 404
