"""Addresses and texts at rest, sealed with a key that is not in the ledger (extra `crypto`).

AES-SIV (RFC 5297) keeps them secret and unchanged, and needs no nonce to be safe. An address is sealed without one: the
same address always looks the same, so that it can be searched for, and its first 16 bytes are a keyed digest of it. A text
is sealed with a nonce. Sealed too is the secret of the ledger's digests: without the key nobody can try out phone numbers.
"""

from __future__ import annotations

import binascii
import secrets
from base64 import b64decode, b64encode
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from notigate.errors import ConfigError, LedgerError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    from notigate.model import Secret

#: in front of what is sealed; neither an address nor a text as kept begins like that
MARK = "sealed:"
#: bytes of the key, and of a nonce
KEY, NONCE = 32, 16


class Keys(NamedTuple):
    """The keys of a ledger."""

    #: seals; None where nothing is sealed
    key: Secret | None = None
    #: the one that sealed until now, while it is being changed
    before: Secret | None = None


class Vault:
    """Seals with one key; opens with it, and with the one `before` it.

    Raises:
        ConfigError: one of them is no key, or the library is missing.
    """

    def __init__(self, key: Secret, before: Secret | None = None) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # noqa: PLC0415 - 40 ms for those who seal
        except ImportError as missing:
            raise ConfigError("ledger_key needs its library: pip install 'notigate[crypto]'") from missing
        self._cipher = AESSIV(_stretched("ledger_key", key))
        self._before = AESSIV(_stretched("ledger_key_before", before)) if before else None

    def seal_address(self, address: str) -> str:
        """The same address always gives the same; nothing stays nothing."""
        return MARK + b64encode(self._cipher.encrypt(address.encode(), None)).decode() if address else ""

    def seal(self, text: str) -> str:
        """A text, never twice the same."""
        nonce = secrets.token_bytes(NONCE)
        return f"{MARK}{b64encode(nonce).decode()}:{b64encode(self._cipher.encrypt(text.encode(), [nonce])).decode()}"

    def open(self, kept: str) -> str:
        """What was sealed; what is not sealed comes back as it is.

        Raises:
            LedgerError: with another key, or it was changed since.
        """
        if not kept.startswith(MARK):
            return kept
        for cipher in (self._cipher, self._before):
            if cipher is not None and (text := _opened(cipher, kept)) is not None:
                return text
        raise LedgerError("what is sealed in the ledger does not open: it was changed, or by another key")

    def is_own(self, kept: str) -> bool:
        """Is it sealed, and by the key that seals now?"""
        return kept.startswith(MARK) and _opened(self._cipher, kept) is not None


def _opened(cipher: AESSIV, kept: str) -> str | None:
    nonce, _, data = kept.removeprefix(MARK).rpartition(":")
    try:
        return cipher.decrypt(b64decode(data), [b64decode(nonce)] if nonce else None).decode()
    except Exception:  # noqa: BLE001 - the library's InvalidTag, whose import would cost everybody 40 ms
        return None


def unlock(secret: str, keys: Keys, ledger: str) -> tuple[Vault | None, bytes]:
    """What opens a ledger whose digests' secret is kept as `secret`, and that secret itself.

    Raises:
        LedgerError: it is sealed, and this is not its key, or there is none.
        ConfigError: as `Vault`.
    """
    vault = None if keys.key is None else Vault(keys.key, keys.before)
    if not secret.startswith(MARK):
        return vault, bytes.fromhex(secret)
    if vault is None:
        raise LedgerError(
            'the ledger {ledger} is sealed, and no key is given. Name it in notigate.yaml: ledger_key: "${{env:NOTIGATE_KEY}}"',
            ledger=ledger,
        )
    try:
        return vault, bytes.fromhex(vault.open(secret))
    except LedgerError as fault:
        raise LedgerError(
            "the ledger {ledger} is sealed with another key than ledger_key names. Bring back the key it was sealed with (to "
            "change it, name it as ledger_key_before); without it nobody can read what is in it",
            ledger=ledger,
        ) from fault


def _stretched(name: str, key: Secret) -> bytes:
    return blake2b(_bytes(name, key.reveal()), digest_size=64, person=b"notigate-vault").digest()


def _bytes(name: str, text: str) -> bytes:
    for read in (bytes.fromhex, lambda written: b64decode(written, validate=True)):
        try:
            key = read(text.strip())
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY:
            return key
    raise ConfigError(
        "{name} is no key: it takes {n} random bytes, in hexadecimal or base64. Make one: openssl rand -base64 {n}",
        name=name,
        n=KEY,
    )
