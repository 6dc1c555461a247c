"""What each answer of the provider means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
import requests
import responses

from notigate.plugin import Outcome, Reason, Scope, Status

URL = "https://dysmsapi.aliyuncs.com"


@pytest.fixture
def answer():
    with responses.RequestsMock() as mock:

        def script(body, status=200, headers=None):
            if isinstance(body, dict):
                mock.post(URL, json=body, status=status, headers=headers)
            else:
                mock.post(URL, body=body, status=status, headers=headers)
            return mock

        yield script


@pytest.fixture
def channel(make_channel):
    return make_channel(URL)


@pytest.fixture
def at(answer, channel, clock, make_message):
    """What comes of a message when it is sent then and answered so."""

    def send(now, *told):
        clock.at = datetime.fromisoformat(now)
        answer(*told)
        return channel.send(make_message())

    return send


@pytest.fixture
def two(make_message):
    return [make_message(), make_message(id="m-2", to="+8613800138001")]


def test_a_success_with_a_reference_is_accepted(answer, channel, make_message):
    answer({"Code": "OK", "Message": "OK", "BizId": "607300000000000000^0", "RequestId": "R"})
    assert channel.send(make_message()) == Outcome.accepted("607300000000000000^0")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Code": "OK", "Message": "OK"}, 200),
        ({"Code": "OK", "BizId": ""}, 200),
        ({"Code": "OK", "BizId": 42}, 200),
        ({"Code": "OK", "BizId": "1^0"}, 502),
        ({"Message": "OK", "BizId": "1^0"}, 200),
        ({"Code": ["OK"], "BizId": "1^0"}, 200),
        ({"Code": None, "BizId": "1^0"}, 200),
        ({}, 500),
        ("<html>502 Bad Gateway</html>", 502),
        ('{"Code":"OK","BizId":"1', 200),
        ("[]", 200),
        ("", 200),
    ],
)
def test_no_documented_answer_is_unknown(answer, channel, make_message, body, status):
    answer(body, status)
    assert channel.send(make_message()).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("isp.SYSTEM_ERROR", 200),
        ("isp.GATEWAY_ERROR", 200),
        ("InternalError", 500),
        ("UnknownError", 500),
        ("SignatureNonceUsed", 400),
        ("isv.SOMETHING_NEW", 200),
        ("SomethingNew", 400),
    ],
)
def test_an_answer_that_proves_nothing_is_unknown(answer, channel, make_message, code, status):
    answer({"Code": code, "Message": "?"}, status)
    assert channel.send(make_message()) == Outcome.unknown(code)


def test_a_code_that_is_none_is_not_repeated(answer, channel, make_message):
    answer({"Code": "13800138000", "Message": "13800138000"})
    assert "138" not in repr(channel.send(make_message()))


SOMEBODY = [
    ("isv.MOBILE_NUMBER_ILLEGAL", Reason.BAD_ADDRESS),
    ("isv.BLACK_KEY_CONTROL_LIMIT", Reason.BLOCKED),
    ("isv.CUSTOMER_REFUSED", Reason.BLOCKED),
    ("isv.SMS_TEST_NUMBER_LIMIT", Reason.BAD_CREDENTIALS),
    ("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", Reason.BAD_CONTENT),
    ("isv.TEMPLATE_MISSING_PARAMETERS", Reason.BAD_CONTENT),
    ("isv.TEMPLATE_PARAMS_ILLEGAL", Reason.BAD_CONTENT),
    ("isv.INVALID_JSON_PARAM", Reason.BAD_CONTENT),
    ("isv.PARAM_LENGTH_LIMIT", Reason.BAD_CONTENT),
    ("isv.PARAM_NOT_SUPPORT_URL", Reason.BAD_CONTENT),
    ("isv.INVALID_PARAMETERS", Reason.BAD_CONTENT),
    ("isv.MOBILE_COUNT_OVER_LIMIT", Reason.BAD_CONTENT),
    ("isv.SMS_CONTENT_ILLEGAL", Reason.BAD_CONTENT),
    ("isv.UNSUPPORTED_CONTENT", Reason.BAD_CONTENT),
    ("InvalidParameter", Reason.BAD_CONTENT),
    ("InvalidParameterValue", Reason.BAD_CONTENT),
]
EVERYBODY = [
    ("isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE", Reason.BAD_CONTENT),
    ("isv.SMS_TEMPLATE_ILLEGAL", Reason.BAD_CONTENT),
    ("isv.SMS_SIGNATURE_SCENE_ILLEGAL", Reason.BAD_CONTENT),
    ("isv.SMS_TEST_SIGN_TEMPLATE_LIMIT", Reason.BAD_CONTENT),
    ("MissingParameter", Reason.BAD_CONTENT),
    ("MissingPhoneNumbers", Reason.BAD_CONTENT),
]
CHANNEL = [
    ("isv.SMS_SIGNATURE_ILLEGAL", Reason.BAD_CREDENTIALS),
    ("isv.SMS_SIGN_ILLEGAL", Reason.BAD_CREDENTIALS),
    ("isv.SIGN_NAME_ILLEGAL", Reason.BAD_CREDENTIALS),
    ("isv.SIGN_STATE_ILLEGAL", Reason.BAD_CREDENTIALS),
    ("isv.EXTEND_CODE_ERROR", Reason.BAD_CREDENTIALS),
    ("isv.ONE_CODE_MULTIPLE_SIGN", Reason.BAD_CREDENTIALS),
    ("isv.CODE_EXCEED_LIMIT", Reason.BAD_CREDENTIALS),
    ("isv.CODE_ERROR", Reason.BAD_CREDENTIALS),
    ("isv.AMOUNT_NOT_ENOUGH", Reason.NO_CREDIT),
    ("isv.OUT_OF_SERVICE", Reason.NO_CREDIT),
    ("isv.ACCOUNT_NOT_EXISTS", Reason.BAD_CREDENTIALS),
    ("isv.ACCOUNT_ABNORMAL", Reason.BAD_CREDENTIALS),
    ("isv.SECURITY_FROZEN_ACCOUNT", Reason.BAD_CREDENTIALS),
    ("isv.PRODUCT_UN_SUBSCRIPT", Reason.BAD_CREDENTIALS),
    ("isv.PRODUCT_UNSUBSCRIBE", Reason.BAD_CREDENTIALS),
    ("isv.INTERFACE_OFFLINE", Reason.BAD_CREDENTIALS),
    ("isv.DENY_IP_RANGE", Reason.BAD_CREDENTIALS),
    ("isp.RAM_PERMISSION_DENY", Reason.BAD_CREDENTIALS),
    ("Forbidden.RAM", Reason.BAD_CREDENTIALS),
    ("NoPermission", Reason.BAD_CREDENTIALS),
    ("InvalidAccessKeyId.NotFound", Reason.BAD_CREDENTIALS),
    ("InvalidAccessKeyId.Inactive", Reason.BAD_CREDENTIALS),
    ("MissingAccessKeyId", Reason.BAD_CREDENTIALS),
    ("SignatureDoesNotMatch", Reason.BAD_CREDENTIALS),
    ("InvalidSecurityToken.Expired", Reason.BAD_CREDENTIALS),
    ("InvalidVersion", Reason.BAD_CREDENTIALS),
    ("InvalidAction.NotFound", Reason.BAD_CREDENTIALS),
]


def outcome_of(outcome):
    return outcome.status, outcome.reason, outcome.scope


@pytest.mark.parametrize(("code", "reason"), SOMEBODY)
def test_a_refusal_of_one_number_or_value_concerns_somebody_in_a_batch(answer, channel, two, code, reason):
    answer({"Code": code, "Message": "?"})
    assert {outcome_of(o) for o in channel.send_many(two)} == {(Status.REFUSED, reason, Scope.CALL)}


@pytest.mark.parametrize(("code", "reason"), SOMEBODY + EVERYBODY)
def test_a_refusal_of_a_single_message_concerns_that_message(answer, channel, make_message, code, reason):
    answer({"Code": code, "Message": "?"})
    assert outcome_of(channel.send(make_message())) == (Status.REFUSED, reason, Scope.MESSAGE)


def test_a_batch_of_one_concerns_that_message(answer, channel, make_message):
    answer({"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "?"})
    assert channel.send_many([make_message()])[0].scope is Scope.MESSAGE


@pytest.mark.parametrize(("code", "reason"), EVERYBODY)
def test_a_refusal_of_the_template_concerns_each_in_a_batch(answer, channel, two, code, reason):
    answer({"Code": code, "Message": "?"})
    assert [outcome_of(o) for o in channel.send_many(two)] == [(Status.REFUSED, reason, Scope.MESSAGE)] * 2


@pytest.mark.parametrize(("code", "reason"), CHANNEL)
def test_a_refusal_of_the_account_concerns_the_channel(answer, channel, make_message, code, reason):
    answer({"Code": code, "Message": "?"}, 400)
    assert outcome_of(channel.send(make_message())) == (Status.REFUSED, reason, Scope.CHANNEL)


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("触发分钟级流控Permits:1", 60),
        ("触发小时级流控Permits:5", 3600),
        ("触发天级流控Permits:10", 86400),
        ("?", None),
    ],
)
def test_a_number_that_had_its_share_waits_as_long_as_the_window_says(answer, channel, make_message, message, wait):
    answer({"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": message})
    outcome = channel.send(make_message())
    assert (outcome.status, outcome.reason, outcome.retry_after) == (Status.BUSY, Reason.THROTTLED, wait)


def test_others_in_the_call_do_not_wait_for_a_number_that_had_its_share(answer, channel, two):
    answer({"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发天级流控Permits:40"})
    assert {outcome_of(o) for o in channel.send_many(two)} == {(Status.REFUSED, Reason.THROTTLED, Scope.CALL)}


@pytest.mark.parametrize(
    ("code", "now", "wait"),
    [
        ("isv.DAY_LIMIT_CONTROL", "2026-11-21T15:00:00+00:00", 3600),
        ("isv.DAY_LIMIT_CONTROL", "2026-11-21T16:00:00+00:00", 86400),
        ("isv.MONTH_LIMIT_CONTROL", "2026-12-31T15:00:00+00:00", 3600),
        ("isv.MONTH_LIMIT_CONTROL", "2027-02-01T00:00:00+08:00", 28 * 86400),
    ],
)
def test_the_limits_of_the_account_end_with_the_day_or_month_in_china(at, code, now, wait):
    outcome = at(now, {"Code": code, "Message": "?"})
    assert (outcome.status, outcome.reason, outcome.retry_after) == (Status.BUSY, Reason.THROTTLED, wait)


@pytest.mark.parametrize("code", ["Throttling", "Throttling.User", "Throttling.Api"])
@pytest.mark.parametrize("status", [400, 429])
def test_the_whole_account_pauses_as_long_as_the_provider_asks(answer, channel, make_message, code, status):
    answer({"Code": code, "Message": "?"}, status, {"x-acs-retry-after": "1500"})
    outcome = channel.send(make_message())
    assert outcome == Outcome.busy(Reason.THROTTLED, code, retry_after=1.5, scope=Scope.CHANNEL)


@pytest.mark.parametrize("pause", [None, "soon", "-1", ""])
def test_without_a_pause_in_figures_none_is_made_up(answer, channel, make_message, pause):
    answer(
        {"Code": "Throttling.User", "Message": "?"}, 400, {"x-acs-retry-after": pause} if pause is not None else None
    )
    assert channel.send(make_message()).retry_after is None


def test_too_many_requests_without_a_code_is_busy(answer, channel, make_message):
    answer({"error": "slow down"}, 429, {"Retry-After": "7"})
    assert channel.send(make_message()) == Outcome.busy(Reason.THROTTLED, "HTTP 429", retry_after=7.0)


def test_out_of_service_for_the_moment_is_busy(answer, channel, make_message):
    answer({"Code": "ServiceUnavailable", "Message": "?"}, 503)
    assert channel.send(make_message()) == Outcome.busy(Reason.UNAVAILABLE, "ServiceUnavailable")


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Sat, 21 Nov 2026 01:40:00 GMT", "this machine's clock is 1200 s ahead"),
        ("Sat, 21 Nov 2026 02:20:00 GMT", "this machine's clock is 1200 s behind"),
        ("yesterday", "the provider did not tell its time"),
    ],
)
def test_a_wrong_clock_is_told_by_how_much(at, date, words):
    outcome = at("2026-11-21T02:00:00+00:00", {"Code": "InvalidTimeStamp.Expired"}, 400, {"Date": date})
    assert outcome_of(outcome) == (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)
    assert outcome.detail == f"InvalidTimeStamp.Expired: set the clock, {words}"


def test_one_send_is_one_request(answer, channel, make_message):
    mock = answer({"Code": "Throttling.User", "Message": "?"}, 400)
    channel.send(make_message())
    assert len(mock.calls) == 1


def test_each_request_has_a_nonce_of_its_own(answer, channel, make_message):
    mock = answer({"Code": "OK", "Message": "OK", "BizId": "1^0"})
    channel.send(make_message())
    channel.send(make_message())
    assert len({call.request.headers["x-acs-signature-nonce"] for call in mock.calls}) == 2


def test_a_password_file_does_not_replace_the_signature(answer, channel, make_message, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    mock = answer({"Code": "OK", "Message": "OK", "BizId": "1^0"})
    assert requests.utils.get_netrc_auth(URL)
    channel.send(make_message())
    assert mock.calls[0].request.headers["Authorization"].startswith("ACS3-HMAC-SHA256 ")


def test_the_prose_of_the_provider_is_not_repeated(answer, channel, make_message):
    answer({"Code": "SignatureDoesNotMatch", "Message": "canonical string with 13800138000"}, 400)
    outcome = channel.send(make_message())
    assert outcome.detail == "SignatureDoesNotMatch: the access key secret is wrong"
    assert replace(outcome, detail="") == Outcome.refused(Reason.BAD_CREDENTIALS)
