"""WeCom for notigate: a group robot, or application messages to members of the corp.

Protocol: developer.work.weixin.qq.com, documents 99110 (robot), 91039 (token), 90236 (application messages),
90454 (frequency) and 90313 (error codes).
"""

from __future__ import annotations

from collections.abc import Sequence

from notigate.plugin import Channel, ChannelSpec, Tools, hookimpl
from notigate_wecom.application import Application
from notigate_wecom.robot import Robot
from notigate_wecom.settings import Settings

__all__ = ["Application", "Robot", "Settings", "channel", "notigate_channels"]


def channel(settings: Settings, tools: Tools) -> Channel:
    """Build the form that the settings ask for.

    Raises:
        ConfigError: the settings do not go together.
    """
    settings.verify()
    return Robot(settings, tools) if settings.webhook else Application(settings, tools)


@hookimpl
def notigate_channels() -> Sequence[ChannelSpec]:
    """Offer `wecom`."""
    return [
        ChannelSpec(
            name="wecom",
            summary="WeCom: a group robot (webhook), or application messages (corp_id, agent_id, secret)",
            settings=Settings,
            channel=channel,
            media=("wecom",),
            made=Application,
        )
    ]
