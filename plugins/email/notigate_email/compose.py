"""From a message to the bytes of a mail.

`email.message.EmailMessage` takes a millisecond a mail and folds long addresses into encoded words, so the few headers
and parts are written here: everything in ASCII, bodies in base64.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from notigate.plugin import Attachment, Category, Message
from notigate_email import headers
from notigate_email.addresses import Mailbox, envelope

if TYPE_CHECKING:
    from datetime import datetime

_MEDIA_TYPE = re.compile(
    r"(?!multipart/|message/)[a-z0-9][\w.+-]*/[a-z0-9][\w.+-]*(?:; ?[\w-]+=[\w.+-]+)*", re.ASCII | re.IGNORECASE
)
_PLAIN_FILE_NAME = re.compile(r"[\w.()-]+(?: [\w.()-]+)*", re.ASCII)
#: of a file name as it is written; RFC 5322 2.1.1 allows 998 in a line
_FILE_NAME_LENGTH = 900


def unfit(message: Message) -> str:
    """Why this content cannot go into a mail; empty when it can."""
    if headers.hides_control(message.subject):
        return "the subject holds control characters"
    for attachment in message.attachments:
        if headers.hides_control(attachment.name) or len(_file_name(attachment.name)) > _FILE_NAME_LENGTH:
            return "the name of an attachment holds control characters or is too long"
        if not _MEDIA_TYPE.fullmatch(attachment.media_type):
            return f"{attachment.media_type!r} is not the media type of an attachment"
    try:
        f"{message.text}{message.html}".encode()
    except UnicodeEncodeError:
        return "the text holds half characters"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An envelope with its text: ASCII addresses, CRLF lines. `repr` shows neither reader nor text."""

    sender: str
    recipient: str = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Writes the mails of one sender."""

    sender: Mailbox
    reply_to: Mailbox | None = None
    unsubscribe: str | None = None
    unsubscribe_mail: str | None = None

    def compose(self, message: Message, now: datetime) -> Mail:
        """Envelope and text for a message that is fit and whose address goes into an envelope."""
        recipient = str(envelope(message.to))
        head = self._head(message, recipient, now)
        return Mail(sender=self.sender.address, recipient=recipient, data=head.encode("ascii") + _content(message))

    def _head(self, message: Message, recipient: str, now: datetime) -> str:
        identity = quote(message.id, safe="")
        return (
            f"Date: {format_datetime(now)}\r\n"
            f"From: {headers.sender(self.sender.name, self.sender.address)}\r\n"
            f"To: {recipient}\r\n"
            f"{self._reply_to()}"
            f"Subject: {headers.subject(message.subject)}\r\n"
            f"Message-ID: <{identity}@{self.sender.domain}>\r\n"
            f"X-Notigate-Reference: {quote(message.reference, safe='')}\r\n"
            "Auto-Submitted: auto-generated\r\n"
            f"{self._ways_out(identity) if message.category is Category.MARKETING else ''}"
            "MIME-Version: 1.0\r\n"
        )

    def _reply_to(self) -> str:
        return f"Reply-To: {headers.sender(self.reply_to.name, self.reply_to.address)}\r\n" if self.reply_to else ""

    def _ways_out(self, identity: str) -> str:
        """The unsubscribe headers: addresses stay whole, whatever their length; one click only by https (RFC 8058)."""
        ways = []
        if self.unsubscribe:
            ways.append(f"<{self.unsubscribe.replace('{id}', identity)}>")
        if self.unsubscribe_mail:
            ways.append(f"<mailto:{quote(self.unsubscribe_mail, safe='@')}?subject={identity}>")
        one_click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if self.unsubscribe else ""
        return "List-Unsubscribe: " + ",\r\n ".join(ways) + "\r\n" + one_click if ways else ""


def _content(message: Message) -> bytes:
    content = _text("plain", message.text)
    if message.html:
        content = _parts("alternative", content, _text("html", message.html))
    if message.attachments:
        content = _parts("mixed", content, *map(_attachment, message.attachments))
    return content


def _text(kind: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return _leaf(f"Content-Type: text/{kind}; charset=utf-8\r\n", lines.encode())


def _attachment(attachment: Attachment) -> bytes:
    head = (
        f"Content-Type: {attachment.media_type}\r\n"
        f"Content-Disposition: attachment;\r\n {_file_name(attachment.name)}\r\n"
    )
    return _leaf(head, attachment.data)


def _file_name(name: str) -> str:
    """As a parameter of a header, by RFC 2231 where it is not plain."""
    if _PLAIN_FILE_NAME.fullmatch(name):
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(name, safe='', errors='replace')}"


def _leaf(head: str, data: bytes) -> bytes:
    body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode("ascii") + body


def _parts(kind: str, *parts: bytes) -> bytes:
    """A multipart; its border holds a character that base64 does not have, so it needs no luck."""
    border = f"=_{kind}"
    head = f'Content-Type: multipart/{kind}; boundary="{border}"\r\n\r\n'.encode("ascii")
    start = f"--{border}\r\n".encode("ascii")
    return head + b"".join(start + part for part in parts) + f"--{border}--\r\n".encode("ascii")
