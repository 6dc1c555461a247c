"""How a wording is named, ours or a provider's: two that no reader can tell apart have one name."""

from __future__ import annotations

from notigate.render import digest


def as_compared(text: str) -> str:
    """A wording without what no reader sees: line ends of another system, blanks around it."""
    return text.replace("\r\n", "\n").strip()


def digest_of(text: str) -> str:
    """Names a provider's wording as ours are named."""
    return digest(as_compared(text))
