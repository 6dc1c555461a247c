"""A submission server on a loopback socket that answers, hesitates and breaks off as it is told.

with FakeSmtp(users={"care": "secret"}, starttls=context) as fake:
    fake.answer("RCPT", "550 5.1.1 no such user", to="wang@example.com")
    fake.answer("DOT", Fault.DROP, keep=True, times=1)

The stages, in the order of a conversation: CONNECT (the greeting), EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, TEXT (when
the first line of the text has come), DOT; and RSET, NOOP, QUIT.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Self

from notigate.testing.loopback import Fault
from notigate.testing.smtp_talk import Conversation, Received

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ssl import SSLContext

__all__ = ["FakeSmtp", "Fault", "Received"]


@dataclass(slots=True)
class Order:
    """What is to happen at one stage; see `FakeSmtp.answer`."""

    stage: str
    what: str | Fault
    to: str | None = None
    keep: bool | None = None
    times: int | None = None


class FakeSmtp:
    """A context manager; ready as soon as it is made.

    Args:
        users: name → password; with users, nobody sends without a login.
        tls: encrypts from the first byte.
        starttls: offered after EHLO; AUTH is offered only behind it.
        extensions: further lines of the answer to EHLO.
        mechanisms: how one may log in; PLAIN and LOGIN are spoken.
        greylisting: the first sight of a sender with a recipient is answered by 450.
        mails_per_connection: after that many the next MAIL is answered by 421, and the connection closed.
    """

    host = "localhost"

    def __init__(  # noqa: PLR0913 - each is a trait of real servers
        self,
        *,
        users: Mapping[str, str] | None = None,
        tls: SSLContext | None = None,
        starttls: SSLContext | None = None,
        extensions: Sequence[str] = ("PIPELINING", "SIZE 36700160", "8BITMIME", "SMTPUTF8", "DSN"),
        mechanisms: Sequence[str] = ("PLAIN", "LOGIN"),
        greylisting: bool = False,
        mails_per_connection: int | None = None,
    ) -> None:
        self.users = dict(users or {})
        self.tls = tls
        self.starttls = starttls
        self.extensions = tuple(extensions)
        self.mechanisms = tuple(mechanisms)
        self.mails_per_connection = mails_per_connection
        #: the mails that it took, in order
        self.mails: list[Received] = []
        #: every command it heard: number of the connection, verb
        self.commands: list[tuple[int, str]] = []
        #: how many connections it had
        self.called = 0
        #: pairs of sender and recipient that are let through; None lets all through
        self.greylist: set[tuple[str, str]] | None = set() if greylisting else None
        self._orders: list[Order] = []
        self._lock = threading.Lock()
        #: set when it leaves; lets go of connections that are kept waiting
        self.over = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.002,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.leave()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def places(self) -> Mapping[str, object]:
        """The fields of a contract's `config`."""
        return {"host": self.host, "port": self.port}

    @property
    def asked(self) -> int:
        """How often a mail was offered."""
        return sum(verb == "MAIL" for _, verb in self.commands)

    def accept(self) -> None:
        """Forget what was told; accept from now on."""
        self._orders.clear()

    def answer(
        self,
        stage: str,
        what: str | Fault,
        *,
        to: str | None = None,
        keep: bool | None = None,
        times: int | None = None,
    ) -> None:
        r"""Answer so at this stage from now on, the latest order first.

        Args:
            stage: see the top of the module.
            what: a reply such as `450 4.2.0 later`, with `\n` between its lines; 421 also closes the connection.
            to: only for a mail to this recipient (from RCPT to DOT).
            keep: at DOT, is the mail among `mails` afterwards? None keeps it when the answer begins with 2.
            times: how often; None means always.
        """
        self._orders.insert(0, Order(stage, what, to, keep, times))

    def keep_silent(self) -> None:
        """Read mails and answer nothing."""
        self.answer("DOT", Fault.SILENCE)

    def drop(self) -> None:
        """Read mails and close the connection."""
        self.answer("DOT", Fault.DROP)

    def leave(self) -> None:
        """Close the port and every connection."""
        if not self.over.is_set():
            self.over.set()
            self._server.shutdown()
            self._server.hang_up()
            self._server.server_close()
            self._thread.join()

    def connected(self) -> int:
        """Count a connection and give it its number."""
        with self._lock:
            self.called += 1
            return self.called

    def order(self, stage: str, recipients: Sequence[str] = ()) -> Order | None:
        """What was told for this moment, counted down."""
        with self._lock:
            for order in self._orders:
                if order.stage == stage and order.times != 0 and (order.to is None or order.to in recipients):
                    order.times = None if order.times is None else order.times - 1
                    return order
        return None


class _Server(ThreadingMixIn, TCPServer):
    request_queue_size = 64

    def __init__(self, fake: FakeSmtp) -> None:
        self.fake = fake
        self.conversations: set[Conversation] = set()
        super().__init__(("127.0.0.1", 0), Conversation)

    def hang_up(self) -> None:
        """End all conversations, so that their threads come home."""
        for conversation in tuple(self.conversations):
            with contextlib.suppress(OSError):
                # Not the method of a TLS socket: that one takes away what its own thread still reads by.
                socket.socket.shutdown(conversation.sock, socket.SHUT_RDWR)
