"""Mail addresses as the envelope and the headers carry them: one address, ASCII, nothing that ends a line or a list."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_MAILBOX = re.compile(r'\s*(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<inner>[^<>]*)>|(?P<bare>[^<>\s]*))\s*')
#: RFC 5321 4.5.3.1: a path has 256 octets, two of them angle brackets
_LONGEST = 254


def envelope(address: str) -> str | None:
    """The address as SMTP commands carry it, its domain in IDNA; None when it is not one that every server takes.

    A local part outside ASCII would need SMTPUTF8 all the way to the reader, and is None too.
    """
    local, _, domain = address.rpartition("@")
    domain = _in_idna(domain)
    if not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(domain) or len(local) + 1 + len(domain) > _LONGEST:
        return None
    return f"{local}@{domain}"


def _in_idna(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name, which may be empty, and an address fit for the envelope."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the `@`."""
        return self.address.rpartition("@")[2]


def mailbox(text: str) -> Mailbox | None:
    """Read `青年城 <care@example.com>` or `care@example.com`; None when it is neither."""
    found = _MAILBOX.fullmatch(text)
    if not found:
        return None
    address = envelope(found["inner"] if found["bare"] is None else found["bare"])
    return Mailbox(found["name"] or "", address) if address else None
