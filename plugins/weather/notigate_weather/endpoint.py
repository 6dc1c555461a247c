"""Where a source is asked."""

from __future__ import annotations

from notigate.plugin import ConfigError, Outcome, Place, Reason, is_endpoint


def check(endpoint: str) -> None:
    """Insist on https, and on nothing behind the host.

    Raises:
        ConfigError: it is something else.
    """
    if not is_endpoint(endpoint):
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
