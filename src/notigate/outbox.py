"""Two channels that reach nobody: `outbox` writes each message into a folder, `console` prints it.

They are plugins like any other, and come with the core so that a new project works at once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TextIO

from notigate.plugin import Channel, Limits, Message, Outcome, Reason, Tools

#: what an operator mends by making room; all else that a folder refuses, by changing its owner, rights or place
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: what makes a terminal do something, or shows text in another order than it has
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSettings:
    """Where the files go."""

    #: made when the first message is written; relative to the project's folder
    folder: Path = Path("outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """Nothing to set."""


class Outbox(Channel):
    """Every message becomes a file for people to read: mail as `.eml`, all else as text. One message, one file."""

    #: a message written again keeps its one file, so a repetition is safe: thirty days stand for "always"
    limits = Limits(repeat_window=30 * 86400)

    def __init__(self, settings: OutboxSettings, tools: Tools) -> None:
        self._folder = settings.folder
        self._tools = tools
        self._lock = Lock()
        self._names: dict[str, str] | None = None

    def send(self, message: Message) -> Outcome:
        """Write the file. Its name is the reference."""
        try:
            data = _mail(message) if message.medium == "email" else _plain(message).encode()
        except ValueError as fault:
            return Outcome.refused(Reason.BAD_CONTENT, f"no file can be made of it: {type(fault).__name__}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = self._name(message)
            self._write(name, data)
        except OSError as fault:
            return self._no_file(fault)
        return Outcome.accepted(name)

    def forget(self, messages: Sequence[str]) -> None:
        """Remove their files."""
        names = self._found() if self._folder.is_dir() else {}
        for name in (names.get(_safe_id(message)) for message in messages):
            if name is not None:
                (self._folder / name).unlink(missing_ok=True)

    def _name(self, message: Message) -> str:
        """The name this message has already, or a new one: `2026-11-21_service-birthday_sms_<id>.txt`."""
        key = _safe_id(message.id)
        day = self._tools.now().astimezone().date()
        suffix = "eml" if message.medium == "email" else "txt"
        name = f"{day}_{_word(message.occasion)}_{_word(message.medium)}_{key}.{suffix}"
        with self._lock:
            if self._names is None:
                self._names = self._found()
            return self._names.setdefault(key, name)

    def _found(self) -> dict[str, str]:
        """The files of earlier runs by message id."""
        names = (path.name for path in self._folder.iterdir() if not path.name.startswith("."))
        return {name.rpartition(".")[0].split("_", 3)[-1]: name for name in names}

    def _write(self, name: str, data: bytes) -> None:
        """All or nothing: nobody ever sees half a file."""
        part = self._folder / f".{name}"
        try:
            with open(part, "wb", opener=partial(os.open, mode=0o600)) as file:
                file.write(data)
            part.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise

    def _no_file(self, fault: OSError) -> Outcome:
        sentence = f"the outbox folder {str(self._folder)!r} cannot be written: {fault.strerror}"
        if fault.errno in NO_ROOM:
            return Outcome.busy(Reason.UNAVAILABLE, sentence)
        return Outcome.refused(Reason.BAD_CREDENTIALS, sentence)


class Console(Channel):
    """Prints messages, one after the other."""

    limits = Limits(concurrency=1)

    def __init__(self, settings: ConsoleSettings, tools: Tools, stream: TextIO | None = None) -> None:
        del settings, tools
        self._stream = stream
        self._lock = Lock()

    def send(self, message: Message) -> Outcome:
        """Print the message, without what would steer a terminal."""
        with self._lock:
            try:
                stream = self._stream or sys.stdout
                stream.write(CONTROLS.sub("", _plain(message)) + "\n")
                stream.flush()
            except (OSError, ValueError) as fault:
                detail = f"standard output does not take it: {type(fault).__name__}"
                return Outcome.refused(Reason.BAD_CREDENTIALS, detail)
        return Outcome.accepted(message.id)


def _plain(message: Message) -> str:
    headers = {"occasion": message.occasion, "channel": message.medium, "to": message.to, "locale": message.locale}
    if message.subject:
        headers["subject"] = message.subject
    lines = [f"{name}: {_line(value)}" for name, value in headers.items()]
    return "\n".join([*lines, "", message.text, ""])


def _mail(message: Message) -> bytes:
    """A mail as mail programs open it; nothing is looked up and nothing is signed."""
    from email.headerregistry import HeaderRegistry  # noqa: PLC0415 - 20 ms that only mail needs
    from email.message import EmailMessage  # noqa: PLC0415 - as above
    from email.policy import SMTP  # noqa: PLC0415 - as above

    headers = HeaderRegistry()
    # The address is shown, not used; the library's parser of addresses breaks on some that are none.
    del headers.registry["to"]
    mail = EmailMessage(SMTP.clone(header_factory=headers))
    for name, value in {
        "Subject": message.subject,
        "To": message.to,
        "X-Notigate-Occasion": message.occasion,
        "X-Notigate-Channel": message.medium,
        "X-Notigate-Locale": message.locale,
    }.items():
        # An encoded word could hold a line break that the library writes out as a header of its own.
        mail[name] = _line(value).replace("=?", "= ?")
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        mail.add_attachment(attachment.data, maintype=kind, subtype=subtype, filename=_line(attachment.name))
    return mail.as_bytes()


def _line(value: str) -> str:
    return " ".join(CONTROLS.sub(" ", value).split())


def _word(value: str) -> str:
    """Letters and digits of any script, fit for a part of a file's name: `service/birthday` is `service-birthday`."""
    return re.sub(r"[\W_]+", "-", value).strip("-")[:40] or "message"


def _safe_id(value: str) -> str:
    """The id itself where it is fit for a file's name, else a digest: two ids never share a file."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
        return value
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
