"""Application messages against a WeCom on a real socket."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from notigate.edges import Timeouts
from notigate.edges.http import Session
from notigate.plugin import Attachment, Category, Message, Outcome, Reason, Scope, Secret, Status, Tools
from notigate.testing.loopback import Fault, Reply
from notigate.testing.wecom import FakeWecom
from notigate_wecom import Settings, channel
from notigate_wecom.pace import Pace

STAFF = [f"Staff{number}" for number in range(1, 41)]


class HandClock:
    """Time that passes when the test says so: for the fake in seconds, for the channel as a moment."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds

    def moment(self):
        return datetime(2026, 11, 21, 10, tzinfo=UTC) + timedelta(seconds=self.seconds)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def wecom(clock):
    with FakeWecom(
        corp="ww1", applications={7: "sec-canary", 8: "other"}, members=STAFF, unlicensed=["Staff9"], now=clock
    ) as fake:
        yield fake


@pytest.fixture
def application(wecom, clock):
    with Session(Timeouts(), 8) as session:
        yield lambda **settings: channel(
            Settings(
                **{
                    "corp_id": "ww1",
                    "agent_id": 7,
                    "secret": Secret("sec-canary"),
                    "endpoint": wecom.endpoint,
                    **settings,
                }
            ),
            Tools(session=lambda: session, now=clock.moment),
        )


def message(to="Staff1", text="今日到访名单") -> Message:
    return Message(
        id="m", reference="r", occasion="staff/visits", category=Category.STAFF, medium="wecom",
        to=to, locale="zh_Hans", text=text,
    )  # fmt: skip


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


def test_a_member_reads_the_message_and_its_reference_is_kept(application, wecom):
    outcome = application().send(message())
    assert outcome == Outcome.accepted("msgid-000002")
    assert wecom.delivered == [("Staff1", "今日到访名单")]


@pytest.mark.parametrize("form", ["markdown", "text"])
def test_the_form_is_the_one_that_was_set(application, wecom, form):
    application(form=form).send(message())
    body = json.loads(wecom.posts[0][1])
    assert (body["msgtype"], body[form]) == (form, {"content": "今日到访名单"})


def test_a_picture_is_left_to_robots_because_a_repeated_one_would_be_shown_twice(application, wecom):
    picture = Attachment(name="2026-W47.png", media_type="image/png", data=b"\x89PNG")
    for one in (message(), message()._replace(attachments=(picture,))):
        assert application().send(one).status is Status.ACCEPTED
    posts = [body for path, body in wecom.posts if path == "/cgi-bin/message/send"]
    assert posts[0] == posts[1]
    assert len(wecom.delivered) == 1


def test_many_readers_share_one_call(application, wecom):
    outcomes = application().send_many([message(member) for member in STAFF[:5]])
    assert statuses(outcomes) == [Status.ACCEPTED] * 5
    assert len(wecom.posts) == 1
    assert {member for member, _ in wecom.delivered} == set(STAFF[:5])


def test_a_thousand_readers_fit_in_one_call_and_no_more(wecom, application):
    wecom.members = [f"member{number}" for number in range(1001)]
    sender = application()
    everybody = [message(member) for member in wecom.members]
    assert {outcome.scope for outcome in sender.send_many(everybody)} == {Scope.CALL}
    assert sender.limits.batch == 1000
    assert set(statuses(sender.send_many(everybody[: sender.limits.batch]))) == {Status.ACCEPTED}


def test_readers_who_are_left_out_are_told_apart(application):
    outcomes = application().send_many([message(to) for to in ("Staff1", "NoBody", "STAFF2", "Staff9")])
    assert [outcome.reason for outcome in outcomes] == [None, Reason.BAD_ADDRESS, None, Reason.BAD_ADDRESS]
    assert outcomes[0].provider_id == outcomes[2].provider_id


def test_when_nobody_can_be_reached_each_is_a_bad_address(application):
    outcomes = application().send_many([message("nobody"), message("noone")])
    assert {(outcome.reason, outcome.scope) for outcome in outcomes} == {(Reason.BAD_ADDRESS, Scope.MESSAGE)}


def test_eight_threads_fetch_one_token(application, wecom):
    sender = application()
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(sender.send, [message(member) for member in STAFF if member != "Staff9"]))
    assert set(statuses(outcomes)) == {Status.ACCEPTED}
    assert wecom.tokens_asked == 1


def test_a_token_taken_back_is_renewed_once_for_all_threads(application, wecom):
    sender = application()
    sender.send(message())
    wecom.invalidate_tokens()
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(sender.send, [message(member) for member in STAFF[:8]]))
    assert set(statuses(outcomes)) == {Status.ACCEPTED}
    assert wecom.tokens_asked == 2


def test_an_expired_token_is_renewed_inside_the_same_send(application, wecom):
    sender = application()
    sender.send(message())
    wecom.trouble("message/send", 42001)
    assert sender.send(message("Staff2")).status is Status.ACCEPTED
    assert wecom.tokens_asked == 2
    assert [member for member, _ in wecom.delivered] == ["Staff1", "Staff2"]


def test_a_token_is_not_used_to_its_last_second(application, wecom, clock):
    sender = application()
    sender.send(message())
    clock.seconds = 6800
    sender.send(message("Staff2"))
    assert wecom.tokens_asked == 1
    clock.seconds = 6900
    sender.send(message("Staff3"))
    assert wecom.tokens_asked == 2


