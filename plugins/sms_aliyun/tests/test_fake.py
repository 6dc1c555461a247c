"""The fake account is as strict as the provider, or the other tests would prove nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

import pytest
import requests

from notigate.testing.aliyun import REVIEWING, VERIFICATION, FakeAliyun, Template
from notigate.testing.aliyun.signatures import Refusal, claim
from notigate.testing.loopback import Request
from notigate_sms_aliyun.signing import authorization, encoded

TEMPLATES = {
    "SMS_1": "您好${name}",
    "SMS_2": Template(text="验证码${code}", type=VERIFICATION),
    "SMS_3": Template(text="您好", status=REVIEWING),
}
SIGNS = {"青年城": 1, "新城": REVIEWING}
ONE = {"PhoneNumbers": "13800138000", "SignName": "青年城", "TemplateCode": "SMS_1", "TemplateParam": '{"name":"王"}'}
BATCH = {
    "PhoneNumberJson": '["13800138000","13800138001"]',
    "SignNameJson": '["青年城","青年城"]',
    "TemplateCode": "SMS_1",
    "TemplateParamJson": '[{"name":"王"},{"name":"李"}]',
}
V1_COMMON = {"Format": "JSON", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "Version": "2017-05-25"}
nonces = count()


@pytest.fixture
def fake(clock):
    with FakeAliyun(keys={"id": "secret"}, signs=SIGNS, templates=TEMPLATES, balance=50, now=clock) as fake:
        yield fake


@pytest.fixture
def headers(fake, clock):
    """A good signature's headers before it is signed."""

    def make(action, body=b""):
        return {
            "host": fake.endpoint.removeprefix("http://"),
            "content-type": "application/x-www-form-urlencoded",
            "x-acs-action": action,
            "x-acs-version": "2017-05-25",
            "x-acs-date": f"{clock():%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": f"n-{next(nonces)}",
            "x-acs-content-sha256": sha256(body).hexdigest(),
        }

    return make


@pytest.fixture
def post(fake):
    def call(headers, body=b"", *, signed=None, query="", key=("id", "secret")):
        proof = authorization(*key, signed or headers, query=query)
        sent = {**headers, "authorization": proof}
        return requests.post(f"{fake.endpoint}/?{query}", data=body, headers=sent, timeout=5)

    return call


@pytest.fixture
def ask(headers, post):
    def call(action, params):
        body = encoded(params).encode()
        return post(headers(action, body), body).json()["Code"]

    return call


def v1(method, params):
    return Request(method=method, path="/", query=params, headers={}, body=b"")


@pytest.mark.parametrize(
    ("method", "secret", "params", "signature"),
    [
        (
            "GET",
            "testSecret",
            {
                "AccessKeyId": "testId",
                "Action": "SendSms",
                "Format": "XML",
                "OutId": "123",
                "PhoneNumbers": "15300000001",
                "RegionId": "cn-hangzhou",
                "SignName": "阿里云短信测试专用",
                "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466",
                "TemplateCode": "SMS_71390007",
                "TemplateParam": '{"customer":"test"}',
                "Timestamp": "2017-07-12T02:42:19Z",
            },
            "zJDF+Lrzhj/ThnlvIToysFRq6t4=",
        ),
        (
            "POST",
            "FakeAccessKeySecret000000000000",
            {
                "AccessKeyId": "LTAIfakeAccessKeyId0",
                "Action": "SendSms",
                "OutId": "msg-0001",
                "PhoneNumbers": "13900000001,13900000002",
                "SignName": "示例物业",
                "SignatureNonce": "11111111-2222-3333-4444-555555555555",
                "TemplateCode": "SMS_100000001",
                "TemplateParam": '{"name":"张三 (1号楼)","time":"2025-01-02 11:00","note":"a*b~c+d=e&f/g\'h"}',
                "Timestamp": "2025-01-02T03:04:05Z",
            },
            "pSQ2iaa/UnvpEbTEFR+AZ4eUP+8=",
        ),
        (
            "POST",
            "FakeAccessKeySecret000000000000",
            {
                "AccessKeyId": "LTAIfakeAccessKeyId0",
                "Action": "QuerySendDetails",
                "BizId": "134523^435000",
                "CurrentPage": "1",
                "PageSize": "50",
                "PhoneNumber": "13900000001",
                "SendDate": "20250102",
                "SignatureNonce": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
                "Timestamp": "2025-01-02T03:04:05Z",
            },
            "dJqFkQ2LJNcXAXz7gzQrHVxzCYg=",
        ),
        (
            "POST",
            "FakeStsSecret",
            {
                "AccessKeyId": "STS.FakeAccessKeyId",
                "Action": "SendSms",
                "PhoneNumbers": "13900000001",
                "SecurityToken": "FakeStsToken/+==",
                "SignName": "示例物业",
                "SignatureNonce": "n-1",
                "TemplateCode": "SMS_100000001",
                "Timestamp": "2025-01-02T03:04:05Z",
            },
            "gmoDXVYTiXVidHfPxPXxv5ojZbI=",
        ),
    ],
)
def test_the_older_signature_is_verified(method, secret, params, signature):
    params = V1_COMMON | params | {"Signature": signature}
    claim(v1(method, params), params).verify(secret)
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        claim(v1(method, params), params).verify(f"{secret}x")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_older_signature_sends_by_query_and_by_form(fake, clock, method):
    params = V1_COMMON | ONE | {"AccessKeyId": "id", "Action": "SendSms", "SignatureNonce": method}
    params |= {"Timestamp": f"{clock():%Y-%m-%dT%H:%M:%SZ}", "Signature": "?"}
    claimed = claim(v1(method, params), params)
    params["Signature"] = claimed.prove("secret", claimed.to_sign)
    place = {"params": params} if method == "GET" else {"data": params}
    answer = requests.request(method, fake.endpoint, timeout=5, **place).json()
    assert (answer["Code"], len(fake.sent)) == ("OK", 1)


