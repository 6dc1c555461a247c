"""Clocks, zones and calendars: does everybody mean the same hour, and is the year known?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from notigate.doctor.findings import Finding, Status
from notigate.edges import real_now
from notigate.language import _

if TYPE_CHECKING:
    from notigate.gateway import Gateway

#: from this month on, next year's rest days are usually known (the State Council names them in late autumn)
LATE_AUTUMN = 11


def clock(gateway: Gateway) -> Iterator[Finding]:
    """The project's hour, and the machine's. A provider's clock is compared where its channel is asked."""
    now, zone = real_now(), gateway.settings.timezone
    here, there = now.astimezone(), now.astimezone(zone)
    detail = _("it is {time} in {zone}").format(time=f"{there:%Y-%m-%d %H:%M}", zone=zone)
    if here.utcoffset() == there.utcoffset():
        yield Finding(check="clock", status="ok", detail=detail)
        return
    told = _("{detail}; on this machine it is {time} in {zone}").format(
        detail=detail, zone=here.tzname(), time=f"{here:%H:%M}"
    )
    advice = _(
        "write the hours of your crontab in the machine's zone, or set the zone: timedatectl set-timezone {zone}"
    )
    yield Finding(check="clock", status="warn", detail=told, advice=advice.format(zone=zone))


def calendar(gateway: Gateway) -> Iterator[Finding]:
    """How far the workdays are known."""
    today = gateway.clock.now()
    usable, _faults_of = gateway.catalogue.switched_on()
    almanacs = [gateway.almanac, *(gateway.agenda.almanac_of(one) for one in usable if one.workdays)]
    unknown = [year for year in _years(today) if not all(almanac.knows(year) for almanac in almanacs)]
    advice = _("take over the State Council's notice with notigate calendar import FILE, or update chinesecalendar")
    for year in unknown:
        status: Status = "fail" if year == today.year else "warn"
        detail = _("the workdays of {year} are not known").format(year=year)
        yield Finding(check="calendar", status=status, detail=detail, advice=advice)
    if not unknown:
        yield Finding(
            check="calendar",
            status="ok",
            detail=_("workdays are known to the end of {year}").format(year=max(_years(today))),
        )


def _years(today: datetime) -> tuple[int, ...]:
    """The years whose workdays should be known by now."""
    return (today.year, today.year + 1) if today.month >= LATE_AUTUMN else (today.year,)
