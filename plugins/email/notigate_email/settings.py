"""The keys of `channels: {NAME: {plugin: email, …}}`, and which of them do not go together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from notigate.plugin import ConfigError, Secret, is_loopback
from notigate_email.addresses import Mailbox, envelope, mailbox
from notigate_email.headers import hides_control

PORTS = {"tls": 465, "starttls": 587, "none": 25}
_HELO = re.compile(r"[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f.:IPv]{1,60}\]")
_UNSUBSCRIBE = re.compile(r"https://(?=.*\{id\})[!-;=?-~]{1,150}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One account at one submission server."""

    #: the submission server, by the name its certificate carries
    host: str
    #: None means the usual one: 465 for tls, 587 for starttls
    port: int | None = None
    #: `none` is for loopback hosts only
    security: Literal["tls", "starttls", "none"] = "tls"
    #: None means the server asks for no login
    username: str | None = None
    #: goes with `username`
    password: Secret | None = None
    #: who writes, also in the envelope: `青年城 <care@example.com>`
    sender: str
    #: where answers go, written as `sender`; None means to the sender
    reply_to: str | None = None
    #: PEM file of the authority that signed the server's certificate; None means those of the system
    ca_file: str | None = None
    #: https address that unsubscribes at a POST (RFC 8058), with `{id}` for the message's id; marketing mails carry it
    unsubscribe: str | None = None
    #: address that unsubscribes at a mail with the message's id as subject; marketing mails carry it
    unsubscribe_mail: str | None = None
    #: how this machine greets; None means by the sender's domain
    helo: str | None = None
    #: seconds for the text to be taken and, after its final dot, for the answer; RFC 5321 4.5.3.2 asks for ten minutes
    dot_timeout: float = 300.0

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to connect to."""
        return self.host, self.port or PORTS[self.security]


def checked_mailbox(key: str, text: str) -> Mailbox:
    """The mailbox that stands behind `key`.

    Raises:
        ConfigError: it is not one address with at most a name before it.
    """
    found = mailbox(text)
    if found is None or hides_control(found.name):
        raise ConfigError("{key}: {text!r} is not a mailbox; write: Name <care@example.com>", key=key, text=text)
    return found


def check(settings: Settings) -> None:
    """Refuse settings that could not work, or would show a password or a mail to the network.

    Raises:
        ConfigError: names the key and what to write.
    """
    _check_security(settings)
    _check_unsubscribe(settings)
    if settings.ca_file is not None and not Path(settings.ca_file).is_file():
        raise ConfigError("ca_file: there is no file {file}", file=settings.ca_file)
    if settings.helo is not None and not _HELO.fullmatch(settings.helo):
        raise ConfigError("helo: {helo!r} is not a host name", helo=settings.helo)


def _check_security(settings: Settings) -> None:
    if (settings.username is None) != (settings.password is None):
        raise ConfigError("username and password go together: set both, or neither")
    if settings.security != "none":
        return
    if not is_loopback(settings.host):
        raise ConfigError(
            "security: none is for this machine only, not for {host}; set security: tls or starttls", host=settings.host
        )
    if settings.password is not None:
        raise ConfigError("password: refused without encryption; set security: tls or starttls")


def _check_unsubscribe(settings: Settings) -> None:
    url = settings.unsubscribe
    if url is not None and not _UNSUBSCRIBE.fullmatch(url):
        raise ConfigError(
            "unsubscribe: {url!r} is not a short https address with {{id}} in it, such as https://n.example.com/u/{{id}}",
            url=url,
        )
    if settings.unsubscribe_mail is not None and not envelope(settings.unsubscribe_mail):
        raise ConfigError("unsubscribe_mail: {text!r} is not a mail address", text=settings.unsubscribe_mail)
