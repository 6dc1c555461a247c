"""Tokens that QWeather accepts: JSON Web Tokens signed by Ed25519. Source: dev.qweather.com, authentication."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.plugin import ConfigError, Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: seconds: a token is dated back, for clocks that go fast, and good for so long
BACK, LIFE = 30, 900
#: seconds before its end from which it is not used any more
MARGIN = 60


class Signer:
    """Makes a token when the last one has nearly run out."""

    def __init__(self, project: str, key_id: str, key: Secret, now: Callable[[], datetime]) -> None:
        self._header = {"alg": "EdDSA", "kid": key_id}
        self._project = project
        self._key = _read(key)
        self._now = now
        self._token, self._ends = "", 0

    def token(self) -> str:
        """One that is good for another minute at least."""
        now = int(self._now().timestamp())
        if now > self._ends - MARGIN:
            self._ends = now + LIFE
            signed = f"{_part(self._header)}.{_part({'sub': self._project, 'iat': now - BACK, 'exp': self._ends})}"
            self._token = f"{signed}.{_encoded(self._key.sign(signed.encode()))}"
        return self._token


def _read(key: Secret) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - an api_key needs none
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

    try:
        found = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise ConfigError("private_key: this is no Ed25519 key in PEM form (-----BEGIN PRIVATE KEY-----)")
    return found


def _part(said: Mapping[str, object]) -> str:
    return _encoded(json.dumps(said, separators=(",", ":")).encode())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
