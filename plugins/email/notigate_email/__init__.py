"""SMTP mail for notigate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notigate.plugin import ChannelSpec, hookimpl
from notigate_email.channel import EmailChannel
from notigate_email.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence


@hookimpl
def notigate_channels() -> Sequence[ChannelSpec]:
    """Offer the channel `email`."""
    return [
        ChannelSpec(
            name="email",
            summary="mail through an SMTP submission server",
            settings=Settings,
            channel=EmailChannel,
            media=("email",),
            made=EmailChannel,
        )
    ]
