"""How `FakeSmtp` speaks with one client."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
from dataclasses import dataclass
from email import message_from_bytes, policy
from socketserver import BaseRequestHandler
from typing import TYPE_CHECKING, Any, NoReturn

from notigate.testing.loopback import Fault

if TYPE_CHECKING:
    from email.message import EmailMessage
    from ssl import SSLContext

_VERBS = frozenset({"EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A mail as it came."""

    sender: str
    recipients: tuple[str, ...]
    #: CRLF lines, dots unstuffed
    data: bytes
    #: which connection it came by, counted from 1
    connection: int
    #: the name the client greeted by
    helo: str
    #: who was logged in
    user: str | None
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """The mail as a reader's program sees it."""
        return message_from_bytes(self.data, policy=policy.default)


class _HangUp(Exception):  # noqa: N818 - no error: the server was told to
    pass


class Conversation(BaseRequestHandler):
    """One connection, in a thread of its own."""

    #: a server with `fake: FakeSmtp` and `conversations: set[Conversation]`
    server: Any

    def setup(self) -> None:
        """Take the connection over."""
        self.fake = self.server.fake
        self.number = self.fake.connected()
        self.sock: socket.socket = self.request
        # Replies to pipelined commands leave one by one, at once.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.sock.makefile("rb")
        self.encrypted = False
        self.helo = ""
        self.user: str | None = None
        self.mails = 0
        self._forget()
        self.server.conversations.add(self)

    def handle(self) -> None:
        """Talk until one side hangs up."""
        with contextlib.suppress(OSError, _HangUp):
            if self.fake.tls:
                self._encrypt(self.fake.tls)
            self._say("CONNECT", "220 fake.example.com ESMTP")
            while line := self.reader.readline():
                self._obey(*line.decode("utf-8", "replace").strip().partition(" ")[::2])

    def finish(self) -> None:
        """Close what is open."""
        self.server.conversations.discard(self)
        self.reader.close()
        self.sock.close()

    def _obey(self, verb: str, rest: str) -> None:
        self.fake.commands.append((self.number, verb.upper()))
        if verb.upper() in _VERBS:
            getattr(self, f"_{verb.lower()}")(rest)
        else:
            self._do("500 5.5.2 no such command")

    def _ehlo(self, name: str) -> None:
        self.helo = name
        lines = ["250 fake.example.com", *self.fake.extensions]
        if self.fake.starttls and not self.encrypted:
            lines.append("STARTTLS")
        if self.fake.users and (self.encrypted or not self.fake.starttls):
            lines.append(f"AUTH {' '.join(self.fake.mechanisms)}")
        self._say("EHLO", "\n".join(lines))

    def _starttls(self, _rest: str) -> None:
        if self.fake.starttls and not self.encrypted:
            if self._say("STARTTLS", "220 2.0.0 ready"):
                self._encrypt(self.fake.starttls)
        else:
            self._say("STARTTLS", "502 5.5.1 not offered")

    def _auth(self, rest: str) -> None:
        try:
            user, password = self._credentials(*rest.partition(" ")[::2])
        except ValueError:
            self._do("501 5.5.2 not in base64")
            return
        known = self.fake.users.get(user) == password
        if self._say("AUTH", "235 2.7.0 welcome" if known else "535 5.7.8 name or password is wrong"):
            self.user = user

    def _credentials(self, mechanism: str, given: str) -> tuple[str, str]:
        if mechanism == "PLAIN":
            _, user, password = self._secret(given, "").split("\0")
            return user, password
        return self._secret(given, "Username:"), self._secret("", "Password:")

    def _mail(self, rest: str) -> None:
        self._forget()
        reply = "250 2.1.0 ok"
        if self.fake.users and self.user is None:
            reply = "530 5.7.0 log in first"
        elif self.mails == self.fake.mails_per_connection:
            reply = "421 4.7.0 that was enough for one connection"
        if self._say("MAIL", reply):
            self.sender = _path(rest)

    def _rcpt(self, rest: str) -> None:
        recipient = _path(rest)
        reply = "250 2.1.5 ok"
        if not self.sender:
            reply = "503 5.5.1 MAIL first"
        elif self.fake.greylist is not None and (self.sender, recipient) not in self.fake.greylist:
            self.fake.greylist.add((self.sender, recipient))
            reply = "450 4.2.0 greylisted, come again"
        if self._say("RCPT", reply, recipient):
            self.recipients.append(recipient)

    def _data(self, _rest: str) -> None:
        if self._say("DATA", "354 go ahead" if self.recipients else "503 5.5.1 RCPT first", *self.recipients):
            self._take(self._text())
            self._forget()

    def _text(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.reader.readline()) != b".\r\n":
            if not line:
                raise _HangUp
            lines.append(line.removeprefix(b"."))
            if len(lines) == 1 and (order := self.fake.order("TEXT", self.recipients)):
                self._do(order.what)
        return b"".join(lines)

    def _take(self, data: bytes) -> None:
        self.mails += 1
        order = self.fake.order("DOT", self.recipients)
        what = order.what if order else f"250 2.0.0 Ok: queued as FAKE{len(self.fake.mails) + 1:04d}"
        keep = order.keep if order else None
        if keep or (keep is None and isinstance(what, str) and what.startswith("2")):
            self.fake.mails.append(
                Received(
                    sender=self.sender,
                    recipients=tuple(self.recipients),
                    data=data,
                    connection=self.number,
                    helo=self.helo,
                    user=self.user,
                    encrypted=self.encrypted,
                )
            )
        self._do(what)

    def _rset(self, _rest: str) -> None:
        self._forget()
        self._say("RSET", "250 2.0.0 ok")

    def _noop(self, _rest: str) -> None:
        self._say("NOOP", "250 2.0.0 ok")

    def _quit(self, _rest: str) -> None:
        self._say("QUIT", "221 2.0.0 bye")
        raise _HangUp

    def _forget(self) -> None:
        self.sender = ""
        self.recipients: list[str] = []

    def _encrypt(self, context: SSLContext) -> None:
        self.reader.close()
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.reader = self.sock.makefile("rb")
        self.encrypted, self.user = True, None

    def _secret(self, given: str, prompt: str) -> str:
        if not given:
            self._do(f"334 {base64.b64encode(prompt.encode()).decode()}")
            given = self.reader.readline().decode()
        return base64.b64decode(given).decode()

    def _say(self, stage: str, reply: str, *recipients: str) -> bool:
        """Answer as told, or with `reply`; is it a yes?"""
        order = self.fake.order(stage, recipients)
        return self._do(order.what if order else reply)

    def _do(self, what: str | Fault) -> bool:
        if isinstance(what, Fault):
            self._break(what)
        code, lines = what[:4], what[4:].split("\n")
        self.sock.sendall(
            "".join(f"{code[:3]}-{line}\r\n" for line in lines[:-1]).encode() + f"{code}{lines[-1]}\r\n".encode()
        )
        if code.startswith("421"):
            raise _HangUp
        return code.startswith(("2", "3"))

    def _break(self, fault: Fault) -> NoReturn:
        if fault in (Fault.CUT, Fault.STALL):
            self.sock.sendall(b"25")
        if fault in (Fault.SILENCE, Fault.STALL):
            # Reading on would let a client finish the text that it is to be stuck in.
            self.fake.over.wait()
        raise _HangUp


def _path(rest: str) -> str:
    found = re.search(r"<([^>]*)>", rest)
    return found[1] if found else ""