def test_the_parameters_may_stand_in_a_signed_query(fake, headers, post):
    signed = headers("SendSms")
    assert post(signed, query=encoded(dict(sorted(ONE.items())))).json()["Code"] == "OK"
    assert fake.sent[0].params == {"name": "王"}


def test_a_body_that_was_not_signed_is_refused(fake, headers, post):
    body = encoded(ONE).encode()
    answer = post(headers("SendSms", body), body.replace(b"13800138000", b"13800138001"))
    assert (answer.status_code, answer.json()["Code"]) == (400, "SignatureDoesNotMatch")
    assert fake.sent == []


def test_a_mismatch_shows_what_should_have_been_signed(headers, post):
    answer = post(headers("SendSms"), key=("id", "other"))
    assert "server string to sign is:ACS3-HMAC-SHA256\n" in answer.json()["Message"]
    assert answer.json()["HostId"]


@pytest.mark.parametrize("name", ["host", "x-acs-action", "x-acs-date", "x-acs-version"])
def test_what_matters_must_be_signed(headers, post, name):
    whole = headers("SendSms")
    signed = {key: value for key, value in whole.items() if key != name}
    assert post(whole, signed=signed).json()["Code"] == "IncompleteSignature"


def test_a_signature_counts_once(headers, post):
    body = encoded(ONE).encode()
    signed = headers("SendSms", body)
    assert [post(signed, body).json()["Code"] for _ in range(2)] == ["OK", "SignatureNonceUsed"]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (890, "MissingPhoneNumbers"),
        (-890, "MissingPhoneNumbers"),
        (910, "InvalidTimeStamp.Expired"),
        (-910, "InvalidTimeStamp.Expired"),
    ],
)
def test_a_signature_keeps_for_a_quarter_of_an_hour(clock, headers, post, seconds, code):
    signed = headers("SendSms")
    clock.at += timedelta(seconds=seconds)
    assert post(signed).json()["Code"] == code


def test_a_stranger_is_not_let_in(headers, post):
    answer = post(headers("SendSms"), key=("nobody", "secret"))
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidAccessKeyId.NotFound")


def test_an_action_that_does_not_exist_is_refused(ask):
    assert ask("SendFax", {}) == "InvalidAction.NotFound"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"PhoneNumbers": ""}, "MissingPhoneNumbers"),
        ({"PhoneNumbers": "123"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": ",".join(["13800138000"] * 1001)}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        ({"SignName": "旧城"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"SignName": "新城"}, "isv.SIGN_STATE_ILLEGAL"),
        ({"TemplateCode": "SMS_9"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"TemplateCode": "SMS_3"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"TemplateParam": "[]"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "{"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "{}"}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"TemplateParam": '{"name":1}'}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '{"name":""}'}, "isv.PARAM_LENGTH_LIMIT"),
        ({"TemplateParam": '{"name":"%s"}' % ("字" * 36)}, "isv.PARAM_LENGTH_LIMIT"),
        ({"TemplateParam": '{"name":"http://a.cn"}'}, "isv.PARAM_NOT_SUPPORT_URL"),
        ({"TemplateParam": '{"name":"a\\nb"}'}, "isv.TEMPLATE_PARAMS_ILLEGAL"),
        ({"TemplateParam": '{"name":"王","more":"x"}'}, "OK"),
        ({"OutId": "x" * 256}, "isv.INVALID_PARAMETERS"),
    ],
)
def test_a_message_is_checked(fake, ask, change, code):
    assert ask("SendSms", ONE | change) == code
    assert len(fake.sent) == (code == "OK")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "OK"),
        ({"SignNameJson": '["青年城"]'}, "isv.INVALID_PARAMETERS"),
        ({"TemplateParamJson": '[{"name":"王"},[]]'}, "isv.INVALID_PARAMETERS"),
        ({"TemplateParamJson": "x"}, "isv.INVALID_JSON_PARAM"),
        ({"PhoneNumberJson": '["13800138000","?"]'}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumberJson": '["1"%s]' % (',"1"' * 100)}, "isv.MOBILE_COUNT_OVER_LIMIT"),
    ],
)
def test_a_batch_is_taken_or_refused_as_a_whole(fake, ask, change, code):
    assert ask("SendBatchSms", BATCH | change) == code
    assert len(fake.sent) == 2 * (code == "OK")


