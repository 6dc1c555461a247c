"""The fake server is as good as a real one: other programs can talk to it, and our channel can talk to others."""

import smtplib
import socket
import ssl
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from notigate.plugin import Attachment, Status
from notigate.testing.smtp import FakeSmtp, Fault

MAIL = b"Subject: hi\r\n\r\n.one\r\n..two\r\n"


@pytest.fixture
def client(fake):
    with smtplib.SMTP(fake.host, fake.port, local_hostname="desk.example.com", timeout=5) as client:
        yield client


def send(client, *to):
    return client.sendmail("care@example.com", to or ("wang@example.com",), MAIL)


def test_another_client_sends_by_it(client, fake):
    assert send(client) == {}
    (mail,) = fake.mails
    assert (mail.sender, mail.recipients, mail.data) == ("care@example.com", ("wang@example.com",), MAIL)
    assert mail.message["Subject"] == "hi"
    assert (mail.helo, mail.user, mail.encrypted, mail.connection) == ("desk.example.com", None, False, 1)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_another_client_encrypts_and_logs_in(trusted, ca_file, mechanism):
    with FakeSmtp(users={"care": "secret"}, starttls=trusted, mechanisms=(mechanism,)) as fake:
        with smtplib.SMTP(fake.host, fake.port, timeout=5) as client:
            client.ehlo()
            assert not client.has_extn("auth"), "no login in clear"
            client.starttls(context=ssl.create_default_context(cafile=ca_file))
            client.login("care", "secret")
            send(client)
        assert (fake.mails[0].user, fake.mails[0].encrypted) == ("care", True)


def test_a_wrong_password_and_nonsense_are_refused():
    with FakeSmtp(users={"care": "secret"}) as fake, smtplib.SMTP(fake.host, fake.port, timeout=5) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("care", "wrong")
        assert client.docmd("AUTH", "PLAIN !")[0] == 501
        with pytest.raises(smtplib.SMTPSenderRefused):
            send(client)


def test_one_recipient_of_several_is_refused(client, fake):
    fake.answer("RCPT", "550 5.1.1 no such user", to="li@example.com")
    assert send(client, "wang@example.com", "li@example.com") == {"li@example.com": (550, b"5.1.1 no such user")}
    assert fake.mails[0].recipients == ("wang@example.com",)


def test_a_421_at_the_second_recipient_ends_the_connection(client, fake):
    fake.answer("RCPT", "421 4.3.2 going down", to="li@example.com")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(client, "wang@example.com", "li@example.com")
    assert fake.mails == []


def test_orders_count_down_and_are_forgotten(client, fake):
    fake.answer("NOOP", "450 later", times=1)
    assert [client.noop()[0] for _ in range(2)] == [450, 250]
    fake.answer("NOOP", "500 never")
    fake.accept()
    assert client.noop()[0] == 250


def test_what_is_out_of_order_is_refused(client):
    client.ehlo()
    assert client.docmd("RCPT", "TO:<wang@example.com>")[0] == 503
    assert client.docmd("DATA")[0] == 503
    assert client.docmd("STARTTLS")[0] == 502
    assert client.docmd("WHAT")[0] == 500


def test_it_leaves_nobody_waiting(fake):
    fake.answer("NOOP", Fault.SILENCE)
    client = smtplib.SMTP(fake.host, fake.port, timeout=5)
    client.putcmd("NOOP")
    fake.leave()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.getreply()


class Mailbox:
    """A handler of aiosmtpd that keeps what it gets."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the name that aiosmtpd looks for
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 queued as AIO1"


@pytest.fixture
def second_opinion(trusted):
    """aiosmtpd, which insists on STARTTLS and a login."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        Mailbox(),
        hostname="127.0.0.1",
        port=port,
        tls_context=trusted,
        require_starttls=True,
        auth_required=True,
        authenticator=lambda *_: AuthResult(success=True),
    )
    controller.start()
    yield controller
    controller.stop()


def test_another_server_takes_our_mails(second_opinion, open_channel, another, ca_file):
    channel = open_channel(second_opinion, security="starttls", ca_file=ca_file, username="care", password="secret")
    file = Attachment(name=".hidden", media_type="text/plain", data=b".\r\n..\r\n")
    outcomes = [channel.send(another(id=f"m-{number}", text=".\n..\n.", attachments=(file,))) for number in range(2)]
    channel.close()
    assert [(outcome.status, outcome.provider_id) for outcome in outcomes] == [(Status.ACCEPTED, "AIO1")] * 2
    first, (sender, recipients, data) = second_opinion.handler.mails
    assert (sender, recipients) == ("care@example.com", ["wang@example.com"])
    mail = message_from_bytes(data, policy=policy.default)
    assert (first[2] != data, mail["Message-ID"]) == (True, "<m-1@example.com>")
    assert [part.get_content() for part in mail.iter_parts()] == [".\r\n..\r\n.", ".\r\n..\r\n"]
