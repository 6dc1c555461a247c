"""Aliyun SMS (Dysmsapi, version 2017-05-25) for notigate.

Texts stand approved at the provider; a message carries the template's code and the values of its variables.
"""

from __future__ import annotations

from notigate.plugin import ChannelSpec, hookimpl
from notigate_sms_aliyun.channel import AliyunSms
from notigate_sms_aliyun.settings import Settings

__all__ = ["AliyunSms", "Settings", "notigate_channels"]


@hookimpl
def notigate_channels() -> tuple[ChannelSpec, ...]:
    """Offer `plugin: sms_aliyun`."""
    spec = ChannelSpec(
        name="sms_aliyun",
        summary="text messages through Aliyun SMS",
        settings=Settings,
        channel=AliyunSms,
        media=("sms",),
        made=AliyunSms,
    )
    return (spec,)
