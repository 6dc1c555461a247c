"""Where a source is asked."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from notigate.plugin import ConfigError, Outcome, Place, Reason


def check(endpoint: str) -> None:
    """Insist on https, and on nothing behind the host.

    Raises:
        ConfigError: it is something else.
    """
    if not _is_endpoint(endpoint):
        raise ConfigError(
            "endpoint: give https://HOST or https://HOST:PORT and nothing more; plain http:// is for loopback addresses only"
        )


def nowhere(place: Place) -> Outcome | None:
    """What is said of a city whose coordinates the settings do not tell."""
    if place.latitude is None or place.longitude is None:
        return Outcome.refused(
            Reason.BAD_CONTENT, f"weather: cities: {place.city}: give its latitude and longitude in notigate.yaml"
        )
    return None


def _is_endpoint(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
