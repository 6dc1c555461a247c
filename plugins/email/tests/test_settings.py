"""Settings that could not work, or would show a mail to the network, are refused by name."""

import pytest

from notigate.plugin import ConfigError, Reason, Scope, Secret, Status
from notigate.testing.smtp import FakeSmtp


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "mail.example.com", "security": "none"}, "this machine only"),
        ({"host": "127.0.0.1.example.com", "security": "none"}, "this machine only"),
        ({"username": "care", "password": "canary", "security": "none"}, "refused without encryption"),
        ({"username": "care"}, "go together"),
        ({"password": "canary", "security": "tls"}, "go together"),
        ({"sender": "care"}, "sender: 'care' is not a mailbox"),
        ({"sender": "A <a@example.com>, B <b@example.com>"}, "is not a mailbox"),
        ({"sender": "青年城\r\nBcc: x <care@example.com>"}, "is not a mailbox"),
        ({"sender": "=?utf-8?q?a=0D=0ABcc:_x?= <care@example.com>"}, "is not a mailbox"),
        ({"reply_to": "desk"}, "reply_to"),
        ({"unsubscribe": "https://n.example.com/u"}, "unsubscribe"),
        ({"unsubscribe": "http://n.example.com/u/{id}"}, "unsubscribe"),
        ({"unsubscribe": "https://n.example.com/u/{id}>\r\nBcc: x"}, "unsubscribe"),
        ({"unsubscribe": f"https://n.example.com/{'u' * 150}/{{id}}"}, "unsubscribe"),
        ({"unsubscribe_mail": "unsub"}, "unsubscribe_mail"),
        ({"ca_file": "/no/such/ca.pem"}, "/no/such/ca.pem"),
        ({"helo": "a b"}, "helo"),
        ({"helo": "a\r\nMAIL"}, "helo"),
    ],
)
def test_what_does_not_go_together_is_refused(fake, open_channel, settings, words):
    with pytest.raises(ConfigError) as fault:
        open_channel(fake, **settings)
    assert words in str(fault.value)
    assert "canary" not in str(fault.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_needs_no_encryption(fake, open_channel, host):
    open_channel(fake, host=host)


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587), ("none", 25), ("tls", 994)])
def test_the_port_follows_from_the_security(fake, open_channel, security, port):
    channel = open_channel(fake, security=security, port=994 if port == 994 else None)
    assert channel._settings.address == ("localhost", port)


@pytest.mark.parametrize(("helo", "expected"), [(None, "example.com"), ("desk.example.com", "desk.example.com")])
def test_it_greets_by_a_name_that_needs_no_look_up(fake, open_channel, message, helo, expected):
    open_channel(fake, helo=helo).send(message)
    assert fake.mails[0].helo == expected


def test_the_password_is_a_secret(open_channel, trusted, ca_file):
    with FakeSmtp(tls=trusted) as fake:
        channel = open_channel(fake, security="tls", ca_file=ca_file, username="care", password="canary")
        assert isinstance(channel._settings.password, Secret)
        assert "canary" not in repr(channel._settings)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"to": "王芳@example.com"}, Reason.BAD_ADDRESS),
        ({"to": "wang@example.com,li@example.com"}, Reason.BAD_ADDRESS),
        ({"subject": "a\r\nBcc: x@example.com"}, Reason.BAD_CONTENT),
        ({"subject": "=?utf-8?q?a=0D=0ABcc:_x@example.com?="}, Reason.BAD_CONTENT),
        ({"text": "half \ud83d"}, Reason.BAD_CONTENT),
    ],
)
def test_what_cannot_be_sent_is_refused_without_asking(channel, fake, another, fields, reason):
    outcome = channel.refusal(another(**fields))
    assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, reason, Scope.MESSAGE)
    assert channel.send(another(**fields)) == outcome
    assert fake.called == 0
