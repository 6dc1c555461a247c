import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from notigate.plugin import Category, Message, Secret, Tools
from notigate.testing.smtp import FakeSmtp
from notigate_email.channel import EmailChannel
from notigate_email.settings import Settings

#: seconds that nothing here should ever have to wait
LONG = 20.0


class Clock:
    """A clock that moves when it is told."""

    def __init__(self):
        self.time = datetime(2026, 9, 25, 2, 0, tzinfo=UTC)

    def now(self):
        return self.time

    def forward(self, **span):
        self.time += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fake():
    with FakeSmtp() as fake:
        yield fake


@pytest.fixture
def open_channel(clock):
    """Makes channels for a server on this machine; closes them afterwards."""
    opened = []

    def make(server, *, read=LONG, **settings):
        usual = {"host": "localhost", "port": server.port, "security": "none", "sender": "青年城 <care@example.com>"}
        if "password" in settings:
            settings["password"] = Secret(settings["password"])
        tools = Tools(session=lambda: pytest.fail("mail does not speak HTTP"), now=clock.now, timeout=(LONG, read))
        opened.append(EmailChannel(Settings(**{**usual, **settings}), tools))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def channel(fake, open_channel):
    return open_channel(fake)


@pytest.fixture
def hasty(fake, open_channel):
    """A channel that does not wait long."""
    return open_channel(fake, read=0.6, dot_timeout=0.6)


@pytest.fixture
def promptly():
    """Fails a test that waited for the wrong time-out."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONG / 2


@pytest.fixture
def message():
    return make_message()


@pytest.fixture
def another():
    """Makes messages that differ in the given fields."""
    return make_message


def make_message(**fields):
    usual = {
        "id": "m-2b7e1516",
        "reference": "r-abf71588",
        "occasion": "holiday/mid-autumn",
        "category": Category.CARE,
        "medium": "email",
        "to": "wang@example.com",
        "locale": "zh_Hans",
        "text": "王女士，中秋快乐！\n愿您阖家团圆。",
        "subject": "中秋快乐",
    }
    return Message(**{**usual, **fields})


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="session")
def server_context():
    """From a trustme certificate to the server's side of TLS."""

    def make(certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context

    return make


@pytest.fixture(scope="session")
def trusted(authority, server_context):
    return server_context(authority.issue_cert("localhost"))
