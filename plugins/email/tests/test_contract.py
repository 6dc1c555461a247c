"""What notigate promises of every channel, for mail."""

import pytest

from notigate.plugin import Outcome, Reason, Scope
from notigate.testing import ChannelContract, sample_message
from notigate.testing.smtp import FakeSmtp


class TestEmail(ChannelContract):
    plugin = "notigate_email"
    config = {
        "host": "{host}",
        "port": "{port}",
        "security": "none",
        "sender": "青年城 <care@example.com>",
        "reply_to": "desk@example.com",
        "dot_timeout": 1,
    }
    secrets = ()
    message = sample_message(medium="email", to="canary.wang@example.com")
    provider_id = "FAKE0001"
    refusals = {
        "no such mailbox": (
            "RCPT",
            "550 5.1.1 canary.wang@example.com: no such user",
            Outcome.refused(Reason.BAD_ADDRESS),
        ),
        "greylisted": ("RCPT", "450 4.2.0 greylisted", Outcome.busy(Reason.UNAVAILABLE, retry_after=300)),
        "not our sender": ("MAIL", "553 5.7.1 not owned", Outcome.refused(Reason.BAD_CREDENTIALS, scope=Scope.CHANNEL)),
        "taken for spam": ("DOT", "554 5.7.1 spam", Outcome.refused(Reason.BAD_CONTENT)),
        "out of order": ("DOT", "451 4.3.0 no space", Outcome.busy(Reason.UNAVAILABLE)),
    }

    @pytest.fixture
    def provider(self):
        with FakeSmtp() as fake:
            yield fake


class Trusted(FakeSmtp):
    """A server with a login, and a certificate that its places vouch for."""

    def __init__(self, context, ca_file):
        super().__init__(tls=context, users={"care": "canary-password"})
        self.ca_file = ca_file

    @property
    def places(self):
        return {**super().places, "ca_file": self.ca_file}


class TestEmailWithLogin(TestEmail):
    config = {
        **TestEmail.config,
        "security": "tls",
        "ca_file": "{ca_file}",
        "username": "care",
        "password": "canary-password",
    }
    secrets = ("canary-password",)
    refusals = {
        "wrong password": ("AUTH", "535 5.7.8 canary-password is wrong", Outcome.refused(Reason.BAD_CREDENTIALS))
    }

    @pytest.fixture
    def provider(self, trusted, ca_file):
        with Trusted(trusted, ca_file) as fake:
            yield fake