def test_a_new_token_that_is_refused_too_stops_the_channel(application, wecom):
    wecom.trouble("message/send", 40014, 40014)
    outcome = application().send(message())
    assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)
    assert (len(wecom.posts), wecom.tokens_asked) == (2, 2)


def test_a_wrong_secret_is_asked_about_once_by_all_threads(application, wecom):
    sender = application(secret=Secret("wrong-canary"))
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(sender.send, [message(member) for member in STAFF[:8]]))
    assert {(outcome.reason, outcome.scope) for outcome in outcomes} == {(Reason.BAD_CREDENTIALS, Scope.CHANNEL)}
    assert (wecom.tokens_asked, wecom.posts) == (1, [])


@pytest.mark.parametrize("trouble", [-1, 45009, 77777, Fault.DROP, Fault.CUT, Reply("<html>", 502)])
def test_no_token_means_nothing_was_sent(application, wecom, trouble):
    wecom.trouble("gettoken", trouble)
    sender = application()
    assert sender.send(message()).status is Status.BUSY
    assert wecom.posts == []
    assert sender.send(message()).status is Status.ACCEPTED


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.CUT])
def test_a_lost_reply_is_unknown_for_all_readers_of_the_call(application, wecom, fault):
    wecom.trouble("message/send", fault)
    outcomes = application().send_many([message("Staff1"), message("Staff2")])
    assert statuses(outcomes) == [Status.UNKNOWN] * 2
    assert len(wecom.delivered) == 2


def test_a_repetition_after_a_lost_reply_is_delivered_once(application, wecom, clock):
    wecom.trouble("message/send", Fault.DROP)
    both = [message("Staff1"), message("Staff2")]
    application().send_many(both)
    sender = application()
    clock.seconds = sender.limits.repeat_window
    assert statuses(sender.send_many(both[::-1])) == [Status.ACCEPTED] * 2
    assert len({body for _, body in wecom.posts}) == 1
    assert sorted(wecom.delivered) == [("Staff1", "今日到访名单"), ("Staff2", "今日到访名单")]


def test_after_the_window_a_repetition_is_a_new_message(application, wecom, clock):
    sender = application()
    sender.send(message())
    clock.seconds = 14400
    sender.send(message())
    assert len(wecom.delivered) == 2


def test_no_message_is_dropped_in_silence_by_the_members_limit(application, wecom, clock):
    sender = application()
    outcomes = [sender.send(message(text=f"客户 {number} 来访")) for number in range(40)]
    accepted = statuses(outcomes).count(Status.ACCEPTED)
    assert accepted == len(wecom.delivered) <= 30
    assert set(statuses(outcomes[accepted:])) == {Status.BUSY}
    assert 0 < outcomes[-1].retry_after <= 60
    assert sender.send(message("Staff2")).status is Status.ACCEPTED
    clock.seconds = outcomes[-1].retry_after
    assert sender.send(message(text="客户 40 来访")).status is Status.ACCEPTED


def test_a_whole_call_waits_for_the_reader_with_too_many(application, wecom):
    sender = application()
    while (outcome := sender.send(message(text=f"客户 {len(wecom.posts)} 来访"))).status is Status.ACCEPTED:
        pass
    asked = len(wecom.posts)
    together = sender.send_many([message("staff1"), message("Staff2")])
    assert [together[0], together[1]] == [outcome, outcome]
    assert len(wecom.posts) == asked


def test_the_members_hour_is_kept_too():
    pace, start = Pace(), datetime(2026, 11, 21, 10, tzinfo=UTC)
    waits = [pace.wait(["Staff1"], start + timedelta(seconds=2.5 * number)) for number in range(1025)]
    assert waits.count(0.0) < 1000
    assert 60 < max(waits) < 3600


def test_an_address_not_on_the_trusted_list_stops_the_channel(application, wecom):
    wecom.trouble("message/send", 60020)
    outcome = application().send(message())
    assert (outcome.reason, outcome.scope) == (Reason.BAD_CREDENTIALS, Scope.CHANNEL)
    assert "203.0.113.5" not in outcome.detail


def test_an_agent_of_another_secret_stops_the_channel(application):
    outcome = application(agent_id=8).send(message())
    assert (outcome.reason, outcome.scope) == (Reason.BAD_CREDENTIALS, Scope.CHANNEL)


def test_doctor_learns_whether_the_credentials_are_good(application, wecom):
    assert [check.ok for check in application().check()] == [True]
    wrong = application(corp_id="ww2").check()
    wecom.trouble("gettoken", -1)
    unreachable = application().check()
    assert not wrong[0].ok
    assert "corp_id" in wrong[0].advice
    assert not unreachable[0].ok
    assert "corp_id" not in unreachable[0].advice
    assert wecom.posts == []


@pytest.mark.parametrize("path", ["gettoken", "message/send"])
@pytest.mark.parametrize("trouble", [40001, 60020, 77777, Fault.DROP, Fault.CUT, Reply("<html>", 502)])
def test_neither_secret_nor_token_nor_reader_is_ever_shown(application, wecom, caplog, path, trouble):
    sender = application()
    wecom.trouble(path, trouble, trouble)
    caplog.set_level("DEBUG")
    shown = repr([sender.send(message("Staff1")), vars(sender), vars(sender._token)]) + caplog.text
    for hidden in ("canary", "access-token-", "Staff1"):
        assert hidden not in shown
