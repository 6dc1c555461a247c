"""The conformance kit and the fakes for authors of plugins.

A channel's test inherits `HttpChannelContract`, or `ChannelContract` when it does not speak HTTP; the attributes to
set are those of `Stage`. Needs pytest; everything happens on loopback sockets.
"""

from __future__ import annotations

import pytest

for _name in ("contracts", "http_contracts", "opening", "stage"):
    pytest.register_assert_rewrite(f"{__name__}.{_name}")

# Only what is imported after the registration explains its failing assertions.
# ruff: noqa: E402 - see above
from notigate.testing.contracts import ChannelContract
from notigate.testing.http_contracts import HttpChannelContract
from notigate.testing.loopback import Fault, HttpProvider, Reply, Request
from notigate.testing.stage import Provider, Stage, sample_message

__all__ = [
    "ChannelContract",
    "Fault",
    "HttpChannelContract",
    "HttpProvider",
    "Provider",
    "Reply",
    "Request",
    "Stage",
    "sample_message",
]
