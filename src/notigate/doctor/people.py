"""Occasions and those whom they concern: can each be used, and who is in the roster?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from notigate.doctor.findings import Finding, faults
from notigate.edges import real_now
from notigate.errors import NotigateError
from notigate.language import _

if TYPE_CHECKING:
    from pathlib import Path

    from notigate.gateway import Gateway

#: a roster that nobody has written for so long knows no new customer
STALE = timedelta(days=35)


def occasions(gateway: Gateway) -> Iterator[Finding]:
    """Those that are switched on."""
    names = list(gateway.settings.occasions)
    if not names:
        advice = _("name some under `occasions:`, such as service/birthday: {}")
        yield Finding(check="occasions", status="warn", detail=_("no occasion is switched on"), advice=advice)
        return
    sound = 0
    for name in names:
        found = gateway.catalogue.faults(name)
        sound += not found
        for fault in found:
            yield from faults(f"occasion {name}", fault, _("mend the file named here"))
    for fault in gateway.settings.astray:
        yield from faults("staff", fault, _("mend the file named here"))
    yield Finding(
        check="occasions",
        status="ok" if sound == len(names) else "fail",
        detail=_("{sound} of {number} can be used").format(sound=sound, number=len(names)),
    )


def roster(gateway: Gateway) -> Iterator[Finding]:
    """Whether it can be read, how old it is, and whether it has what the occasions ask for."""
    source = gateway.settings.roster
    if source is None:
        detail, advice = _("there is no roster"), _("name one: roster: {file: customers.csv}")
        yield Finding(check="roster", status="warn", detail=detail, advice=advice)
        return
    try:
        unfit = gateway.unfit()
        yield from _people(gateway)
    except NotigateError as fault:
        yield from faults("roster", fault)
        return
    if source.file is not None:
        yield from _age(source.file)
    for stopped in unfit:
        yield Finding(check="roster", status="fail", detail=stopped.fault)
    if not unfit:
        yield Finding(check="roster", status="ok", detail=_("it has the columns that the occasions ask for"))


def _people(gateway: Gateway) -> Iterator[Finding]:
    checkup = gateway.check_roster()
    for _found in checkup:
        pass
    detail = _(
        "rows {rows}, people {people}; rows that cannot be used {faulty}, people not to be reached {unreachable}"
    ).format(people=checkup.people, rows=checkup.rows, faulty=checkup.faulty, unreachable=checkup.unreachable)
    advice = _("which, and what to do: notigate roster check") if checkup.faulty or not checkup.people else ""
    yield Finding(check="roster", status="warn" if advice else "ok", detail=detail, advice=advice)


def _age(file: Path) -> Iterator[Finding]:
    age = real_now() - datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if age > STALE:
        detail = _("{file} was written {days} days ago").format(file=file.name, days=age.days)
        advice = _("new customers are not in it: does your system still export it?")
        yield Finding(check="roster", status="warn", detail=detail, advice=advice)
