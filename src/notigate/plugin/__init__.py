"""The door: everything a plugin author imports.

A channel is a class with `limits` and `send(message) -> Outcome`. It never retries, sleeps, logs an address or touches the
ledger. The world's answer is a value: what is *proven not sent* is `busy`, a documented refusal is `refused`, a documented
success is `accepted`, everything else is `unknown`.
"""

from __future__ import annotations

import pluggy

from notigate.endpoints import is_endpoint, is_loopback, is_secure
from notigate.errors import ConfigError, NotigateError
from notigate.judging import Answer, judge_http
from notigate.model import (
    Attachment,
    Attempt,
    Category,
    Check,
    Finding,
    Message,
    Outcome,
    Presence,
    Reason,
    Receipt,
    Reply,
    Scope,
    Secret,
    Status,
)
from notigate.plugin.channels import Channel, ChannelSpec, Limits, Wording
from notigate.plugin.tools import Tools
from notigate.plugin.weather import WeatherSource, WeatherSpec
from notigate.weather import Alert, Day, Forecast, Level, Place, Warnings

__all__ = [
    "Alert",
    "Answer",
    "Attachment",
    "Attempt",
    "Category",
    "Channel",
    "ChannelSpec",
    "Check",
    "ConfigError",
    "Day",
    "Finding",
    "Forecast",
    "Level",
    "Limits",
    "Message",
    "NotigateError",
    "Outcome",
    "Place",
    "Presence",
    "Reason",
    "Receipt",
    "Reply",
    "Scope",
    "Secret",
    "Status",
    "Tools",
    "Warnings",
    "WeatherSource",
    "WeatherSpec",
    "Wording",
    "hookimpl",
    "is_endpoint",
    "is_loopback",
    "is_secure",
    "judge_http",
]

#: marks a function as the implementation of a hook of `notigate.hookspecs`
hookimpl = pluggy.HookimplMarker("notigate")
