"""The way to the submission server: connect, encrypt, greet, log in. Certificates are always verified."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from functools import cached_property
from typing import TYPE_CHECKING

from notigate.plugin import Outcome, Reason, Scope, Tools
from notigate_email.replies import Reply, Stage, verdict
from notigate_email.submission import OK, Connection

if TYPE_CHECKING:
    from notigate_email.settings import Settings

READY, LOGGED_IN, GO_ON = 220, 235, 334


class _TurnedAway(Exception):  # noqa: N818 - a course of the conversation, not an error; never leaves this file
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Server:
    """Opens connections to one account."""

    def __init__(self, settings: Settings, tools: Tools, helo: str) -> None:
        self._settings = settings
        self._tools = tools
        self._helo = helo

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Reading the system's authorities takes some 30 ms: once, and only when a connection is made."""
        return ssl.create_default_context(cafile=self._settings.ca_file)

    def open(self) -> Connection | Outcome:
        """A connection that is ready for mails, or what came in between; nothing was sent by then."""
        smtp = smtplib.SMTP(local_hostname=self._helo)
        try:
            return self._greeted(smtp)
        except _TurnedAway as turned:
            outcome = turned.outcome
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as fault:
            outcome = Outcome.busy(Reason.UNAVAILABLE, f"TLS: hung up: {type(fault).__name__}")
        except ssl.SSLError as fault:
            outcome = _untrusted(getattr(fault, "verify_message", "") or fault.reason or "no handshake")
        except OSError as fault:
            outcome = Outcome.busy(Reason.UNAVAILABLE, f"not reached: {type(fault).__name__}")
        smtp.close()
        return outcome

    def _greeted(self, smtp: smtplib.SMTP) -> Connection:
        connect, read = self._tools.timeout
        sock = socket.create_connection(self._settings.address, connect)
        sock.settimeout(read)
        # The final dot follows the text at once, in a packet of its own.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.sock = sock
        if self._settings.security == "tls":
            self._encrypt(smtp, sock)
        self._expect(Stage.GREETING, READY, smtp.getreply())
        self._expect(Stage.EHLO, OK, smtp.ehlo())
        if self._settings.security == "starttls":
            self._start_tls(smtp, sock)
        self._log_in(smtp)
        now = self._tools.now()
        return Connection(
            smtp=smtp,
            host=self._settings.host,
            timeout=read,
            dot_timeout=self._settings.dot_timeout,
            opened_at=now,
            used_at=now,
        )

    def _encrypt(self, smtp: smtplib.SMTP, sock: socket.socket) -> None:
        smtp.sock = self._context.wrap_socket(sock, server_hostname=self._settings.host)
        # What was read ahead in clear text is not the server's word (response injection).
        smtp.file = None

    def _start_tls(self, smtp: smtplib.SMTP, sock: socket.socket) -> None:
        if not smtp.has_extn("starttls"):
            raise _TurnedAway(_untrusted("STARTTLS is not offered; somebody may be stripping it"))
        self._expect(Stage.STARTTLS, READY, smtp.docmd("STARTTLS"))
        self._encrypt(smtp, sock)
        self._expect(Stage.EHLO, OK, smtp.ehlo())

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """One try by one mechanism: smtplib's `login` tries them all, and repeated failures lock accounts."""
        username, password = self._settings.username, self._settings.password
        if username is None or password is None:
            return
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            self._expect(Stage.AUTH, LOGGED_IN, smtp.docmd("AUTH PLAIN", _b64(f"\0{username}\0{password.reveal()}")))
        elif "LOGIN" in offered:
            self._expect(Stage.AUTH, GO_ON, smtp.docmd("AUTH LOGIN"))
            self._expect(Stage.AUTH, GO_ON, smtp.docmd(_b64(username)))
            self._expect(Stage.AUTH, LOGGED_IN, smtp.docmd(_b64(password.reveal())))
        else:
            detail = "AUTH: the server offers neither PLAIN nor LOGIN here; look at security and port"
            raise _TurnedAway(Outcome.refused(Reason.BAD_CREDENTIALS, detail))

    def _expect(self, stage: Stage, wanted: int, answer: tuple[int, bytes]) -> None:
        code, text = answer
        if code != wanted:
            raise _TurnedAway(verdict(Reply(stage, code, text.decode("utf-8", "replace")), self._settings.host))


def _untrusted(why: str) -> Outcome:
    return Outcome.refused(Reason.UNAVAILABLE, f"TLS: {why}", scope=Scope.CHANNEL)


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
