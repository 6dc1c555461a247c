"""The reply codes of mail servers, and who can put right what they complain of."""

import pytest

from notigate.plugin import Reason, Scope, Status
from notigate_email.replies import QUIRKS, Reply, Stage, verdict

ANY = "mail.example.com"
DIRECTMAIL, QQ, NETEASE = "smtpdm.aliyun.com", "smtp.qq.com", "smtp.163.com"

BUSY = [
    (Stage.GREETING, 421, "4.3.2 too busy", Reason.UNAVAILABLE, None),
    (Stage.RCPT, 450, "4.2.0 greylisted", Reason.UNAVAILABLE, 300),
    (Stage.RCPT, 451, "4.7.1 greylisted", Reason.UNAVAILABLE, 300),
    (Stage.RCPT, 452, "4.2.2 over quota", Reason.UNAVAILABLE, None),
    (Stage.MAIL, 450, "too many mails from you", Reason.THROTTLED, None),
    (Stage.MAIL, 452, "4.5.3 frequency limit", Reason.THROTTLED, None),
    (Stage.DOT, 451, "4.7.1 come again", Reason.THROTTLED, None),
    (Stage.AUTH, 454, "4.7.0 temporary authentication failure", Reason.UNAVAILABLE, None),
    (Stage.STARTTLS, 454, "4.7.0 TLS is not available", Reason.UNAVAILABLE, None),
    (Stage.MAIL, 455, "", Reason.UNAVAILABLE, None),
    (Stage.RCPT, -1, "", Reason.UNAVAILABLE, None),
]

REFUSED = [
    (Stage.GREETING, 554, "no service here", Reason.UNAVAILABLE, Scope.CHANNEL),
    (Stage.EHLO, 550, "5.7.1 blocked", Reason.UNAVAILABLE, Scope.CHANNEL),
    (Stage.AUTH, 535, "5.7.8 no", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.AUTH, 504, "", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.MAIL, 530, "5.7.0 log in", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.MAIL, 553, "not owned by you", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.MAIL, 550, "5.1.8 sender", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.MAIL, 552, "5.3.4 too big", Reason.BAD_CONTENT, Scope.MESSAGE),
    (Stage.RCPT, 538, "5.7.11 encrypt", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.RCPT, 550, "", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.RCPT, 550, "5.1.1 no such user", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.RCPT, 501, "5.1.3 syntax", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.RCPT, 556, "5.1.10 null MX", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.RCPT, 521, "", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.RCPT, 551, "not local", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.RCPT, 553, "bad name", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.RCPT, 550, "5.1.7 sender", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.RCPT, 550, "5.2.1 disabled", Reason.BLOCKED, Scope.MESSAGE),
    (Stage.RCPT, 552, "5.2.2 full", Reason.BLOCKED, Scope.MESSAGE),
    (Stage.RCPT, 552, "full", Reason.BLOCKED, Scope.MESSAGE),
    (Stage.RCPT, 550, "5.7.1 not wanted", Reason.BLOCKED, Scope.MESSAGE),
    (Stage.RCPT, 554, "5.7.1 Relay access denied", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.RCPT, 550, "relaying denied", Reason.BAD_CREDENTIALS, Scope.CHANNEL),
    (Stage.RCPT, 554, "", Reason.UNCLEAR, Scope.MESSAGE),
    (Stage.RCPT, 555, "parameter", Reason.UNCLEAR, Scope.MESSAGE),
    (Stage.DATA, 503, "", Reason.UNCLEAR, Scope.MESSAGE),
    (Stage.DOT, 552, "5.3.4 too big", Reason.BAD_CONTENT, Scope.MESSAGE),
    (Stage.DOT, 552, "", Reason.BAD_CONTENT, Scope.MESSAGE),
    (Stage.DOT, 554, "", Reason.BAD_CONTENT, Scope.MESSAGE),
    (Stage.DOT, 554, "5.7.1 spam", Reason.BAD_CONTENT, Scope.MESSAGE),
    (Stage.DOT, 550, "5.6.0 bad", Reason.BAD_CONTENT, Scope.MESSAGE),
    (Stage.DOT, 550, "5.7.26 DMARC", Reason.BAD_CREDENTIALS, Scope.MESSAGE),
    (Stage.DOT, 550, "5.1.1 no such user", Reason.BAD_ADDRESS, Scope.MESSAGE),
    (Stage.DOT, 550, "5.2.3 too long", Reason.BAD_CONTENT, Scope.MESSAGE),
]

