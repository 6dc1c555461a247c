"""Is this installation ready to send? All that can be asked without sending, and what to do about the answers."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from notigate.edges import real_now
from notigate.errors import LedgerError, NotigateError
from notigate.forecasts.outlook import heard
from notigate.language import _, translate
from notigate.ledger import health

if TYPE_CHECKING:
    from notigate.forecasts import Source
    from notigate.gateway import Gateway
    from notigate.lineup import Standing

Status: TypeAlias = Literal["ok", "warn", "fail"]

#: before it, a checkpoint and a commit at the same moment can damage a WAL file. Source: SQLite's list of changes
SOUND_SQLITE = (3, 51, 3)
#: from this month on, next year's rest days are usually known (the State Council names them in late autumn)
LATE_AUTUMN = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `notigate doctor`."""

    #: what was looked at: `settings`, `channel sms` …
    check: str
    status: Status
    #: what was seen
    detail: str
    #: what to do about it; empty when all is well
    advice: str = ""


def examine(open_project: Callable[[], Gateway], *, offline: bool = False) -> Iterator[Finding]:
    """Look at everything, one finding after the other; `offline` asks no provider."""
    try:
        gateway = open_project()
    except NotigateError as fault:
        yield from _faults("settings", fault, _("mend the file named here"))
        return
    with gateway:
        yield Finding(check="settings", status="ok", detail=str(gateway.settings.file))
        yield from _plugins(gateway)
        yield from _channels(gateway, offline=offline)
        yield from _ledger(gateway)
        yield from _clock(gateway)
        yield from _calendar(gateway)
        yield from _weather(gateway, offline=offline)
        yield from _occasions(gateway)
        if not offline:
            yield from _approved(gateway)
        yield from _roster(gateway)


def _faults(check: str, fault: NotigateError, advice: str = "") -> Iterator[Finding]:
    for line in translate(fault).splitlines():
        yield Finding(check=check, status="fail", detail=line, advice=advice)


def _plugins(gateway: Gateway) -> Iterator[Finding]:
    try:
        found = gateway.plugins.all
    except NotigateError as fault:
        yield from _faults("plugins", fault)
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


def _channels(gateway: Gateway, *, offline: bool) -> Iterator[Finding]:
    try:
        standings = gateway.lineup.standings()
    except NotigateError as fault:
        yield from _faults("channels", fault)
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


def _ledger(gateway: Gateway) -> Iterator[Finding]:
    file = health.file_of(gateway.settings.ledger)
    if file is not None and not file.exists() and not health.existed(file):
        yield Finding(check="ledger", status="ok", detail=_("{file} will be made by the first send").format(file=file))
        return
    try:
        ledger = gateway.ledger
        damage = health.damage(ledger) if file is not None else ""
    except LedgerError as fault:
        yield from _faults("ledger", fault)
        return
    if damage:
        yield Finding(check="ledger", status="fail", detail=damage, advice=_("restore the ledger from a backup"))
    else:
        yield Finding(check="ledger", status="ok", detail=_("{name}: sound").format(name=ledger.name))
    for told in ledger.check():
        status: Status = "fail" if not told.ok else "warn" if told.advice else "ok"
        yield Finding(check="ledger", status=status, detail=f"{told.name}: {told.detail}", advice=told.advice)
    if file is not None:
        yield from _store(file)


def _store(file: Path) -> Iterator[Finding]:
    """What can be wrong around a ledger in a file."""
    open_to = [path.name for path in health.files(file) if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to:
        detail = _("others than its owner may read {files}: they hold personal data").format(files=", ".join(open_to))
        yield Finding(check="ledger", status="fail", detail=detail, advice=f"chmod 600 {' '.join(open_to)}")
    if sqlite3.sqlite_version_info < SOUND_SQLITE:
        detail = _("SQLite {version} has a rare fault that can damage a ledger that two programs write at once").format(
            version=sqlite3.sqlite_version
        )
        advice = _("update Python or SQLite to {version} when you can; back the ledger up until then").format(
            version=".".join(map(str, SOUND_SQLITE))
        )
        yield Finding(check="ledger", status="warn", detail=detail, advice=advice)


def _clock(gateway: Gateway) -> Iterator[Finding]:
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


def _calendar(gateway: Gateway) -> Iterator[Finding]:
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


def _weather(gateway: Gateway, *, offline: bool) -> Iterator[Finding]:
    try:
        forecasts = gateway.forecasts
    except NotigateError as fault:
        yield from _faults("weather", fault)
        return
    asked = {kind for one in gateway.catalogue.switched_on()[0] for kind in forecasts.asked(one)}
    for kind in sorted(asked):
        if not forecasts.tells(kind):
            detail = _("no source tells what occasions ask for: {kind}").format(kind=kind)
            advice = _("add one under `weather: sources:`, or send such occasions by hand")
            yield Finding(check="weather", status="warn", detail=detail, advice=advice)
    for source in forecasts.sources:
        check = f"weather {source.name}"
        if lacks := source.missing():
            yield Finding(
                check=check, status="fail", detail=lacks, advice=_("set it in notigate.yaml or the environment")
            )
        elif offline:
            yield Finding(check=check, status="ok", detail=_("it is set up"))
        else:
            yield from _answers(gateway, source, check)


def _answers(gateway: Gateway, source: Source, check: str) -> Iterator[Finding]:
    """Ask a source of each city, until it is silent: what it refuses for one, it refuses for many."""
    found = [line for city in gateway.forecasts.cities.names() for line in heard(gateway.forecasts, source, city)]
    for line in found:
        if line.kind == "silent":
            advice = _("what stands there says who can mend it; until then the next source is asked")
            yield Finding(check=check, status="fail", detail=f"{line.city}: {line.text}", advice=advice)
            return
    fresh = min((line.as_of for line in found if line.as_of), default=None)
    if fresh is None:
        detail = _("its data are too old, or it has none")
        yield Finding(check=check, status="fail", detail=detail, advice=_("see what brings them: notigate weather"))
        return
    age = int((real_now() - fresh).total_seconds() // 60)
    warnings = sum(line.kind == "warning" for line in found)
    detail = _("answers; {warnings} warnings stand; its data are {age} minutes old").format(warnings=warnings, age=age)
    yield Finding(check=check, status="ok", detail=detail)


def _occasions(gateway: Gateway) -> Iterator[Finding]:
    names = list(gateway.settings.occasions)
    if not names:
        advice = _("name some under `occasions:`, such as service/birthday: {}")
        yield Finding(check="occasions", status="warn", detail=_("no occasion is switched on"), advice=advice)
        return
    sound = 0
    for name in names:
        faults = gateway.catalogue.faults(name)
        sound += not faults
        for fault in faults:
            yield from _faults(f"occasion {name}", fault, _("mend the file named here"))
    yield Finding(
        check="occasions",
        status="ok" if sound == len(names) else "fail",
        detail=_("{sound} of {number} can be used").format(sound=sound, number=len(names)),
    )


def _approved(gateway: Gateway) -> Iterator[Finding]:
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


def _roster(gateway: Gateway) -> Iterator[Finding]:
    if gateway.settings.roster is None:
        detail, advice = _("there is no roster"), _("name one: roster: {file: customers.csv}")
        yield Finding(check="roster", status="warn", detail=detail, advice=advice)
        return
    try:
        unfit = gateway.unfit()
    except NotigateError as fault:
        yield from _faults("roster", fault)
        return
    for stopped in unfit:
        yield Finding(check="roster", status="fail", detail=stopped.fault)
    if not unfit:
        yield Finding(check="roster", status="ok", detail=_("it has the columns that the occasions ask for"))
