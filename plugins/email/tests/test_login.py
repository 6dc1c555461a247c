"""Encryption and login: certificates are always verified, and nothing is said in clear that should not be."""

from datetime import UTC, datetime, timedelta

import pytest
import trustme

from notigate.plugin import Outcome, Reason, Scope, Status
from notigate.testing.smtp import FakeSmtp, Fault

USER = {"users": {"care": "canary-密码"}}
LOGIN = {"username": "care", "password": "canary-密码"}
WAYS = ("tls", "starttls")


def speaking(way, context, **traits):
    return FakeSmtp(**{way: context}, **USER, **traits)


@pytest.fixture
def open_secure(open_channel, ca_file):
    """Makes channels that trust our authority and log in."""

    def make(fake, security, **settings):
        return open_channel(fake, **{"security": security, "ca_file": ca_file, **LOGIN, **settings})

    return make


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("way", WAYS)
def test_a_good_certificate_and_login_are_accepted(open_secure, message, trusted, way, mechanism):
    with speaking(way, trusted, mechanisms=("CRAM-MD5", mechanism)) as fake:
        channel = open_secure(fake, way)
        assert channel.send(message).status is Status.ACCEPTED
        assert (fake.mails[0].encrypted, fake.mails[0].user) == (True, "care")


@pytest.fixture(params=["wrong host", "expired", "self-signed"])
def distrusted(request, authority, server_context):
    past = datetime.now(UTC) - timedelta(days=1)
    return {
        "wrong host": lambda: server_context(authority.issue_cert("mail.example.com")),
        "expired": lambda: server_context(authority.issue_cert("localhost", not_after=past)),
        "self-signed": lambda: server_context(trustme.CA().issue_cert("localhost")),
    }[request.param]()


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_certificate_stops_the_channel_before_anything_is_said(open_secure, message, distrusted, way):
    with speaking(way, distrusted) as fake:
        outcome = open_secure(fake, way).send(message)
        assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, Reason.UNAVAILABLE, Scope.CHANNEL)
        assert outcome.detail.startswith("TLS: ")
        assert {verb for _, verb in fake.commands} <= {"EHLO", "STARTTLS"}


@pytest.mark.parametrize("way", WAYS)
def test_without_a_ca_file_the_system_does_not_trust_a_stranger(open_channel, message, trusted, way):
    with speaking(way, trusted) as fake:
        assert open_channel(fake, security=way, **LOGIN).send(message).scope is Scope.CHANNEL


def test_a_file_that_holds_no_certificate_stops_the_channel(open_secure, message, trusted, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with speaking("tls", trusted) as fake:
        outcome = open_secure(fake, "tls", ca_file=str(tmp_path / "ca.pem")).send(message)
        assert (outcome.status, outcome.scope) == (Status.REFUSED, Scope.CHANNEL)


def test_stripped_starttls_stops_the_channel(fake, open_secure, message):
    outcome = open_secure(fake, "starttls").send(message)
    assert (outcome.status, outcome.scope) == (Status.REFUSED, Scope.CHANNEL)
    assert [verb for _, verb in fake.commands] == ["EHLO"]


def test_words_slipped_in_before_encryption_are_not_heard(open_secure, message, trusted):
    with speaking("starttls", trusted) as fake:
        fake.answer("STARTTLS", "220 ready\r\n250-forged\r\n250 AUTH X")
        assert open_secure(fake, "starttls").send(message).status is Status.ACCEPTED


def test_encryption_towards_a_server_that_speaks_clear_text_stops_the_channel(fake, open_channel, message, ca_file):
    outcome = open_channel(fake, security="tls", ca_file=ca_file).send(message)
    assert (outcome.status, outcome.scope) == (Status.REFUSED, Scope.CHANNEL)


@pytest.mark.parametrize("way", WAYS)
def test_a_line_that_drops_in_the_handshake_is_busy(open_secure, message, trusted, way):
    stage = {"tls": "CONNECT", "starttls": "STARTTLS"}[way]
    with speaking(way, trusted) as fake:
        fake.answer(stage, Fault.DROP)
        outcome = open_secure(fake, way).send(message)
        assert outcome.status is Status.BUSY


REFUSED = Outcome.refused(Reason.BAD_CREDENTIALS)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("535 5.7.8 wrong", REFUSED),
        ("534 5.7.9 too weak", REFUSED),
        ("550 user has no permission", REFUSED),
        ("454 4.7.0 the directory is away", Outcome.busy(Reason.UNAVAILABLE)),
        ("421 4.7.0 too many failures", Outcome.busy(Reason.THROTTLED)),
        (Fault.DROP, Outcome.busy(Reason.UNAVAILABLE)),
        ("334 Zm9v", Outcome.busy(Reason.UNAVAILABLE)),
    ],
)
def test_the_answer_to_a_login_is_classified(open_secure, message, trusted, answer, expected):
    with speaking("tls", trusted) as fake:
        fake.answer("AUTH", answer)
        outcome = open_secure(fake, "tls").send(message)
        assert (outcome.status, outcome.reason, outcome.scope) == (expected.status, expected.reason, expected.scope)
        assert fake.asked == 0


@pytest.mark.parametrize("mechanisms", [("PLAIN", "LOGIN"), ("LOGIN",)])
def test_a_wrong_password_is_tried_once(open_secure, message, trusted, mechanisms):
    with speaking("tls", trusted, mechanisms=mechanisms) as fake:
        channel = open_secure(fake, "tls", username="care", password="wrong")
        outcome = channel.send(message)
        assert (outcome.reason, outcome.scope) == (Reason.BAD_CREDENTIALS, Scope.CHANNEL)
        assert [verb for _, verb in fake.commands].count("AUTH") == 1


def test_a_server_that_offers_no_login_stops_the_channel(open_secure, message, trusted):
    with FakeSmtp(tls=trusted) as fake:
        outcome = open_secure(fake, "tls").send(message)
        assert (outcome.reason, outcome.scope) == (Reason.BAD_CREDENTIALS, Scope.CHANNEL)


def test_a_missing_login_stops_the_channel(open_channel, message, trusted, ca_file):
    with speaking("tls", trusted) as fake:
        outcome = open_channel(fake, security="tls", ca_file=ca_file).send(message)
        assert (outcome.reason, outcome.scope) == (Reason.BAD_CREDENTIALS, Scope.CHANNEL)


def test_the_check_of_a_good_account_says_so_and_sends_nothing(open_secure, trusted):
    with speaking("starttls", trusted) as fake:
        (line,) = open_secure(fake, "starttls").check()
        assert (line.ok, line.advice) == (True, "")
        assert [verb for _, verb in fake.commands] == ["EHLO", "STARTTLS", "EHLO", "AUTH", "NOOP", "QUIT"]


@pytest.mark.parametrize(
    ("stage", "answer", "advice"),
    [("AUTH", "535 5.7.8 wrong", "password"), ("STARTTLS", "502 no", "security"), ("NOOP", Fault.DROP, "later")],
)
def test_the_check_of_a_bad_account_says_what_to_do(open_secure, trusted, stage, answer, advice):
    with speaking("starttls", trusted) as fake:
        fake.answer(stage, answer)
        (line,) = open_secure(fake, "starttls").check()
        assert not line.ok
        assert advice in line.advice
