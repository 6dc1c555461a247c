"""Aliyun's side of its two request signatures: ACS3-HMAC-SHA256 ("V3") and HMAC-SHA1 with parameters ("V1").

Source: Aliyun's pages on request structure and signature. Written apart from the channel, so that neither copies a
mistake of the other's.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from notigate.testing.loopback import Request

#: seconds that a request may be older or younger than the server
TOLERANCE = 900
REQUIRED = ("host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256")
_V3 = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A request that the server refuses: code, message, HTTP status."""

    def __init__(self, code: str, message: str = "", status: int = 200) -> None:
        super().__init__(code, message, status)
        self.code, self.message, self.status = code, message or code, status


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says they call what, and how to prove it."""

    key_id: str
    action: str
    date: str
    nonce: str
    signature: str
    to_sign: str
    #: from the secret and the string to sign to the signature
    prove: Callable[[str, str], str]

    def verify(self, secret: str) -> None:
        """Refuse a signature that is not this secret's."""
        if not hmac.compare_digest(self.prove(secret, self.to_sign).encode(), self.signature.encode()):
            raise Refusal(
                "SignatureDoesNotMatch",
                f"Specified signature is not matched with our calculation. server string to sign is:{self.to_sign}",
                400,
            )

    def verify_time(self, now: datetime) -> None:
        """Refuse a request that is too old or too young."""
        try:
            date = datetime.strptime(self.date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Refusal("InvalidTimeStamp.Format", "Specified time stamp is not well formatted.", 400) from None
        if abs((now - date).total_seconds()) > TOLERANCE:
            raise Refusal("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.", 400)


def claim(request: Request, params: Mapping[str, str]) -> Claim:
    """Read either kind of signature."""
    return _v3(request) if "authorization" in request.headers else _v1(request, params)


def encoded(params: Mapping[str, str]) -> str:
    """Sorted by name, RFC 3986."""
    return "&".join(f"{quote(name, safe='~')}={quote(params[name], safe='~')}" for name in sorted(params))


def _v3(request: Request) -> Claim:
    match = _V3.fullmatch(request.headers["authorization"])
    if match is None:
        raise Refusal("IncompleteSignature", "The request signature does not conform to Aliyun standards.", 400)
    key_id, names, signature = match.groups()
    signed = names.split(";")
    _require(request, signed)
    headers = request.headers
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    canonical = f"{request.method}\n/\n{encoded(request.query)}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    return Claim(
        key_id=key_id,
        action=headers["x-acs-action"],
        date=headers["x-acs-date"],
        nonce=headers["x-acs-signature-nonce"],
        signature=signature,
        to_sign=f"ACS3-HMAC-SHA256\n{sha256(canonical.encode()).hexdigest()}",
        prove=lambda secret, text: hmac.digest(secret.encode(), text.encode(), "sha256").hex(),
    )


def _require(request: Request, signed: list[str]) -> None:
    """The body is what was signed, and so is everything that matters."""
    required = {*REQUIRED, *(name for name in request.headers if name.startswith("x-acs-"))}
    required |= {"content-type"} if request.body else set()
    missing = [name for name in sorted(required) if name not in signed or name not in request.headers]
    if missing or signed != sorted(signed):
        raise Refusal("IncompleteSignature", f"not signed: {', '.join(missing) or 'in order'}", 400)
    if request.headers["x-acs-content-sha256"] != sha256(request.body).hexdigest():
        raise Refusal("SignatureDoesNotMatch", "x-acs-content-sha256 is not the hash of the body.", 400)


def _v1(request: Request, params: Mapping[str, str]) -> Claim:
    names = ("AccessKeyId", "Action", "Timestamp", "SignatureNonce", "Signature")
    for name in names:
        if name not in params:
            raise Refusal(f"Missing{name}", f"{name} is mandatory for this action.", 400)
    canonical = encoded({name: value for name, value in params.items() if name != "Signature"})
    key_id, action, date, nonce, signature = (params[name] for name in names)
    return Claim(
        key_id=key_id,
        action=action,
        date=date,
        nonce=nonce,
        signature=signature,
        to_sign=f"{request.method}&%2F&{quote(canonical, safe='~')}",
        prove=lambda secret, text: base64.b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), "sha1")).decode(),
    )
