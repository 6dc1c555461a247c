"""Plugins, channels and the texts that providers approved: is each there, and does it let us in?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from notigate.doctor.findings import Finding, faults
from notigate.errors import NotigateError
from notigate.language import _

if TYPE_CHECKING:
    from notigate.gateway import Gateway
    from notigate.lineup import Standing


def plugins(gateway: Gateway) -> Iterator[Finding]:
    """Those that are broken or switched off."""
    try:
        found = gateway.plugins.all
    except NotigateError as fault:
        yield from faults("plugins", fault)
        return
    for plugin in found:
        check = f"plugin {plugin.name}"
        if plugin.status == "broken":
            yield Finding(
                check=check,
                status="fail",
                detail=f"{plugin.source}: {plugin.fault}",
                advice=_("mend it or uninstall it"),
            )
        if plugin.status == "disabled":
            yield Finding(check=check, status="warn", detail=_("switched off by NOTIGATE_DISABLE_PLUGINS"))


def channels(gateway: Gateway, *, offline: bool) -> Iterator[Finding]:
    """What each lacks; its provider is asked without sending, unless `offline`."""
    try:
        standings = gateway.lineup.standings()
    except NotigateError as fault:
        yield from faults("channels", fault)
        return
    if not standings:
        advice = _("name one under `channels:`; outbox writes files and reaches nobody")
        yield Finding(check="channels", status="fail", detail=_("no channel is configured"), advice=advice)
    for standing in standings:
        yield from _channel(gateway, standing, offline=offline)


def _channel(gateway: Gateway, standing: Standing, *, offline: bool) -> Iterator[Finding]:
    check = f"channel {standing.name}"
    for missing in standing.missing:
        yield Finding(
            check=check, status="fail", detail=missing, advice=_("set it in notigate.yaml or the environment")
        )
    if standing.missing:
        return
    yield Finding(
        check=check,
        status="ok",
        detail=_("{plugin} ({source}) is set up").format(plugin=standing.plugin, source=standing.source),
    )
    if offline or "check" not in standing.powers:
        return
    try:
        asked = gateway.lineup.channel(standing.name).check()
    except Exception as fault:  # noqa: BLE001 - a plugin may raise anything; it is named, and the others are asked
        yield Finding(
            check=check, status="fail", detail=f"{type(fault).__name__}: {fault}", advice=_("the plugin is broken")
        )
        return
    for told in asked:
        detail = f"{told.name}: {told.detail}" if told.detail else told.name
        yield Finding(check=check, status="ok" if told.ok else "fail", detail=detail, advice=told.advice)


def approved(gateway: Gateway) -> Iterator[Finding]:
    """The words that providers have approved, beside ours; while a channel cannot be built, that is told elsewhere."""
    try:
        compared = [one for one in gateway.texts.diff() if one.code]
    except NotigateError:
        return
    standing = sum(one.stands for one in compared)
    for one in compared:
        if not one.stands:
            check, detail = f"text {one.occasion} {one.locale}", f"{one.channel} {one.code}: {one.state}"
            if one.state == "approved":
                detail = _("{channel} {code}: approved with other words").format(channel=one.channel, code=one.code)
            advice = _("see: notigate templates diff {occasion}").format(occasion=one.occasion)
            yield Finding(
                check=check, status="warn" if one.state == "unasked" else "fail", detail=detail, advice=advice
            )
    if compared and standing == len(compared):
        detail = _("{n} are as their providers approved them").format(n=standing)
        yield Finding(check="texts", status="ok", detail=detail)
