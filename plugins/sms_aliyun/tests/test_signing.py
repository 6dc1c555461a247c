"""The published vector, and vectors made with the official SDK."""

from __future__ import annotations

import json
from hashlib import sha256
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notigate_sms_aliyun.batches import form
from notigate_sms_aliyun.signing import authorization, encoded, quoted

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
OURS = ("LTAIfakeAccessKeyId0", "FakeAccessKeySecret000000000000")
STS = ("STS.FakeAccessKeyId", "FakeStsSecret")

RUN_INSTANCES = {
    "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
    "RegionId": "cn-shanghai",
}
SEND_SMS = {
    "OutId": "msg-0001",
    "PhoneNumbers": "13900000001,13900000002",
    "SignName": "示例物业",
    "TemplateCode": "SMS_100000001",
    "TemplateParam": '{"name":"张三 (1号楼)","time":"2025-01-02 11:00"}',
}
BATCH = {
    "PhoneNumberJson": '["13900000001","13900000002"]',
    "SignNameJson": '["示例物业","示例物业"]',
    "TemplateCode": "SMS_100000001",
    "TemplateParamJson": '[{"name":"张三"},{"name":"李四"}]',
    "OutId": "batch-0001",
}
DETAILS = {"BizId": "", "CurrentPage": "1", "PageSize": "50", "PhoneNumber": "13900000001", "SendDate": "20250102"}


def headers(action, nonce, body_hash=EMPTY, **more):
    return {
        "host": "dysmsapi.aliyuncs.com",
        "x-acs-action": action,
        "x-acs-version": "2017-05-25",
        "x-acs-date": "2025-01-02T03:04:05Z",
        "x-acs-signature-nonce": nonce,
        "x-acs-content-sha256": body_hash,
    } | more


def test_the_published_vector_is_signed_as_published():
    signed = headers("RunInstances", "3156853299f313e23d1673dc12e1703d") | {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z",
    }
    assert authorization("YourAccessKeyId", "YourAccessKeySecret", signed, query=encoded(RUN_INSTANCES)) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_parameters_in_the_query_are_signed():
    signed = headers("SendSms", "0123456789abcdef0123456789abcdef")
    assert authorization(*OURS, signed, query=encoded(SEND_SMS)) == (
        "ACS3-HMAC-SHA256 Credential=LTAIfakeAccessKeyId0,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=61d2804ac4bae4f0be19cd9f471840e04c452ff0277ce76e46f65d23471f8427"
    )


def test_parameters_in_the_form_body_are_signed():
    body_hash = sha256(encoded(BATCH).encode()).hexdigest()
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert body_hash == "244154e9182d2bd07b66a8885408c18e5c5c19508a7d32e19480254db5f5ceb9"
    assert authorization(*OURS, headers("SendBatchSms", "fedcba9876543210fedcba9876543210", body_hash, **form)) == (
        "ACS3-HMAC-SHA256 Credential=LTAIfakeAccessKeyId0,SignedHeaders=content-type;host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=544f37ec5a23eeeee8882a7e6fa750e68e76348c5f538ccd03f647e9d8156733"
    )


def test_temporary_credentials_and_an_empty_value_are_signed():
    more = {
        "accept": "application/json",
        "user-agent": "gw-test/1.0",
        "x-acs-accesskey-id": "STS.FakeAccessKeyId",
        "x-acs-security-token": "FakeStsToken",
    }
    signed = headers("QuerySendDetails", "00112233445566778899aabbccddeeff", **more)
    assert authorization(*STS, signed, query=encoded(DETAILS)) == (
        "ACS3-HMAC-SHA256 Credential=STS.FakeAccessKeyId,SignedHeaders=accept;host;user-agent;x-acs-accesskey-id;"
        "x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,"
        "Signature=ab2b30d24ef68cf43956de3b466f78b68c21a8c8da5c9ce6d006418fac0f493a"
    )


def test_values_are_signed_without_the_blanks_around_them():
    plain, blank = headers("SendSms", "n-1"), headers("SendSms", " n-1  ")
    assert authorization(*OURS, plain) == authorization(*OURS, blank)


names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
values = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.fixture(scope="module")
def official():
    """Signs as the provider's own SDK does."""
    utils = pytest.importorskip("alibabacloud_tea_openapi.utils", reason="the official SDK is not installed")
    models = pytest.importorskip("darabonba.request", reason="the official SDK is not installed")

    def sign(query, signed, key, secret):
        request = models.DaraRequest()
        request.method, request.pathname, request.query, request.headers = "POST", "/", query, signed
        payload = signed["x-acs-content-sha256"]
        return utils.Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, key, secret)

    return sign


@settings(deadline=None)
@given(
    query=st.dictionaries(names, values, max_size=5), body=st.binary(max_size=50), words=st.tuples(names, names, names)
)
def test_agrees_with_the_official_signer(official, query, body, words):
    key, secret, host = words
    signed = headers("SendSms", "n-1", sha256(body).hexdigest(), **{"host": host, "content-type": "text/plain"})
    ours = authorization(key, secret, signed, query=encoded(dict(sorted(query.items()))))
    assert ours == official(query, signed, key, secret)


@settings(deadline=None)
@given(params=st.dictionaries(names, values, max_size=5))
def test_encoding_loses_nothing(params):
    assert dict(parse_qsl(encoded(params), keep_blank_values=True)) == params


@given(st.text())
def test_a_text_is_quoted_as_by_the_library(text):
    assert quoted(text) == quote(text, safe="~")


@settings(max_examples=50)
@given(
    st.text(min_size=1, max_size=12),
    st.dictionaries(
        st.from_regex("[0-9]{5,15}", fullmatch=True),
        st.dictionaries(st.text(), st.text(), max_size=3),
        min_size=1,
        max_size=5,
    ),
)
def test_a_batch_call_is_encoded_as_its_parameters_would_be(sign, people):
    def as_json(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    assert form(sign, "SMS_1", "r-1", people) == encoded(
        {
            "PhoneNumberJson": as_json(list(people)),
            "SignNameJson": as_json([sign] * len(people)),
            "TemplateCode": "SMS_1",
            "TemplateParamJson": as_json(list(people.values())),
            "OutId": "r-1",
        }
    )