def test_a_number_gets_forty_messages_in_any_day(clock, ask):
    codes = [ask("SendSms", ONE) for _ in range(41)]
    assert codes == ["OK"] * 40 + ["isv.BUSINESS_LIMIT_CONTROL"]
    assert ask("SendSms", ONE | {"PhoneNumbers": "13800138001"}) == "OK"
    clock.at += timedelta(days=1)
    assert ask("SendSms", ONE) == "OK"


def test_a_number_that_stands_twice_in_a_call_counts_twice(ask):
    numbers = ",".join(["13800138000"] * 41)
    assert ask("SendSms", ONE | {"PhoneNumbers": numbers}) == "isv.BUSINESS_LIMIT_CONTROL"


@pytest.mark.parametrize(("pause", "before"), [(60, 1), (720, 5), (3600, 10)])
def test_codes_are_limited_by_minute_hour_and_day(clock, ask, pause, before):
    code = {"TemplateCode": "SMS_2", "TemplateParam": '{"code":"1234"}'}
    for _ in range(before):
        assert ask("SendSms", ONE | code) == "OK"
        clock.at += timedelta(seconds=pause)
    clock.at -= timedelta(seconds=1)
    assert ask("SendSms", ONE | code) == "isv.BUSINESS_LIMIT_CONTROL"


@pytest.mark.parametrize(("length", "units"), [(65, 1), (66, 2), (129, 2), (130, 3)])
def test_long_messages_cost_more_until_the_balance_is_used_up(fake, ask, length, units):
    fake.account.templates["SMS_1"] = Template(text="字" * (length - 1) + "${name}")
    assert ask("SendSms", ONE) == "OK"
    assert (fake.sent[0].units, fake.account.balance) == (units, 50 - units)
    fake.account.balance = units - 1
    assert ask("SendSms", ONE) == "isv.AMOUNT_NOT_ENOUGH"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "OK"),
        ({"PageSize": "51"}, "isv.INVALID_PARAMETERS"),
        ({"PageSize": "x"}, "isv.INVALID_PARAMETERS"),
        ({"CurrentPage": "0"}, "isv.INVALID_PARAMETERS"),
        ({"SendDate": "2026-11-21"}, "isv.INVALID_PARAMETERS"),
        ({"SendDate": "20261122"}, "isv.INVALID_PARAMETERS"),
        ({"SendDate": "20261020"}, "isv.INVALID_PARAMETERS"),
        ({"PhoneNumber": ""}, "MissingPhoneNumber"),
    ],
)
def test_details_are_asked_for_by_the_rules(clock, ask, change, code):
    clock.at = datetime(2026, 11, 21, 4, tzinfo=UTC)
    question = {"PhoneNumber": "13800138000", "SendDate": "20261121", "PageSize": "50", "CurrentPage": "1"}
    assert ask("QuerySendDetails", question | change) == code


def test_a_receipt_may_come_before_the_answer(fake, ask):
    seen = []

    def hand_on(reply):
        seen.extend(fake.reports())
        return reply

    fake.faults["SendSms"].append(hand_on)
    assert ask("SendSms", ONE | {"OutId": "r-1"}) == "OK"
    assert [(report["out_id"], report["success"]) for report in seen] == [("r-1", True)]


def test_receipts_wait_for_the_carrier(fake, ask):
    fake.account.carrier |= {"13800138000": "", "13800138001": "MOBILE_IN_BLACK"}
    ask("SendBatchSms", BATCH)
    assert [(report["phone_number"], report["err_code"]) for report in fake.reports()] == [
        ("13800138001", "MOBILE_IN_BLACK")
    ]
