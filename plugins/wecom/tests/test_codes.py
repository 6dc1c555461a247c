"""Every code WeCom answers, against `responses`."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

import pytest
import responses

from notigate.edges import Timeouts
from notigate.edges.http import Session
from notigate.plugin import Category, Message, Outcome, Reason, Scope, Secret, Status, Tools
from notigate_wecom import Settings, channel
from notigate_wecom.codes import MEANINGS

API = "https://qyapi.weixin.qq.com/cgi-bin"
TOKEN = {"errcode": 0, "errmsg": "ok", "access_token": "tok-canary", "expires_in": 7200}

TIME_HEALS = {
    -1: Reason.UNAVAILABLE,
    6000: Reason.UNAVAILABLE,
    45009: Reason.THROTTLED,
    45033: Reason.THROTTLED,
}
BAD_CONTENT = (40008, 40032, 40033, 40035, 40039, 40058, 40063, 44004, 45002)
BAD_ADDRESS = (40003, 40031, 46004, 60111, 81013)
#: told once for all: asking again with a new token would not help
OPERATOR = (40013, 40056, 40091, 41004, 41011, 48001, 48002, 48004, 50003, 60011, 60020, 93000, 93004, 93008, 301002)
STALE = (40001, 40014, 41001, 42001)
#: the reply does not say which of several readers it is about
SOMEBODY = (40003, 40031, 40032, 46004, 60111)
HALF_A_TOKEN = [
    TOKEN | more for more in ({"access_token": ""}, {"access_token": 7}, {"expires_in": None}, {"expires_in": "x"})
]
NONSENSE = [{}, {"errcode": None}, {"errcode": "0"}, {"errcode": False}, {"errcode": 0.0}, {"errmsg": "ok"}]


def tools() -> Tools:
    return Tools(
        session=functools.cache(lambda: Session(Timeouts(), 1)), now=lambda: datetime(2026, 11, 21, tzinfo=UTC)
    )


def message(to: str = "WangQing", text: str = "台风橙色预警，请关好门窗") -> Message:
    return Message(
        id="m-1", reference="r-1", occasion="weather/typhoon", category=Category.STAFF, medium="wecom",
        to=to, locale="zh_Hans", text=text,
    )  # fmt: skip


def robot():
    return channel(Settings(webhook=Secret(f"{API}/webhook/send?key=key-canary")), tools())


def application():
    return channel(Settings(corp_id="ww1", agent_id=1000002, secret=Secret("sec-canary")), tools())


def posted(answer: object, *, status: int = 200) -> Outcome:
    with responses.RequestsMock() as world:
        world.post(f"{API}/webhook/send", json=answer, status=status)
        return robot().send(message())


def told(answer: object, *readers: str, status: int = 200) -> list[Outcome]:
    with responses.RequestsMock() as world:
        world.get(f"{API}/gettoken", json=TOKEN)
        world.post(f"{API}/message/send", json=answer, status=status)
        return list(application().send_many([message(to) for to in readers or ("WangQing",)]))


def fetched(answer: object, *, status: int = 200) -> Outcome:
    """What becomes of a message when gettoken answers so; nothing is posted."""
    with responses.RequestsMock() as world:
        world.get(f"{API}/gettoken", json=answer, status=status)
        return application().send(message())


@pytest.mark.parametrize("code", TIME_HEALS)
def test_what_time_heals_is_busy(code):
    outcomes = [posted({"errcode": code}), *told({"errcode": code}), fetched({"errcode": code})]
    assert {(outcome.status, outcome.reason) for outcome in outcomes} == {(Status.BUSY, TIME_HEALS[code])}


@pytest.mark.parametrize("code", [45009, 45033])
def test_who_calls_too_often_rests_as_a_whole(code):
    outcomes = [posted({"errcode": code}), *told({"errcode": code}, "A", "B"), fetched({"errcode": code})]
    assert {outcome.scope for outcome in outcomes} == {Scope.CHANNEL}


def test_the_rate_limit_names_its_minute():
    assert posted({"errcode": 45009}).retry_after == 60
    assert told({"errcode": 45009})[0].retry_after == 60


@pytest.mark.parametrize("code", OPERATOR)
def test_what_the_operator_must_mend_stops_the_channel(code):
    outcomes = [posted({"errcode": code}), *told({"errcode": code}), fetched({"errcode": code})]
    assert {(outcome.status, outcome.reason, outcome.scope) for outcome in outcomes} == {
        (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)
    }


@pytest.mark.parametrize("code", BAD_CONTENT)
def test_a_fault_of_the_text_is_the_authors(code):
    outcomes = [posted({"errcode": code}), *told({"errcode": code})]
    assert {(outcome.status, outcome.reason) for outcome in outcomes} == {(Status.REFUSED, Reason.BAD_CONTENT)}


@pytest.mark.parametrize("code", BAD_ADDRESS)
def test_a_reader_who_does_not_exist_is_a_bad_address(code):
    (outcome,) = told({"errcode": code})
    assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, Reason.BAD_ADDRESS, Scope.MESSAGE)


@pytest.mark.parametrize("code", SOMEBODY)
def test_a_refusal_that_does_not_say_whose_concerns_the_call(code):
    assert {outcome.scope for outcome in told({"errcode": code}, "a", "b")} == {Scope.CALL}


def test_readers_who_are_all_unknown_are_each_told_so():
    outcomes = told({"errcode": 81013}, "a", "b")
    assert {(outcome.reason, outcome.scope) for outcome in outcomes} == {(Reason.BAD_ADDRESS, Scope.MESSAGE)}


@pytest.mark.parametrize("code", STALE)
def test_a_stale_token_is_renewed_once_then_stops_the_channel(code):
    with responses.RequestsMock() as world:
        tokens = world.get(f"{API}/gettoken", json=TOKEN)
        posts = world.post(f"{API}/message/send", json={"errcode": code})
        outcome = application().send(message())
    assert (tokens.call_count, posts.call_count) == (2, 2)
    assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)


def test_the_tables_here_name_every_code():
    assert {*TIME_HEALS, *BAD_CONTENT, *BAD_ADDRESS, *OPERATOR, *STALE} == set(MEANINGS)


@pytest.mark.parametrize("answer", [{"errcode": 77777, "errmsg": "ok"}, *NONSENSE, [], "ok", 0])
def test_an_answer_that_is_not_documented_is_unknown(answer):
    assert {outcome.status for outcome in (posted(answer), *told(answer))} == {Status.UNKNOWN}


@pytest.mark.parametrize("answer", [{"errcode": 77777, "errmsg": "ok"}, *NONSENSE, *HALF_A_TOKEN, [], "ok"])
def test_no_usable_token_is_busy_because_nothing_was_sent(answer):
    assert fetched(answer).status is Status.BUSY
    assert fetched(answer, status=502).status is Status.BUSY


@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_the_code_decides_whatever_the_http_status(status):
    assert posted({"errcode": 0}, status=status).status is Status.ACCEPTED
    assert posted({"errcode": 45002}, status=status).reason is Reason.BAD_CONTENT
    assert told({"errcode": 0, "msgid": "m"}, status=status)[0].status is Status.ACCEPTED
    assert told({"errcode": 81013}, status=status)[0].reason is Reason.BAD_ADDRESS


@pytest.mark.parametrize("missing", [{}, {"msgid": ""}, {"msgid": None}, {"msgid": 7}])
def test_success_without_a_reference_is_unknown(missing):
    assert told({"errcode": 0, **missing})[0].status is Status.UNKNOWN


@pytest.mark.parametrize("key", ["invaliduser", "unlicenseduser"])
def test_readers_left_out_are_told_apart_in_whatever_case(key):
    outcomes = told({"errcode": 0, "msgid": "m-9", key: "wangqing|lisi"}, "Zhao", "WangQing", "Qing", "LiSi")
    assert [(outcome.status, outcome.reason, outcome.provider_id) for outcome in outcomes] == [
        (Status.ACCEPTED, None, "m-9"),
        (Status.REFUSED, Reason.BAD_ADDRESS, None),
        (Status.ACCEPTED, None, "m-9"),
        (Status.REFUSED, Reason.BAD_ADDRESS, None),
    ]


def test_a_list_of_left_out_readers_that_cannot_be_read_accepts_nobody():
    assert {outcome.status for outcome in told({"errcode": 0, "msgid": "m", "invaliduser": ["a"]}, "a", "b")} == {
        Status.UNKNOWN
    }


def test_a_token_that_is_good_for_ages_is_used():
    with responses.RequestsMock() as world:
        world.get(f"{API}/gettoken", json=TOKEN | {"expires_in": 10**30})
        world.post(f"{API}/message/send", json={"errcode": 0, "msgid": "m"})
        assert application().send(message()).status is Status.ACCEPTED


@pytest.mark.parametrize("code", [40001, 40013, 40091, 41004])
def test_a_wrong_secret_is_tried_once(code):
    with responses.RequestsMock() as world:
        tokens = world.get(f"{API}/gettoken", json={"errcode": code})
        sender = application()
        outcomes = [sender.send(message()), sender.send(message("b"))]
        checks = sender.check()
    assert tokens.call_count == 1
    assert {outcome.scope for outcome in outcomes} == {Scope.CHANNEL}
    assert not checks[0].ok


def test_another_fault_of_gettoken_is_asked_again():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as world:
        world.get(f"{API}/gettoken", json={"errcode": 60020})
        world.get(f"{API}/gettoken", json=TOKEN)
        world.post(f"{API}/message/send", json={"errcode": 0, "msgid": "m"})
        sender = application()
        assert sender.send(message()).scope is Scope.CHANNEL
        assert sender.send(message()).status is Status.ACCEPTED
