"""The request signature ACS3-HMAC-SHA256, as pure functions.

Source: Aliyun's page on the V3 request structure and signature; checked against the official SDK.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "ACS3-HMAC-SHA256"


def encoded(params: Mapping[str, str]) -> str:
    """Names and values as RFC 3986 wants them, in the order given: fit for a form body, and for a query when sorted."""
    return "&".join([f"{quoted(name)}={quoted(value)}" for name, value in params.items()])


_RESERVED = re.compile("[^A-Za-z0-9_.~-]+")


def quoted(text: str) -> str:
    """As `urllib.parse.quote` does it, in half of its time."""
    return text if text.isascii() and text.isalnum() else _RESERVED.sub(_as_rfc3986, text)


def _as_rfc3986(run: re.Match[str]) -> str:
    return f"%{run[0].encode().hex('%').upper()}"


def authorization(
    key_id: str, secret: str, headers: Mapping[str, str], *, method: str = "POST", query: str = ""
) -> str:
    """The value of the `Authorization` header.

    Args:
        key_id: the access key's id.
        secret: its secret.
        headers: every header to be signed, names in lower case; `x-acs-content-sha256` is the hash of the body sent.
        method: in capitals.
        query: the query string as sent, sorted by name.
    """
    names = sorted(headers)
    signed = ";".join(names)
    lines = "".join([f"{name}:{headers[name].strip()}\n" for name in names])
    request = f"{method}\n/\n{query}\n{lines}\n{signed}\n{headers['x-acs-content-sha256']}"
    to_sign = f"{ALGORITHM}\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), to_sign.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"
