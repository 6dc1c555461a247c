"""One mail on one connection, verb by verb, so that it is known at every moment whether the mail may have gone out.

smtplib's `sendmail` raises the same exception for a line that broke at RCPT (nothing was sent) and after the final dot
(nobody knows, RFC 1047). Therefore the verbs are spoken here, and `Connection.stage` says which one is waited for.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from notigate.plugin import Outcome, Reason
from notigate_email.replies import Reply, Stage, verdict

if TYPE_CHECKING:
    import smtplib

    from notigate_email.compose import Mail

OK, GO_AHEAD, CLOSING = 250, 354, 421
#: what a server may say to RCPT that still takes the mail: known, forwarded, not verified
_RCPT_OK = (250, 251, 252)
_REFUSALS = range(400, 600)

#: servers cut connections after a number of mails, an age or idleness that they do not tell; these stay below
MOST_MAILS = 100
LONGEST_LIFE = timedelta(minutes=5)
#: after that long a look (NOOP) comes first
TRUSTED = timedelta(seconds=10)
#: seconds for the answer to QUIT, which changes nothing
_FAREWELL = 2.0

_QUEUE_ID = re.compile(r"\bqueued as ([^\s@<>]{1,120})", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Connection:
    """An open connection to the submission server, greeted and logged in. One thread at a time."""

    smtp: smtplib.SMTP
    host: str
    #: seconds for the answer to a verb
    timeout: float
    #: seconds for the text and the answer to its final dot
    dot_timeout: float
    opened_at: datetime
    used_at: datetime
    mails: int = 0
    #: what is waited for, or was when the connection broke
    stage: Stage = Stage.MAIL

    @property
    def alive(self) -> bool:
        """Is it open, as far as we know?"""
        return self.smtp.sock is not None

    def submit(self, mail: Mail) -> Outcome:
        """Offer one mail; afterwards the connection is ready for the next one, or closed."""
        self.mails += 1
        self.stage = Stage.MAIL
        try:
            return self._too_big(mail) or self._envelope(mail) or self._text(mail.data)
        except OSError as fault:
            self.smtp.close()
            if self.stage is Stage.DOT:
                return Outcome.unknown(f"connection lost after the final dot: {type(fault).__name__}")
            return Outcome.busy(Reason.UNAVAILABLE, f"connection lost at {self.stage.value}: {type(fault).__name__}")

    def fit(self, now: datetime) -> bool:
        """Is it worth another mail?"""
        if self.mails >= MOST_MAILS or now - self.opened_at > LONGEST_LIFE:
            return False
        return now - self.used_at < TRUSTED or self.answers("NOOP")

    def answers(self, verb: str) -> bool:
        """Does the server say 250 to it?"""
        with contextlib.suppress(OSError):
            return bool(self.smtp.docmd(verb)[0] == OK)
        return False

    def quit(self) -> None:
        """Say good-bye and close; what the server says to it changes nothing."""
        with contextlib.suppress(OSError):
            self._wait_at_most(_FAREWELL)
            self.smtp.docmd("QUIT")
        self.smtp.close()

    def _too_big(self, mail: Mail) -> Outcome | None:
        size = self.smtp.esmtp_features.get("size", "")
        if not size.isdecimal() or not 0 < int(size) < len(mail.data):
            return None
        return Outcome.refused(Reason.BAD_CONTENT, f"the mail has {len(mail.data)} bytes, the server takes {size}")

    def _envelope(self, mail: Mail) -> Outcome | None:
        """Speak up to DATA; None when the server waits for the text."""
        dialogue = (
            (Stage.MAIL, f"MAIL FROM:<{mail.sender}>", (OK,)),
            (Stage.RCPT, f"RCPT TO:<{mail.recipient}>", _RCPT_OK),
            (Stage.DATA, "DATA", (GO_AHEAD,)),
        )
        pipelining = self.smtp.has_extn("pipelining")
        if pipelining:
            self.smtp.send("".join(f"{command}\r\n" for _, command, _ in dialogue))
        for heard, (self.stage, command, wanted) in enumerate(dialogue, start=1):
            code, text = self.smtp.getreply() if pipelining else self.smtp.docmd(command)
            if code not in wanted:
                self._back_in_step(code, len(dialogue) - heard if pipelining else 0)
                return self._verdict(code, text)
        return None

    def _text(self, data: bytes) -> Outcome:
        """Send the text and its final dot. The dot leaves by itself: until it does, nothing can have been sent."""
        self.stage = Stage.TEXT
        self._wait_at_most(self.dot_timeout)
        self.smtp.send(data.replace(b"\r\n.", b"\r\n.."))
        self.stage = Stage.DOT
        self.smtp.send(b".\r\n")
        code, text = self.smtp.getreply()
        self._wait_at_most(self.timeout)
        if code == OK:
            found = _QUEUE_ID.search(text.decode("utf-8", "replace"))
            return Outcome.accepted(found[1].rstrip(".,;") if found else None)
        self._back_in_step(code)
        return self._verdict(code, text)

    def _back_in_step(self, code: int, unread: int = 0) -> None:
        """After an unwanted reply: make the connection fit for the next mail, or close it."""
        with contextlib.suppress(OSError):
            if code in _REFUSALS and code != CLOSING:
                unheard = [self.smtp.getreply()[0] for _ in range(unread)]
                # A server that says "go ahead" to a mail without readers waits for a text.
                if GO_AHEAD not in unheard and self.answers("RSET"):
                    return
        self.smtp.close()

    def _verdict(self, code: int, text: bytes) -> Outcome:
        return verdict(Reply(self.stage, code, text.decode("utf-8", "replace")), self.host)

    def _wait_at_most(self, seconds: float) -> None:
        if self.smtp.sock is not None:
            self.smtp.sock.settimeout(seconds)