PROVIDERS = [
    (DIRECTMAIL, Reply(Stage.MAIL, 436, ""), Status.REFUSED, Reason.BAD_CREDENTIALS),
    (DIRECTMAIL, Reply(Stage.MAIL, 551, ""), Status.REFUSED, Reason.BAD_CREDENTIALS),
    (DIRECTMAIL, Reply(Stage.DOT, 552, "quota exceed"), Status.BUSY, Reason.THROTTLED),
    (DIRECTMAIL, Reply(Stage.DOT, 554, "spam"), Status.REFUSED, Reason.BAD_CONTENT),
    (DIRECTMAIL, Reply(Stage.MAIL, 554, "too frequently sending"), Status.BUSY, Reason.THROTTLED),
    (DIRECTMAIL, Reply(Stage.MAIL, 454, "too frequently sending"), Status.BUSY, Reason.THROTTLED),
    (DIRECTMAIL, Reply(Stage.DOT, 557, ""), Status.REFUSED, Reason.BAD_CONTENT),
    (DIRECTMAIL, Reply(Stage.RCPT, 559, ""), Status.REFUSED, Reason.BAD_ADDRESS),
    (DIRECTMAIL, Reply(Stage.RCPT, 561, ""), Status.REFUSED, Reason.BAD_ADDRESS),
    (DIRECTMAIL, Reply(Stage.RCPT, 526, ""), Status.REFUSED, Reason.BAD_ADDRESS),
    (DIRECTMAIL, Reply(Stage.RCPT, 423, ""), Status.BUSY, Reason.UNAVAILABLE),
    (DIRECTMAIL, Reply(Stage.RCPT, 427, ""), Status.BUSY, Reason.UNAVAILABLE),
    (QQ, Reply(Stage.MAIL, 550, "Ip frequency limited"), Status.BUSY, Reason.THROTTLED),
    (QQ, Reply(Stage.GREETING, 550, "Connection frequency limited"), Status.BUSY, Reason.THROTTLED),
    (QQ, Reply(Stage.DOT, 550, "Mail content denied"), Status.REFUSED, Reason.BAD_CONTENT),
    (QQ, Reply(Stage.DOT, 550, "Mailbox not found"), Status.REFUSED, Reason.BAD_ADDRESS),
    (QQ, Reply(Stage.RCPT, 550, "Mailbox unavailable or access denied"), Status.BUSY, Reason.UNAVAILABLE),
    (QQ, Reply(Stage.RCPT, 501, "bad address"), Status.REFUSED, Reason.BAD_ADDRESS),
    (NETEASE, Reply(Stage.GREETING, 421, "HL:REP 163 smtp1"), Status.BUSY, Reason.THROTTLED),
    (NETEASE, Reply(Stage.MAIL, 450, "MI:DMC 163"), Status.BUSY, Reason.THROTTLED),
    (NETEASE, Reply(Stage.RCPT, 450, "RP:DRC 163"), Status.BUSY, Reason.THROTTLED),
    (NETEASE, Reply(Stage.DOT, 451, "DT:SPM please try again"), Status.BUSY, Reason.THROTTLED),
    (NETEASE, Reply(Stage.MAIL, 451, "MI:SFQ 163"), Status.BUSY, Reason.THROTTLED),
    (NETEASE, Reply(Stage.RCPT, 550, "User not found: x"), Status.REFUSED, Reason.BAD_ADDRESS),
    (NETEASE, Reply(Stage.MAIL, 550, "MI:SPF mx"), Status.REFUSED, Reason.BAD_CREDENTIALS),
    (NETEASE, Reply(Stage.DOT, 554, "DT:SPM 163"), Status.REFUSED, Reason.BAD_CONTENT),
]


@pytest.mark.parametrize(("stage", "code", "text", "reason", "retry_after"), BUSY)
def test_what_time_heals_is_busy(stage, code, text, reason, retry_after):
    outcome = verdict(Reply(stage, code, text), ANY)
    assert (outcome.status, outcome.reason, outcome.retry_after) == (Status.BUSY, reason, retry_after)


@pytest.mark.parametrize(("stage", "code", "text", "reason", "scope"), REFUSED)
def test_what_time_does_not_heal_names_who_can(stage, code, text, reason, scope):
    outcome = verdict(Reply(stage, code, text), ANY)
    assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, reason, scope)


@pytest.mark.parametrize(("host", "reply", "status", "reason"), PROVIDERS)
def test_a_provider_that_uses_a_code_its_own_way_is_understood(host, reply, status, reason):
    outcome = verdict(reply, host)
    assert (outcome.status, outcome.reason) == (status, reason)


@pytest.mark.parametrize("rule", QUIRKS, ids=lambda rule: f"{rule.host} {rule.code} {rule.text}")
def test_every_quirk_is_tried_above(rule):
    assert any(
        next((quirk for quirk in QUIRKS if quirk.fits(reply, host)), None) is rule for host, reply, *_ in PROVIDERS
    )


@pytest.mark.parametrize("host", ["qq.com.example.com", "myqq.com", "notaliyun.com.cn"])
def test_a_quirk_is_for_its_own_provider(host):
    assert verdict(Reply(Stage.MAIL, 550, "Ip frequency limited"), host).status is Status.REFUSED


@pytest.mark.parametrize("code", [-1, 25, 199, 251, 354, 600, 999])
def test_what_smtp_does_not_know_is_unknown_after_the_final_dot(code):
    assert verdict(Reply(Stage.DOT, code, "?"), ANY).status is Status.UNKNOWN


@pytest.mark.parametrize("stage", Stage)
def test_every_documented_no_is_proof_that_nothing_was_sent(stage):
    assert {verdict(Reply(stage, code), ANY).status for code in range(400, 500)} == {Status.BUSY}
    assert {verdict(Reply(stage, code), ANY).status for code in range(500, 600)} == {Status.REFUSED}


def test_the_detail_is_in_our_words():
    outcome = verdict(Reply(Stage.RCPT, 550, "5.1.1 <wang@example.com>: canary"), ANY)
    assert outcome.detail == "RCPT 550 5.1.1: no such mailbox"
