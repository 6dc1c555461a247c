"""Where secrets may be sent: to https, and in clear text to this machine only."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Is it this machine, by name or by address?"""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_secure(url: str) -> bool:
    """May a request that holds a secret go there: by https, or by plain http to a loopback address?"""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def is_endpoint(address: str) -> bool:
    """Is it secure, and scheme, host and port alone (`https://HOST:PORT`)? Settings take this form."""
    if not is_secure(address):
        return False
    parts = urlsplit(address)
    return parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
