"""Over real sockets, against the fake account."""

from __future__ import annotations

from collections import Counter

import pytest

from notigate.plugin import Attempt, Outcome, Presence, Reason, Scope, Secret, Status
from notigate.testing.aliyun import Fault, Reply
from notigate_sms_aliyun import AliyunSms


def people(make_message, count, **fields):
    return [make_message(id=f"m-{n}", to=f"+86138{n:08}", params={"name": f"客户{n}"}, **fields) for n in range(count)]


def test_one_message_arrives_as_it_was_meant(fake, channel, make_message):
    outcome = channel.send(make_message())
    (sent,) = fake.sent
    assert outcome == Outcome.accepted(sent.biz_id)
    assert (sent.phone, sent.out_id, sent.text) == ("13800138000", "r-1", "【青年城】尊敬的王女士，中秋快乐！")


@pytest.mark.parametrize("value", ["张三 (1号楼)", "a*b~c+d=e&f/g'h", '"\\', "𠮷😀", "100%"])
def test_no_character_is_changed_on_the_way(fake, channel, make_message, value):
    assert channel.send(make_message(params={"name": value})).status is Status.ACCEPTED
    assert fake.sent[0].params == {"name": value}


def test_three_hundred_people_in_three_calls_get_one_each(fake, channel, make_message):
    messages = people(make_message, 300)
    outcomes = []
    for start in range(0, 300, channel.limits.batch):
        outcomes += channel.send_many(messages[start : start + channel.limits.batch])
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    assert [call.action for call in fake.calls] == ["SendBatchSms"] * 3
    assert Counter(sent.phone for sent in fake.sent) == {f"138{n:08}": 1 for n in range(300)}
    assert all(sent.params == {"name": f"客户{int(sent.phone[3:])}"} for sent in fake.sent)


def test_outcomes_come_in_the_order_of_the_messages(fake, channel, make_message):
    good, bad, other = people(make_message, 3)
    outcomes = channel.send_many([good, make_message(to="?"), bad, make_message(params={"name": ""}), other])
    assert [outcome.status for outcome in outcomes] == [
        Status.ACCEPTED,
        Status.REFUSED,
        Status.ACCEPTED,
        Status.REFUSED,
        Status.ACCEPTED,
    ]
    assert len(fake.sent) == 3


@pytest.mark.parametrize("again", ["+8613800138000", "13800138000", "008613800138000", "8613800138000"])
def test_a_number_goes_into_a_call_once_however_it_is_written(fake, channel, make_message, again):
    outcomes = channel.send_many([make_message(), make_message(id="m-2", to=again)])
    assert [outcome.status for outcome in outcomes] == [Status.ACCEPTED, Status.BUSY]
    assert len(fake.sent) == 1


def test_a_call_carries_one_template_and_one_reference(fake, channel, make_message):
    first, english, later = people(make_message, 3)
    english = make_message(to=english.to, locale="en", params=english.params)
    later = make_message(to=later.to, reference="r-2", params=later.params)
    outcomes = channel.send_many([first, english, later])
    assert [outcome.status for outcome in outcomes] == [Status.ACCEPTED, Status.BUSY, Status.BUSY]
    assert len(fake.sent) == 1


def test_nobody_to_send_to_is_no_call(fake, channel, make_message):
    assert [outcome.reason for outcome in channel.send_many([make_message(to="?")])] == [Reason.BAD_ADDRESS]
    assert fake.calls == []


def test_messages_of_one_template_share_a_group(channel, make_message):
    holiday, birthday = make_message(), make_message(occasion="service/birthday", locale="en")
    assert channel.group(holiday) == channel.group(birthday)
    assert channel.group(holiday) != channel.group(make_message(locale="en"))


def test_the_language_chooses_the_template(fake, channel, make_message):
    channel.send(make_message(locale="en", params={"name": "Ms Wang"}))
    assert fake.sent[0].template == "SMS_2"


def test_a_wrong_secret_stops_the_channel(fake, make_channel, make_message):
    outcome = make_channel(fake.endpoint, access_key_secret=Secret("mistyped")).send(make_message())
    assert (outcome.reason, outcome.scope) == (Reason.BAD_CREDENTIALS, Scope.CHANNEL)
    assert fake.sent == []


def test_an_unknown_key_stops_the_channel(fake, make_channel, make_message):
    outcome = make_channel(fake.endpoint, access_key_id=Secret("LTAInobody")).send(make_message())
    assert outcome == Outcome.refused(
        Reason.BAD_CREDENTIALS, "InvalidAccessKeyId.NotFound: the access key does not exist"
    )


def test_a_security_token_is_signed_with_the_rest(fake, make_channel, make_message):
    assert make_channel(fake.endpoint, security_token=Secret("canary-token")).send(make_message()).provider_id
    assert fake.calls[0].headers["x-acs-security-token"] == "canary-token"
    assert "x-acs-security-token" in fake.calls[0].headers["authorization"]


def test_a_reply_that_is_lost_after_the_deed_is_unknown_and_found(fake, make_channel, make_message, clock):
    channel = make_channel(fake.endpoint, read=0.2)
    for fault in (Fault.SILENCE, Fault.DROP, Fault.CUT, Fault.STALL):
        fake.faults["SendSms"].append(fault)
        message = make_message(reference=f"r-{fault}")
        assert channel.send(message).status is Status.UNKNOWN
        finding = channel.lookup(Attempt(reference=message.reference, to=message.to, started_at=clock()))
        assert (finding.presence, finding.arrived) == (Presence.FOUND, True)
    assert len(fake.sent) == 4


def test_a_gateway_that_answers_instead_is_unknown(fake, channel, make_message):
    fake.faults["SendSms"].append(Reply("<html>Bad Gateway</html>", 502))
    assert channel.send(make_message()).status is Status.UNKNOWN


def test_nobody_there_is_busy(make_channel, make_message):
    outcome = make_channel("http://127.0.0.1:1").send(make_message())
    assert (outcome.status, outcome.reason) == (Status.BUSY, Reason.UNAVAILABLE)


def test_a_lost_reply_of_a_batch_leaves_everybody_unknown(fake, channel, make_message):
    fake.faults["SendBatchSms"].append(Fault.DROP)
    outcomes = channel.send_many(people(make_message, 3))
    assert [outcome.status for outcome in outcomes] == [Status.UNKNOWN] * 3


def test_one_bad_value_among_many_sends_nobody_anything(fake, channel, make_message):
    messages = [*people(make_message, 3), make_message(params={"wrong": "x"})]
    outcomes = channel.send_many(messages)
    assert {outcome.scope for outcome in outcomes} == {Scope.CALL}
    assert fake.sent == []


def test_the_offered_channel_has_its_powers():
    assert AliyunSms.powers() == ("send_many", "lookup", "check", "template", "template_code", "submit")
