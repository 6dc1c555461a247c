"""The channel: one mail a reader, a few connections kept open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.plugin import Channel, Check, Limits, Message, Outcome, Reason, Tools
from notigate_email.addresses import envelope
from notigate_email.compose import Composer, Mail, unfit
from notigate_email.replies import Stage
from notigate_email.server import Server
from notigate_email.settings import Settings, check, checked_mailbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notigate_email.submission import Connection

#: seconds that the whole dialogue before the final dot may take, however slowly the server answers each verb
DIALOGUE = 120.0


class EmailChannel(Channel):
    """Mail through one account of an SMTP submission server.

    Args:
        settings: the account.
        tools: the clock, and (connect, read) time-outs.

    Raises:
        ConfigError: settings that do not go together.
    """

    address = "email"

    def __init__(self, settings: Settings, tools: Tools) -> None:
        check(settings)
        sender = checked_mailbox("sender", settings.sender)
        self._settings = settings
        self._tools = tools
        self.limits = Limits(concurrency=2, deadline=settings.dot_timeout + DIALOGUE)
        self._composer = Composer(
            sender=sender,
            reply_to=checked_mailbox("reply_to", settings.reply_to) if settings.reply_to else None,
            unsubscribe=settings.unsubscribe,
            unsubscribe_mail=settings.unsubscribe_mail,
        )
        self._server = Server(settings, tools, settings.helo or sender.domain)
        #: appending and popping are atomic, so threads need no lock
        self._idle: list[Connection] = []

    def refusal(self, message: Message) -> Outcome | None:
        """An address that SMTP does not carry, or content that would forge headers."""
        if envelope(message.to) is None:
            return Outcome.refused(Reason.BAD_ADDRESS, "not a mail address that every server takes")
        fault = unfit(message)
        return Outcome.refused(Reason.BAD_CONTENT, fault) if fault else None

    def send(self, message: Message) -> Outcome:
        """Offer one mail; `provider_id` is the server's queue id where it tells one."""
        refused = self.refusal(message)
        if refused is not None:
            return refused
        mail = self._composer.compose(message, self._tools.now())
        return self._by_kept_connection(mail) or self._by_new_connection(mail)

    def check(self) -> Sequence[Check]:
        """Connect, encrypt, log in, and say NOOP."""
        place = "{}:{}".format(*self._settings.address)
        connection = self._server.open()
        if isinstance(connection, Outcome):
            return [
                Check(name="mail server", ok=False, detail=f"{place}: {connection.detail}", advice=_advice(connection))
            ]
        well = connection.answers("NOOP")
        connection.quit()
        if not well:
            return [Check(name="mail server", ok=False, detail=f"{place}: NOOP: no answer", advice=_LATER)]
        login = "logged in" if self._settings.username is not None else "no login"
        return [Check(name="mail server", ok=True, detail=f"{place}, {self._settings.security}, {login}")]

    def close(self) -> None:
        """Say good-bye on the connections that are kept."""
        while (connection := self._take()) is not None:
            connection.quit()

    def _by_kept_connection(self, mail: Mail) -> Outcome | None:
        """None when there is none, or when it turned out to be gone: servers cut them, and then took nothing over."""
        while (connection := self._take()) is not None:
            if connection.fit(self._tools.now()):
                outcome = self._submit(connection, mail)
                return outcome if connection.alive or connection.stage is not Stage.MAIL else None
            connection.quit()
        return None

    def _by_new_connection(self, mail: Mail) -> Outcome:
        connection = self._server.open()
        return connection if isinstance(connection, Outcome) else self._submit(connection, mail)

    def _submit(self, connection: Connection, mail: Mail) -> Outcome:
        outcome = connection.submit(mail)
        if connection.alive:
            connection.used_at = self._tools.now()
            self._idle.append(connection)
        return outcome

    def _take(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None


_LATER = "try again later; if it stays so, look at host and port"


def _advice(outcome: Outcome) -> str:
    if outcome.reason is Reason.BAD_CREDENTIALS:
        return "look at username, password and sender"
    if "TLS" in outcome.detail:
        return "host must be the name on the certificate; look at security, port and ca_file"
    return _LATER
